#pragma once

#include "event_log.h"
#include "event_wire.h"

#include "esphome/components/three_phase_wire/log_api.h"

namespace esphome::ade9000_power_quality {

class PowerQualityComponent;

void encode_next(WireEvent &wire, const char *meter, const EventLog &log, const EventRecord &record, uint64_t now_ms);

/// The power-quality events on ESPHome's native API, once for all chips of a device: the action `read_events` asks for
/// them, the event `esphome.three_phase_event` carries them.
class EventsApi final : public three_phase_wire::LogApi<EventLog, WireEvent, ADE9000_POWER_QUALITY_COUNT> {
 public:
  EventsApi() : LogApi({"ade9000.events", "esphome.three_phase_event", "read_events"}) {}

  void add_meter(PowerQualityComponent *meter);
};

}  // namespace esphome::ade9000_power_quality
