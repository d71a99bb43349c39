#include "excursion.h"

#include <algorithm>

namespace esphome::ade9000_power_quality {

namespace {

/// A share that differs less from none or all says nothing: a value that was refreshed later would be the same.
constexpr float WHOLE = 0.98f;
constexpr float NOTHING = 0.02f;

/// Cycles that a short event is taken back at most.
constexpr float LONGEST_DELAY_OF_SHORT = 0.9f;

float square(uint32_t code) { return static_cast<float>(code) * static_cast<float>(code); }

uint64_t back_by(uint64_t time_us, float cycles, uint32_t cycle_us) {
  const auto delay_us = static_cast<uint64_t>(cycles * static_cast<float>(cycle_us));
  return time_us - std::min(time_us, delay_us);
}

}  // namespace

void Excursion::begin(const Moment &moment, uint32_t value, uint32_t base) {
  this->begin_ = moment;
  this->has_ended_ = false;
  this->first_ = value;
  this->extreme_ = value;
  this->base_ = base;
}

void Excursion::follow(uint32_t value, const Limits &limits) {
  if (limits.is_worse(value, this->extreme_))
    this->extreme_ = value;
}

void Excursion::end(const Moment &moment, uint32_t value) {
  this->end_ = moment;
  this->has_ended_ = true;
  this->last_ = value;
}

/// Where the first value covers the step wholly, the value half a cycle before did not yet reach the limit: the step
/// lies between one cycle and half a cycle more than the limit needs before.
uint64_t Excursion::start_us(const Limits &limits, uint32_t cycle_us) const {
  float cycles = this->share_(this->first_);
  if (this->is_short_(cycle_us)) {
    cycles = std::min(cycles, LONGEST_DELAY_OF_SHORT);
  } else if (cycles > WHOLE) {
    cycles = std::max(1.0f, 0.75f + this->share_(limits.enter) / 2);
  }
  return back_by(this->begin_.middle_us(), cycles, cycle_us);
}

/// As the start, with what is left of the event in the last value.
uint64_t Excursion::end_us(const Limits &limits, uint32_t cycle_us) const {
  float cycles = 1 - this->share_(this->last_);
  if (this->is_short_(cycle_us)) {
    cycles = std::min(cycles, LONGEST_DELAY_OF_SHORT);
  } else if (cycles > 1 - NOTHING) {
    cycles = std::max(1.0f, 1.25f - this->share_(limits.leave) / 2);
  }
  return std::max(back_by(this->end_.middle_us(), cycles, cycle_us), this->start_us(limits, cycle_us));
}

uint64_t Excursion::resolution_us(uint32_t cycle_us) const {
  const uint32_t of_window = this->is_short_(cycle_us) ? cycle_us * 7 / 8 : cycle_us / 2;
  return of_window + (this->begin_.width_us() + this->end_.width_us()) / 2;
}

/// Whether it was back within three half cycles, so that perhaps no value covers nothing but the event. While it goes
/// on nothing is known of that.
bool Excursion::is_short_(uint32_t cycle_us) const {
  return this->has_ended_ && this->end_.middle_us() - this->begin_.middle_us() < cycle_us * 7 / 4;
}

/// Return the part of the last cycle that a value shows to be beyond, by its energy.
float Excursion::share_(uint32_t value) const {
  const float depth = square(this->base_) - square(this->extreme_);
  return depth == 0 ? 1 : std::clamp((square(this->base_) - square(value)) / depth, 0.0f, 1.0f);
}

}  // namespace esphome::ade9000_power_quality
