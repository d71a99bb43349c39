#pragma once

#include "esphome/core/hal.h"

#include <cstdint>

namespace esphome::three_phase_wire {

/// Time since boot in µs that does not wrap as `micros` does after 71 minutes.
inline uint64_t uptime_us() {
  const uint64_t coarse_us = millis_64() * 1000;
  const uint64_t clock_us = coarse_us + static_cast<int32_t>(micros() - static_cast<uint32_t>(coarse_us));
#ifdef USE_HOST
  // There both clocks count since the boot of the machine; a meter boots with its program.
  static const uint64_t START_US = clock_us;
  return clock_us - START_US;
#else
  return clock_us;
#endif
}

}  // namespace esphome::three_phase_wire
