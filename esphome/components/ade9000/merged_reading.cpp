#include "merged_reading.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace esphome::ade9000 {

namespace {

enum class Aggregation : uint8_t { MEAN, LAST, MAX };

/// +179° and −179° have no mean of 0°.
constexpr Quantity LAST[] = {Quantity::VOLTAGE_ANGLE, Quantity::PHASE_ANGLE};

/// A mean of peaks would hide the peak.
constexpr Quantity MAX[] = {Quantity::VOLTAGE_PEAK, Quantity::CURRENT_PEAK};

using Aggregations = std::array<Aggregation, VALUE_SLOTS>;

template <size_t N>
constexpr void aggregate_by(Aggregation aggregation, const Quantity (&quantities)[N], Aggregations &slots) {
  for (const Quantity quantity : quantities) {
    for (const Phase phase : row_of(quantity).phases)
      slots[*slot_of(quantity, phase)] = aggregation;
  }
}

constexpr Aggregations aggregations() {
  Aggregations slots{};
  aggregate_by(Aggregation::LAST, LAST, slots);
  aggregate_by(Aggregation::MAX, MAX, slots);
  return slots;
}

/// How the value in each slot is carried over a longer span.
constexpr Aggregations AGGREGATIONS = aggregations();

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
    newer.values[slot] = this->weights_ms_[slot] == 0 ? NAN : static_cast<float>(this->merged_[slot]);
  }
  newer.span_ms = this->span_ms_ = saturating_sum(this->span_ms_, newer.span_ms);
  newer.flags = this->flags_ |= newer.flags;
}

void MergedReading::add_(size_t slot, float value, uint32_t span_ms) {
  if (std::isnan(value))
    return;
  uint32_t &weight = this->weights_ms_[slot];
  double &merged = this->merged_[slot];
  const bool is_first = weight == 0;
  weight = saturating_sum(weight, span_ms);
  if (is_first || AGGREGATIONS[slot] == Aggregation::LAST) {
    merged = value;
  } else if (AGGREGATIONS[slot] == Aggregation::MAX) {
    merged = std::max(merged, static_cast<double>(value));
  } else {
    merged += (value - merged) * (static_cast<double>(span_ms) / weight);
  }
}

}  // namespace esphome::ade9000
