#include "pins.h"

#include <numbers>

namespace esphome::ade9000_sim {

namespace {

using Complex = std::complex<double>;

/// In mains volts or amperes.
using Spectra = std::array<Spectrum, PHASE_COUNT>;

constexpr double DEGREE = std::numbers::pi / 180;

Spectrum wave(double rms, double angle_deg, const Harmonics &harmonics) {
  Spectrum spectrum{};
  spectrum[1] = std::polar(1.0, angle_deg * DEGREE) * rms;
  for (const Harmonic &harmonic : harmonics) {
    const double angle = (harmonic.order * angle_deg + harmonic.angle_deg) * DEGREE;
    spectrum[harmonic.order] += std::polar(1.0, angle) * (rms * harmonic.ratio);
  }
  return spectrum;
}

Spectra voltages_of(const Scenario &scenario, const LoadStep &step) {
  Spectra voltages;
  for (size_t phase = 0; phase < PHASE_COUNT; phase++) {
    const PhaseScenario &truth = scenario.phases[phase];
    voltages[phase] =
        wave(truth.voltage_v * step.voltage_factor[phase], truth.voltage_angle_deg, truth.voltage_harmonics);
  }
  return voltages;
}

Spectra currents_of(const Scenario &scenario, const LoadStep &step) {
  Spectra currents;
  for (size_t phase = 0; phase < PHASE_COUNT; phase++) {
    const PhaseScenario &truth = scenario.phases[phase];
    currents[phase] = wave(truth.current_a * step.current_factor[phase],
                           truth.voltage_angle_deg - truth.current_lag_deg, truth.current_harmonics);
  }
  return currents;
}

Spectrum voltage_at_pins(const Spectra &voltages, const FrontEnd &front_end, size_t phase) {
  const double factor = front_end.voltage_fitted[phase] ? front_end.voltage_gain[phase] : 0;
  const Spectrum reference = front_end.is_against_l2 ? voltages[1] : Spectrum{};
  return (voltages[phase] - reference) * (factor / front_end.voltage_divider / FULL_SCALE_V);
}

/// A current in amperes, distorted by the errors of its sensor: tolerance, direction, and the crosstalk of its
/// voltage.
Spectrum sensed(const Spectrum &current, const Spectrum &voltage, const FrontEnd &front_end, size_t phase) {
  const bool is_small = std::abs(current[1]) < front_end.knee_a;
  const double gain = front_end.current_gain[phase] / (is_small ? front_end.small_current_gain : 1);
  const double lead_deg = front_end.ct_lead_deg + (is_small ? front_end.small_current_lead_deg : 0);
  const double direction = front_end.ct_reversed[phase] ? -1 : 1;
  const Complex factor = std::polar(front_end.current_fitted[phase] ? gain : 0, lead_deg * DEGREE) * direction;
  const Complex crosstalk = std::polar(front_end.crosstalk_s[phase], -front_end.crosstalk_lag_deg * DEGREE);
  return current * factor + voltage * crosstalk;
}

/// Output of a current sensor for a current in amperes: a coil, or otherwise a transformer with its burden.
Spectrum through_sensor(const Spectrum &amperes, double coil_volts_per_ampere, double transformer_volts_per_ampere,
                        double frequency_hz) {
  const Spectrum volts = coil_volts_per_ampere > 0 ? through_coil(amperes, coil_volts_per_ampere, frequency_hz)
                                                   : amperes * transformer_volts_per_ampere;
  return volts * (1 / FULL_SCALE_V);
}

Spectrum neutral_at_pins(const Scenario &scenario, const Spectra &currents, const FrontEnd &front_end) {
  Spectrum neutral = wave(scenario.neutral_current_a, scenario.neutral_angle_deg, {});
  if (scenario.is_neutral_balanced) {
    for (const Spectrum &line : currents)
      neutral = neutral - line;
  }
  const double direction = front_end.neutral_ct_reversed ? -1 : 1;
  const Complex factor = std::polar(front_end.neutral_gain, front_end.neutral_ct_lead_deg * DEGREE) * direction;
  return through_sensor(neutral * factor, front_end.neutral_coil_volts_per_ampere,
                        front_end.neutral_burden_ohm / front_end.neutral_ct_ratio, scenario.frequency_hz);
}

}  // namespace

Inputs inputs_of(const Scenario &scenario, const LoadStep &step, const FrontEnd &front_end) {
  const Spectra voltages = voltages_of(scenario, step);
  const Spectra currents = currents_of(scenario, step);
  Inputs sensors{};
  for (size_t phase = 0; phase < PHASE_COUNT; phase++) {
    sensors[phase] =
        through_sensor(sensed(currents[phase], voltages[phase], front_end, phase), front_end.coil_volts_per_ampere,
                       front_end.burden_ohm / front_end.ct_ratio, scenario.frequency_hz);
    sensors[FIRST_VOLTAGE_INPUT + phase] = voltage_at_pins(voltages, front_end, phase);
  }
  sensors[NEUTRAL_INPUT] = neutral_at_pins(scenario, currents, front_end);
  return connected(sensors, front_end);
}

Noise noise_of(const FrontEnd &front_end, size_t phase) {
  const double volts_per_ampere =
      front_end.coil_volts_per_ampere > 0 ? front_end.coil_volts_per_ampere : front_end.burden_ohm / front_end.ct_ratio;
  return {.voltage = front_end.voltage_noise_v[phase] / front_end.voltage_divider / FULL_SCALE_V,
          .current = front_end.current_noise_a[phase] * volts_per_ampere / FULL_SCALE_V};
}

double neutral_noise_of(const FrontEnd &front_end) {
  return front_end.neutral_noise_a * front_end.neutral_burden_ohm / front_end.neutral_ct_ratio / FULL_SCALE_V;
}

}  // namespace esphome::ade9000_sim
