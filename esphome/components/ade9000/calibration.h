#pragma once

#include "quantities.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace esphome::ade9000 {

/// How one input differs from the parts that are configured, as it was found by comparing with a reference.
///
/// Everything is in SI terms of the line, seen from the installation, and not in codes of the chip: so it still holds
/// when another divider, burden or amplification is configured. The neutral has `current` and `current_offset` only.
struct Calibration {
  float voltage{1};                ///< True voltage over what is measured without it.
  float current{1};                ///< True current over what is measured without it.
  float phase_deg{0};              ///< Added to the phase shift of the transformers: negative when the current leads.
  float voltage_offset{0};         ///< V of noise that the RMS shows without a voltage; taken off in squares.
  float current_offset{0};         ///< A of noise that the RMS shows without a current; taken off in squares.
  float active_power_offset{0};    ///< W that is shown without a load; taken off.
  float reactive_power_offset{0};  ///< var that is shown without a load; taken off.

  bool operator==(const Calibration &) const = default;
};

/// The inputs that are calibrated: L1, L2, L3 and the neutral.
inline constexpr size_t CHANNEL_COUNT = LINE_COUNT + 1;
inline constexpr size_t NEUTRAL = LINE_COUNT;
inline constexpr std::array<const char *, CHANNEL_COUNT> CHANNEL_NAMES{"L1", "L2", "L3", "N"};

/// The calibration of a whole meter.
using Calibrations = std::array<Calibration, CHANNEL_COUNT>;

/// One value of a calibration as it stands in YAML.
struct CalibrationField {
  const char *key;
  float Calibration::*value;
  uint8_t decimals;  ///< What the registers resolve.
  const char *unit;
  bool of_neutral;
};

// clang-format off
inline constexpr std::array<CalibrationField, 7> CALIBRATION_FIELDS{{
    {"voltage", &Calibration::voltage, 6, "", false},
    {"current", &Calibration::current, 6, "", true},
    {"phase", &Calibration::phase_deg, 4, "deg", false},
    {"voltage_offset", &Calibration::voltage_offset, 4, "V", false},
    {"current_offset", &Calibration::current_offset, 5, "A", true},
    {"active_power_offset", &Calibration::active_power_offset, 4, "W", false},
    {"reactive_power_offset", &Calibration::reactive_power_offset, 4, "var", false},
}};
// clang-format on

constexpr bool has_field(size_t channel, const CalibrationField &field) {
  return channel != NEUTRAL || field.of_neutral;
}

}  // namespace esphome::ade9000
