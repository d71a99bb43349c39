#pragma once

#include "chip_config.h"
#include "energy.h"
#include "reading.h"
#include "window.h"

namespace esphome::ade9000 {

Summation summation_of(const ChipConfig &config);

/// Return the energy of a window, import positive.
WindowEnergy energy_of(const Window &window, const ChipConfig &config, const Scales &scales);

/// Six powers and two factors, of each phase and of the installation.
using PowerValues = ValueList<(6 + 2) * (LINE_COUNT + 1)>;

/// Return the mean powers of a span and the factors that follow from them.
PowerValues powers(const WindowEnergy &energy, double span_s, const Summation &summation);

}  // namespace esphome::ade9000
