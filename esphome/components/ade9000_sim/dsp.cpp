#include "dsp.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace esphome::ade9000_sim {

namespace {

constexpr double SAMPLE_RATE_HZ = 8000;
constexpr double DISTORTION_PERIOD_S = 1.024;
constexpr double TEMPERATURE_S = 0.0011;
constexpr double RATIO = 1 << 27;

constexpr uint32_t EGYRDY = 1U << 0;
constexpr uint32_t PWRRDY = 1U << 18;
constexpr uint32_t RMSONERDY = 1U << 19;
constexpr uint32_t RMS1012RDY = 1U << 20;
constexpr uint32_t THD_PF_RDY = 1U << 21;
constexpr uint32_t TEMP_RDY = 1U << 25;

constexpr uint32_t RMS_SRC_SEL = 1U << 7;
constexpr uint32_t SELFREQ_60_HZ = 1U << 8;
constexpr uint32_t EGY_PWR_EN = 1U << 0;
constexpr uint32_t TEMP_EN_AND_START = 0b11U << 2;

/// CONFIG1.PWR_SETTLE: the delay between RUN and energy accumulation.
constexpr double POWER_SETTLING_S[] = {0.064, 0.128, 0.256, 0};

constexpr uint16_t END_OF_SIGNAL_PATH = 0x074;
constexpr uint16_t FIRST_RESULT = 0x20A;
constexpr uint16_t NEUTRAL_RMS = 0x266;
constexpr uint16_t NEUTRAL_RMS_ONE = 0x267;
constexpr uint16_t NEUTRAL_RMS_1012 = 0x268;
constexpr uint16_t SUM_RMS = 0x269;
constexpr uint16_t VERSION2 = 0x26A;

uint32_t rounded(double value) {
  return static_cast<uint32_t>(static_cast<int32_t>(std::lround(std::clamp(value, -2147483648.0, 2147483647.0))));
}

}  // namespace

/// Results of a phase, by their distance from the first.
enum Dsp::Result : uint8_t {
  IRMS = 0x02,
  VRMS,
  IFRMS,
  VFRMS,
  WATT,
  VAR,
  VA,
  FWATT,
  FVAR,
  FVA,
  PF,
  VTHD,
  ITHD,
  IRMSONE,
  VRMSONE,
  IRMS1012,
  VRMS1012,
  MTREGION,
};

void Dsp::stop() {
  this->is_running_ = false;
  this->energy_.stop();
  this->energy_.clear();
  this->waveforms_.stop();
  this->temperature_ready_s_ = std::numeric_limits<double>::infinity();
}

void Dsp::written(uint16_t address, uint32_t before) {
  switch (address) {
    case address::RUN:
      if ((this->registers_.get(address) & 1U) == 0) {
        this->stop();
      } else if ((before & 1U) == 0) {
        this->start_();
      }
      break;
    case address::EP_CFG:
    case address::EGY_TIME:
      this->start_energy_();
      break;
    case address::WFB_CFG:
      if (this->is_running_)
        this->waveforms_.configured(before, this->now_s_);
      break;
    case address::WFB_TRG_CFG:
      this->waveforms_.trigger_configured();
      break;
    case address::TEMP_CFG:
      this->start_temperature_();
      break;
    default:
      if (address < END_OF_SIGNAL_PATH || address == address::PGA_GAIN || address == address::ADC_REDIRECT) {
        this->energy_.integrate(this->now_s_);
        this->timeline_.forget();
      }
      break;
  }
}

void Dsp::start_() {
  this->is_running_ = true;
  this->run_s_ = this->now_s_;
  this->timeline_.set_accmode(this->registers_.get(address::ACCMODE));
  this->energy_.clear();
  this->supervision_.start(this->now_s_);
  this->levels_.start(this->now_s_);
  this->start_energy_();
}

void Dsp::start_energy_() {
  const double settled_s = this->run_s_ + POWER_SETTLING_S[this->registers_.get(address::CONFIG1) >> 8 & 0b11U];
  if (this->is_running_ && (this->registers_.get(address::EP_CFG) & EGY_PWR_EN) != 0) {
    this->energy_.start(std::max(this->now_s_, settled_s));
  } else {
    this->energy_.stop();
  }
}

void Dsp::start_temperature_() {
  if ((this->registers_.get(address::TEMP_CFG) & TEMP_EN_AND_START) == TEMP_EN_AND_START)
    this->temperature_ready_s_ = this->now_s_ + TEMPERATURE_S;
}

