#pragma once

#include "record_log.h"

#include "esphome/components/three_phase_wire/wire_text.h"

#include <cstddef>
#include <cstdint>

namespace esphome::ade9000 {

/// A record as the event says it, contract version 1 (docs/architecture.md).
///
/// What is not valid is an empty field of its group; a number that no meter can have measured is not valid.
class WireRecord final : public three_phase_wire::WireText {
 public:
  explicit WireRecord(three_phase_wire::WireSheet &sheet) : WireText(sheet) {}

  /// Write a record. `meter` and `boot` have to outlive the fields; `now_ms` is the time since boot.
  void encode(const char *meter, const char *boot, const Record &record, uint64_t now_ms);

  static constexpr size_t HEADER_FIELDS = 10;
  static constexpr size_t MAX_FIELDS = HEADER_FIELDS + BUILT_QUANTITIES;

  static constexpr size_t WHOLE_FIELDS = 5;  ///< `t` and `age` are not both texts.
  static constexpr size_t MAX_FLAGS = 64;

  /// Characters that its longest texts need.
  static constexpr size_t CAPACITY = (WHOLE_FIELDS + COUNTER_SLOTS) * MAX_COUNTER + VALUE_SLOTS * MAX_VALUE + MAX_FLAGS;

 protected:
  void add_group_(const QuantityRow &row, const Reading &reading);
  void append_counter_(int64_t value);
};

}  // namespace esphome::ade9000
