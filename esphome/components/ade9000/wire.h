#pragma once

#include "record_log.h"
#include "wire_text.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace esphome::ade9000 {

/// A record as the event says it, contract version 1 (docs/architecture.md): texts in a buffer of its own.
///
/// What is not valid is an empty field of its group; a number that no meter can have measured is not valid.
class WireRecord final : public WireText {
 public:
  WireRecord() : WireText(field_memory_, text_memory_) {}

  /// Write a record. `meter` and `boot` have to outlive the fields; `now_ms` is the time since boot.
  void encode(const char *meter, const char *boot, const Record &record, uint64_t now_ms);

  static constexpr size_t HEADER_FIELDS = 10;
  static constexpr size_t MAX_FIELDS = HEADER_FIELDS + QUANTITY_COUNT;

 protected:
  void add_group_(const QuantityRow &row, const Reading &reading);

  static constexpr size_t MAX_FLAGS = 64;
  static constexpr size_t CAPACITY =
      HEADER_FIELDS * MAX_COUNTER + MAX_FLAGS + COUNTER_SLOTS * MAX_COUNTER + VALUE_SLOTS * MAX_VALUE;

  std::array<WireField, MAX_FIELDS> field_memory_{};
  std::array<char, CAPACITY> text_memory_{};
};

}  // namespace esphome::ade9000
