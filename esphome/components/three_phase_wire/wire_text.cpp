#include "wire_text.h"

#include <array>
#include <cmath>
#include <cstdlib>
#include <cstring>

namespace esphome::three_phase_wire {

namespace {

constexpr std::array<double, WireText::MAX_DECIMALS + 1> POWERS_OF_TEN{1, 10, 100, 1e3, 1e4, 1e5};

/// A float has 24 bits, so that digits behind the ninth say nothing: a value has only so many decimals.
constexpr double MOST_DIGITS = 1e9;

/// Nothing that a meter measures is as much: the greatest full scale that the configuration takes is 3 × 50 kV × 20 kA.
constexpr float IMPLAUSIBLE = 1e10f;

}  // namespace

void WireText::start_over_() {
  this->sheet_.clear();
  this->length_ = 0;
  this->is_cut_ = false;
}

void WireText::add_whole_(const char *key, uint64_t value) {
  const size_t start = this->length_;
  this->append_digits_(value, 1);
  this->add_field_(key, this->text_since_(start));
}

void WireText::add_fixed_(const char *key, float value, uint8_t decimals) {
  const size_t start = this->length_;
  this->append_fixed_(value, decimals);
  this->add_field_(key, this->text_since_(start));
}

void WireText::add_flags_(uint8_t flags, std::span<const char *const> names) {
  const size_t start = this->length_;
  for (size_t bit = 0; bit < names.size(); bit++) {
    if ((flags & (1 << bit)) == 0)
      continue;
    if (this->length_ != start)
      this->append_(",");
    this->append_(names[bit]);
  }
  this->add_field_("flags", this->text_since_(start));
}

void WireText::add_instant_(bool is_dated, int64_t t_ms, uint64_t up_ms, uint64_t now_ms) {
  if (is_dated) {
    this->add_whole_("t", static_cast<uint64_t>(t_ms));
  } else {
    this->add_field_("t", "");
    this->add_whole_("age", now_ms - up_ms);
  }
  this->add_whole_("up", up_ms);
}

void WireText::append_(std::string_view text) {
  if (text.size() > this->text_.size() - this->length_) {
    this->is_cut_ = true;
    return;
  }
  std::memcpy(this->text_.data() + this->length_, text.data(), text.size());
  this->length_ += text.size();
}

/// Return what was appended, nothing of what did not fit as a whole.
std::string_view WireText::text_since_(size_t start) {
  if (this->is_cut_) {
    this->is_cut_ = false;
    this->length_ = start;
  }
  return {this->text_.data() + start, this->length_ - start};
}

void WireText::append_digits_(uint64_t value, size_t least_digits) {
  std::array<char, 20> digits;
  size_t first = digits.size();
  while (value != 0 || digits.size() - first < least_digits) {
    digits[--first] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
  this->append_({digits.data() + first, digits.size() - first});
}

void WireText::append_fixed_(float value, uint8_t decimals) {
  if (!(std::fabs(value) < IMPLAUSIBLE))
    return;
  while (decimals > 0 && std::fabs(value) * POWERS_OF_TEN[decimals] >= MOST_DIGITS)
    decimals--;
  const auto scaled = static_cast<int64_t>(std::llround(static_cast<double>(value) * POWERS_OF_TEN[decimals]));
  const auto amount = static_cast<uint64_t>(std::abs(scaled));
  const auto unit = static_cast<uint64_t>(POWERS_OF_TEN[decimals]);
  if (scaled < 0)
    this->append_("-");
  this->append_digits_(amount / unit, 1);
  if (decimals == 0)
    return;
  this->append_(".");
  this->append_digits_(amount % unit, decimals);
}

}  // namespace esphome::three_phase_wire
