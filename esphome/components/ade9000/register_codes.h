#pragma once

#include "chip_figures.h"

#include <cmath>
#include <cstdint>

namespace esphome::ade9000 {

/// Return a number as a register holds it, rounded, in two's complement.
inline uint32_t rounded(double value) { return static_cast<uint32_t>(static_cast<int32_t>(std::lround(value))); }

/// Gain registers multiply by 1 + code / 2²⁷.
inline uint32_t gain_code(double factor) { return rounded((factor - 1) * UNITY_CODE); }

/// Return the code of an RMS.
uint32_t rms_code(double value, double scale);

/// Return the code nearest to a value of an RMS that the chip can compare with half-cycle values: its levels are 24
/// bits of 1/32.
uint32_t level_code(double value, double scale);

/// A first-order all-pass shifts the current by `shift_deg` at the line frequency.
uint32_t phase_code(double shift_deg, double frequency_hz);

/// RMS registers show √(RMS₀² + 2¹⁵ · code): return the code that takes off `offset` in squares.
uint32_t rms_offset_code(double offset, double scale);

}  // namespace esphome::ade9000
