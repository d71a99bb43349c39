#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace esphome::three_phase_wire {

/// Where an event is written: takes its fields one after the other, and lends the memory for the texts of its values.
/// A device sends one event at a time, so that one sheet is enough for all kinds.
class WireSheet {
 public:
  /// Begin another event; the texts of the one before are gone.
  virtual void clear() = 0;

  /// Take a field. Key and value hold until the next `clear`.
  virtual void add(const char *key, std::string_view value) = 0;

  virtual std::span<char> text() = 0;

 protected:
  ~WireSheet() = default;
};

/// Writes the fields of an event as texts on a sheet. What does not fit in its memory is an empty field.
class WireText {
 public:
  WireText(const WireText &) = delete;
  WireText &operator=(const WireText &) = delete;

  // 20 digits hold every 64-bit number. A value has a sign and 10 digits, or 9 of them and a point. Each has a comma.
  static constexpr size_t MAX_DECIMALS = 5;
  static constexpr size_t MAX_COUNTER = 1 + 20;
  static constexpr size_t MAX_VALUE = 1 + 1 + 10;

 protected:
  explicit WireText(WireSheet &sheet) : sheet_(sheet), text_(sheet.text()) {}
  ~WireText() = default;

  void start_over_();
  void add_field_(const char *key, std::string_view value) { this->sheet_.add(key, value); }
  void add_whole_(const char *key, uint64_t value);
  void add_fixed_(const char *key, float value, uint8_t decimals);
  void add_flags_(uint8_t flags, std::span<const char *const> names);

  /// Add `t`, and instead of it `age` where the record is not dated, and `up`.
  void add_instant_(bool is_dated, int64_t t_ms, uint64_t up_ms, uint64_t now_ms);

  void append_(std::string_view text);
  void append_digits_(uint64_t value, size_t least_digits);
  void append_fixed_(float value, uint8_t decimals);
  size_t length_so_far_() const { return this->length_; }
  std::string_view text_since_(size_t start);

 private:
  WireSheet &sheet_;
  std::span<char> text_;
  size_t length_{0};
  bool is_cut_{false};  ///< A text did not fit.
};

}  // namespace esphome::three_phase_wire
