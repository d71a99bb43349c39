#include "delivery.h"

#include <algorithm>

namespace esphome::three_phase_wire {

void Delivery::grant(uint32_t known, uint32_t credit, uint64_t now_ms) {
  const bool is_progress = this->is_asked_ && known > this->asked_after_;
  this->next_seq_ = is_progress ? std::max(this->next_seq_, known + 1) : known + 1;
  this->is_asked_ = true;
  this->asked_after_ = known;
  this->credit_seq_ = credit;
  this->credit_end_ms_ = now_ms + CREDIT_LIFETIME_MS;
}

void Delivery::stop() {
  this->is_asked_ = false;
  this->credit_end_ms_ = 0;
}

void Delivery::mark_sent(uint32_t seq) {
  this->next_seq_ = seq + 1;
  this->last_sent_ = std::max(this->last_sent_, seq);
}

}  // namespace esphome::three_phase_wire
