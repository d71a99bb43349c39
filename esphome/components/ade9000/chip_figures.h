#pragma once

#include "units.h"

#include <cstdint>

/// Figures of the ADE9000 (data sheet, Rev. B) that several parts of the driver need.
namespace esphome::ade9000 {

inline constexpr uint32_t SAMPLE_RATE_HZ = 8000;

/// Code of an instantaneous value (xV_PCF, xI_PCF) of 1 V at the pins.
inline constexpr double FULL_SCALE_PCF_CODE = 74'532'013;

/// Gains, phase shifts and ratios are parts of this.
inline constexpr double UNITY_CODE = 1 << 27;

/// After RUN the RMS values need 1 s to come within 1 %, and distortion is refreshed every 1.024 s.
inline constexpr uint64_t SETTLING_US = 2 * SECOND_US;

}  // namespace esphome::ade9000
