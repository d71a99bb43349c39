#pragma once

#include "front_end.h"
#include "spectrum.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace esphome::ade9000_sim {

/// Signals at the chip's channels, in the order of their codes in ADC_REDIRECT: IA, IB, IC, IN, VA, VB, VC.
using Inputs = std::array<Spectrum, 2 * PHASE_COUNT + 1>;

inline constexpr size_t NEUTRAL_INPUT = PHASE_COUNT;
inline constexpr size_t FIRST_VOLTAGE_INPUT = PHASE_COUNT + 1;

/// Connect the sensors to the channels as installed, rightly or wrongly.
Inputs connected(const Inputs &sensors, const FrontEnd &front_end);

/// Return the inputs of the processing paths, as ADC_REDIRECT selects them.
Inputs redirected(const Inputs &inputs, uint32_t adc_redirect);

/// Turn a current at 1 V/A into the voltage of a Rogowski coil with `volts_per_ampere` at 50 Hz: its derivative.
Spectrum through_coil(const Spectrum &current, double volts_per_ampere, double frequency_hz);

/// Integrate with the chip's coefficient: a gain of 1 at 50 Hz that falls with the frequency, and a lag of 90°. Its
/// output with any other coefficient than the recommended one is unknown, and zero here.
Spectrum integrated(const Spectrum &voltage, uint32_t dicoeff, double frequency_hz);

}  // namespace esphome::ade9000_sim
