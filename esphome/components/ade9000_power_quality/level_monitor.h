#pragma once

#include "esphome/components/ade9000/line_set.h"
#include "event_desk.h"
#include "excursion.h"
#include "power_event.h"
#include "sight.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace esphome::ade9000_power_quality {

/// What a `LevelMonitor` watches.
struct LevelKind {
  EventType type;
  uint16_t value;    ///< Half-cycle RMS of phase A.
  uint16_t extreme;  ///< Where the chip keeps a value of the last event of phase A, in 1/32: the worst, or the last.
  bool shares_flag;  ///< The chip has one flag for all phases, which says nothing of one of them.
};

/// Watches one quantity of each line: dips, swells or over-currents.
///
/// - The chip tells that a value went beyond its limit or came back, by a flag that stays until it is cleared. So
///   nothing is missed between two passes; what was over already is known by the extreme that the chip kept.
/// - A flag alone is no event: the value itself or that extreme has to bear it out.
/// - An event is over with the first value that is back by the hysteresis, which the chip does not have.
class LevelMonitor {
 public:
  LevelMonitor(const LevelKind &kind, EventDesk &desk) : kind_(kind), desk_(desk) {}

  /// `lines` are watched, of which `phases` names each; a code is worth `scale`, and 100 percent are `reference`.
  void configure(const Limits &limits, LineSet lines, const std::array<Phase, LINE_COUNT> &phases, float scale,
                 float reference, uint32_t cycle_us);

  /// A dip that goes below this code is an interruption.
  void set_interruption(uint32_t code) { this->interruption_ = code; }

  /// The chip measures from now on: what is beyond now may have been so before.
  void start() { this->fresh_ = this->lines_; }

  /// Look at the lines that are flagged, and at those whose event goes on.
  void look(const Sight &sight, LineSet flagged);

  /// The chip does not measure any more; what goes on ends, as far as is known, in the pass before.
  void stop(uint64_t looked_us);

  /// What the quantity is while nothing happens, in codes.
  void take_base(size_t line, uint32_t code, uint64_t now_us);

  const Limits &limits() const { return this->limits_; }
  bool is_open(size_t line) const { return this->slots_[line].event.id != 0; }

  /// Whether an event goes on that began less than `span_us` ago.
  bool has_young_event(uint64_t now_us, uint64_t span_us) const;

 protected:
  struct Slot {
    PowerEvent event{};
    Excursion excursion{};
    uint32_t base{0};
    uint32_t known_extreme{0};  ///< What the chip kept of the last event.
    uint64_t ended_us{0};
  };

  bool compare_(const Sight &sight, size_t line, bool is_flagged);
  bool follow_(const Sight &sight, size_t line, uint32_t value, const Moment &moment);
  bool look_back_(const Sight &sight, size_t line, uint32_t value);
  void begin_(const Sight &sight, size_t line, uint32_t value);
  void end_(Slot &slot, uint32_t kept, uint32_t value, const Moment &moment);
  void describe_(Slot &slot) const;

  LevelKind kind_;
  EventDesk &desk_;
  Limits limits_{};
  LineSet lines_{};
  std::array<Phase, LINE_COUNT> phases_{};
  float scale_{0};
  float reference_{0};
  uint32_t cycle_us_{0};
  uint32_t interruption_{0};
  LineSet fresh_{};       ///< Lines that were not looked at since the start.
  LineSet unanswered_{};  ///< Lines whose flag could not be looked into yet.
  std::array<Slot, LINE_COUNT> slots_{};
};

}  // namespace esphome::ade9000_power_quality
