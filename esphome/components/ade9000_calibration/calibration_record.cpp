#include "calibration_record.h"

#include <cstddef>

namespace esphome::ade9000_calibration {

namespace {

/// "ADE" and the number of this layout.
constexpr uint32_t VERSION = 0x41444501;

/// FNV-1a, which takes any bytes and needs no table.
uint32_t digest(const void *data, size_t length) {
  const auto *bytes = static_cast<const uint8_t *>(data);
  uint32_t hash = 2166136261;
  for (size_t index = 0; index < length; index++)
    hash = (hash ^ bytes[index]) * 16777619;
  return hash;
}

uint32_t checksum_of(const CalibrationRecord &record) { return digest(&record, offsetof(CalibrationRecord, checksum)); }

/// Call `visit(value)` for every value that a record holds, in its order.
template <typename Set, typename Visit>
void for_each_value(Set &calibrations, Visit visit) {
  for (size_t channel = 0; channel < CHANNEL_COUNT; channel++) {
    for (const CalibrationField &field : CALIBRATION_FIELDS) {
      if (has_field(channel, field))
        visit(calibrations[channel].*field.value);
    }
  }
}

std::array<float, CalibrationRecord::VALUES> values_of(const Calibrations &calibrations) {
  std::array<float, CalibrationRecord::VALUES> values;
  size_t index = 0;
  for_each_value(calibrations, [&](const float &value) { values[index++] = value; });
  return values;
}

uint32_t digest_of(const Calibrations &calibrations) {
  const auto values = values_of(calibrations);
  return digest(values.data(), sizeof(values));
}

}  // namespace

CalibrationRecord record_of(const Calibrations &calibrations, const Calibrations &configured) {
  CalibrationRecord record{
      .version = VERSION, .configured = digest_of(configured), .values = values_of(calibrations), .checksum = 0};
  record.checksum = checksum_of(record);
  return record;
}

CalibrationRecord empty_record() { return CalibrationRecord{}; }

RecordState state_of(const CalibrationRecord &record, const Calibrations &configured) {
  if (record.version != VERSION)
    return RecordState::EMPTY;
  if (record.checksum != checksum_of(record))
    return RecordState::DAMAGED;
  return record.configured == digest_of(configured) ? RecordState::VALID : RecordState::STALE;
}

Calibrations calibrations_of(const CalibrationRecord &record) {
  Calibrations calibrations{};
  size_t index = 0;
  for_each_value(calibrations, [&](float &value) { value = record.values[index++]; });
  return calibrations;
}

}  // namespace esphome::ade9000_calibration
