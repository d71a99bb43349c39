#pragma once

#include "esphome/core/defines.h"
#ifdef USE_ADE9000_READINGS

#include "log_api.h"
#include "record_log.h"
#include "wire.h"

namespace esphome::ade9000 {

class ADE9000;

void encode_next(WireRecord &wire, const char *meter, const RecordLog &log, const Record &record, uint64_t now_ms);

/// The readings on ESPHome's native API, once for all chips of a device: the action `read_readings` asks for them, the
/// event `esphome.three_phase_reading` carries them.
class ReadingsApi final : public LogApi<RecordLog, WireRecord> {
 public:
  ReadingsApi() : LogApi({"ade9000.readings", "esphome.three_phase_reading", "read_readings"}) {}

  void add_meter(ADE9000 *meter);
};

}  // namespace esphome::ade9000

#endif  // USE_ADE9000_READINGS
