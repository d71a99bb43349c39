#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace esphome::ade9000 {

/// One key of an event of the API with its value.
struct WireField {
  const char *key{nullptr};
  std::string_view value{};
};

/// Writes the fields of an event as texts, into memory that whoever derives from it holds.
class WireText {
 public:
  WireText(const WireText &) = delete;
  WireText &operator=(const WireText &) = delete;

  const WireField *begin() const { return this->fields_.data(); }
  const WireField *end() const { return this->fields_.data() + this->field_count_; }

  // 20 digits hold every 64-bit number; a value has a sign, 10 digits, a point and 5 decimals at most; each has a
  // comma.
  static constexpr size_t MAX_DECIMALS = 5;
  static constexpr size_t MAX_COUNTER = 1 + 20;
  static constexpr size_t MAX_VALUE = 1 + 1 + 10 + 1 + MAX_DECIMALS;

 protected:
  WireText(std::span<WireField> fields, std::span<char> text) : fields_(fields), text_(text) {}
  ~WireText() = default;

  void start_over_();
  void add_field_(const char *key, std::string_view value) { this->fields_[this->field_count_++] = {key, value}; }
  void add_whole_(const char *key, uint64_t value);
  void add_fixed_(const char *key, float value, uint8_t decimals);
  void add_flags_(uint8_t flags, std::span<const char *const> names);

  /// Add `t`, and instead of it `age` where the record is not dated, and `up`.
  void add_instant_(bool is_dated, int64_t t_ms, uint64_t up_ms, uint64_t now_ms);

  void append_(std::string_view text);
  void append_digits_(uint64_t value, size_t least_digits);
  void append_whole_(int64_t value);
  void append_fixed_(float value, uint8_t decimals);
  size_t length_so_far_() const { return this->length_; }
  std::string_view text_since_(size_t start) const { return {this->text_.data() + start, this->length_ - start}; }

 private:
  std::span<WireField> fields_;
  size_t field_count_{0};
  std::span<char> text_;
  size_t length_{0};
};

}  // namespace esphome::ade9000
