#include "frequencies.h"

#include "settings.h"

#include <cmath>

namespace esphome::ade9000 {

namespace {

constexpr double PERIODS_PER_SECOND = 8000.0 * 65536.0;
constexpr double NEAR_HZ = 0.1;

bool has_line(uint8_t lines, size_t line) { return (lines >> line & 1U) != 0; }

}  // namespace

std::array<double, LINE_COUNT> Frequencies::measure(const std::array<uint32_t, LINE_COUNT> &periods, uint8_t lines,
                                                    uint8_t line_frequency_hz) {
  const uint32_t nominal = nominal_period(line_frequency_hz);
  bool is_in_range = this->was_nominal_;
  for (size_t line = 0; line < LINE_COUNT; line++)
    is_in_range |= has_line(lines, line) && periods[line] != nominal;

  this->was_nominal_ = false;
  std::array<double, LINE_COUNT> frequencies;
  for (size_t line = 0; line < LINE_COUNT; line++) {
    const bool is_measured = has_line(lines, line) && is_in_range;
    frequencies[line] = is_measured ? PERIODS_PER_SECOND / (periods[line] + 1.0) : NAN;
    this->was_nominal_ |= std::abs(frequencies[line] - line_frequency_hz) <= NEAR_HZ;
  }
  return frequencies;
}

}  // namespace esphome::ade9000
