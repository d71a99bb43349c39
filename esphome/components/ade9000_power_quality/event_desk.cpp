#include "event_desk.h"

#include "esphome/components/ade9000/units.h"

namespace esphome::ade9000_power_quality {

namespace {

/// An event that lasts longer is told of before it is over.
constexpr uint32_t LASTING_MS = 1000;

}  // namespace

void EventDesk::begin(PowerEvent &event, EventType type, Phase phase) {
  event.id = ++this->last_id_;
  event.type = type;
  event.phase = phase;
  this->tell_(event, EventStage::BEGIN);
}

void EventDesk::go_on(PowerEvent &event, uint64_t now_us) {
  const uint32_t before_ms = event.duration_ms;
  event.duration_ms = whole_ms(now_us - event.start_us);
  if (before_ms < LASTING_MS && event.duration_ms >= LASTING_MS)
    this->tell_(event, EventStage::LASTS);
}

void EventDesk::end(PowerEvent &event) {
  event.is_over = true;
  this->tell_(event, EventStage::END);
  event = {};
}

void EventDesk::tell_(const PowerEvent &event, EventStage stage) {
  if (this->listener_ != nullptr)
    this->listener_->on_event(event, stage);
}

}  // namespace esphome::ade9000_power_quality
