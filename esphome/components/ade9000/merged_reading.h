#pragma once

#include "reading.h"

#include <array>
#include <cstdint>

namespace esphome::ade9000 {

/// Makes one reading of several that follow each other, as the table of quantities aggregates them.
///
/// - A mean is weighted by the spans in which its value was valid. It is kept in a double, because the mean of a day in
/// a
///   float would not move any more: one second of it is 1 / 86400, and a float resolves 1 / 16777216.
/// - Of an angle the last valid one counts, of a peak the largest, of a counter the newest.
/// - Spans add up, and a flag of one reading is a flag of the whole.
class MergedReading final {
 public:
  /// Start over with the oldest reading.
  void begin(const Reading &oldest);

  /// Turn the reading that follows into one that covers everything since `begin`.
  void absorb(Reading &newer);

 protected:
  void add_(size_t slot, float value, uint32_t span_ms);

  std::array<double, VALUE_SLOTS> merged_{};
  std::array<uint32_t, VALUE_SLOTS> weights_ms_{};  ///< Time in which the value was valid; 0 if it never was.
  uint32_t span_ms_{0};
  uint8_t flags_{0};
};

}  // namespace esphome::ade9000
