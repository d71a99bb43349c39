#pragma once

#include "event_log.h"

#include "esphome/components/three_phase_wire/wire_text.h"

#include <cstddef>
#include <cstdint>

namespace esphome::ade9000_power_quality {

/// A record as the event `esphome.three_phase_event` says it, contract version 1 (docs/architecture.md).
class WireEvent final : public three_phase_wire::WireText {
 public:
  explicit WireEvent(three_phase_wire::WireSheet &sheet) : WireText(sheet) {}

  /// Write a record. `meter` and `boot` have to outlive the fields; `now_ms` is the time since boot.
  void encode(const char *meter, const char *boot, const EventRecord &record, const EventLog::Counts &dropped,
              uint64_t now_ms);

  static constexpr size_t MAX_FIELDS = 17;

  static constexpr size_t WHOLE_FIELDS = 7;
  static constexpr size_t VALUE_FIELDS = 2;
  static constexpr size_t MAX_FLAGS = 24;

  /// Characters that its longest texts need.
  static constexpr size_t CAPACITY =
      (WHOLE_FIELDS + EVENT_TYPE_COUNT) * MAX_COUNTER + VALUE_FIELDS * MAX_VALUE + MAX_FLAGS;

 protected:
  void add_dropped_(const EventLog::Counts &dropped);
};

}  // namespace esphome::ade9000_power_quality
