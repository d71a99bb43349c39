#pragma once

#include "scenario.h"

#include <array>
#include <complex>

namespace esphome::ade9000_sim {

/// RMS phasors by order, as a fraction of the RMS of a full-scale sine (1 V peak at the pins) unless it says otherwise;
/// index 0 is not used.
using Spectrum = std::array<std::complex<double>, MAX_ORDER + 1>;

Spectrum operator*(const Spectrum &spectrum, std::complex<double> factor);
Spectrum operator+(const Spectrum &first, const Spectrum &second);
Spectrum operator-(const Spectrum &first, const Spectrum &second);

/// RMS², by Parseval.
double square(const Spectrum &spectrum);

/// Largest instantaneous value of a wave as a fraction of full scale.
double peak(const Spectrum &spectrum);

}  // namespace esphome::ade9000_sim
