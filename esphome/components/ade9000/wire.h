#pragma once

#include "record_log.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace esphome::ade9000 {

/// One key of the event `esphome.three_phase_reading` with its value.
struct WireField {
  const char *key{nullptr};
  std::string_view value{};
};

/// A record as the event says it, contract version 1 (docs/architecture.md): texts in a buffer of its own.
///
/// What is not valid is an empty field of its group; a number that no meter can have measured is not valid.
class WireRecord final {
 public:
  /// Write a record. `meter` and `boot` have to outlive the fields; `now_ms` is the time since boot.
  void encode(const char *meter, const char *boot, const Record &record, uint64_t now_ms);

  const WireField *begin() const { return this->fields_.data(); }
  const WireField *end() const { return this->fields_.data() + this->field_count_; }

  static constexpr size_t HEADER_FIELDS = 10;
  static constexpr size_t MAX_FIELDS = HEADER_FIELDS + BUILT_QUANTITIES;

 protected:
  void add_field_(const char *key, std::string_view value) { this->fields_[this->field_count_++] = {key, value}; }
  void add_whole_(const char *key, uint64_t value);
  void add_flags_(uint8_t flags);
  void add_group_(const QuantityRow &row, const Reading &reading);
  void append_(std::string_view text);
  void append_digits_(uint64_t value, size_t least_digits);
  void append_counter_(int64_t value);
  void append_fixed_(float value, uint8_t decimals);
  std::string_view text_since_(size_t start) const { return {this->text_.data() + start, this->length_ - start}; }

  // 20 digits hold every 64-bit number; a value has a sign, 10 digits, a point and 5 decimals at most; each has a
  // comma.
  static constexpr size_t MAX_COUNTER = 1 + 20;
  static constexpr size_t MAX_VALUE = 1 + 1 + 10 + 1 + 5;
  static constexpr size_t MAX_FLAGS = 64;
  static constexpr size_t CAPACITY =
      HEADER_FIELDS * MAX_COUNTER + MAX_FLAGS + COUNTER_SLOTS * MAX_COUNTER + VALUE_SLOTS * MAX_VALUE;

  std::array<WireField, MAX_FIELDS> fields_{};
  size_t field_count_{0};
  std::array<char, CAPACITY> text_{};
  size_t length_{0};
};

}  // namespace esphome::ade9000
