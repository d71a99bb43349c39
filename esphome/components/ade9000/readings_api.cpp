#include "readings_api.h"

#include "ade9000.h"

namespace esphome::ade9000 {

void ReadingsApi::add_meter(ADE9000 *meter) { this->add_log(meter->name(), meter->log()); }

void encode_next(WireRecord &wire, const char *meter, const RecordLog & /*log*/, const Record &record,
                 uint64_t now_ms) {
  wire.encode(meter, three_phase_wire::boot_id(), record, now_ms);
}

}  // namespace esphome::ade9000
