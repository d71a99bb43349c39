#pragma once

#include "codes.h"
#include "timeline.h"

#include <array>
#include <cstddef>

namespace esphome::ade9000_sim {

/// RMS² over one cycle, in codes before the offset of the register that shows it.
struct OneCycle {
  std::array<double, PHASE_COUNT> voltage_square;
  std::array<double, PHASE_COUNT> current_square;
};

/// Integrate the cycle that ends at an instant. Before `run_s` the chip has seen nothing.
///
/// With u = √2·U·sin(ωt + θ) the integral of u² from a to b is U²·(b − a) − U²·[sin(2ωb + 2θ) − sin(2ωa + 2θ)] / 2ω.
/// For harmonics only the first part counts: the second vanishes over a whole cycle and matters only in a step's cycle.
OneCycle one_cycle_until(Timeline &timeline, double end_s, double run_s);

}  // namespace esphome::ade9000_sim
