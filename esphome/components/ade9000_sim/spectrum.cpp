#include "spectrum.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>

namespace esphome::ade9000_sim {

namespace {

using Complex = std::complex<double>;

constexpr size_t POINTS = 1024;  ///< Of one cycle.

using Points = std::array<double, POINTS>;

Points points_of(const Spectrum &spectrum) {
  Points points{};
  for (size_t order = 1; order <= MAX_ORDER; order++) {
    if (spectrum[order] == Complex{})
      continue;
    for (size_t point = 0; point < POINTS; point++) {
      const double turn = 2 * std::numbers::pi * static_cast<double>(order * point % POINTS) / POINTS;
      points[point] += spectrum[order].real() * std::sin(turn) + spectrum[order].imag() * std::cos(turn);
    }
  }
  return points;
}

bool is_sine(const Spectrum &spectrum) {
  return std::all_of(spectrum.begin() + 2, spectrum.end(), [](Complex component) { return component == Complex{}; });
}

}  // namespace

Spectrum operator*(const Spectrum &spectrum, Complex factor) {
  Spectrum result;
  std::transform(spectrum.begin(), spectrum.end(), result.begin(), [factor](Complex value) { return value * factor; });
  return result;
}

Spectrum operator+(const Spectrum &first, const Spectrum &second) {
  Spectrum result;
  std::transform(first.begin(), first.end(), second.begin(), result.begin(), std::plus<>());
  return result;
}

Spectrum operator-(const Spectrum &first, const Spectrum &second) {
  Spectrum result;
  std::transform(first.begin(), first.end(), second.begin(), result.begin(), std::minus<>());
  return result;
}

double square(const Spectrum &spectrum) {
  double sum = 0;
  for (const Complex &component : spectrum)
    sum += std::norm(component);
  return sum;
}

/// The amplitude of a sine. For other waves the largest point of a cycle, each point refined by the parabola through
/// its neighbours.
double peak(const Spectrum &spectrum) {
  if (is_sine(spectrum))
    return std::abs(spectrum[1]);
  const Points points = points_of(spectrum);
  double largest = 0;
  for (size_t point = 0; point < POINTS; point++) {
    const double before = points[(point + POINTS - 1) % POINTS];
    const double after = points[(point + 1) % POINTS];
    const double bend = before - 2 * points[point] + after;
    const double rise = bend == 0 ? 0 : (after - before) * (after - before) / (8 * bend);
    if (std::abs(points[point]) >= std::abs(before) && std::abs(points[point]) >= std::abs(after))
      largest = std::max(largest, std::abs(points[point] - rise));
  }
  return largest;
}

}  // namespace esphome::ade9000_sim
