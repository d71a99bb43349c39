#include "power_quality.h"

#include "esphome/components/ade9000/chip_figures.h"
#include "esphome/components/ade9000/register_codes.h"
#include "esphome/components/ade9000/registers.h"

#include <algorithm>

namespace esphome::ade9000_power_quality {

namespace {

/// An event that goes on for longer is followed at the loop's ordinary pace.
constexpr uint64_t URGENT_US = 60 * SECOND_US;

constexpr uint32_t DIP_FLAGS = ALL_LINES.bits() << reg::STATUS1_DIPA_BIT;
constexpr uint32_t SWELL_FLAGS = ALL_LINES.bits() << reg::STATUS1_SWELLA_BIT;
constexpr uint32_t TIME_OUTS = ALL_LINES.bits() << reg::STATUS1_ZXTOVA_BIT;

/// The flags whose instant counts, and which are cleared here at once, so that the pin can fall again.
constexpr uint32_t INTERRUPTS = DIP_FLAGS | SWELL_FLAGS | reg::STATUS1_OI;
constexpr uint32_t OWN_FLAGS1 = INTERRUPTS | reg::STATUS1_SEQERR;
constexpr uint32_t OWN_FLAGS0 = reg::STATUS0_RMSONERDY | reg::STATUS0_MISMTCH;

constexpr LevelKind DIP{EventType::DIP, reg::AVRMSONE, reg::DIPA, false};
constexpr LevelKind SWELL{EventType::SWELL, reg::AVRMSONE, reg::SWELLA, false};
constexpr LevelKind OVER_CURRENT{EventType::OVER_CURRENT, reg::AIRMSONE, reg::OIA, true};

LineSet lines_of(uint32_t flags, unsigned first_bit) { return LineSet(flags >> first_bit); }

}  // namespace

PowerQuality::PowerQuality()
    : levels_{LevelMonitor(DIP, desk_), LevelMonitor(SWELL, desk_), LevelMonitor(OVER_CURRENT, desk_)} {}

void PowerQuality::add_settings(const ChipConfig &config, Settings &settings) {
  this->configure_monitors_(config);
  this->add_levels_(settings);
}

void PowerQuality::configure_monitors_(const ChipConfig &config) {
  const Scales scales = scales_of(config);
  const auto nominal_v = static_cast<float>(config.nominal_voltage);
  const auto volt = static_cast<float>(scales.volt);
  const auto volts = [&](float percent) { return level_code(percent / 100 * nominal_v, scales.volt); };
  const LineSet lines = measured_lines(config);
  const WiringTraits &wiring = traits_of(config.wiring);
  const auto &inputs = wiring.voltages();
  const Threshold &dip = this->config_.dip;
  const Threshold &swell = this->config_.swell;
  const Threshold &over = this->config_.over_current;
  this->cycle_us_ = SECOND_US / config.line_frequency_hz;

  this->levels_[DIPS].configure({volts(dip.limit), volts(dip.limit + dip.hysteresis), true}, lines, inputs, volt,
                                nominal_v, this->cycle_us_);
  this->levels_[DIPS].set_interruption(volts(this->config_.interruption));
  this->levels_[SWELLS].configure({volts(swell.limit), volts(swell.limit - swell.hysteresis), false}, lines, inputs,
                                  volt, nominal_v, this->cycle_us_);
  this->levels_[OVER_CURRENTS].configure({level_code(over.limit, scales.ampere),
                                          level_code(over.limit * (1 - over.hysteresis / 100), scales.ampere), false},
                                         over.limit > 0 ? lines : LineSet(), LINES, static_cast<float>(scales.ampere),
                                         over.limit, this->cycle_us_);
  for (size_t line = 0; line < LINE_COUNT; line++) {
    this->levels_[DIPS].take_base(line, volts(100), UINT64_MAX);
    this->levels_[SWELLS].take_base(line, volts(100), UINT64_MAX);
  }
  this->losses_.configure(this->config_.phase_loss && wiring.measures_each_voltage() ? lines : LineSet(), volt,
                          nominal_v, this->cycle_us_);
  this->sequence_.configure(this->config_.wrong_sequence && wiring.has_sequence && lines == ALL_LINES, volt, nominal_v,
                            config.line_frequency_hz);
  const Threshold &mismatch = this->config_.neutral_mismatch;
  this->mismatch_.configure({rms_code(mismatch.limit, scales.ampere),
                             rms_code(mismatch.limit * (1 - mismatch.hysteresis / 100), scales.ampere), false},
                            config.neutral_fitted ? mismatch.limit : 0, static_cast<float>(scales.ampere));
}

void PowerQuality::add_levels_(Settings &settings) const {
  const PowerQualityConfig &config = this->config_;
  settings.set_bits(reg::CONFIG1, reg::CONFIG1_DIP_SWELL_IRQ_MODE);
  settings.set(reg::DIP_LVL, this->levels_[DIPS].limits().enter >> reg::LEVEL_SHIFT);
  settings.set(reg::DIP_CYC, 1);
  settings.set(reg::SWELL_LVL, this->levels_[SWELLS].limits().enter >> reg::LEVEL_SHIFT);
  settings.set(reg::SWELL_CYC, 1);
  settings.set(reg::SEQ_CYC, 1);
  if (config.over_current.limit > 0) {
    settings.set_bits(reg::CONFIG3, reg::CONFIG3_OC_EN);
    settings.set(reg::OILVL, this->levels_[OVER_CURRENTS].limits().enter >> reg::LEVEL_SHIFT);
  }
  if (config.neutral_mismatch.limit > 0)
    settings.set(reg::ISUMLVL, this->mismatch_.limits().enter);
  if (config.has_interrupt)
    settings.set_bits(reg::MASK1, INTERRUPTS);
}

void PowerQuality::start(uint64_t now_us) {
  this->is_first_ = true;
  this->settled_us_ = now_us + SETTLING_US;
  this->looked_us_ = now_us;
  this->timed_out_ = 0;
  for (LevelMonitor &levels : this->levels_)
    levels.start();
}

void PowerQuality::stop(uint64_t /*now_us*/) {
  for (LevelMonitor &levels : this->levels_)
    levels.stop(this->looked_us_);
  this->losses_.stop(this->looked_us_);
  this->sequence_.stop(this->looked_us_);
  this->mismatch_.stop(this->looked_us_);
}

void PowerQuality::look(RegisterBus &bus, const Look &look) {
  const auto flags = this->take_flags_(bus, look);
  if (!flags)
    return;
  const Moment pass{.after_us = this->looked_us_, .at_us = look.now_us};
  const Moment flagged = this->moment_of_(flags->status1 & INTERRUPTS, pass);
  this->looked_us_ = look.now_us;
  if (look.now_us < this->settled_us_)
    return;
  this->watch_({.bus = bus,
                .now_us = look.now_us,
                .pass = pass,
                .flagged = flagged,
                .is_refreshed = (flags->status0 & reg::STATUS0_RMSONERDY) != 0,
                .is_first = this->is_first_},
               *flags);
  this->is_first_ = false;
}

/// Return the flags that were raised since the last call, and clear them; nothing when the bus does not let them be
/// known for sure, so that they are looked at again in the next pass.
std::optional<PowerQuality::Flags> PowerQuality::take_flags_(RegisterBus &bus, const Look &look) {
  const uint32_t time_outs = look.status1 & TIME_OUTS;
  Flags flags{look.status0 & OWN_FLAGS0, (look.status1 & OWN_FLAGS1) | (time_outs & ~this->timed_out_)};
  if (flags.status1 != 0 || (flags.status0 & reg::STATUS0_MISMTCH) != 0) {
    const auto again0 = bus.read(reg::STATUS0);
    const auto again1 = again0 ? bus.read(reg::STATUS1) : std::nullopt;
    if (!again1)
      return std::nullopt;
    flags.status0 &= *again0;
    flags.status1 &= *again1;
  }
  this->timed_out_ = time_outs;
  if (flags.status0 != 0)
    bus.write(reg::STATUS0, flags.status0);
  if (const uint32_t own = flags.status1 & OWN_FLAGS1; own != 0) {
    bus.write(reg::STATUS1, own);
    // A flag that stays, because the frame was lost, would look like another event later.
    const auto left = bus.read(reg::STATUS1);
    if (!left || (*left & own) != 0)
      bus.write(reg::STATUS1, own);
  }
  return flags;
}

/// Return when flags were raised: within the pass, or when the pin fell, if that was after the last refresh before now,
/// because then all of them were raised by that refresh.
Moment PowerQuality::moment_of_(uint32_t flags, const Moment &pass) {
  const auto fell_us = this->line_ != nullptr && flags != 0 ? this->line_->take() : std::nullopt;
  if (!fell_us || *fell_us < pass.after_us)
    return pass;
  const bool is_last_refresh = *fell_us + this->cycle_us_ / 2 > pass.at_us;
  return {.after_us = *fell_us, .at_us = is_last_refresh ? *fell_us : pass.at_us};
}

void PowerQuality::watch_(const Sight &sight, const Flags &flags) {
  this->levels_[DIPS].look(sight, lines_of(flags.status1, reg::STATUS1_DIPA_BIT));
  this->levels_[SWELLS].look(sight, lines_of(flags.status1, reg::STATUS1_SWELLA_BIT));
  this->levels_[OVER_CURRENTS].look(sight, (flags.status1 & reg::STATUS1_OI) != 0 ? ALL_LINES : LineSet());
  this->losses_.look(sight, lines_of(flags.status1, reg::STATUS1_ZXTOVA_BIT));
  this->sequence_.look(sight, (flags.status1 & reg::STATUS1_SEQERR) != 0);
  this->mismatch_.look(sight, (flags.status0 & reg::STATUS0_MISMTCH) != 0);
}

void PowerQuality::take_window(const Window &window, const WindowState & /*state*/, const Reading & /*reading*/) {
  for (size_t line = 0; line < LINE_COUNT; line++) {
    if (this->levels_[DIPS].is_open(line) || this->levels_[SWELLS].is_open(line))
      continue;
    this->levels_[DIPS].take_base(line, window.voltage_rms[line], this->looked_us_);
    this->levels_[SWELLS].take_base(line, window.voltage_rms[line], this->looked_us_);
    this->levels_[OVER_CURRENTS].take_base(line, window.current_rms[line], this->looked_us_);
  }
}

bool PowerQuality::is_urgent() const {
  return std::any_of(this->levels_.begin(), this->levels_.end(), [this](const LevelMonitor &levels) {
    return levels.has_young_event(this->looked_us_, URGENT_US);
  });
}

}  // namespace esphome::ade9000_power_quality
