#pragma once

#include "power_event.h"

#include "esphome/components/three_phase_wire/delivery.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace esphome::ade9000_power_quality {

/// An event with its number and its instant: what the device keeps and sends.
struct EventRecord {
  static constexpr int64_t UNDATED = 0;

  PowerEvent event{};
  uint32_t seq{0};        ///< Number; counts up from 1 within a boot.
  int64_t t_ms{UNDATED};  ///< Start of the event, Unix milliseconds UTC.
};

/// Keeps events until the receiver acknowledges them, and knows which of them it may send next (see `Delivery`).
///
/// - The memory is given once. When it is full, the oldest record goes that is not the worst of its type; so the worst
///   event of each type outlives any number of others. What went is counted by type, and the wire tells the counts.
/// - The instant of a record is decided once: when it is made, or, if the clock was not set then, when the clock is set
///   for the first time. A record that was sent undated before that stays undated.
class EventLog final {
 public:
  using Counts = std::array<uint32_t, EVENT_TYPE_COUNT>;

  /// Every type may have a worst record, and a new one has to find a place beside them.
  static constexpr size_t FEWEST_RECORDS = EVENT_TYPE_COUNT + 1;

  /// Take the memory, `FEWEST_RECORDS` at least, and the number of records that one call gives credit for.
  void begin(std::span<EventRecord> storage, uint32_t window);

  /// Number and keep an event; `t_ms` is `EventRecord::UNDATED` while the clock was never set.
  void append(const PowerEvent &event, int64_t t_ms);

  /// The receiver says: "I have everything of this boot up to and including `after`; send me what follows."
  void request(uint32_t after, uint64_t now_ms);

  /// The receiver knows nothing of this boot: drop nothing, and send from the oldest on.
  void request_all(uint64_t now_ms) { this->grant_(0, now_ms); }

  /// The receiver is gone: send nothing until the next call, which then has no call before it.
  void stop() { this->delivery_.stop(); }

  /// Return the record to be sent now, or nullptr. It stays the same until `mark_sent`.
  const EventRecord *next(uint64_t now_ms) const;

  void mark_sent(const EventRecord &record) { this->delivery_.mark_sent(record.seq); }

  size_t size() const { return this->size_; }

  /// How many records had to go before they were acknowledged, by type.
  const Counts &dropped() const { return this->dropped_; }

 protected:
  std::span<EventRecord> kept_() const { return this->storage_.first(this->size_); }
  void make_room_();
  bool is_worst_(const EventRecord &record) const;
  void erase_(size_t index, size_t count);
  void date_unsent_(const PowerEvent &dated, int64_t t_ms);
  void grant_(uint32_t known, uint64_t now_ms);

  std::span<EventRecord> storage_{};
  size_t size_{0};
  three_phase_wire::Delivery delivery_{};
  Counts dropped_{};
  uint32_t window_{0};
  uint32_t last_seq_{0};
  bool is_clock_set_{false};
};

}  // namespace esphome::ade9000_power_quality
