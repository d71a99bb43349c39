#pragma once

#include "quantities.h"

#include <array>
#include <complex>

namespace esphome::ade9000 {

/// RMS phasors of L1, L2 and L3. In single precision, because the processors have no faster one; the chip's angles
/// resolve 0.018°.
using Phasors = std::array<std::complex<float>, LINE_COUNT>;

/// Return the RMS phasor of a magnitude and an angle.
std::complex<float> phasor_of(double magnitude, double angle_deg);

/// Return |negative sequence| / |positive sequence| (IEC 61000-4-30); NAN without a positive one.
float unbalance_of(const Phasors &phasors);

/// Return the same of three phasors whose sum is 0, which their magnitudes define (IEC 61000-4-30):
/// √((1 − √(3 − 6β)) / (1 + √(3 − 6β))) with β = ΣU⁴ / (ΣU²)². NAN when all are 0.
double unbalance_of_triangle(const std::array<double, LINE_COUNT> &magnitudes);

}  // namespace esphome::ade9000
