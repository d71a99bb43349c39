#include "supply_monitors.h"

#include "esphome/components/ade9000/angles.h"
#include "esphome/components/ade9000/measuring_settings.h"
#include "esphome/components/ade9000/registers.h"

#include <algorithm>
#include <cmath>

namespace esphome::ade9000_power_quality {

namespace {

/// Below 10 % of the nominal voltage a phase is dead, from 12 % on it lives.
constexpr float DEAD = 0.10f;
constexpr float ALIVE = 0.12f;

constexpr uint32_t REVIVAL_CYCLES = 2;

/// What changes slowly is looked at ten times a second, as long as there is a reason to.
constexpr uint64_t CHECK_US = 100 * MILLISECOND_US;

/// The chip's RMS of the sum comes within 1 % after 0.96 s.
constexpr uint64_t SUM_SETTLING_US = SECOND_US;

/// From L1 to L2: 120° where the sequence is right, 240° where it is wrong, each with what an unbalance may add.
constexpr float WRONG_DEG = 240;
constexpr float TOLERANCE_DEG = 45;

std::optional<float> read_voltage(const Sight &sight, size_t line, float volt) {
  const auto code = sight.read(reg::of_phase(reg::AVRMSONE, line, reg::RESULT_STRIDE));
  return code ? std::optional<float>(static_cast<float>(*code) * volt) : std::nullopt;
}

}  // namespace

void PlainEvent::begin(EventType type, Phase phase, const Sight &sight, uint64_t delay_us, uint64_t resolution_us) {
  const uint64_t seen_us = sight.pass.middle_us();
  this->event_.flags = sight.is_first ? FLAG_OPEN_START : 0;
  this->event_.start_us = seen_us - std::min(seen_us, delay_us);
  this->event_.resolution_ms = ceil_ms(resolution_us + sight.pass.width_us() / 2);
  this->desk_.begin(this->event_, type, phase);
}

void PlainEvent::end(const Sight &sight, uint64_t delay_us) {
  const uint64_t seen_us = sight.pass.middle_us();
  const uint64_t end_us = std::max(seen_us - std::min(seen_us, delay_us), this->event_.start_us);
  this->event_.duration_ms = whole_ms(end_us - this->event_.start_us);
  this->event_.resolution_ms += ceil_ms(sight.pass.width_us() / 2);
  this->desk_.end(this->event_);
}

void PlainEvent::stop(uint64_t looked_us) {
  if (!this->is_open())
    return;
  this->event_.flags |= FLAG_OPEN_END;
  this->event_.duration_ms = whole_ms(looked_us - std::min(looked_us, this->event_.start_us));
  this->desk_.end(this->event_);
}

void PlainEvent::show(float value, float reference) {
  this->event_.value = value;
  this->event_.percent = value / reference * 100;
}

void PhaseLossMonitor::configure(LineSet lines, float volt, float nominal_v, uint32_t cycle_us) {
  this->lines_ = lines;
  this->volt_ = volt;
  this->nominal_v_ = nominal_v;
  this->cycle_us_ = cycle_us;
}

void PhaseLossMonitor::look(const Sight &sight, LineSet timed_out) {
  const LineSet silent = this->lines_ & (sight.is_first ? ALL_LINES : timed_out);
  for (const size_t line : silent & ~this->suspects_)
    this->suspected_us_[line] = sight.now_us;
  this->suspects_ |= silent;
  if (this->suspects_.is_empty() || !(sight.is_refreshed || !timed_out.is_empty()))
    return;
  const auto voltages = this->read_(sight);
  if (!voltages)
    return;
  for (const size_t line : this->suspects_) {
    if ((*voltages)[line] >= ALIVE * this->nominal_v_)
      this->revive_(sight, line);
  }
  const bool is_another_live = this->is_another_live_(*voltages) &&
                               sight.now_us >= this->revived_us_ + uint64_t{REVIVAL_CYCLES} * this->cycle_us_;
  for (const size_t line : this->suspects_)
    this->compare_(sight, line, (*voltages)[line], is_another_live);
}

void PhaseLossMonitor::stop(uint64_t looked_us) {
  this->suspects_ = {};
  for (PlainEvent &event : this->events_)
    event.stop(looked_us);
}

std::optional<PhaseLossMonitor::Voltages> PhaseLossMonitor::read_(const Sight &sight) const {
  Voltages voltages{};
  for (const size_t line : this->lines_) {
    const auto voltage = read_voltage(sight, line, this->volt_);
    if (!voltage)
      return std::nullopt;
    voltages[line] = *voltage;
  }
  return voltages;
}

bool PhaseLossMonitor::is_another_live_(const Voltages &voltages) const {
  for (const size_t line : ~this->suspects_) {
    if (voltages[line] >= ALIVE * this->nominal_v_)
      return true;
  }
  return false;
}

void PhaseLossMonitor::revive_(const Sight &sight, size_t line) {
  this->suspects_ &= ~LineSet::of(line);
  this->revived_us_ = sight.pass.middle_us();
  // The first value that is back covers a quarter to three quarters of a cycle with voltage.
  if (this->events_[line].is_open())
    this->events_[line].end(sight, this->cycle_us_ / 4);
}

void PhaseLossMonitor::compare_(const Sight &sight, size_t line, float voltage, bool is_another_live) {
  PlainEvent &event = this->events_[line];
  if (!event.is_open() && voltage < DEAD * this->nominal_v_ && is_another_live) {
    const bool was_alone = this->revived_us_ < this->suspected_us_[line];
    event.show(voltage, this->nominal_v_);
    event.begin(EventType::PHASE_LOSS, LINES[line], sight,
                was_alone ? ZERO_CROSSING_TIMEOUT_US : sight.pass.middle_us() - this->revived_us_, this->cycle_us_ / 2);
  } else if (event.is_open()) {
    event.show(std::min(voltage, event.value()), this->nominal_v_);
    event.go_on(sight);
  }
}

void SequenceMonitor::configure(bool is_watched, float volt, float nominal_v, uint8_t line_frequency_hz) {
  this->is_watched_ = is_watched;
  this->volt_ = volt;
  this->nominal_v_ = nominal_v;
  this->degrees_ = 360.0f * static_cast<float>(line_frequency_hz) / static_cast<float>(DELAYS_PER_SECOND);
}

void SequenceMonitor::look(const Sight &sight, bool is_flagged) {
  this->is_suspected_ |= is_flagged || sight.is_first;
  const bool is_due = is_flagged || sight.now_us >= this->checked_us_ + CHECK_US;
  if (!this->is_watched_ || !is_due || !(this->is_suspected_ || this->event_.is_open()))
    return;
  this->checked_us_ = sight.now_us;
  const auto angle = this->angle_deg_(sight);
  if (!angle || !this->are_all_live_(sight))
    return;
  this->is_suspected_ = false;
  const bool is_wrong = std::fabs(*angle - WRONG_DEG) < TOLERANCE_DEG;
  if (is_wrong && !this->event_.is_open()) {
    this->event_.begin(EventType::WRONG_SEQUENCE, Phase::TOTAL, sight, 0, CHECK_US);
  } else if (is_wrong) {
    this->event_.go_on(sight);
  } else if (this->event_.is_open()) {
    this->event_.end(sight, 0);
  }
}

std::optional<float> SequenceMonitor::angle_deg_(const Sight &sight) const {
  const auto steps = sight.read(reg::ANGL_VA_VB);
  return steps ? std::optional<float>(static_cast<float>(*steps) * this->degrees_) : std::nullopt;
}

bool SequenceMonitor::are_all_live_(const Sight &sight) const {
  for (size_t line = 0; line < LINE_COUNT; line++) {
    const auto voltage = read_voltage(sight, line, this->volt_);
    if (!voltage || *voltage < ALIVE * this->nominal_v_)
      return false;
  }
  return true;
}

void MismatchMonitor::configure(const Limits &limits, float limit_a, float ampere) {
  this->limits_ = limits;
  this->limit_a_ = limit_a;
  this->ampere_ = ampere;
}

void MismatchMonitor::look(const Sight &sight, bool is_flagged) {
  this->is_suspected_ |= is_flagged || sight.is_first;
  const bool is_due = is_flagged || sight.now_us >= this->checked_us_ + CHECK_US;
  if (this->limit_a_ == 0 || !is_due || !(this->is_suspected_ || this->event_.is_open()))
    return;
  this->checked_us_ = sight.now_us;
  const auto code = sight.read(reg::ISUMRMS);
  if (!code)
    return;
  this->is_suspected_ = false;
  const float sum_a = static_cast<float>(*code) * this->ampere_;
  if (!this->event_.is_open() && this->limits_.is_beyond(*code)) {
    this->event_.show(sum_a, this->limit_a_);
    this->event_.begin(EventType::NEUTRAL_MISMATCH, Phase::N, sight, 0, SUM_SETTLING_US);
  } else if (this->event_.is_open() && this->limits_.is_back(*code)) {
    this->event_.end(sight, 0);
  } else if (this->event_.is_open()) {
    this->event_.show(std::max(sum_a, this->event_.value()), this->limit_a_);
    this->event_.go_on(sight);
  }
}

}  // namespace esphome::ade9000_power_quality
