#pragma once

#include "bench.h"

#include "ade9000_power_quality/power_quality.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

namespace bench {

using namespace esphome::ade9000_power_quality;

/// The chip's pin IRQ1, as an interrupt of the host notes it.
class Pin final : public InterruptLine {
 public:
  explicit Pin(SimChip &chip) : chip_(chip) {}

  std::optional<uint64_t> take() override { return std::exchange(this->noted_us_, std::nullopt); }

  /// Note that the pin fell since the last call; true when it did.
  bool look() {
    const auto fell_us = this->chip_.interrupt_fell_us(1);
    const bool has_fallen = fell_us.has_value() && fell_us != this->last_us_;
    this->last_us_ = fell_us;
    if (has_fallen)
      this->noted_us_ = static_cast<uint64_t>(*fell_us);
    return has_fallen;
  }

 protected:
  SimChip &chip_;
  std::optional<double> last_us_;
  std::optional<uint64_t> noted_us_;
};

/// The driver with its watch for events on a simulated chip. The loop comes round every 16 ms, while an event goes on
/// every 2 ms; with a pin it is woken within a quarter of a millisecond.
class EventBench final : public EventListener {
 public:
  explicit EventBench(const Scenario &scenario, PowerQualityConfig config = {}, bool has_pin = true,
                      const ChipConfig &chip = {}) {
    config.has_interrupt = has_pin;
    this->has_pin_ = has_pin;
    this->quality.configure(config);
    this->quality.set_listener(this);
    if (has_pin)
      this->quality.set_interrupt_line(&this->pin);
    this->bench.sim.set_scenario(scenario);
    this->bench.chip.extend(this->quality);
    this->bench.chip.configure(chip);
    this->bench.chip.start(0);
  }

  void on_event(const PowerEvent &event, EventStage stage) override {
    this->told.emplace_back(stage, event);
    if (stage == EventStage::END)
      this->events.push_back(event);
  }

  void run_until(uint64_t until_us) {
    constexpr uint64_t STEP_US = 250;
    for (uint64_t next_us = this->bench.now_us; this->bench.now_us + STEP_US <= until_us;) {
      this->bench.now_us = std::max(this->bench.now_us + STEP_US, this->bench.wires.now_us);
      this->bench.sim.advance(this->bench.now_us);
      const bool is_woken = this->has_pin_ && this->pin.look();
      if (!is_woken && this->bench.now_us < next_us)
        continue;
      this->bench.call();
      next_us = this->bench.now_us + (this->quality.is_urgent() ? 2 * MS : this->interval_us);
    }
  }

  /// Events of one type that have ended.
  std::vector<PowerEvent> of(EventType type) const {
    std::vector<PowerEvent> found;
    std::copy_if(this->events.begin(), this->events.end(), std::back_inserter(found),
                 [type](const PowerEvent &event) { return event.type == type; });
    return found;
  }

  PowerQuality quality;
  Bench bench;
  Pin pin{bench.sim};
  uint64_t interval_us{16 * MS};
  std::vector<PowerEvent> events;
  std::vector<std::pair<EventStage, PowerEvent>> told;

 protected:
  bool has_pin_;
};

/// A supply with one disturbance: from `at_s` on, for `duration_s`, and the rest of an hour without.
inline Scenario disturbed(double at_s, double duration_s, const LoadStep &step, const Scenario &supply = balanced(10)) {
  Scenario scenario = supply;
  scenario.add_step({.duration_s = at_s});
  LoadStep disturbance = step;
  disturbance.duration_s = duration_s;
  scenario.add_step(disturbance);
  scenario.add_step({.duration_s = 3600});
  return scenario;
}

/// A voltage of L1 of `residual` times the nominal one.
inline LoadStep dip_of_l1(double residual) { return {.voltage_factor = {residual, 1, 1}}; }

}  // namespace bench
