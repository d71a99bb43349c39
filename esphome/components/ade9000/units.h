#pragma once

#include <cstdint>
#include <numbers>

namespace esphome::ade9000 {

inline constexpr uint64_t MILLISECOND_US = 1'000;
inline constexpr uint64_t SECOND_US = 1'000'000;

inline constexpr double DEGREE = std::numbers::pi / 180;  ///< In radians.

}  // namespace esphome::ade9000
