#pragma once

#include "chip_config.h"
#include "settings.h"
#include "units.h"

#include <cstdint>

namespace esphome::ade9000 {

/// A voltage without zero crossings for so long is said to have none.
inline constexpr uint64_t ZERO_CROSSING_TIMEOUT_US = 100 * MILLISECOND_US;

/// Return the period that the chip reports where it has measured none, in codes of xPERIOD.
uint32_t nominal_period(uint8_t line_frequency_hz);

/// Add what the readings need.
void add_measuring(const ChipConfig &config, Settings &settings);

/// Add what starts the measuring; nothing may follow.
void add_start(Settings &settings);

}  // namespace esphome::ade9000
