#include "level_monitor.h"

#include "esphome/components/ade9000/registers.h"
#include "esphome/components/ade9000/units.h"

#include <algorithm>

namespace esphome::ade9000_power_quality {

namespace {

/// Within so many cycles after an event the chip may flag its end, once or twice, and the extreme that it keeps is
/// still that of the event.
constexpr uint32_t ECHO_CYCLES = 2;

/// Cycles until the RMS over 10 or 12 cycles has forgotten an event.
constexpr uint32_t MEMORY_CYCLES = 25;

uint16_t extreme_of(const LevelKind &kind, size_t line) { return reg::of_phase(kind.extreme, line, 1); }

}  // namespace

void LevelMonitor::configure(const Limits &limits, LineSet lines, const std::array<Phase, LINE_COUNT> &phases,
                             float scale, float reference, uint32_t cycle_us) {
  this->limits_ = limits;
  this->lines_ = lines;
  this->phases_ = phases;
  this->scale_ = scale;
  this->reference_ = reference;
  this->cycle_us_ = cycle_us;
}

void LevelMonitor::look(const Sight &sight, LineSet flagged) {
  flagged |= this->unanswered_;
  this->unanswered_ = {};
  for (const size_t line : this->lines_) {
    const bool is_flagged = (flagged | this->fresh_).contains(line);
    if (!(is_flagged || (this->is_open(line) && sight.is_refreshed)))
      continue;
    if (this->compare_(sight, line, is_flagged)) {
      this->fresh_ &= ~LineSet::of(line);
    } else {
      this->unanswered_ |= LineSet::of(line);
    }
  }
}

/// Return whether everything that had to be read could be read.
bool LevelMonitor::compare_(const Sight &sight, size_t line, bool is_flagged) {
  const auto value = sight.read(reg::of_phase(this->kind_.value, line, reg::RESULT_STRIDE));
  if (!value)
    return false;
  if (this->is_open(line))
    return this->follow_(sight, line, *value, is_flagged ? sight.flagged : sight.pass);
  if (!this->limits_.is_beyond(*value))
    return this->look_back_(sight, line, *value);
  this->begin_(sight, line, *value);
  return true;
}

bool LevelMonitor::follow_(const Sight &sight, size_t line, uint32_t value, const Moment &moment) {
  Slot &slot = this->slots_[line];
  slot.excursion.follow(value, this->limits_);
  this->describe_(slot);
  if (!this->limits_.is_back(value)) {
    this->desk_.go_on(slot.event, sight.now_us);
    return true;
  }
  const auto kept = sight.read(extreme_of(this->kind_, line));
  if (kept)
    this->end_(slot, *kept, value, moment);
  return kept.has_value();
}

/// The value is not beyond, or not any more: tell by what the chip kept whether it was. Right after an event the flag
/// may be an echo of its end, and a shared flag that of another phase: both leave the same extreme.
bool LevelMonitor::look_back_(const Sight &sight, size_t line, uint32_t value) {
  const auto kept = sight.read(extreme_of(this->kind_, line));
  if (!kept)
    return false;
  Slot &slot = this->slots_[line];
  const uint64_t echo_end_us = slot.ended_us + uint64_t{ECHO_CYCLES} * this->cycle_us_;
  const bool is_echo = *kept == slot.known_extreme && (this->kind_.shares_flag || sight.pass.after_us < echo_end_us);
  const uint32_t code = *kept << reg::LEVEL_SHIFT;
  if (this->fresh_.contains(line) || is_echo || !this->limits_.is_beyond(code)) {
    slot.known_extreme = *kept;
    return true;
  }
  this->begin_(sight, line, code);
  if (this->limits_.is_back(value))
    this->end_(slot, *kept, value, {sight.flagged.at_us, std::max(sight.now_us, sight.flagged.at_us)});
  return true;
}

void LevelMonitor::begin_(const Sight &sight, size_t line, uint32_t value) {
  Slot &slot = this->slots_[line];
  slot.excursion.begin(sight.flagged, value, slot.base);
  slot.event.flags = this->fresh_.contains(line) ? FLAG_OPEN_START : 0;
  this->describe_(slot);
  this->desk_.begin(slot.event, this->kind_.type, this->phases_[line]);
}

void LevelMonitor::end_(Slot &slot, uint32_t kept, uint32_t value, const Moment &moment) {
  slot.known_extreme = kept;
  slot.ended_us = moment.at_us;
  // What the chip kept of an event that was there at the start includes the settling of its filters.
  if ((slot.event.flags & FLAG_OPEN_START) == 0)
    slot.excursion.follow(kept << reg::LEVEL_SHIFT, this->limits_);
  slot.excursion.end(moment, value);
  this->describe_(slot);
  if (this->limits_.is_below && slot.excursion.extreme() < this->interruption_)
    slot.event.type = EventType::INTERRUPTION;
  this->desk_.end(slot.event);
}

void LevelMonitor::describe_(Slot &slot) const {
  const Excursion &excursion = slot.excursion;
  slot.event.start_us = excursion.start_us(this->limits_, this->cycle_us_);
  slot.event.resolution_ms = ceil_ms(excursion.resolution_us(this->cycle_us_));
  slot.event.value = static_cast<float>(excursion.extreme()) * this->scale_;
  slot.event.percent = slot.event.value / this->reference_ * 100;
  if (excursion.has_ended()) {
    const uint64_t duration_us = excursion.end_us(this->limits_, this->cycle_us_) - slot.event.start_us;
    slot.event.duration_ms = whole_ms(duration_us + MILLISECOND_US / 2);
  }
}

void LevelMonitor::stop(uint64_t looked_us) {
  this->unanswered_ = {};
  for (Slot &slot : this->slots_) {
    if (slot.event.id == 0)
      continue;
    slot.event.flags |= FLAG_OPEN_END;
    slot.event.duration_ms = whole_ms(looked_us - std::min(looked_us, slot.event.start_us));
    if (this->limits_.is_below && slot.excursion.extreme() < this->interruption_)
      slot.event.type = EventType::INTERRUPTION;
    this->desk_.end(slot.event);
  }
}

void LevelMonitor::take_base(size_t line, uint32_t code, uint64_t now_us) {
  Slot &slot = this->slots_[line];
  const bool is_quiet = slot.event.id == 0 && now_us > slot.ended_us + uint64_t{MEMORY_CYCLES} * this->cycle_us_;
  if (is_quiet && !this->limits_.is_beyond(code))
    slot.base = code;
}

bool LevelMonitor::has_young_event(uint64_t now_us, uint64_t span_us) const {
  return std::any_of(this->slots_.begin(), this->slots_.end(), [&](const Slot &slot) {
    return slot.event.id != 0 && now_us < slot.excursion.seen_us() + span_us;
  });
}

}  // namespace esphome::ade9000_power_quality
