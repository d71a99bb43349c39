#include "event_log.h"

#include <algorithm>

namespace esphome::ade9000_power_quality {

namespace {

/// Return how bad an event is among those of its type: by its depth or height, else by its length.
float severity_of(const PowerEvent &event) {
  switch (event.type) {
    case EventType::DIP:
    case EventType::INTERRUPTION:
      return 100 - event.percent;
    case EventType::SWELL:
    case EventType::OVER_CURRENT:
    case EventType::NEUTRAL_MISMATCH:
      return event.percent;
    case EventType::PHASE_LOSS:
    case EventType::WRONG_SEQUENCE:
      return static_cast<float>(event.duration_ms);
  }
  return 0;
}

}  // namespace

void EventLog::begin(std::span<EventRecord> storage, uint32_t window) {
  this->storage_ = storage;
  this->window_ = window;
}

void EventLog::append(const PowerEvent &event, int64_t t_ms) {
  if (t_ms != EventRecord::UNDATED && !this->is_clock_set_) {
    this->date_unsent_(event, t_ms);
    this->is_clock_set_ = true;
  }
  if (this->size_ == this->storage_.size())
    this->make_room_();
  this->storage_[this->size_++] = {.event = event, .seq = ++this->last_seq_, .t_ms = t_ms};
}

void EventLog::request(uint32_t after, uint64_t now_ms) {
  const uint32_t known = this->delivery_.believed(after);
  const auto kept = this->kept_();
  const auto first = std::find_if(kept.begin(), kept.end(), [known](const auto &record) { return record.seq > known; });
  this->erase_(0, static_cast<size_t>(first - kept.begin()));
  this->grant_(known, now_ms);
}

const EventRecord *EventLog::next(uint64_t now_ms) const {
  const auto kept = this->kept_();
  const uint32_t next = this->delivery_.next_seq();
  const auto found = std::find_if(kept.begin(), kept.end(), [next](const auto &record) { return record.seq >= next; });
  return found != kept.end() && this->delivery_.may_send(found->seq, now_ms) ? &*found : nullptr;
}

/// Drop the oldest record that is not the worst of its type; with more records than types there always is one.
void EventLog::make_room_() {
  const auto kept = this->kept_();
  const auto found =
      std::find_if(kept.begin(), kept.end(), [this](const auto &record) { return !this->is_worst_(record); });
  this->dropped_[static_cast<size_t>(found->event.type)]++;
  this->erase_(static_cast<size_t>(found - kept.begin()), 1);
}

/// Of two that are as bad, the newer one counts as worse, so that exactly one record of a type is the worst.
bool EventLog::is_worst_(const EventRecord &record) const {
  const auto kept = this->kept_();
  return std::none_of(kept.begin(), kept.end(), [&record](const EventRecord &other) {
    const float difference = severity_of(other.event) - severity_of(record.event);
    return other.event.type == record.event.type && (difference > 0 || (difference == 0 && other.seq > record.seq));
  });
}

void EventLog::erase_(size_t index, size_t count) {
  const auto kept = this->kept_();
  std::move(kept.begin() + static_cast<std::ptrdiff_t>(index + count), kept.end(),
            kept.begin() + static_cast<std::ptrdiff_t>(index));
  this->size_ -= count;
}

/// Date the events that began before the clock was set, by the time since then.
void EventLog::date_unsent_(const PowerEvent &dated, int64_t t_ms) {
  for (EventRecord &record : this->kept_()) {
    const auto earlier_ms = static_cast<int64_t>(dated.start_ms()) - static_cast<int64_t>(record.event.start_ms());
    if (record.t_ms == EventRecord::UNDATED && record.seq > this->delivery_.last_sent())
      record.t_ms = t_ms - earlier_ms;
  }
}

/// Give credit for one window of records after `known`.
void EventLog::grant_(uint32_t known, uint64_t now_ms) {
  const auto kept = static_cast<uint32_t>(this->size_);
  const uint32_t credit =
      kept < this->window_ ? this->last_seq_ + this->window_ - kept : this->storage_[this->window_ - 1].seq;
  this->delivery_.grant(known, credit, now_ms);
}

}  // namespace esphome::ade9000_power_quality
