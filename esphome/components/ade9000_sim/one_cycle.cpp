#include "one_cycle.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>

namespace esphome::ade9000_sim {

namespace {

double integral(double mean_square, std::complex<double> phasor, double from_s, double to_s, double frequency_hz) {
  const double omega = 2 * std::numbers::pi * frequency_hz;
  const double angle = std::arg(phasor);
  const double swing = std::sin(2 * (omega * to_s + angle)) - std::sin(2 * (omega * from_s + angle));
  return mean_square * (to_s - from_s) - std::norm(phasor) * FULL_SCALE_RMS * FULL_SCALE_RMS * swing / (2 * omega);
}

}  // namespace

OneCycle one_cycle_until(Timeline &timeline, double end_s, double run_s) {
  const double frequency_hz = timeline.scenario().frequency_hz;
  OneCycle cycle{};
  timeline.for_each(
      std::max(end_s - 1 / frequency_hz, run_s), end_s, [&](const Codes &codes, double from_s, double to_s) {
        for (size_t phase = 0; phase < PHASE_COUNT; phase++) {
          const PhaseCodes &code = codes[phase];
          cycle.voltage_square[phase] +=
              integral(code.voltage_square, code.voltage_phasor, from_s, to_s, frequency_hz) * frequency_hz;
          cycle.current_square[phase] +=
              integral(code.current_square, code.current_phasor, from_s, to_s, frequency_hz) * frequency_hz;
        }
      });
  return cycle;
}

}  // namespace esphome::ade9000_sim
