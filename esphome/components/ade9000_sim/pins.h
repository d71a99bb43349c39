#pragma once

#include "front_end.h"
#include "inputs.h"
#include "scenario.h"

namespace esphome::ade9000_sim {

inline constexpr double FULL_SCALE_V = 0.70710678118654752;  ///< RMS at the pins of a sine of 1 V peak.

/// RMS of what is no multiple of the line's frequency, in parts of full scale.
struct Noise {
  double voltage;
  double current;
};

/// Return what the sensors bring to the chip's inputs in one step of the scenario, with their errors and as they were
/// connected.
Inputs inputs_of(const Scenario &scenario, const LoadStep &step, const FrontEnd &front_end);

/// Return the noise of a phase at its pins. Of a coil's current it is that of its integrator's output at 50 Hz.
Noise noise_of(const FrontEnd &front_end, size_t phase);

/// The same of the neutral's current.
double neutral_noise_of(const FrontEnd &front_end);

}  // namespace esphome::ade9000_sim
