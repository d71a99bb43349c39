#pragma once

#include "esphome/components/ade9000/line_set.h"
#include "event_desk.h"
#include "power_event.h"
#include "sight.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace esphome::ade9000_power_quality {

/// An event without half-cycle values: it begins and ends when it is seen.
class PlainEvent {
 public:
  explicit PlainEvent(EventDesk &desk) : desk_(desk) {}

  bool is_open() const { return this->event_.id != 0; }

  /// `delay_us` went by until the chip could tell; `resolution_us` is how exactly it tells.
  void begin(EventType type, Phase phase, const Sight &sight, uint64_t delay_us, uint64_t resolution_us);
  void go_on(const Sight &sight) { this->desk_.go_on(this->event_, sight.now_us); }
  void end(const Sight &sight, uint64_t delay_us);
  void stop(uint64_t looked_us);

  void show(float value, float reference);
  float value() const { return this->event_.value; }

 protected:
  EventDesk &desk_;
  PowerEvent event_{};
};

/// Finds the phases without voltage while another one has some.
///
/// The chip tells of a voltage that has not crossed zero for a while, once or again and again. It is a loss as soon as,
/// and as long as, the voltage itself is nearly nothing; when it comes back is only known by the voltage.
class PhaseLossMonitor {
 public:
  explicit PhaseLossMonitor(EventDesk &desk) : events_{PlainEvent(desk), PlainEvent(desk), PlainEvent(desk)} {}

  void configure(LineSet lines, float volt, float nominal_v, uint32_t cycle_us);

  /// `timed_out` are the lines whose crossings were seen to be missing since the pass before.
  void look(const Sight &sight, LineSet timed_out);
  void stop(uint64_t looked_us);

 protected:
  using Voltages = std::array<float, LINE_COUNT>;

  std::optional<Voltages> read_(const Sight &sight) const;
  bool is_another_live_(const Voltages &voltages) const;
  void revive_(const Sight &sight, size_t line);
  void compare_(const Sight &sight, size_t line, float voltage, bool is_another_live);

  std::array<PlainEvent, LINE_COUNT> events_;
  std::array<uint64_t, LINE_COUNT> suspected_us_{};  ///< Since when a line is a suspect.
  uint64_t revived_us_{0};                           ///< When one of them had a voltage again.
  LineSet lines_{};
  LineSet suspects_{};  ///< Lines without crossings, as far as is known.
  float volt_{0};
  float nominal_v_{0};
  uint32_t cycle_us_{0};
};

/// Finds out whether the phases follow each other as L1, L3, L2.
///
/// The chip's flag says the same of a lost phase; so all voltages have to be there, and the angle from L1 to L2
/// decides.
class SequenceMonitor {
 public:
  explicit SequenceMonitor(EventDesk &desk) : event_(desk) {}

  void configure(bool is_watched, float volt, float nominal_v, uint8_t line_frequency_hz);
  void look(const Sight &sight, bool is_flagged);
  void stop(uint64_t looked_us) { this->event_.stop(looked_us); }

 protected:
  std::optional<float> angle_deg_(const Sight &sight) const;
  bool are_all_live_(const Sight &sight) const;

  PlainEvent event_;
  bool is_watched_{false};
  bool is_suspected_{false};
  float volt_{0};
  float nominal_v_{0};
  float degrees_{0};  ///< Per step of the angle.
  uint64_t checked_us_{0};
};

/// Finds currents that come back neither by a phase nor by the neutral.
class MismatchMonitor {
 public:
  explicit MismatchMonitor(EventDesk &desk) : event_(desk) {}

  /// `limit_a` of 0 watches nothing; a code is worth `ampere`.
  void configure(const Limits &limits, float limit_a, float ampere);
  const Limits &limits() const { return this->limits_; }
  void look(const Sight &sight, bool is_flagged);
  void stop(uint64_t looked_us) { this->event_.stop(looked_us); }

 protected:
  PlainEvent event_;
  bool is_suspected_{false};
  Limits limits_{};
  float limit_a_{0};
  float ampere_{0};
  uint64_t checked_us_{0};
};

}  // namespace esphome::ade9000_power_quality
