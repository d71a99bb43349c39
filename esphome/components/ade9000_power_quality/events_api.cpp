#include "events_api.h"

#include "power_quality_component.h"

namespace esphome::ade9000_power_quality {

void EventsApi::add_meter(PowerQualityComponent *meter) { this->add_log(meter->name(), meter->log()); }

void encode_next(WireEvent &wire, const char *meter, const EventLog &log, const EventRecord &record, uint64_t now_ms) {
  wire.encode(meter, three_phase_wire::boot_id(), record, log.dropped(), now_ms);
}

}  // namespace esphome::ade9000_power_quality
