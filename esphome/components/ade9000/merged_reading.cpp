#include "merged_reading.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace esphome::ade9000 {

namespace {

using Aggregations = std::array<Aggregation, VALUE_SLOTS>;

constexpr Aggregations aggregations() {
  Aggregations slots{};
  for (const QuantityRow &row : QUANTITIES) {
    if (row.is_counter)
      continue;
    for (size_t index = 0; index < row.phases.size(); index++)
      slots[row.first_slot + index] = row.aggregation;
  }
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
  this->span_ms_ = oldest.span_ms;
  this->flags_ = oldest.flags;
  this->rests_.fill(0);
  for (size_t slot = 0; slot < VALUE_SLOTS; slot++)
    this->weights_ms_[slot] = std::isnan(oldest.values[slot]) ? 0 : oldest.span_ms;
}

void MergedReading::absorb(const Reading &newer, Values &merged) {
  for (size_t slot = 0; slot < VALUE_SLOTS; slot++) {
    if (const float value = newer.values[slot]; !std::isnan(value))
      merged[slot] = this->joined_(slot, merged[slot], value, newer.span_ms);
  }
  this->span_ms_ = saturating_sum(this->span_ms_, newer.span_ms);
  this->flags_ |= newer.flags;
}

float MergedReading::joined_(size_t slot, float merged, float value, uint32_t span_ms) {
  uint32_t &weight = this->weights_ms_[slot];
  const bool is_first = weight == 0;
  weight = saturating_sum(weight, span_ms);
  if (is_first || AGGREGATIONS[slot] == Aggregation::LAST)
    return value;
  if (AGGREGATIONS[slot] == Aggregation::MAX)
    return std::max(merged, value);
  const double before = static_cast<double>(merged) + this->rests_[slot];
  const double mean = before + (value - before) * (static_cast<double>(span_ms) / weight);
  const auto rounded = static_cast<float>(mean);
  this->rests_[slot] = static_cast<float>(mean - rounded);
  return rounded;
}

}  // namespace esphome::ade9000
