#include "event_wire.h"

namespace esphome::ade9000_power_quality {

namespace {

constexpr const char *CONTRACT_VERSION = "1";

/// The chip resolves 11 µV of a full scale of 566 V; more than a millivolt of an event is noise.
constexpr uint8_t VALUE_DECIMALS = 3;
constexpr uint8_t PERCENT_DECIMALS = 2;

}  // namespace

void WireEvent::encode(const char *meter, const char *boot, const EventRecord &record, const EventLog::Counts &dropped,
                       uint64_t now_ms) {
  const PowerEvent &event = record.event;
  this->start_over_();
  this->add_field_("v", CONTRACT_VERSION);
  this->add_field_("meter", meter);
  this->add_field_("boot", boot);
  this->add_whole_("seq", record.seq);
  this->add_whole_("id", event.id);
  this->add_field_("type", event.type_name());
  this->add_field_("phase", event.phase_name());
  this->add_field_("state", event.is_over ? "end" : "begin");
  this->add_instant_(record.t_ms != EventRecord::UNDATED, record.t_ms, event.start_ms(), now_ms);
  if (event.is_over)
    this->add_whole_("duration", event.duration_ms);
  this->add_whole_("resolution", event.resolution_ms);
  this->add_fixed_("value", event.value, VALUE_DECIMALS);
  this->add_fixed_("percent", event.percent, PERCENT_DECIMALS);
  this->add_flags_(event.flags, EVENT_FLAG_NAMES);
  this->add_dropped_(dropped);
}

void WireEvent::add_dropped_(const EventLog::Counts &dropped) {
  const size_t start = this->length_so_far_();
  for (size_t type = 0; type < dropped.size(); type++) {
    if (type != 0)
      this->append_(",");
    this->append_digits_(dropped[type], 1);
  }
  this->add_field_("dropped", this->text_since_(start));
}

}  // namespace esphome::ade9000_power_quality
