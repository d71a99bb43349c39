#include "miso_faults.h"

#include <algorithm>

namespace esphome::ade9000_sim {

void MisoFaults::flip_bits(double probability, uint32_t seed) {
  this->probability_ = probability;
  this->random_ = seed | 1U;
}

void MisoFaults::flip_bit(uint32_t frames_ahead, size_t bit) {
  this->flipped_frame_ = this->frame_ + frames_ahead;
  this->flipped_bit_ = bit;
}

bool MisoFaults::begin_frame() { return this->frame_++ != this->lost_frame_; }

void MisoFaults::disturb(uint8_t *data, size_t length) {
  if (this->frame_ - 1 == this->flipped_frame_ && this->flipped_bit_ / 8 < length)
    data[this->flipped_bit_ / 8] ^= static_cast<uint8_t>(0x80U >> this->flipped_bit_ % 8);
  for (size_t bit = 0; this->probability_ > 0 && bit < 8 * length; bit++) {
    if (this->is_hit_())
      data[bit / 8] ^= static_cast<uint8_t>(0x80U >> bit % 8);
  }
  if (this->stuck_ != MisoFault::NONE)
    std::fill_n(data, length, this->stuck_ == MisoFault::STUCK_HIGH ? 0xFF : 0x00);
}

/// xorshift32: the same faults in every run.
bool MisoFaults::is_hit_() {
  this->random_ ^= this->random_ << 13U;
  this->random_ ^= this->random_ >> 17U;
  this->random_ ^= this->random_ << 5U;
  return this->random_ < this->probability_ * 4294967296.0;
}

}  // namespace esphome::ade9000_sim
