#pragma once

#include "esphome/components/ade9000/calibration.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace esphome::ade9000_calibration {

using namespace ade9000;

/// A calibration as it is kept in flash: 104 bytes, of the 256 that an ESP8266 has for all components.
struct CalibrationRecord {
  static constexpr size_t VALUES = LINE_COUNT * CALIBRATION_FIELDS.size() + 2;

  uint32_t version;
  uint32_t configured;  ///< Digest of the calibration in YAML when this one was made.
  std::array<float, VALUES> values;
  uint32_t checksum;
};
static_assert(sizeof(CalibrationRecord) == 104, "Flash has no padding to lose");

enum class RecordState : uint8_t {
  VALID,
  EMPTY,    ///< There is none, or it was cleared.
  DAMAGED,  ///< It is not what was written.
  STALE,    ///< The calibration in YAML was changed since, so that one is the newer.
};

/// Make a record of a calibration that was made at run time over one in YAML.
CalibrationRecord record_of(const Calibrations &calibrations, const Calibrations &configured);

/// Make a record of which nothing is read back.
CalibrationRecord empty_record();

RecordState state_of(const CalibrationRecord &record, const Calibrations &configured);

/// Return what a valid record holds.
Calibrations calibrations_of(const CalibrationRecord &record);

}  // namespace esphome::ade9000_calibration
