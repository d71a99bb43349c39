#pragma once

#include "quantities.h"
#include "units.h"

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace esphome::ade9000 {

/// What a reader of a reading must know about it. The bits are numbered in the order of `READING_FLAG_NAMES`.
enum ReadingFlag : uint8_t {
  FLAG_ESTIMATED = 1 << 0,   ///< A part of the energy was not read from the chip but estimated from the power.
  FLAG_MERGED = 1 << 1,      ///< The record covers several numbers.
  FLAG_CLOCK = 1 << 2,       ///< The clock was set or stepped within the span.
  FLAG_REBOOTED = 1 << 3,    ///< The first record since the boot.
  FLAG_CALIBRATED = 1 << 4,  ///< The calibration was changed within the span.
  FLAG_SATURATED = 1 << 5,   ///< A channel was driven beyond full scale, so its values are too low.
  FLAG_LOGGED = 1 << 6,      ///< The record waited in the log.
};

inline constexpr std::array<const char *, 7> READING_FLAG_NAMES{"estimated",  "merged",    "clock", "rebooted",
                                                                "calibrated", "saturated", "logged"};

/// Values of a few quantities, as a part of the driver returns them for a reading.
template <size_t MOST>
class ValueList {
 public:
  struct Value {
    float value;
    Quantity quantity;
    Phase phase;
  };

  void add(Quantity quantity, Phase phase, double value) {
    if (this->count_ < MOST)
      this->values_[this->count_++] = {static_cast<float>(value), quantity, phase};
  }

  const Value *begin() const { return this->values_.data(); }
  const Value *end() const { return this->values_.data() + this->count_; }

 protected:
  std::array<Value, MOST> values_;
  size_t count_{0};
};

/// Every value that the chip measured over one window, from the same instant.
///
/// A value that was not valid is NAN, never 0 and never that of an earlier window. Units are those of the table of
/// quantities; counters are whole mWh, mvarh or mVAh since `Chip` was made, and only grow. A phase that is not measured
/// has no counters.
struct Reading {
  using Values = std::array<float, VALUE_SLOTS>;
  using Counters = std::array<int64_t, COUNTER_SLOTS>;

  static constexpr int64_t NOT_COUNTED = -1;

  uint64_t uptime_us{0};  ///< End of the span on the clock that `Chip::loop` is given.
  uint32_t span_ms{0};    ///< Length that means and counters cover.
  uint8_t flags{0};       ///< Bits of `ReadingFlag`.
  Values values = no_values();
  Counters counters = no_counters();

  uint64_t uptime_ms() const { return this->uptime_us / MILLISECOND_US; }

  /// Return a value; NAN where it was not valid or the quantity does not exist for the phase.
  float get(Quantity quantity, Phase phase) const {
    const auto slot = row_of(quantity).is_counter ? std::nullopt : slot_of(quantity, phase);
    return slot ? this->values[*slot] : NAN;
  }

  void set(Quantity quantity, Phase phase, float value) {
    if (const auto slot = slot_of(quantity, phase); slot && !row_of(quantity).is_counter)
      this->values[*slot] = value;
  }

  /// Take over what a part of the driver has found.
  template <size_t MOST>
  void take(const ValueList<MOST> &list) {
    for (const auto &[value, quantity, phase] : list)
      this->set(quantity, phase, value);
  }

  /// Return a counter; `NOT_COUNTED` where the phase is not measured or the quantity is no counter of it.
  int64_t counter(Quantity quantity, Phase phase) const {
    const auto slot = row_of(quantity).is_counter ? slot_of(quantity, phase) : std::nullopt;
    return slot ? this->counters[*slot] : NOT_COUNTED;
  }

  static constexpr Values no_values() {
    Values values{};
    values.fill(NAN);
    return values;
  }

  static constexpr Counters no_counters() {
    Counters counters{};
    counters.fill(NOT_COUNTED);
    return counters;
  }
};

/// Put a counter in its place among all; nothing happens where the quantity is no counter of the phase.
inline void set_counter(Reading::Counters &counters, Quantity quantity, Phase phase, int64_t value) {
  if (const auto slot = slot_of(quantity, phase); slot && row_of(quantity).is_counter)
    counters[*slot] = value;
}

}  // namespace esphome::ade9000
