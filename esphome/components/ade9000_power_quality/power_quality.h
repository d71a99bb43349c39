#pragma once

#include "event_desk.h"
#include "level_monitor.h"
#include "power_event.h"
#include "sight.h"
#include "supply_monitors.h"

#include "esphome/components/ade9000/chip_config.h"
#include "esphome/components/ade9000/chip_extension.h"
#include "esphome/components/ade9000/settings.h"

#include <array>
#include <cstdint>
#include <optional>

namespace esphome::ade9000_power_quality {

/// A limit and how far the value has to come back from it.
struct Threshold {
  float limit;       ///< In percent of the nominal voltage, or A; 0 A watches nothing.
  float hysteresis;  ///< In percent of the nominal voltage, or of the limit of a current.
};

/// Which events are looked for.
struct PowerQualityConfig {
  Threshold dip{90, 2};
  Threshold swell{110, 2};
  float interruption{5};  ///< In percent of the nominal voltage.
  Threshold over_current{0, 2};
  Threshold neutral_mismatch{0, 10};
  bool phase_loss{true};      ///< Where the wiring has phases that can be lost.
  bool wrong_sequence{true};  ///< Where the wiring has a sequence.
  bool has_interrupt{false};  ///< Whether the pin IRQ1 is connected.
};

/// Tells when the chip's pin IRQ1 fell.
class InterruptLine {
 public:
  /// Return when it fell, once, on the clock that `Chip::loop` is given; nothing when it has not since the last call.
  virtual std::optional<uint64_t> take() = 0;

 protected:
  ~InterruptLine() = default;
};

/// Watches the supply for events, beside the readings.
///
/// - The chip finds what begins; its flags stay until they are cleared, so that nothing is missed between two passes.
/// - A flag counts when it was read twice, and makes an event only when the values bear it out.
/// - While an event goes on its values are read every half cycle, as far as the passes come so often.
/// - Without an interrupt the time of a flag is known as well as the passes are close; each event says how well.
/// - In the first two seconds, while the chip's filters settle, nothing is looked for.
class PowerQuality final : public ChipExtension {
 public:
  PowerQuality();

  void configure(const PowerQualityConfig &config) { this->config_ = config; }
  void set_listener(EventListener *listener) { this->desk_.set_listener(listener); }
  void set_interrupt_line(InterruptLine *line) { this->line_ = line; }

  void add_settings(const ChipConfig &config, Settings &settings) override;
  void start(uint64_t now_us) override;
  void stop(uint64_t now_us) override;
  /// Always, also with the pin: it tells of dips, swells and over-currents, but not of the other events.
  bool wants_look(uint64_t /*now_us*/) const override { return true; }
  void look(RegisterBus &bus, const Look &look) override;
  void take_window(const Window &window, const WindowState &state, const Reading &reading) override;

  /// Whether half-cycle values are wanted now, so that the loop should come round often.
  bool is_urgent() const;

 protected:
  enum Level : uint8_t { DIPS, SWELLS, OVER_CURRENTS, LEVEL_COUNT };

  struct Flags {
    uint32_t status0;
    uint32_t status1;
  };

  void configure_monitors_(const ChipConfig &config);
  void add_levels_(Settings &settings) const;
  std::optional<Flags> take_flags_(RegisterBus &bus, const Look &look);
  Moment moment_of_(uint32_t flags, const Moment &pass);
  void watch_(const Sight &sight, const Flags &flags);

  PowerQualityConfig config_{};
  InterruptLine *line_{nullptr};
  EventDesk desk_{};
  std::array<LevelMonitor, LEVEL_COUNT> levels_;
  PhaseLossMonitor losses_{this->desk_};
  SequenceMonitor sequence_{this->desk_};
  MismatchMonitor mismatch_{this->desk_};
  uint32_t cycle_us_{0};
  uint64_t settled_us_{0};
  uint64_t looked_us_{0};  ///< When the flags were last known.
  uint32_t timed_out_{0};  ///< The time-outs of the pass before; the chip's driver clears them once a second.
  bool is_first_{true};
};

}  // namespace esphome::ade9000_power_quality
