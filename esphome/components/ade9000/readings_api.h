#pragma once

#include "record_log.h"
#include "wire.h"

#include "esphome/components/three_phase_wire/log_api.h"

namespace esphome::ade9000 {

class ADE9000;

void encode_next(WireRecord &wire, const char *meter, const RecordLog &log, const Record &record, uint64_t now_ms);

/// The readings on ESPHome's native API, once for all chips of a device: the action `read_readings` asks for them, the
/// event `esphome.three_phase_reading` carries them.
class ReadingsApi final : public three_phase_wire::LogApi<RecordLog, WireRecord, ADE9000_METER_COUNT> {
 public:
  ReadingsApi() : LogApi({"ade9000.readings", "esphome.three_phase_reading", "read_readings"}) {}

  void add_meter(ADE9000 *meter);
};

}  // namespace esphome::ade9000
