#include "record_log.h"

#include <algorithm>
#include <cstdlib>

namespace esphome::ade9000 {

namespace {

/// A clock that is slewed or drifts moves by less within a record: 40 ppm of 15 minutes between two syncs are 36 ms.
constexpr int64_t CLOCK_STEP_MS = 250;

}  // namespace

void RecordLog::begin(std::span<Record> storage, uint32_t window) {
  this->storage_ = storage;
  this->window_ = window;
}

void RecordLog::append(const Reading &reading, int64_t t_ms) {
  if (this->size_ == this->storage_.size())
    this->merge_oldest_();
  Record &record = this->at_(this->size_++);
  record.reading = reading;
  record.seq = record.first = ++this->last_seq_;
  record.t_ms = t_ms;
  if (record.seq == 1) {
    record.reading.flags |= FLAG_REBOOTED;
  } else {
    this->follow_clock_(record);
  }
  if (record.seq > this->credit_seq_ || reading.uptime_ms() >= this->credit_end_ms_)
    record.reading.flags |= FLAG_LOGGED;
  this->last_t_ms_ = t_ms;
  this->last_uptime_ms_ = reading.uptime_ms();
}

/// Flag the record in which the clock was set or stepped; when it was set, date what was made before.
void RecordLog::follow_clock_(Record &newest) {
  if (newest.t_ms == Record::UNDATED)
    return;
  const bool was_set = this->last_t_ms_ == Record::UNDATED;
  if (was_set)
    this->date_unsent_(newest);
  const auto elapsed_ms = static_cast<int64_t>(newest.reading.uptime_ms() - this->last_uptime_ms_);
  if (was_set || std::abs(newest.t_ms - this->last_t_ms_ - elapsed_ms) > CLOCK_STEP_MS)
    newest.reading.flags |= FLAG_CLOCK;
}

void RecordLog::request(uint32_t after, uint64_t now_ms) {
  const uint32_t known = std::min(after, this->last_sent_);
  while (this->size_ != 0 && this->at_(0).seq <= known)
    this->drop_oldest_();
  this->grant_(known, now_ms);
}

void RecordLog::request_all(uint64_t now_ms) { this->grant_(0, now_ms); }

void RecordLog::stop() {
  this->is_asked_ = false;
  this->credit_end_ms_ = 0;
}

const Record *RecordLog::next(uint64_t now_ms) const {
  if (this->size_ == 0 || now_ms >= this->credit_end_ms_ || this->next_seq_ > this->last_seq_)
    return nullptr;
  // Only the oldest record can be a merged one, so all others have their number less the oldest's as their index.
  const uint32_t oldest = this->at_(0).seq;
  const Record &record = this->at_(this->next_seq_ > oldest ? this->next_seq_ - oldest : 0);
  return record.seq <= this->credit_seq_ ? &record : nullptr;
}

void RecordLog::mark_sent(const Record &record) {
  this->next_seq_ = record.seq + 1;
  this->last_sent_ = std::max(this->last_sent_, record.seq);
}

/// Give credit for one window of records after `known`, counted in records, because a merged one has many numbers.
void RecordLog::grant_(uint32_t known, uint64_t now_ms) {
  const bool is_progress = this->is_asked_ && known > this->asked_after_;
  this->next_seq_ = is_progress ? std::max(this->next_seq_, known + 1) : known + 1;
  this->is_asked_ = true;
  this->asked_after_ = known;
  const auto kept = static_cast<uint32_t>(this->size_);
  this->credit_seq_ = kept < this->window_ ? this->last_seq_ + this->window_ - kept : this->at_(this->window_ - 1).seq;
  this->credit_end_ms_ = now_ms + CREDIT_LIFETIME_MS;
}

void RecordLog::drop_oldest_() {
  this->head_ = (this->head_ + 1) % this->storage_.size();
  this->size_--;
}

void RecordLog::merge_oldest_() {
  const Record &older = this->at_(0);
  Record &newer = this->at_(1);
  if ((older.reading.flags & FLAG_MERGED) == 0)
    this->oldest_.begin(older.reading);
  this->oldest_.absorb(newer.reading);
  newer.reading.flags |= FLAG_MERGED;
  newer.first = older.first;
  this->drop_oldest_();
}

/// Date the records that were made before the clock was set, by the time since then.
void RecordLog::date_unsent_(const Record &dated) {
  for (size_t index = 0; index < this->size_; index++) {
    Record &record = this->at_(index);
    if (record.t_ms == Record::UNDATED && record.seq > this->last_sent_)
      record.t_ms = dated.t_ms - static_cast<int64_t>(dated.reading.uptime_ms() - record.reading.uptime_ms());
  }
}

}  // namespace esphome::ade9000
