#pragma once

#include "front_end.h"
#include "inputs.h"
#include "scenario.h"

namespace esphome::ade9000_sim {

inline constexpr double FULL_SCALE_V = 0.70710678118654752;  ///< RMS at the pins of a sine of 1 V peak.

/// RMS of the parts that are no multiple of the line frequency, as a fraction of full scale.
struct Noise {
  double voltage;
  double current;
};

/// Return the signals of the sensors at the chip's channels in one step of the scenario, with their errors and
/// connections.
Inputs inputs_of(const Scenario &scenario, const LoadStep &step, const FrontEnd &front_end);

/// Return the noise of a phase at its pins. For a coil's current it refers to the integrator's output at 50 Hz.
Noise noise_of(const FrontEnd &front_end, size_t phase);

/// The same for the neutral current.
double neutral_noise_of(const FrontEnd &front_end);

}  // namespace esphome::ade9000_sim
