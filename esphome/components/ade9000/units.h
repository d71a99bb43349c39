#pragma once

#include <cstdint>
#include <numbers>

namespace esphome::ade9000 {

inline constexpr uint64_t MILLISECOND_US = 1'000;
inline constexpr uint64_t SECOND_US = 1'000'000;

/// Return the whole milliseconds of a time, or all that it has a part of.
constexpr uint32_t whole_ms(uint64_t us) { return static_cast<uint32_t>(us / MILLISECOND_US); }
constexpr uint32_t ceil_ms(uint64_t us) { return whole_ms(us + MILLISECOND_US - 1); }

inline constexpr double RADIANS_PER_DEGREE = std::numbers::pi / 180;

}  // namespace esphome::ade9000
