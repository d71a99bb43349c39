#pragma once

#include "power_event.h"

#include <cstdint>

namespace esphome::ade9000_power_quality {

/// Numbers the events and passes them on; the monitors share one.
class EventDesk {
 public:
  void set_listener(EventListener *listener) { this->listener_ = listener; }

  void begin(PowerEvent &event, EventType type, Phase phase);

  /// Tell once of an event that has gone on for a second.
  void go_on(PowerEvent &event, uint64_t now_us);

  /// Tell that it is over; `event` is free for another one then.
  void end(PowerEvent &event);

 protected:
  void tell_(const PowerEvent &event, EventStage stage);

  EventListener *listener_{nullptr};
  uint32_t last_id_{0};
};

}  // namespace esphome::ade9000_power_quality
