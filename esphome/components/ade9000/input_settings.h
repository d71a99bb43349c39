#pragma once

#include "chip_config.h"
#include "settings.h"

namespace esphome::ade9000 {

/// Add what the sensors need before the chip computes anything: amplification, which input each phase is measured at,
/// and the integrators of Rogowski coils.
void add_inputs(const ChipConfig &config, Settings &settings);

}  // namespace esphome::ade9000
