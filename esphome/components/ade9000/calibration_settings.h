#pragma once

#include "chip_config.h"
#include "settings.h"

namespace esphome::ade9000 {

/// Add the registers that correct what the sensors do wrong. The chip takes them over while it measures. Offsets of 0
/// are not listed, as that is what their registers hold after a reset.
void add_calibration(const ChipConfig &config, Settings &settings);

}  // namespace esphome::ade9000
