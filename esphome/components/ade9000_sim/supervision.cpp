#include "supervision.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace esphome::ade9000_sim {

namespace {

constexpr double PI = std::numbers::pi;
constexpr double SAMPLE_RATE_HZ = 8000;
constexpr double FULL_SCALE_PCF = 74532013;
constexpr double ANGLE_STEPS_PER_SECOND = 1024000;

constexpr uint32_t SELFREQ_60_HZ = 1U << 8;
constexpr uint32_t VCONSEL = 0b111U << 4;
constexpr uint32_t SEQERR = 1U << 18;
constexpr uint32_t MISMTCH = 1U << 24;

constexpr unsigned ZXTO_BIT = 6;
constexpr unsigned ZX_BIT = 9;

/// The two waves whose zero crossings each angle register compares: 0–2 are VA to VC, 3–5 are IA to IC.
struct AnglePair {
  size_t first;
  size_t second;
};

constexpr AnglePair ANGLES[] = {{0, 1}, {1, 2}, {0, 2}, {0, 3}, {1, 4}, {2, 5}, {3, 4}, {4, 5}, {3, 5}};

}  // namespace

void Supervision::start(double now_s) {
  this->last_crossing_s_.fill(now_s);
  this->is_timed_out_ = {};
  this->out_of_sequence_s_ = 0;
  this->is_sum_above_ = false;
}

void Supervision::advance(double from_s, double to_s) {
  this->timeline_.for_each(from_s, to_s, [this](const Codes &codes, double begin_s, double end_s) {
    this->watch_crossings_(codes, begin_s, end_s);
    this->watch_sequence_(codes, begin_s, end_s);
    this->watch_sum_(codes, begin_s);
  });
  const Codes &codes = this->timeline_.at(to_s);
  this->refresh_periods_(codes);
  this->refresh_angles_(codes, to_s);
  this->refresh_no_load_(codes);
}

/// Whether the amplitude is above the blanking of zero crossings, ZXTHRSH = FS · attenuation / (x · 32 · 256).
bool Supervision::is_live_(const PhaseCodes &codes) const {
  const bool is_60_hz = (this->registers_.get(address::ACCMODE) & SELFREQ_60_HZ) != 0;
  const double attenuation = is_60_hz ? 0.81 : 0.86;
  const double threshold = this->registers_.get(address::ZXTHRSH) * 32.0 * 256.0 / (FULL_SCALE_PCF * attenuation);
  return std::abs(codes.voltage_phasor) > threshold;
}

void Supervision::watch_crossings_(const Codes &codes, double from_s, double to_s) {
  const double half_cycle_s = 0.5 / this->timeline_.scenario().frequency_hz;
  const double timeout_s = (this->registers_.get(address::ZXTOUT) + 1) / SAMPLE_RATE_HZ;
  for (size_t phase = 0; phase < PHASE_COUNT; phase++) {
    if (this->is_live_(codes[phase])) {
      const double offset = std::arg(codes[phase].voltage_phasor) / PI;
      const double crossing_s = (std::floor(to_s / half_cycle_s + offset) - offset) * half_cycle_s;
      if (crossing_s > from_s) {
        this->registers_.set_bits(address::STATUS1, 1U << (ZX_BIT + phase));
        this->last_crossing_s_[phase] = crossing_s;
        this->is_timed_out_[phase] = false;
      }
    }
    if (!this->is_timed_out_[phase] && to_s - this->last_crossing_s_[phase] > timeout_s) {
      this->registers_.set_bits(address::STATUS1, 1U << (ZXTO_BIT + phase));
      this->is_timed_out_[phase] = true;
    }
  }
}

/// The chip raises SEQERR again after each SEQ_CYC cycles in which the voltages do not follow the order A, B, C.
void Supervision::watch_sequence_(const Codes &codes, double from_s, double to_s) {
  bool is_right = true;
  for (size_t phase = 0; phase < PHASE_COUNT; phase++) {
    const auto &voltage = codes[phase].voltage_phasor;
    const auto &next = codes[(phase + 1) % PHASE_COUNT].voltage_phasor;
    is_right &= this->is_live_(codes[phase]) && std::arg(voltage / next) > 0;
  }
  this->out_of_sequence_s_ = is_right ? 0 : this->out_of_sequence_s_ + (to_s - from_s);
  const double hold_s = this->registers_.get(address::SEQ_CYC) / this->timeline_.scenario().frequency_hz;
  if (is_right || this->out_of_sequence_s_ < hold_s)
    return;
  this->interrupts_.raise(address::STATUS1, SEQERR, to_s);
  this->out_of_sequence_s_ = 0;
}

