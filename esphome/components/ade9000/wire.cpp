#include "wire.h"

namespace esphome::ade9000 {

namespace {

constexpr const char *CONTRACT_VERSION = "1";

constexpr bool decimals_fit() {
  for (const QuantityRow &row : QUANTITIES) {
    if (row.decimals > three_phase_wire::WireText::MAX_DECIMALS)
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
  this->start_over_();
  this->add_field_("v", CONTRACT_VERSION);
  this->add_field_("meter", meter);
  this->add_field_("boot", boot);
  this->add_whole_("seq", record.seq);
  this->add_whole_("first", record.first);
  this->add_instant_(record.t_ms != Record::UNDATED, record.t_ms, record.reading.uptime_ms(), now_ms);
  this->add_whole_("span", record.reading.span_ms);
  this->add_flags_(record.reading.flags, READING_FLAG_NAMES);
  for (const QuantityRow &row : QUANTITIES) {
    if (row.phases.size() != 0)
      this->add_group_(row, record.reading);
  }
}

void WireRecord::add_group_(const QuantityRow &row, const Reading &reading) {
  const size_t start = this->length_so_far_();
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

void WireRecord::append_counter_(int64_t value) {
  if (value != Reading::NOT_COUNTED)
    this->append_digits_(static_cast<uint64_t>(value), 1);
}

}  // namespace esphome::ade9000
