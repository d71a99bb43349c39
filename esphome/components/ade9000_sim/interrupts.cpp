#include "interrupts.h"

#include <algorithm>

namespace esphome::ade9000_sim {

namespace {

constexpr uint32_t IRQ0_ON_IRQ1 = 1U << 12;

/// The flags that cannot be masked: RSTDONE, ERROR0, ERROR1 and ERROR3.
constexpr std::array<uint32_t, 2> ALWAYS{0, 1U << 16 | 1U << 28 | 1U << 29 | 1U << 31};

}  // namespace

void Interrupts::raise(uint16_t status, uint32_t flags, double at_s) {
  const size_t source = status - address::STATUS0;
  this->registers_.set_bits(status, flags);
  const uint32_t mask = this->registers_.get(static_cast<uint16_t>(address::MASK0 + source)) | ALWAYS[source];
  Line &line = this->lines_[this->is_merged_() ? 1 : source];
  if ((flags & mask) == 0 || line.is_low)
    return;
  line.raised_at_s = line.is_falling ? std::min(line.raised_at_s, at_s) : at_s;
  line.is_falling = true;
}

void Interrupts::update(double now_s) {
  const bool is_merged = this->is_merged_();
  const std::array<uint32_t, LINE_COUNT> pending{is_merged ? 0 : this->pending_(0),
                                                 this->pending_(1) | (is_merged ? this->pending_(0) : 0)};
  for (size_t index = 0; index < LINE_COUNT; index++) {
    Line &line = this->lines_[index];
    if (pending[index] != 0 && !line.is_low)
      line.fell_at_s = line.is_falling ? line.raised_at_s : now_s;
    line.is_low = pending[index] != 0;
    line.is_falling = false;
  }
}

uint32_t Interrupts::pending_(size_t source) const {
  const auto status = static_cast<uint16_t>(address::STATUS0 + source);
  const auto mask = static_cast<uint16_t>(address::MASK0 + source);
  return this->registers_.get(status) & (this->registers_.get(mask) | ALWAYS[source]);
}

bool Interrupts::is_merged_() const { return (this->registers_.get(address::CONFIG1) & IRQ0_ON_IRQ1) != 0; }

}  // namespace esphome::ade9000_sim