/// The chip raises MISMTCH when the sum of the currents rises above its level, and when it falls below it.
void Supervision::watch_sum_(const Codes &codes, double at_s) {
  const bool is_above = with_offset(codes.sum_square, this->registers_.get_signed(address::ISUMRMSOS)) >
                        this->registers_.get(address::ISUMLVL);
  if (is_above != this->is_sum_above_)
    this->interrupts_.raise(address::STATUS0, MISMTCH, at_s);
  this->is_sum_above_ = is_above;
}

/// Outside 40–70 Hz and without zero crossings the chip shows the nominal period. After a reset that is 0x00A00000,
/// which is 8000 · 65536 / 50 Hz; the same formula applies to 60 Hz.
void Supervision::refresh_periods_(const Codes &codes) {
  const double frequency_hz = this->timeline_.scenario().frequency_hz;
  const bool is_60_hz = (this->registers_.get(address::ACCMODE) & SELFREQ_60_HZ) != 0;
  const double nominal = SAMPLE_RATE_HZ * 65536 / (is_60_hz ? 60 : 50);
  const double measured = SAMPLE_RATE_HZ * 65536 / frequency_hz - 1;
  const bool is_in_range = frequency_hz >= 40 && frequency_hz <= 70;
  const auto show = [&](size_t index, const PhaseCodes &phase) {
    const double period = is_in_range && this->is_live_(phase) ? measured : nominal;
    this->registers_.set(static_cast<uint16_t>(address::APERIOD + index), static_cast<uint32_t>(period));
  };
  for (size_t phase = 0; phase < PHASE_COUNT; phase++)
    show(phase, codes[phase]);
  PhaseCodes combined{};
  const bool has_b = (this->registers_.get(address::ACCMODE) & VCONSEL) == 0;
  combined.voltage_phasor =
      (codes[0].voltage_phasor + (has_b ? 1.0 : 0.0) * codes[1].voltage_phasor - codes[2].voltage_phasor) / 2.0;
  show(PHASE_COUNT, combined);
}

/// Time from the zero crossing of one wave to the next one of another. If one of them is missing, the old value
/// stays, until one cycle after both are present again.
void Supervision::refresh_angles_(const Codes &codes, double now_s) {
  const Codes &before = this->timeline_.at(std::max(now_s - 1 / this->timeline_.scenario().frequency_hz, 0.0));
  const auto phasor = [&](size_t wave) {
    return wave < PHASE_COUNT ? codes[wave].voltage_phasor : codes[wave - PHASE_COUNT].current_phasor;
  };
  const auto is_there = [&](size_t wave) {
    if (wave < PHASE_COUNT)
      return this->is_live_(codes[wave]) && this->is_live_(before[wave]);
    return std::abs(phasor(wave)) > 0 && std::abs(before[wave - PHASE_COUNT].current_phasor) > 0;
  };
  uint16_t address = address::ANGL_VA_VB;
  for (const AnglePair &pair : ANGLES) {
    if (is_there(pair.first) && is_there(pair.second)) {
      const double turns = (std::arg(phasor(pair.first)) - std::arg(phasor(pair.second))) / (2 * PI);
      const double delay_s = (turns - std::floor(turns)) / this->timeline_.scenario().frequency_hz;
      this->registers_.set(address, static_cast<uint32_t>(std::lround(delay_s * ANGLE_STEPS_PER_SECOND)));
    }
    address++;
  }
}

void Supervision::refresh_no_load_(const Codes &codes) {
  constexpr double PhaseCodes::*POWERS[] = {&PhaseCodes::watt,
                                            &PhaseCodes::var,
                                            &PhaseCodes::va,
                                            &PhaseCodes::fundamental_watt,
                                            &PhaseCodes::fundamental_var,
                                            &PhaseCodes::fundamental_va};
  uint32_t flags = 0;
  for (size_t phase = 0; phase < PHASE_COUNT; phase++) {
    for (size_t kind = 0; kind < std::size(POWERS); kind++) {
      const double level = this->registers_.get(static_cast<uint16_t>(address::ACT_NL_LVL + kind % 3)) / 64.0;
      if (std::abs(codes[phase].*POWERS[kind]) < level)
        flags |= 1U << (6 * phase + kind);
    }
  }
  this->registers_.set(address::PHNOLOAD, flags);
}

}  // namespace esphome::ade9000_sim
