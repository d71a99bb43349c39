#pragma once

#include "chip_figures.h"

#include <cmath>
#include <cstdint>

namespace esphome::ade9000 {

inline constexpr double DELAYS_PER_SECOND = SAMPLE_RATE_HZ * 128.0;
inline constexpr double PERIODS_PER_SECOND = SAMPLE_RATE_HZ * 65536.0;

/// Return the same angle, −180 < angle ≤ 180.
inline double wrapped(double degrees) {
  const double rest = std::remainder(degrees, 360);
  return rest == -180 ? 180 : rest;
}

/// Convert xPERIOD to Hz.
inline double frequency_of(uint32_t period) { return PERIODS_PER_SECOND / (period + 1.0); }

/// Convert the time from one zero crossing to another; a small negative one is possible.
inline double degrees_of(uint16_t delay, double frequency_hz) {
  return static_cast<int16_t>(delay) * 360.0 * frequency_hz / DELAYS_PER_SECOND;
}

}  // namespace esphome::ade9000
