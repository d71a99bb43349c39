#pragma once

#include "reading.h"

#include <array>
#include <cstdint>

namespace esphome::ade9000 {

/// Makes one reading of several that follow each other, as the table of quantities aggregates them.
///
/// - A mean is weighted by the spans in which its value was valid. What its float is rounded by is kept beside it,
///   because the mean of a day in a float alone would not move any more: one second of it is 1 / 86400, and a float
///   resolves 1 / 16777216. Both together resolve 1 / 2⁴⁸.
/// - Of an angle the last valid one counts, of a peak the largest, of a counter the newest.
/// - Spans add up, and a flag of one reading is a flag of the whole.
class MergedReading final {
 public:
  using Values = std::array<float, VALUE_SLOTS>;

  /// Start over with the oldest reading, whose values are the merged ones so far.
  void begin(const Reading &oldest);

  /// Merge the values of the reading that follows into `merged`, those so far. What the whole spans and is flagged is
  /// told by `span_ms` and `flags`.
  void absorb(const Reading &newer, Values &merged);

  /// Length of everything since `begin`.
  uint32_t span_ms() const { return this->span_ms_; }

  /// Flags of everything since `begin`.
  uint8_t flags() const { return this->flags_; }

 protected:
  float joined_(size_t slot, float merged, float value, uint32_t span_ms);

  Values rests_{};                                  ///< What the merged values are to be raised by.
  std::array<uint32_t, VALUE_SLOTS> weights_ms_{};  ///< Time in which the value was valid; 0 if it never was.
  uint32_t span_ms_{0};
  uint8_t flags_{0};
};

}  // namespace esphome::ade9000
