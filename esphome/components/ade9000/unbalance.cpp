#include "unbalance.h"

#include "units.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace esphome::ade9000 {

namespace {

constexpr float HALF_SQRT3 = std::numbers::sqrt3_v<float> / 2;

/// The operator a, a turn by 120°, and its square.
constexpr std::complex<float> A{-0.5F, HALF_SQRT3};
constexpr std::complex<float> A2{-0.5F, -HALF_SQRT3};

}  // namespace

std::complex<float> phasor_of(double magnitude, double angle_deg) {
  return std::polar(static_cast<float>(magnitude), static_cast<float>(angle_deg * RADIANS_PER_DEGREE));
}

float unbalance_of(const Phasors &phasors) {
  const auto &[l1, l2, l3] = phasors;
  const float positive = std::abs(l1 + A * l2 + A2 * l3);
  const float negative = std::abs(l1 + A2 * l2 + A * l3);
  return positive > 0 ? negative / positive : NAN;
}

double unbalance_of_triangle(const std::array<double, LINE_COUNT> &magnitudes) {
  double squares = 0;
  double fourths = 0;
  for (const double magnitude : magnitudes) {
    const double square = magnitude * magnitude;
    squares += square;
    fourths += square * square;
  }
  if (squares == 0)
    return NAN;
  // Rounding may take it beyond what a triangle can have, 1/3 ≤ β ≤ 1/2.
  const double root = std::sqrt(std::clamp(3 - 6 * fourths / (squares * squares), 0.0, 1.0));
  return std::sqrt((1 - root) / (1 + root));
}

}  // namespace esphome::ade9000
