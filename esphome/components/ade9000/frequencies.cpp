#include "frequencies.h"

#include "angles.h"
#include "measuring_settings.h"

#include <cmath>

namespace esphome::ade9000 {

namespace {

constexpr double NEAR_HZ = 0.1;

bool is_near(double frequency_hz, uint8_t nominal_hz) { return std::abs(frequency_hz - nominal_hz) <= NEAR_HZ; }

}  // namespace

std::array<double, LINE_COUNT> Frequencies::measure(const std::array<uint32_t, LINE_COUNT> &periods, LineSet lines,
                                                    uint8_t line_frequency_hz) {
  const uint32_t nominal = nominal_period(line_frequency_hz);
  bool is_nominal = this->was_nominal_;
  for (const size_t line : lines)
    is_nominal |= periods[line] != nominal && is_near(frequency_of(periods[line]), line_frequency_hz);

  this->was_nominal_ = false;
  std::array<double, LINE_COUNT> frequencies;
  for (size_t line = 0; line < LINE_COUNT; line++) {
    const bool is_measured = lines.contains(line) && (periods[line] != nominal || is_nominal);
    frequencies[line] = is_measured ? frequency_of(periods[line]) : NAN;
    this->was_nominal_ |= is_near(frequencies[line], line_frequency_hz);
  }
  return frequencies;
}

}  // namespace esphome::ade9000
