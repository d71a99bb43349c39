#include "merged_reading.h"

#include <cmath>
#include <limits>

namespace esphome::ade9000 {

namespace {

constexpr std::array<bool, VALUE_SLOTS> last_slots() {
  std::array<bool, VALUE_SLOTS> slots{};
  for (const Quantity quantity : {Quantity::VOLTAGE_ANGLE, Quantity::PHASE_ANGLE}) {
    for (const Phase phase : row_of(quantity).phases)
      slots[*slot_of(quantity, phase)] = true;
  }
  return slots;
}

/// The slots of which the last value counts instead of the mean: +179° and −179° have no mean of 0°.
constexpr std::array<bool, VALUE_SLOTS> IS_LAST = last_slots();

/// 49 days are the longest span that the wire's milliseconds hold.
uint32_t saturating_sum(uint32_t left, uint32_t right) {
  return left > std::numeric_limits<uint32_t>::max() - right ? std::numeric_limits<uint32_t>::max() : left + right;
}

}  // namespace

void MergedReading::begin(const Reading &oldest) {
  this->weights_ms_.fill(0);
  this->span_ms_ = oldest.span_ms;
  this->flags_ = oldest.flags;
  for (size_t slot = 0; slot < VALUE_SLOTS; slot++)
    this->add_(slot, oldest.values[slot], oldest.span_ms);
}

void MergedReading::absorb(Reading &newer) {
  for (size_t slot = 0; slot < VALUE_SLOTS; slot++) {
    this->add_(slot, newer.values[slot], newer.span_ms);
    newer.values[slot] = this->weights_ms_[slot] == 0 ? NAN : static_cast<float>(this->means_[slot]);
  }
  newer.span_ms = this->span_ms_ = saturating_sum(this->span_ms_, newer.span_ms);
  newer.flags = this->flags_ |= newer.flags;
}

void MergedReading::add_(size_t slot, float value, uint32_t span_ms) {
  if (std::isnan(value))
    return;
  uint32_t &weight = this->weights_ms_[slot];
  weight = IS_LAST[slot] ? span_ms : saturating_sum(weight, span_ms);
  const double share = weight == span_ms ? 1.0 : static_cast<double>(span_ms) / weight;
  this->means_[slot] += (value - this->means_[slot]) * share;
}

}  // namespace esphome::ade9000
