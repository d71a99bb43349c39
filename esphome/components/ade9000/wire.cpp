#include "wire.h"

#include <cmath>
#include <cstdlib>
#include <cstring>

namespace esphome::ade9000 {

namespace {

constexpr const char *CONTRACT_VERSION = "1";
constexpr size_t MAX_DECIMALS = 5;
constexpr std::array<double, MAX_DECIMALS + 1> POWERS_OF_TEN{1, 10, 100, 1e3, 1e4, 1e5};

/// Nothing that a meter measures is as much: the greatest full scale that the configuration takes is 3 × 50 kV × 20 kA.
constexpr float IMPLAUSIBLE = 1e10f;

constexpr bool decimals_fit() {
  for (const QuantityRow &row : QUANTITIES) {
    if (row.decimals > MAX_DECIMALS)
      return false;
  }
  return true;
}
static_assert(decimals_fit(), "WireRecord's buffer is made for fewer decimals");

constexpr size_t flags_length() {
  size_t length = 0;
  for (const char *name : READING_FLAG_NAMES)
    length += std::string_view(name).size() + 1;
  return length;
}

}  // namespace

void WireRecord::encode(const char *meter, const char *boot, const Record &record, uint64_t now_ms) {
  static_assert(flags_length() <= MAX_FLAGS, "WireRecord's buffer is made for fewer flags");
  this->field_count_ = 0;
  this->length_ = 0;
  const uint64_t up_ms = record.reading.uptime_ms();
  this->add_field_("v", CONTRACT_VERSION);
  this->add_field_("meter", meter);
  this->add_field_("boot", boot);
  this->add_whole_("seq", record.seq);
  this->add_whole_("first", record.first);
  if (record.t_ms != Record::UNDATED) {
    this->add_whole_("t", static_cast<uint64_t>(record.t_ms));
  } else {
    this->add_field_("t", "");
    this->add_whole_("age", now_ms - up_ms);
  }
  this->add_whole_("up", up_ms);
  this->add_whole_("span", record.reading.span_ms);
  this->add_flags_(record.reading.flags);
  for (const QuantityRow &row : QUANTITIES) {
    if (row.phases.size() != 0)
      this->add_group_(row, record.reading);
  }
}

void WireRecord::add_whole_(const char *key, uint64_t value) {
  const size_t start = this->length_;
  this->append_digits_(value, 1);
  this->add_field_(key, this->text_since_(start));
}

void WireRecord::add_flags_(uint8_t flags) {
  const size_t start = this->length_;
  for (size_t bit = 0; bit < READING_FLAG_NAMES.size(); bit++) {
    if ((flags & (1 << bit)) == 0)
      continue;
    if (this->length_ != start)
      this->append_(",");
    this->append_(READING_FLAG_NAMES[bit]);
  }
  this->add_field_("flags", this->text_since_(start));
}

void WireRecord::add_group_(const QuantityRow &row, const Reading &reading) {
  const size_t start = this->length_;
  for (size_t index = 0; index < row.phases.size(); index++) {
    if (index != 0)
      this->append_(",");
    if (row.is_counter) {
      this->append_counter_(reading.counters[row.first_slot + index]);
    } else {
      this->append_fixed_(reading.values[row.first_slot + index], row.decimals);
    }
  }
  this->add_field_(row.wire, this->text_since_(start));
}

void WireRecord::append_(std::string_view text) {
  std::memcpy(this->text_.data() + this->length_, text.data(), text.size());
  this->length_ += text.size();
}

void WireRecord::append_digits_(uint64_t value, size_t least_digits) {
  std::array<char, 20> digits;
  size_t first = digits.size();
  while (value != 0 || digits.size() - first < least_digits) {
    digits[--first] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
  this->append_({digits.data() + first, digits.size() - first});
}

void WireRecord::append_counter_(int64_t value) {
  if (value != Reading::NOT_COUNTED)
    this->append_digits_(static_cast<uint64_t>(value), 1);
}

void WireRecord::append_fixed_(float value, uint8_t decimals) {
  if (!(std::fabs(value) < IMPLAUSIBLE))
    return;
  const auto scaled = static_cast<int64_t>(std::llround(static_cast<double>(value) * POWERS_OF_TEN[decimals]));
  if (scaled < 0)
    this->append_("-");
  this->append_digits_(static_cast<uint64_t>(std::abs(scaled)), decimals + 1);
  if (decimals == 0)
    return;
  char *point = this->text_.data() + this->length_ - decimals;
  std::memmove(point + 1, point, decimals);
  *point = '.';
  this->length_++;
}

}  // namespace esphome::ade9000
