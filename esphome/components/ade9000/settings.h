#pragma once

#include "chip_config.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace esphome::ade9000 {

/// One register and what it has to hold while the chip measures.
struct Setting {
  uint16_t address;
  uint32_t value;
};

inline constexpr size_t SETTING_COUNT = 26;

/// The set-up of the chip in the order of writing; the last ones start the measuring.
using Settings = std::array<Setting, SETTING_COUNT>;

/// Return the period that the chip reports where it has measured none, in codes of xPERIOD.
uint32_t nominal_period(uint8_t line_frequency_hz);

Settings settings_of(const ChipConfig &config);

}  // namespace esphome::ade9000
