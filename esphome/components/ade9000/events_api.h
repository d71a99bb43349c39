#pragma once

#include "esphome/core/defines.h"
#ifdef USE_ADE9000_EVENTS

#include "event_log.h"
#include "event_wire.h"
#include "log_api.h"

namespace esphome::ade9000 {

class PowerQualityComponent;

void encode_next(WireEvent &wire, const char *meter, const EventLog &log, const EventRecord &record, uint64_t now_ms);

/// The power-quality events on ESPHome's native API, once for all chips of a device: the action `read_events` asks for
/// them, the event `esphome.three_phase_event` carries them.
class EventsApi final : public LogApi<EventLog, WireEvent> {
 public:
  EventsApi() : LogApi({"ade9000.events", "esphome.three_phase_event", "read_events"}) {}

  void add_meter(PowerQualityComponent *meter);
};

}  // namespace esphome::ade9000

#endif  // USE_ADE9000_EVENTS
