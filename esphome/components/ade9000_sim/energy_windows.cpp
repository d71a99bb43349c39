#include "energy_windows.h"

#include <algorithm>
#include <cmath>

namespace esphome::ade9000_sim {

namespace {

constexpr uint32_t HALF_CYCLES = 1U << 1;
constexpr uint32_t LATCH = 1U << 4;
constexpr uint32_t RESET_ON_READ = 1U << 5;
constexpr unsigned NO_LOAD_TIMER_SHIFT = 13;
constexpr uint32_t NO_LOAD_OFF = 7;

constexpr uint16_t FIRST_ENERGY = 0x2E6;
constexpr uint16_t KIND_STRIDE = 0x00A;
constexpr uint16_t PHASE_STRIDE = 0x03C;

constexpr double SAMPLE_RATE_HZ = 8000;

constexpr double PhaseCodes::*POWERS[] = {&PhaseCodes::watt,
                                          &PhaseCodes::var,
                                          &PhaseCodes::va,
                                          &PhaseCodes::fundamental_watt,
                                          &PhaseCodes::fundamental_var,
                                          &PhaseCodes::fundamental_va};

/// Keep 45 bits of a signed number.
int64_t wrap_45_bits(int64_t value) { return static_cast<int64_t>(static_cast<uint64_t>(value) << 19U) >> 19U; }

struct Place {
  size_t kind;
  size_t phase;
  bool is_high;
};

std::optional<Place> find(uint16_t address) {
  if (address < FIRST_ENERGY || address >= FIRST_ENERGY + 3 * PHASE_STRIDE)
    return std::nullopt;
  const unsigned offset = address - FIRST_ENERGY;
  const unsigned within = offset % PHASE_STRIDE;
  if (within % KIND_STRIDE > 1)
    return std::nullopt;
  return Place{.kind = within / KIND_STRIDE, .phase = offset / PHASE_STRIDE, .is_high = within % KIND_STRIDE == 1};
}

}  // namespace

void EnergyWindows::start(double begin_s) {
  this->is_started_ = true;
  this->begin_s_ = begin_s;
  this->integrated_s_ = begin_s;
  this->fractions_ = {};
}

void EnergyWindows::clear() { this->registers45_ = {}; }

bool EnergyWindows::advance(double now_s) {
  bool has_ended = false;
  for (double end_s = this->begin_s_ + this->length_s_(); this->is_started_ && end_s <= now_s;
       end_s += this->length_s_()) {
    this->latch_(end_s);
    has_ended = true;
  }
  return has_ended;
}

bool EnergyWindows::is_energy(uint16_t address) { return find(address).has_value(); }

uint32_t EnergyWindows::read(uint16_t address) {
  const Place place = *find(address);
  int64_t &energy = this->registers45_[place.kind][place.phase];
  auto word = static_cast<uint32_t>(place.is_high ? energy >> 13 : energy << 19);
  if (this->has_mode_(RESET_ON_READ)) {
    energy = 0;
    word ^= 0x00155555;
  }
  return word;
}

double EnergyWindows::length_s_() const {
  const double count = this->registers_.get(address::EGY_TIME) + 1.0;
  return this->has_mode_(HALF_CYCLES) ? count / (2 * this->timeline_.scenario().frequency_hz) : count / SAMPLE_RATE_HZ;
}

bool EnergyWindows::has_mode_(uint32_t bit) const { return (this->registers_.get(address::EP_CFG) & bit) != 0; }

/// No-load detection: one threshold each for active, reactive and apparent power, in 1/64 of a power's code.
double EnergyWindows::gated_(size_t kind, double code) const {
  const bool is_off = this->registers_.get(address::EP_CFG) >> NO_LOAD_TIMER_SHIFT == NO_LOAD_OFF;
  const double threshold = this->registers_.get(static_cast<uint16_t>(address::ACT_NL_LVL + kind % 3)) / 64.0;
  return !is_off && std::abs(code) < threshold ? 0 : code;
}

void EnergyWindows::integrate(double now_s) {
  if (!this->is_started_)
    return;
  this->timeline_.for_each(this->integrated_s_, now_s, [&](const Codes &codes, double from_s, double to_s) {
    for (size_t kind = 0; kind < KINDS; kind++) {
      for (size_t phase = 0; phase < PHASE_COUNT; phase++) {
        this->fractions_[kind][phase] +=
            this->gated_(kind, codes[phase].*POWERS[kind]) * (to_s - from_s) * SAMPLE_RATE_HZ;
      }
    }
  });
  this->integrated_s_ = std::max(this->integrated_s_, now_s);
}

void EnergyWindows::latch_(double end_s) {
  this->integrate(end_s);
  for (size_t kind = 0; kind < KINDS; kind++) {
    for (size_t phase = 0; phase < PHASE_COUNT; phase++) {
      const double whole = std::floor(this->fractions_[kind][phase]);
      this->fractions_[kind][phase] -= whole;
      const int64_t before = this->has_mode_(LATCH) ? 0 : this->registers45_[kind][phase];
      this->registers45_[kind][phase] = wrap_45_bits(before + static_cast<int64_t>(whole));
    }
  }
  this->begin_s_ = end_s;
}

}  // namespace esphome::ade9000_sim
