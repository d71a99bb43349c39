#include "level_watch.h"

#include <algorithm>
#include <cmath>

namespace esphome::ade9000_sim {

namespace {

constexpr uint32_t DIP_SWELL_IRQ_MODE = 1U << 10;
constexpr uint32_t OC_EN = 0b1111U << 12;
constexpr uint32_t OI = 1U << 17;

/// Levels and extremes have 24 bits, of which the lowest counts 32 of an RMS.
uint32_t as_level(double square, double offset) { return static_cast<uint32_t>(with_offset(square, offset) / 32); }

uint16_t of_phase(uint16_t address, size_t phase, uint16_t stride) {
  return static_cast<uint16_t>(address + phase * stride);
}

}  // namespace

struct LevelWatch::Level {
  uint16_t level;
  uint16_t cycles;
  uint16_t extreme;  ///< Of phase A; B and C follow.
  unsigned status_bit;
  unsigned event_bit;
  bool is_dip;
};

void LevelWatch::start(double run_s) {
  this->run_s_ = run_s;
  this->watches_ = {};
}

void LevelWatch::advance(double from_s, double to_s) {
  const double half_s = this->half_cycle_s_();
  const double last = std::floor((to_s - this->run_s_) / half_s);
  for (double next = std::floor((from_s - this->run_s_) / half_s) + 1; next <= last;) {
    const double at_s = this->run_s_ + next * half_s;
    const uint32_t count = this->length_of_run_(at_s, to_s);
    this->compare_({.at_s = at_s, .count = count});
    next += count;
  }
}

/// Return the number of equal values from an instant on: all whose cycle lies within one step of the profile.
uint32_t LevelWatch::length_of_run_(double at_s, double to_s) const {
  const double begin_s = at_s - 2 * this->half_cycle_s_();
  const double end_s = this->timeline_.scenario().segment_at(std::max(begin_s, 0.0)).end_s;
  if (begin_s < this->run_s_ || end_s <= at_s)
    return 1;
  return 1 + static_cast<uint32_t>((std::min(end_s, to_s) - at_s) / this->half_cycle_s_());
}

void LevelWatch::compare_(const Run &run) {
  constexpr Level LEVELS[] = {
      {address::DIP_LVL, address::DIP_CYC, address::DIPA, 23, 0, true},
      {address::SWELL_LVL, address::SWELL_CYC, address::SWELLA, 20, 3, false},
  };
  const OneCycle cycle = one_cycle_until(this->timeline_, run.at_s, this->run_s_);
  uint32_t events = 0;
  for (size_t index = 0; index < std::size(LEVELS); index++) {
    for (size_t phase = 0; phase < PHASE_COUNT; phase++) {
      const uint16_t offset = of_phase(address::VRMSONEOS, phase, address::PHASE_STRIDE);
      Watch &watch = this->watches_[index][phase];
      this->watch_voltage_(LEVELS[index], watch, phase,
                           as_level(cycle.voltage_square[phase], this->registers_.get_signed(offset)), run);
      events |= watch.is_active ? 1U << (LEVELS[index].event_bit + phase) : 0U;
    }
  }
  this->registers_.set(address::EVENT_STATUS, events);
  this->watch_currents_(cycle, run);
}

void LevelWatch::watch_voltage_(const Level &level, Watch &watch, size_t phase, uint32_t value, const Run &run) {
  const uint32_t limit = this->registers_.get(level.level);
  const bool is_beyond = level.is_dip ? value < limit : value > limit;
  if (is_beyond) {
    const bool is_first = !watch.is_active && watch.pending == 0;
    const uint32_t further = level.is_dip ? std::min(value, watch.extreme) : std::max(value, watch.extreme);
    watch.extreme = is_first ? value : further;
  }
  if (this->has_changed_(level, watch, phase, is_beyond, run) || watch.is_active)
    this->registers_.set(of_phase(level.extreme, phase, 1), watch.extreme);
}

/// Raise the flag on entry, with DIP_SWELL_IRQ_MODE also on exit, and with a single half cycle to wait for once more
/// after that. Return whether the state has changed.
bool LevelWatch::has_changed_(const Level &level, Watch &watch, size_t phase, bool is_beyond, const Run &run) {
  const uint32_t flag = 1U << (level.status_bit + phase);
  const uint32_t hold = std::max(this->registers_.get(level.cycles), 1U);
  const bool has_exit = (this->registers_.get(address::CONFIG1) & DIP_SWELL_IRQ_MODE) != 0;
  if (watch.is_repeated)
    this->interrupts_.raise(address::STATUS1, flag, run.at_s);
  watch.is_repeated = false;
  if (is_beyond == watch.is_active) {
    watch.pending = 0;
    return false;
  }
  const uint32_t before = watch.pending;
  watch.pending += run.count;
  if (watch.pending < hold)
    return false;
  watch.is_active = is_beyond;
  watch.pending = 0;
  if (is_beyond || has_exit)
    this->interrupts_.raise(address::STATUS1, flag, run.at_s + (hold - before - 1) * this->half_cycle_s_());
  watch.is_repeated = !is_beyond && has_exit && hold == 1;
  return true;
}

/// OI is raised when a current rises above the level; OISTATUS shows the currents above it now.
void LevelWatch::watch_currents_(const OneCycle &cycle, const Run &run) {
  if ((this->registers_.get(address::CONFIG3) & OC_EN) == 0)
    return;
  const uint32_t before = this->registers_.get(address::OISTATUS);
  uint32_t above = 0;
  for (size_t phase = 0; phase < PHASE_COUNT; phase++) {
    const uint16_t offset = of_phase(address::IRMSONEOS, phase, address::PHASE_STRIDE);
    const uint32_t value = as_level(cycle.current_square[phase], this->registers_.get_signed(offset));
    if (value <= this->registers_.get(address::OILVL))
      continue;
    above |= 1U << phase;
    this->registers_.set(of_phase(address::OIA, phase, 1), value);
  }
  this->registers_.set(address::OISTATUS, above);
  if ((above & ~before) != 0)
    this->interrupts_.raise(address::STATUS1, OI, run.at_s);
}

}  // namespace esphome::ade9000_sim
