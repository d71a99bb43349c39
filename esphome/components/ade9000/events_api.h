#pragma once

#include "esphome/core/defines.h"
#ifdef USE_ADE9000_EVENTS

#include "esphome/components/three_phase_wire/log_api.h"
#include "event_log.h"
#include "event_wire.h"

namespace esphome::ade9000 {

class PowerQualityComponent;

void encode_next(WireEvent &wire, const char *meter, const EventLog &log, const EventRecord &record, uint64_t now_ms);

/// The power-quality events on ESPHome's native API, once for all chips of a device: the action `read_events` asks for
/// them, the event `esphome.three_phase_event` carries them.
class EventsApi final : public three_phase_wire::LogApi<EventLog, WireEvent, ADE9000_METER_COUNT> {
 public:
  EventsApi() : LogApi({"ade9000.events", "esphome.three_phase_event", "read_events"}) {}

  void add_meter(PowerQualityComponent *meter);
};

}  // namespace esphome::ade9000

#endif  // USE_ADE9000_EVENTS