void Dsp::advance(double now_s) {
  const double before_s = this->now_s_;
  this->now_s_ = now_s;
  if (now_s >= this->temperature_ready_s_) {
    const uint32_t trim = this->registers_.get(address::TEMP_TRIM);
    const double below = (trim >> 16U) / 32.0 - this->timeline_.scenario().chip_temperature_c;
    this->registers_.set(address::TEMP_RSLT, rounded(below * 65536 / (trim & 0xFFFFU)) & 0xFFFU);
    this->registers_.set_bits(address::STATUS0, TEMP_RDY);
    this->temperature_ready_s_ = std::numeric_limits<double>::infinity();
  }
  if (!this->is_running_)
    return;
  this->timeline_.follow(before_s, now_s);
  this->supervise_(before_s, now_s);
  this->peaks_.advance(std::max(before_s, this->run_s_), now_s);
  this->mark_refreshes_(before_s, now_s);
  if (this->energy_.advance(now_s))
    this->registers_.set_bits(address::STATUS0, EGYRDY);
}

/// An event triggers a capture at the sample with which it begins, so a long span is processed in steps of one sample
/// while a capture waits: the buffer reaches only 16 ms back, up to 15.6 of which the chip needs to see a dip.
void Dsp::supervise_(double from_s, double to_s) {
  constexpr double STEP_S = 1 / SAMPLE_RATE_HZ;
  do {
    const double end_s = this->waveforms_.is_waiting_for_trigger() ? std::min(from_s + STEP_S, to_s) : to_s;
    this->supervision_.advance(from_s, end_s);
    this->levels_.advance(from_s, end_s);
    this->waveforms_.advance(end_s);
    this->waveforms_.watch();
    from_s = end_s;
  } while (from_s < to_s);
}

void Dsp::mark_refreshes_(double from_s, double to_s) {
  const double cycle_s = 1 / this->timeline_.scenario().frequency_hz;
  const std::pair<uint32_t, double> refreshes[] = {
      {PWRRDY, (this->registers_.get(address::PWR_TIME) + 1) / SAMPLE_RATE_HZ},
      {RMSONERDY, cycle_s / 2},
      {RMS1012RDY, this->cycles_1012_s_()},
      {THD_PF_RDY, DISTORTION_PERIOD_S},
  };
  for (const auto &[bit, period_s] : refreshes) {
    if (std::floor((to_s - this->run_s_) / period_s) > std::floor((from_s - this->run_s_) / period_s))
      this->registers_.set_bits(address::STATUS0, bit);
  }
}

uint32_t Dsp::read(uint16_t address) {
  if (!this->is_running_)
    return 0;
  if (EnergyWindows::is_energy(address))
    return this->energy_.read(address);
  if (address == VERSION2)
    return 0x0C;
  if (address >= NEUTRAL_RMS && address <= SUM_RMS)
    return this->neutral_result_(address);
  const auto offset = static_cast<uint16_t>(address - FIRST_RESULT);
  if (address >= FIRST_RESULT && offset / address::PHASE_STRIDE < PHASE_COUNT)
    return this->phase_result_(offset % address::PHASE_STRIDE, offset / address::PHASE_STRIDE);
  return 0;
}

uint32_t Dsp::phase_result_(uint16_t result, size_t phase) {
  const PhaseCodes &codes = this->timeline_.at(this->now_s_)[phase];
  switch (result) {
    case IRMS:
      return rounded(this->rms_(&PhaseCodes::current_square, phase, address::IRMSOS));
    case VRMS:
      return rounded(this->rms_(&PhaseCodes::voltage_square, phase, address::VRMSOS));
    case IFRMS:
      return rounded(codes.current_fundamental);
    case VFRMS:
      return rounded(codes.voltage_fundamental);
    case WATT:
      return rounded(codes.watt);
    case VAR:
      return rounded(codes.var);
    case VA:
      return rounded(codes.va);
    case FWATT:
      return rounded(codes.fundamental_watt);
    case FVAR:
      return rounded(codes.fundamental_var);
    case FVA:
      return rounded(codes.fundamental_va);
    case PF:
      return rounded(this->power_factor_(phase) * RATIO);
    case VTHD:
      return rounded(
          this->distortion_(&PhaseCodes::voltage_square, &PhaseCodes::voltage_fundamental, phase, address::VRMSOS) *
          RATIO);
    case ITHD:
      return rounded(
          this->distortion_(&PhaseCodes::current_square, &PhaseCodes::current_fundamental, phase, address::IRMSOS) *
          RATIO);
    case IRMSONE:
      return rounded(this->with_offset_of_(this->one_cycle_().current_square[phase], phase, address::IRMSONEOS));
    case VRMSONE:
      return rounded(this->with_offset_of_(this->one_cycle_().voltage_square[phase], phase, address::VRMSONEOS));
    case IRMS1012:
      return rounded(this->rms_1012_(this->fast_current_(), phase, address::IRMS1012OS));
    case VRMS1012:
      return rounded(this->rms_1012_(&PhaseCodes::voltage_square, phase, address::VRMS1012OS));
    case MTREGION:
      return is_multipoint(this->registers_) ? this->timeline_.region(phase) : 0xF;
    default:
      return 0;
  }
}

