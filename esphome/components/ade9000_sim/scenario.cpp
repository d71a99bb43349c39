#include "scenario.h"

#include <cmath>
#include <limits>

namespace esphome::ade9000_sim {

bool Harmonics::add(const Harmonic &harmonic) {
  if (this->count_ == MAX_HARMONICS || harmonic.order < 2 || harmonic.order > MAX_ORDER)
    return false;
  this->harmonics_[this->count_++] = harmonic;
  return true;
}

bool Scenario::add_step(const LoadStep &step) {
  if (this->step_count == MAX_STEPS || !(step.duration_s > 0))
    return false;
  this->steps[this->step_count++] = step;
  return true;
}

Segment Scenario::segment_at(double time_s) const {
  if (this->step_count == 0)
    return {.step = 0, .end_s = std::numeric_limits<double>::infinity()};
  double period_s = 0;
  for (size_t step = 0; step < this->step_count; step++)
    period_s += this->steps[step].duration_s;
  double end_s = std::floor(time_s / period_s) * period_s;
  for (size_t step = 0;; step = (step + 1) % this->step_count) {
    end_s += this->steps[step].duration_s;
    // Also after the last step: rounding may have moved the instant into the previous round.
    if (end_s > time_s)
      return {.step = step, .end_s = end_s};
  }
}

}  // namespace esphome::ade9000_sim
