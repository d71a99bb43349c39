#include "power_quality_component.h"

#ifdef USE_ADE9000_POWER_QUALITY_EVENTS
#include "failures.h"
#endif

#include "esphome/components/three_phase_wire/delivery.h"
#include "esphome/components/three_phase_wire/uptime.h"
#include "esphome/core/log.h"

#include <cinttypes>
#include <cmath>
#include <cstdio>
#include <memory>

namespace esphome::ade9000_power_quality {

static const char *const TAG = "ade9000.power_quality";

#ifdef USE_ADE9000_POWER_QUALITY_LAST_EVENT
/// Return an event in words, such as "L1 dip: 92.0 V (40 %) for 120 ms".
static std::array<char, 80> describe(const PowerEvent &event) {
  std::array<char, 80> text;
  const bool is_current = event.type == EventType::OVER_CURRENT || event.type == EventType::NEUTRAL_MISMATCH;
  const char *space = *event.phase_name() == '\0' ? "" : " ";
  if (std::isnan(event.value)) {
    snprintf(text.data(), text.size(), "%s%s%s for %" PRIu32 " ms", event.phase_name(), space, event.type_name(),
             event.duration_ms);
  } else {
    snprintf(text.data(), text.size(), "%s%s%s: %.1f %s (%.0f %%) for %" PRIu32 " ms", event.phase_name(), space,
             event.type_name(), event.value, is_current ? "A" : "V", event.percent, event.duration_ms);
  }
  return text;
}
#endif

void PowerQualityComponent::setup() {
#ifdef USE_ADE9000_POWER_QUALITY_EVENTS
  if (!this->allocate_log_()) {
    this->mark_failed(log_too_large());
    return;
  }
#endif
  this->hub_->chip().extend(this->quality_);
  this->config_.has_interrupt = this->irq1_pin_ != nullptr;
  this->quality_.configure(this->config_);
  this->quality_.set_listener(this);
  if (this->irq1_pin_ != nullptr) {
    this->quality_.set_interrupt_line(this);
    this->irq1_pin_->setup();
    this->irq1_pin_->attach_interrupt(&PowerQualityComponent::note_fall, &this->interrupt_,
                                      gpio::INTERRUPT_FALLING_EDGE);
  }
#ifdef USE_ADE9000_POWER_QUALITY_COUNTERS
  for (sensor::Sensor *counter : this->counters_) {
    if (counter != nullptr)
      counter->publish_state(0);
  }
#endif
#ifdef USE_ADE9000_POWER_QUALITY_STATES
  for (const State &state : this->states_)
    state.sensor->publish_initial_state(false);
#endif
}

/// Half-cycle values come every 10 ms, so while they are wanted the loop must not sleep for its usual 16 ms.
void PowerQualityComponent::loop() {
  if (this->quality_.is_urgent()) {
    this->high_frequency_.start();
  } else {
    this->high_frequency_.stop();
  }
}

void IRAM_ATTR PowerQualityComponent::note_fall(Interrupt *interrupt) {
  interrupt->fell_us = micros();
  interrupt->has_fallen = true;
  interrupt->component->enable_loop_soon_any_context();
}

std::optional<uint64_t> PowerQualityComponent::take() {
  if (!this->interrupt_.has_fallen)
    return std::nullopt;
  this->interrupt_.has_fallen = false;
  const uint32_t age_us = micros() - this->interrupt_.fell_us;
  return three_phase_wire::uptime_us() - age_us;
}

void PowerQualityComponent::on_event(const PowerEvent &event, EventStage stage) {
  if (stage == EventStage::END) {
    this->counts_[static_cast<size_t>(event.type)]++;
    ESP_LOGI(TAG, "%s: %s %s %.3f for %" PRIu32 " ms", this->name(), event.phase_name(), event.type_name(), event.value,
             event.duration_ms);
  }
#ifdef USE_ADE9000_POWER_QUALITY_EVENTS
  if (stage != EventStage::BEGIN)
    this->log_.append(event, this->hub_->unix_ms_at(event.start_ms()));
#endif
  this->publish_(event, stage);
  this->callbacks_.call(event, stage);
}

void PowerQualityComponent::publish_([[maybe_unused]] const PowerEvent &event, [[maybe_unused]] EventStage stage) {
#ifdef USE_ADE9000_POWER_QUALITY_STATES
  // An interruption goes on as a dip, and is known for what it is at its end.
  const EventType shown = event.type == EventType::INTERRUPTION ? EventType::DIP : event.type;
  for (const State &state : this->states_) {
    if (state.type == shown && state.phase == event.phase)
      state.sensor->publish_state(stage != EventStage::END);
  }
#endif
#ifdef USE_ADE9000_POWER_QUALITY_COUNTERS
  sensor::Sensor *counter = this->counters_[static_cast<size_t>(event.type)];
  if (counter != nullptr && stage == EventStage::END)
    counter->publish_state(static_cast<float>(this->count(event.type)));
#endif
#ifdef USE_ADE9000_POWER_QUALITY_LAST_EVENT
  if (this->last_event_ != nullptr && stage == EventStage::END)
    this->last_event_->publish_state(describe(event).data());
#endif
}

#ifdef USE_ADE9000_POWER_QUALITY_EVENTS
bool PowerQualityComponent::allocate_log_() {
  EventRecord *records = RAMAllocator<EventRecord>().allocate(this->log_size_);
  if (records == nullptr)
    return false;
  std::uninitialized_value_construct_n(records, this->log_size_);
  this->log_.begin({records, this->log_size_}, three_phase_wire::DELIVERY_WINDOW);
  return true;
}
#endif

void PowerQualityComponent::dump_config() {
  const PowerQualityConfig &config = this->config_;
  ESP_LOGCONFIG(TAG,
                "Power quality of %s:\n"
                "  Dip: below %.1f %%, back at %.1f %% of the nominal voltage; an interruption below %.1f %%\n"
                "  Swell: above %.1f %%, back at %.1f %%",
                this->name(), config.dip.limit, config.dip.limit + config.dip.hysteresis, config.interruption,
                config.swell.limit, config.swell.limit - config.swell.hysteresis);
  if (config.over_current.limit > 0)
    ESP_LOGCONFIG(TAG, "  Over-current: above %.2f A", config.over_current.limit);
  if (config.neutral_mismatch.limit > 0)
    ESP_LOGCONFIG(TAG, "  Neutral mismatch: above %.3f A", config.neutral_mismatch.limit);
  ESP_LOGCONFIG(TAG, "  Phase loss: %s, wrong sequence: %s", YESNO(config.phase_loss), YESNO(config.wrong_sequence));
#ifdef USE_ADE9000_POWER_QUALITY_EVENTS
  ESP_LOGCONFIG(TAG, "  Log: %zu events, %zu bytes", this->log_size_, this->log_size_ * sizeof(EventRecord));
#endif
  LOG_PIN("  IRQ1 Pin: ", this->irq1_pin_);
}

}  // namespace esphome::ade9000_power_quality