uint32_t Dsp::neutral_result_(uint16_t address) {
  const Codes &codes = this->timeline_.at(this->now_s_);
  switch (address) {
    case NEUTRAL_RMS:
      return rounded(with_offset(codes.neutral_square, this->registers_.get_signed(address::NIRMSOS)));
    case NEUTRAL_RMS_ONE:
      return rounded(with_offset(codes.neutral_square, this->registers_.get_signed(address::NIRMSONEOS)));
    case SUM_RMS:
      return rounded(with_offset(codes.sum_square, this->registers_.get_signed(address::ISUMRMSOS)));
    default:
      return rounded(with_offset(this->mean_square_1012_([](const Codes &piece) { return piece.neutral_square; }),
                                 this->registers_.get_signed(address::NIRMS1012OS)));
  }
}

/// The source of a current's fast RMS values.
double PhaseCodes::*Dsp::fast_current_() const {
  const bool is_raw = (this->registers_.get(address::CONFIG0) & RMS_SRC_SEL) != 0;
  return is_raw ? &PhaseCodes::raw_current_square : &PhaseCodes::current_square;
}

/// Return the last refresh of a value with a period of `period_s` since RUN.
double Dsp::refreshed_at_(double period_s) const {
  return this->run_s_ + std::floor((this->now_s_ - this->run_s_) / period_s) * period_s;
}

double Dsp::cycles_1012_s_() const {
  const bool is_60_hz = (this->registers_.get(address::ACCMODE) & SELFREQ_60_HZ) != 0;
  return (is_60_hz ? 12 : 10) / this->timeline_.scenario().frequency_hz;
}

double Dsp::with_offset_of_(double square, size_t phase, uint16_t offset) const {
  const auto address = static_cast<uint16_t>(offset + phase * address::PHASE_STRIDE);
  return with_offset(square, this->registers_.get_signed(address));
}

double Dsp::rms_(double PhaseCodes::*square, size_t phase, uint16_t offset) {
  return this->with_offset_of_(this->timeline_.at(this->now_s_)[phase].*square, phase, offset);
}

/// Return the cycle that the most recently refreshed values cover.
OneCycle Dsp::one_cycle_() {
  const double half_cycle_s = 0.5 / this->timeline_.scenario().frequency_hz;
  return one_cycle_until(this->timeline_, this->refreshed_at_(half_cycle_s), this->run_s_);
}

double Dsp::rms_1012_(double PhaseCodes::*square, size_t phase, uint16_t offset) {
  const auto address = static_cast<uint16_t>(offset + phase * address::PHASE_STRIDE);
  const double mean = this->mean_square_1012_([&](const Codes &codes) { return codes[phase].*square; });
  return with_offset(mean, this->registers_.get_signed(address));
}

/// Return the mean over the last 10 or 12 complete cycles; 0 before the first.
template <typename SquareOf>
double Dsp::mean_square_1012_(SquareOf square_of) {
  const double length_s = this->cycles_1012_s_();
  const double end_s = this->refreshed_at_(length_s);
  if (end_s <= this->run_s_)
    return 0;
  double integral = 0;
  this->timeline_.for_each(end_s - length_s, end_s, [&](const Codes &codes, double from_s, double to_s) {
    integral += square_of(codes) * (to_s - from_s);
  });
  return integral / length_s;
}

/// THD = √(RMS² − FRMS²) / FRMS. Without a fundamental the chip divides noise by noise; here it is a ratio of 8.
double Dsp::distortion_(double PhaseCodes::*square, double PhaseCodes::*fundamental, size_t phase, uint16_t offset) {
  constexpr double NOISE = 8;
  const double refreshed_s = this->refreshed_at_(DISTORTION_PERIOD_S);
  if (refreshed_s <= this->run_s_)
    return 0;
  const PhaseCodes &codes = this->timeline_.at(refreshed_s)[phase];
  const double base = codes.*fundamental;
  const double stored = this->registers_.get_signed(static_cast<uint16_t>(offset + phase * address::PHASE_STRIDE));
  const double rms = with_offset(codes.*square, stored);
  return base > 0 ? std::sqrt(std::max(rms * rms - base * base, 0.0)) / base : NOISE;
}

double Dsp::power_factor_(size_t phase) {
  const double refreshed_s = this->refreshed_at_(DISTORTION_PERIOD_S);
  if (refreshed_s <= this->run_s_)
    return 0;
  const PhaseCodes &codes = this->timeline_.at(refreshed_s)[phase];
  return codes.va > 0 ? codes.watt / codes.va : 1;
}

}  // namespace esphome::ade9000_sim
