#include "register_codes.h"

#include "registers.h"

#include <algorithm>
#include <numbers>

namespace esphome::ade9000 {

namespace {

constexpr double RMS_OFFSET_STEP = 1 << 15;

}  // namespace

uint32_t rms_code(double value, double scale) { return static_cast<uint32_t>(std::lround(value / scale)); }

uint32_t level_code(double value, double scale) {
  constexpr double HIGHEST = 0xFFFFFF;
  const double level = std::round(value / scale / (1 << reg::LEVEL_SHIFT));
  return static_cast<uint32_t>(std::min(level, HIGHEST)) << reg::LEVEL_SHIFT;
}

uint32_t phase_code(double shift_deg, double frequency_hz) {
  const double omega = 2 * std::numbers::pi * frequency_hz / SAMPLE_RATE_HZ;
  const double shift = shift_deg * RADIANS_PER_DEGREE;
  return rounded((std::sin(shift - omega) + std::sin(omega)) / std::sin(2 * omega - shift) * UNITY_CODE);
}

uint32_t rms_offset_code(double offset, double scale) {
  const double code = offset / scale;
  return rounded(-code * std::abs(code) / RMS_OFFSET_STEP);
}

}  // namespace esphome::ade9000
