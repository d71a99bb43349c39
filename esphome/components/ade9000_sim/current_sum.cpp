#include "current_sum.h"

#include <cmath>
#include <complex>

namespace esphome::ade9000_sim {

double current_sum_code(const Codes &codes, const Timeline &timeline, const RegisterFile &registers) {
  std::complex<double> sum = 0;
  for (const PhaseCodes &phase : codes)
    sum += phase.current_phasor;
  const double phases = std::abs(sum) * FULL_SCALE_RMS;
  const double neutral = std::sqrt(timeline.neutral_square());
  switch (registers.get(address::CONFIG0) & 0b11U) {
    case 0b01:
      return std::abs(phases - neutral);
    case 0b10:
      return phases + neutral;
    default:
      return phases;
  }
}

}  // namespace esphome::ade9000_sim
