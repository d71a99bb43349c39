#pragma once

#include <cstdint>

namespace esphome::ade9000_power_quality {

/// When something happened: later than `after_us`, and not later than `at_us`.
struct Moment {
  uint64_t after_us;
  uint64_t at_us;

  uint64_t width_us() const { return this->at_us - this->after_us; }
  uint64_t middle_us() const { return this->after_us + this->width_us() / 2; }
};

/// What counts as beyond and as back, in codes of an RMS.
struct Limits {
  uint32_t enter;
  uint32_t leave;  ///< Not beyond `enter`: the hysteresis lies between the two.
  bool is_below;   ///< Beyond is below `enter`, not above it.

  bool is_beyond(uint32_t code) const { return this->is_below ? code < this->enter : code > this->enter; }
  bool is_back(uint32_t code) const { return this->is_below ? code >= this->leave : code <= this->leave; }
  bool is_worse(uint32_t code, uint32_t than) const { return this->is_below ? code < than : code > than; }
};

/// A quantity that leaves its band and comes back, seen through its RMS over one cycle, which is refreshed every half.
///
/// A value tells late what has happened: the step lies up to a cycle before it, and the values go on to move while the
/// step passes through the cycle that they cover. How far it has got shows in the value itself: the share of the energy
/// that is missing (or too much), of what is missing where the whole cycle is beyond. Start and end are taken back by
/// that share of a cycle.
///
/// - From three cycles on start and duration are right within half a cycle.
/// - A shorter event looks the same as a longer but less deep one, because perhaps no value covers nothing but the
///   event. What is found lies between the two, and the resolution of seven eighths of a cycle says so: of 6,336 dips
///   of 0.5 to 0.9 cycles at any point on the wave the worst duration was 0.8 cycles off, the worst start 0.6.
class Excursion {
 public:
  /// `value` was refreshed at `moment` and is the first beyond; `base` is what it was before, all in codes.
  void begin(const Moment &moment, uint32_t value, uint32_t base);

  /// Take another value into the extreme.
  void follow(uint32_t value, const Limits &limits);

  /// `value` was refreshed at `moment` and is the first that is back.
  void end(const Moment &moment, uint32_t value);

  uint32_t extreme() const { return this->extreme_; }
  bool has_ended() const { return this->has_ended_; }
  uint64_t seen_us() const { return this->begin_.at_us; }

  uint64_t start_us(const Limits &limits, uint32_t cycle_us) const;

  /// Only once it has ended.
  uint64_t end_us(const Limits &limits, uint32_t cycle_us) const;

  /// Start and end are each right within this.
  uint64_t resolution_us(uint32_t cycle_us) const;

 protected:
  bool is_short_(uint32_t cycle_us) const;
  float share_(uint32_t value) const;

  Moment begin_{};
  Moment end_{};
  bool has_ended_{false};
  uint32_t first_{0};
  uint32_t last_{0};
  uint32_t base_{0};
  uint32_t extreme_{0};
};

}  // namespace esphome::ade9000_power_quality
