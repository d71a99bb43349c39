#pragma once

#include <cstdint>

namespace esphome::three_phase_wire {

#ifdef USE_ESP8266
// Its API queues four messages; more would be dropped with the connection.
inline constexpr uint32_t DELIVERY_WINDOW = 4;
#else
inline constexpr uint32_t DELIVERY_WINDOW = 16;
#endif

/// Knows which of the numbered records of a log may be sent next: the credit that the receiver gives, and what it has.
///
/// - A call of the receiver gives credit for one window of records, for 60 s. Without credit nothing is sent.
/// - A call with progress goes on after what was already sent, a call without progress sends again.
/// - An acknowledgement of what was never sent is not believed.
class Delivery final {
 public:
  static constexpr uint32_t CREDIT_LIFETIME_MS = 60000;

  /// Return up to which number a receiver that says it has all up to `after` has them for sure.
  uint32_t believed(uint32_t after) const { return after < this->last_sent_ ? after : this->last_sent_; }

  /// The receiver has all up to `known`, and may get what follows up to and including `credit`.
  void grant(uint32_t known, uint32_t credit, uint64_t now_ms);

  /// The receiver is gone: nothing may be sent until the next call, which then has no call before it.
  void stop();

  void mark_sent(uint32_t seq);

  /// The lowest number that is to be sent next.
  uint32_t next_seq() const { return this->next_seq_; }

  /// The highest number that was ever sent.
  uint32_t last_sent() const { return this->last_sent_; }

  bool may_send(uint32_t seq, uint64_t now_ms) const {
    return seq <= this->credit_seq_ && now_ms < this->credit_end_ms_;
  }

 protected:
  bool is_asked_{false};     ///< Whether there was a call since the start or the last `stop`.
  uint32_t asked_after_{0};  ///< What the last call had.
  uint32_t next_seq_{1};
  uint32_t last_sent_{0};
  uint32_t credit_seq_{0};  ///< The highest number that may be sent.
  uint64_t credit_end_ms_{0};
};

}  // namespace esphome::three_phase_wire
