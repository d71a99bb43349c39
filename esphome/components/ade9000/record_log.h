#pragma once

#include "merged_reading.h"
#include "reading.h"

#include "esphome/components/three_phase_wire/delivery.h"

#include <cstddef>
#include <cstdint>
#include <span>

namespace esphome::ade9000 {

/// A reading with its number and its instant: what the device keeps and sends.
struct Record {
  static constexpr int64_t UNDATED = 0;

  Reading reading{};
  uint32_t seq{0};        ///< Number; counts up from 1 within a boot.
  uint32_t first{0};      ///< First number that it covers; less than `seq` after a merge.
  int64_t t_ms{UNDATED};  ///< End of the span, Unix milliseconds UTC.
};

/// Keeps records until the receiver acknowledges them, and knows which of them it may send next (see `Delivery`).
///
/// - The memory is given once. When it is full, the two oldest records become one: resolution is lost, energy is not.
/// - The instant of a record is decided once: when it is made, or, if the clock was not set then, when the clock is set
///   for the first time. A record that was sent undated before that stays undated.
/// - A record that could not be sent when it was made, because nobody had given credit for it, is flagged `logged`.
class RecordLog final {
 public:
  /// Take the memory, two records at least, and the number of records that one call gives credit for.
  void begin(std::span<Record> storage, uint32_t window);

  /// Number and keep a reading; `t_ms` is `Record::UNDATED` while the clock was never set.
  void append(const Reading &reading, int64_t t_ms);

  /// The receiver says: "I have everything of this boot up to and including `after`; send me what follows."
  void request(uint32_t after, uint64_t now_ms);

  /// The receiver knows nothing of this boot: drop nothing, and send from the oldest on.
  void request_all(uint64_t now_ms);

  /// The receiver is gone: send nothing until the next call, which then has no call before it.
  void stop() { this->delivery_.stop(); }

  /// Return the record to be sent now, or nullptr. It stays the same until `mark_sent`.
  const Record *next(uint64_t now_ms) const;

  void mark_sent(const Record &record) { this->delivery_.mark_sent(record.seq); }

  size_t size() const { return this->size_; }

 protected:
  Record &at_(size_t index) { return this->storage_[(this->head_ + index) % this->storage_.size()]; }
  const Record &at_(size_t index) const { return this->storage_[(this->head_ + index) % this->storage_.size()]; }
  void drop_oldest_();
  void merge_oldest_();
  void follow_clock_(Record &newest);
  void date_unsent_(const Record &dated);
  void grant_(uint32_t known, uint64_t now_ms);

  std::span<Record> storage_{};
  size_t head_{0};
  size_t size_{0};
  MergedReading oldest_{};  ///< Behind the oldest record, when that is a merged one.

  uint32_t window_{0};

  uint32_t last_seq_{0};
  int64_t last_t_ms_{Record::UNDATED};
  uint64_t last_uptime_ms_{0};

  three_phase_wire::Delivery delivery_{};
};

}  // namespace esphome::ade9000
