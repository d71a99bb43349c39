#pragma once

#include "power_quality.h"

#include "esphome/components/ade9000/ade9000.h"
#include "esphome/core/automation.h"
#include "esphome/core/component.h"
#include "esphome/core/defines.h"
#include "esphome/core/hal.h"
#include "esphome/core/helpers.h"

#ifdef USE_ADE9000_POWER_QUALITY_EVENTS
#include "event_log.h"
#endif
#ifdef USE_ADE9000_POWER_QUALITY_COUNTERS
#include "esphome/components/sensor/sensor.h"
#endif
#ifdef USE_ADE9000_POWER_QUALITY_STATES
#include "esphome/components/binary_sensor/binary_sensor.h"
#endif
#ifdef USE_ADE9000_POWER_QUALITY_LAST_EVENT
#include "esphome/components/text_sensor/text_sensor.h"
#endif

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace esphome::ade9000_power_quality {

/// The watch for events of one meter: joins it to the chip and to the pin IRQ1, keeps its events in the log, and
/// publishes them to automations and entities.
class PowerQualityComponent final : public Component, public EventListener, public InterruptLine {
 public:
  explicit PowerQualityComponent(ADE9000 *hub) : hub_(hub) {}

  void set_config(const PowerQualityConfig &config) { this->config_ = config; }
  void set_irq1_pin(InternalGPIOPin *pin) { this->irq1_pin_ = pin; }
#ifdef USE_ADE9000_POWER_QUALITY_EVENTS
  void set_log_size(size_t events) { this->log_size_ = events; }
  EventLog &log() { return this->log_; }
#endif
#ifdef USE_ADE9000_POWER_QUALITY_COUNTERS
  void set_counter(EventType type, sensor::Sensor *sensor) { this->counters_[static_cast<size_t>(type)] = sensor; }
#endif
#ifdef USE_ADE9000_POWER_QUALITY_STATES
  void set_state_count(size_t count) { this->states_.init(count); }
  void add_state(EventType type, Phase phase, binary_sensor::BinarySensor *sensor) {
    this->states_.push_back({type, phase, sensor});
  }
#endif
#ifdef USE_ADE9000_POWER_QUALITY_LAST_EVENT
  void set_last_event(text_sensor::TextSensor *sensor) { this->last_event_ = sensor; }
#endif

  /// Call with each event and each of its stages.
  template <typename F>
  void add_on_event_callback(F &&callback) {
    this->callbacks_.add(std::forward<F>(callback));
  }

  /// Before the hub, whose driver takes over what is configured here.
  float get_setup_priority() const override { return setup_priority::HARDWARE; }
  void setup() override;
  void loop() override;
  void dump_config() override;

  void on_event(const PowerEvent &event, EventStage stage) override;
  std::optional<uint64_t> take() override;

  /// How many events of a type have ended since boot.
  uint32_t count(EventType type) const { return this->counts_[static_cast<size_t>(type)]; }

  /// Id of the meter in the configuration.
  const char *name() const { return this->hub_->name(); }

 protected:
  /// What the interrupt leaves for the loop.
  struct Interrupt {
    Component *component;
    volatile uint32_t fell_us;
    volatile bool has_fallen;
  };

  static void note_fall(Interrupt *interrupt);
  void publish_(const PowerEvent &event, EventStage stage);

  ADE9000 *hub_;
  PowerQualityConfig config_{};
  PowerQuality quality_{};
  InternalGPIOPin *irq1_pin_{nullptr};
  Interrupt interrupt_{this, 0, false};
  HighFrequencyLoopRequester high_frequency_{};
  std::array<uint32_t, EVENT_TYPE_COUNT> counts_{};
  LazyCallbackManager<void(const PowerEvent &, EventStage)> callbacks_{};

#ifdef USE_ADE9000_POWER_QUALITY_EVENTS
  bool allocate_log_();

  size_t log_size_{0};
  EventLog log_{};
#endif
#ifdef USE_ADE9000_POWER_QUALITY_COUNTERS
  std::array<sensor::Sensor *, EVENT_TYPE_COUNT> counters_{};
#endif
#ifdef USE_ADE9000_POWER_QUALITY_STATES
  /// A binary sensor that is on while an event goes on.
  struct State {
    EventType type;
    Phase phase;
    binary_sensor::BinarySensor *sensor;
  };

  FixedVector<State> states_{};
#endif
#ifdef USE_ADE9000_POWER_QUALITY_LAST_EVENT
  text_sensor::TextSensor *last_event_{nullptr};
#endif
};

/// Triggers an automation when an event of a type is over.
template <EventType TYPE>
struct EventEndForwarder {
  Automation<PowerEvent> *automation;
  void operator()(const PowerEvent &event, EventStage stage) const {
    if (stage == EventStage::END && event.type == TYPE)
      this->automation->trigger(event);
  }
};

/// Triggers an automation when any event begins.
struct EventBeginForwarder {
  Automation<PowerEvent> *automation;
  void operator()(const PowerEvent &event, EventStage stage) const {
    if (stage == EventStage::BEGIN)
      this->automation->trigger(event);
  }
};

}  // namespace esphome::ade9000_power_quality
