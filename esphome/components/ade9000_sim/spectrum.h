#pragma once

#include "scenario.h"

#include <array>
#include <complex>

namespace esphome::ade9000_sim {

/// RMS phasors by order, as a fraction of the RMS of a full-scale sine (1 V peak at the pins); index 0 is not used.
using Spectrum = std::array<std::complex<double>, MAX_ORDER + 1>;

}  // namespace esphome::ade9000_sim
