#include "record_log.h"

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
  if (!this->delivery_.may_send(record.seq, reading.uptime_ms()))
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
  const uint32_t known = this->delivery_.believed(after);
  while (this->size_ != 0 && this->at_(0).seq <= known)
    this->drop_oldest_();
  this->grant_(known, now_ms);
}

void RecordLog::request_all(uint64_t now_ms) { this->grant_(0, now_ms); }

const Record *RecordLog::next(uint64_t now_ms) const {
  const uint32_t next = this->delivery_.next_seq();
  if (this->size_ == 0 || next > this->last_seq_)
    return nullptr;
  // Only the oldest record can be a merged one, so all others have their number less the oldest's as their index.
  const uint32_t oldest = this->at_(0).seq;
  const Record &record = this->at_(next > oldest ? next - oldest : 0);
  return this->delivery_.may_send(record.seq, now_ms) ? &record : nullptr;
}

/// Give credit for one window of records after `known`, counted in records, because a merged one has many numbers.
void RecordLog::grant_(uint32_t known, uint64_t now_ms) {
  const auto kept = static_cast<uint32_t>(this->size_);
  const uint32_t credit =
      kept < this->window_ ? this->last_seq_ + this->window_ - kept : this->at_(this->window_ - 1).seq;
  this->delivery_.grant(known, credit, now_ms);
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
  MergedReading::Values merged = older.reading.values;
  this->oldest_.absorb(newer.reading, merged);
  newer.reading.values = merged;
  newer.reading.span_ms = this->oldest_.span_ms();
  newer.reading.flags = this->oldest_.flags() | FLAG_MERGED;
  newer.first = older.first;
  this->drop_oldest_();
}

/// Date the records that were made before the clock was set, by the time since then.
void RecordLog::date_unsent_(const Record &dated) {
  for (size_t index = 0; index < this->size_; index++) {
    Record &record = this->at_(index);
    if (record.t_ms == Record::UNDATED && record.seq > this->delivery_.last_sent())
      record.t_ms = dated.t_ms - static_cast<int64_t>(dated.reading.uptime_ms() - record.reading.uptime_ms());
  }
}

}  // namespace esphome::ade9000
