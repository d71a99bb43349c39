#include "peaks.h"

#include <algorithm>
#include <cmath>

namespace esphome::ade9000_sim {

namespace {

/// A register holds |xI_PCF| or |xV_PCF| over 2⁵ in 24 bits, and above them one bit for each phase that produced it.
constexpr double FULL_SCALE_PEAK = 74532013.0 / 32;
constexpr uint32_t VALUE_BITS = 0x00FFFFFF;
constexpr unsigned FIRST_PHASE_BIT = 24;
constexpr unsigned PEAKSEL_BIT = 2;

}  // namespace

void Peaks::advance(double from_s, double to_s) {
  this->timeline_.for_each(from_s, to_s, [this](const Codes &codes, double, double) {
    this->take_(address::VPEAK, &PhaseCodes::voltage_peak, codes);
    this->take_(address::IPEAK, &PhaseCodes::current_peak, codes);
  });
}

void Peaks::take_(uint16_t address, double PhaseCodes::*peak, const Codes &codes) {
  for (size_t phase = 0; phase < PHASE_COUNT; phase++) {
    if ((this->registers_.get(address::CONFIG3) >> (PEAKSEL_BIT + phase) & 1U) == 0)
      continue;
    const uint32_t held = this->registers_.get(address);
    const double code = std::floor(codes[phase].*peak * FULL_SCALE_PEAK);
    const auto value = static_cast<uint32_t>(std::min(code, static_cast<double>(VALUE_BITS)));
    const uint32_t phase_bit = 1U << (FIRST_PHASE_BIT + phase);
    if (value > (held & VALUE_BITS)) {
      this->registers_.set(address, phase_bit | value);
    } else if (value != 0 && value == (held & VALUE_BITS)) {
      this->registers_.set(address, held | phase_bit);
    }
  }
}

}  // namespace esphome::ade9000_sim
