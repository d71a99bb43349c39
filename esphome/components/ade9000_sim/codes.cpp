#include "codes.h"

#include "inputs.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace esphome::ade9000_sim {

namespace {

using Complex = std::complex<double>;

using Spectra = std::array<Spectrum, PHASE_COUNT>;

constexpr double PI = std::numbers::pi;
constexpr double DEGREE = PI / 180;
constexpr double FULL_SCALE_V = 0.70710678118654752;
constexpr double UNITY = 1 << 27;
constexpr double SAMPLE_RATE_HZ = 8000;

Spectrum operator*(const Spectrum &spectrum, double factor) {
  Spectrum result;
  std::transform(spectrum.begin(), spectrum.end(), result.begin(), [factor](Complex value) { return value * factor; });
  return result;
}

Spectrum operator-(const Spectrum &first, const Spectrum &second) {
  Spectrum result;
  std::transform(first.begin(), first.end(), second.begin(), result.begin(), std::minus<>());
  return result;
}

Spectrum wave(double rms, double angle_deg, const Harmonics &harmonics) {
  Spectrum spectrum{};
  spectrum[1] = std::polar(1.0, angle_deg * DEGREE) * rms;
  for (const Harmonic &harmonic : harmonics) {
    const double angle = (harmonic.order * angle_deg + harmonic.angle_deg) * DEGREE;
    spectrum[harmonic.order] += std::polar(1.0, angle) * (rms * harmonic.ratio);
  }
  return spectrum;
}

uint16_t of_phase(uint16_t address, size_t phase) {
  return static_cast<uint16_t>(address + phase * address::PHASE_STRIDE);
}

double gain(const RegisterFile &registers, uint16_t address) { return 1 + registers.get_signed(address) / UNITY; }

/// Gain 1, 2, 4 by the two bits of a channel in PGA_GAIN.
double pga(const RegisterFile &registers, size_t bit) {
  return 1U << (registers.get(address::PGA_GAIN) >> bit & 0b11U);
}

/// Turn a current by the all-pass of the phase calibration: 2·atan(c·sin ω / (1 + c·cos ω)) at each order, which is the
/// inverse of the data sheet's formula for c.
void calibrate_phase(Spectrum &current, double coefficient, double frequency_hz) {
  for (size_t order = 1; order <= MAX_ORDER; order++) {
    const double omega = 2 * PI * static_cast<double>(order) * frequency_hz / SAMPLE_RATE_HZ;
    const double shift = 2 * std::atan2(coefficient * std::sin(omega), 1 + coefficient * std::cos(omega));
    current[order] *= std::polar(1.0, shift);
  }
}

/// Gain of the current of a phase; with multipoint calibration that of its region in addition.
double current_gain_of(const RegisterFile &registers, size_t phase, uint8_t region) {
  const double base = gain(registers, of_phase(address::IGAIN, phase));
  const auto of_region = static_cast<uint16_t>(of_phase(address::IGAIN0, phase) + region);
  return is_multipoint(registers) ? base * gain(registers, of_region) : base;
}

double phase_coefficient(const RegisterFile &registers, size_t phase, uint8_t region) {
  const auto of_region = static_cast<uint16_t>(of_phase(address::PHCAL0, phase) + region);
  return registers.get_signed(is_multipoint(registers) ? of_region : of_phase(address::PHCAL0, phase)) / UNITY;
}

double neutral_noise_of(const FrontEnd &front_end, const RegisterFile &registers) {
  const double volts = front_end.neutral_noise_a * front_end.neutral_burden_ohm / front_end.neutral_ct_ratio;
  return volts / FULL_SCALE_V * pga(registers, 6) * gain(registers, address::NIGAIN);
}

Spectra voltages_at_pins(const Scenario &scenario, const LoadStep &step, const FrontEnd &front_end) {
  Spectra voltages;
  for (size_t phase = 0; phase < PHASE_COUNT; phase++) {
    const PhaseScenario &truth = scenario.phases[phase];
    voltages[phase] =
        wave(truth.voltage_v * step.voltage_factor[phase], truth.voltage_angle_deg, truth.voltage_harmonics);
  }
  const Spectrum reference = front_end.is_against_l2 ? voltages[1] : Spectrum{};
  for (size_t phase = 0; phase < PHASE_COUNT; phase++) {
    const double factor = front_end.voltage_fitted[phase] ? front_end.voltage_gain[phase] : 0;
    voltages[phase] = (voltages[phase] - reference) * (factor / front_end.voltage_divider / FULL_SCALE_V);
  }
  return voltages;
}

/// What a current sensor makes of a current in amperes, in parts of full scale before the PGA.
Spectrum through_sensor(const Spectrum &current, const FrontEnd &front_end, double frequency_hz) {
  if (front_end.coil_volts_per_ampere > 0)
    return through_coil(current, front_end.coil_volts_per_ampere, frequency_hz) * (1 / FULL_SCALE_V);
  return current * (front_end.burden_ohm / front_end.ct_ratio / FULL_SCALE_V);
}

/// A current in amperes as the errors of its sensor distort it.
Spectrum with_sensor_errors(const Spectrum &current, const FrontEnd &front_end, size_t phase, bool is_small) {
  const double gain = front_end.current_gain[phase] / (is_small ? front_end.small_current_gain : 1);
  const double lead_deg = front_end.ct_lead_deg + (is_small ? front_end.small_current_lead_deg : 0);
  const double direction = front_end.ct_reversed[phase] ? -1 : 1;
  const Complex factor = std::polar(front_end.current_fitted[phase] ? gain : 0, lead_deg * DEGREE) * direction;
  Spectrum distorted;
  std::transform(current.begin(), current.end(), distorted.begin(), [factor](Complex value) { return value * factor; });
  return distorted;
}

Spectra currents_at_pins(const Scenario &scenario, const LoadStep &step, const FrontEnd &front_end) {
  Spectra currents;
  for (size_t phase = 0; phase < PHASE_COUNT; phase++) {
    const PhaseScenario &truth = scenario.phases[phase];
    const double current_a = truth.current_a * step.current_factor[phase];
    Spectrum current =
        with_sensor_errors(wave(current_a, truth.voltage_angle_deg - truth.current_lag_deg, truth.current_harmonics),
                           front_end, phase, current_a < front_end.knee_a);
    const Spectrum voltage =
        wave(truth.voltage_v * step.voltage_factor[phase], truth.voltage_angle_deg, truth.voltage_harmonics);
    const Complex crosstalk = std::polar(front_end.crosstalk_s[phase], -front_end.crosstalk_lag_deg * DEGREE);
    for (size_t order = 1; order <= MAX_ORDER; order++)
      current[order] += voltage[order] * crosstalk;
    currents[phase] = through_sensor(current, front_end, scenario.frequency_hz);
  }
  return currents;
}

/// The neutral's current is in phase with the voltage of L1.
Spectrum neutral_at_pins(const Scenario &scenario, const FrontEnd &front_end) {
  const Spectrum neutral = wave(scenario.neutral_current_a * front_end.neutral_gain, 0, {}) * (1 / FULL_SCALE_V);
  if (front_end.neutral_coil_volts_per_ampere > 0)
    return through_coil(neutral, front_end.neutral_coil_volts_per_ampere, scenario.frequency_hz);
  return neutral * (front_end.neutral_burden_ohm / front_end.neutral_ct_ratio);
}

/// What the paths of the processing get: of each input what is connected to it, amplified, and given to the path that
/// ADC_REDIRECT says.
Inputs paths_of(const Scenario &scenario, const LoadStep &step, const FrontEnd &front_end,
                const RegisterFile &registers) {
  const Spectra voltages = voltages_at_pins(scenario, step, front_end);
  const Spectra currents = currents_at_pins(scenario, step, front_end);
  Inputs inputs = connected({currents[0], currents[1], currents[2], neutral_at_pins(scenario, front_end), voltages[0],
                             voltages[1], voltages[2]},
                            front_end);
  for (size_t input = 0; input < inputs.size(); input++)
    inputs[input] = inputs[input] * pga(registers, 2 * input);
  return redirected(inputs, registers.get(address::ADC_REDIRECT));
}

/// Compute the voltage of B from the others as ACCMODE.VCONSEL says.
void select_voltages(Spectra &voltages, uint32_t vconsel) {
  const Spectra pins = voltages;
  const auto &[a, b, c] = pins;
  const Spectrum nothing{};
  switch (vconsel) {
    case 0b001:
      voltages[1] = a - c;
      break;
    case 0b010:
      voltages[1] = nothing - a - c;
      break;
    case 0b011:
      voltages[1] = nothing - a;
      break;
    case 0b100:
      voltages = {a - b, a - c, c - b};
      break;
    default:
      break;
  }
}

double square(const Spectrum &spectrum) {
  double sum = 0;
  for (const Complex &component : spectrum)
    sum += std::norm(component);
  return sum;
}

/// RMS of what is no multiple of the line's frequency, in parts of full scale.
struct Noise {
  double voltage;
  double current;
};

/// Noise of the phases and of the neutral. Of a coil's current it is that of its integrator's output at 50 Hz.
Noise noise_at_pins(const FrontEnd &front_end, size_t phase) {
  const double volts_per_ampere =
      front_end.coil_volts_per_ampere > 0 ? front_end.coil_volts_per_ampere : front_end.burden_ohm / front_end.ct_ratio;
  return {.voltage = front_end.voltage_noise_v[phase] / front_end.voltage_divider / FULL_SCALE_V,
          .current = front_end.current_noise_a[phase] * volts_per_ampere / FULL_SCALE_V};
}

PhaseCodes phase_codes(const Spectrum &voltage, const Spectrum &current, const Noise &noise, size_t phase,
                       const RegisterFile &registers) {
  const auto stored = [&](uint16_t address) { return registers.get_signed(of_phase(address, phase)); };
  Complex power = 0;
  for (size_t order = 1; order <= MAX_ORDER; order++)
    power += voltage[order] * std::conj(current[order]);
  const Complex fundamental = voltage[1] * std::conj(current[1]);
  const double power_gain = FULL_SCALE_POWER * gain(registers, of_phase(address::PGAIN, phase));

  PhaseCodes codes;
  codes.voltage_square = (square(voltage) + noise.voltage * noise.voltage) * FULL_SCALE_RMS * FULL_SCALE_RMS;
  codes.current_square = (square(current) + noise.current * noise.current) * FULL_SCALE_RMS * FULL_SCALE_RMS;
  codes.voltage_fundamental =
      with_offset(std::norm(voltage[1]) * FULL_SCALE_RMS * FULL_SCALE_RMS, stored(address::VFRMSOS));
  codes.current_fundamental =
      with_offset(std::norm(current[1]) * FULL_SCALE_RMS * FULL_SCALE_RMS, stored(address::IFRMSOS));
  codes.watt = power.real() * power_gain + stored(address::WATTOS);
  codes.var = power.imag() * power_gain + stored(address::VAROS);
  codes.va = with_offset(codes.voltage_square, stored(address::VRMSOS)) / FULL_SCALE_RMS *
             with_offset(codes.current_square, stored(address::IRMSOS)) / FULL_SCALE_RMS * power_gain;
  codes.fundamental_watt = fundamental.real() * power_gain + stored(address::FWATTOS);
  codes.fundamental_var = fundamental.imag() * power_gain + stored(address::FVAROS);
  codes.fundamental_va =
      codes.voltage_fundamental / FULL_SCALE_RMS * codes.current_fundamental / FULL_SCALE_RMS * power_gain;
  codes.voltage_phasor = voltage[1];
  codes.current_phasor = current[1];
  return codes;
}

}  // namespace

double with_offset(double square, double offset) { return std::sqrt(std::max(square + offset * 32768, 0.0)); }

bool is_multipoint(const RegisterFile &registers) {
  constexpr uint32_t MTEN = 1U << 4;
  return (registers.get(address::CONFIG0) & MTEN) != 0;
}

uint8_t next_region(const RegisterFile &registers, uint8_t region, double code) {
  constexpr uint8_t LAST = 4;
  while (region < LAST && code > registers.get(static_cast<uint16_t>(address::MTTHR_H0 + region)))
    region++;
  while (region > 0 && code < registers.get(static_cast<uint16_t>(address::MTTHR_L0 + region)))
    region--;
  return region;
}

Codes codes_of(const Scenario &scenario, size_t step, const FrontEnd &front_end, const RegisterFile &registers,
               uint32_t accmode, const Regions &regions) {
  constexpr uint32_t ICONSEL = 1U << 7;
  constexpr uint32_t INTEN = 1U << 5;
  constexpr uint32_t ININTEN = 1U << 11;
  const uint32_t config0 = registers.get(address::CONFIG0);
  const uint32_t dicoeff = registers.get(address::DICOEFF);
  const Inputs paths = paths_of(scenario, scenario.steps[step], front_end, registers);
  Spectra voltages;
  Spectra currents;
  std::array<Noise, PHASE_COUNT> noises;
  for (size_t phase = 0; phase < PHASE_COUNT; phase++) {
    const double voltage_gain = gain(registers, of_phase(address::VGAIN, phase));
    const double current_gain = current_gain_of(registers, phase, regions[phase]);
    const Noise noise = noise_at_pins(front_end, phase);
    voltages[phase] = paths[FIRST_VOLTAGE_INPUT + phase] * voltage_gain;
    currents[phase] = paths[phase] * current_gain;
    noises[phase] = {.voltage = noise.voltage * pga(registers, 8 + 2 * phase) * voltage_gain,
                     .current = noise.current * pga(registers, 2 * phase) * current_gain};
  }
  const Spectra raw_currents = currents;
  for (size_t phase = 0; phase < PHASE_COUNT; phase++) {
    if ((config0 & INTEN) != 0)
      currents[phase] = integrated(currents[phase], dicoeff, scenario.frequency_hz);
    calibrate_phase(currents[phase], phase_coefficient(registers, phase, regions[phase]), scenario.frequency_hz);
  }
  select_voltages(voltages, accmode >> 4 & 0b111U);
  if ((accmode & ICONSEL) != 0)
    currents[1] = Spectrum{} - currents[0] - currents[2];

  Codes codes;
  for (size_t phase = 0; phase < PHASE_COUNT; phase++) {
    const double noise = noises[phase].current * noises[phase].current;
    codes.phases[phase] = phase_codes(voltages[phase], currents[phase], noises[phase], phase, registers);
    codes.phases[phase].raw_current_square = (square(raw_currents[phase]) + noise) * FULL_SCALE_RMS * FULL_SCALE_RMS;
  }
  Spectrum neutral = paths[NEUTRAL_INPUT] * gain(registers, address::NIGAIN);
  if ((config0 & ININTEN) != 0)
    neutral = integrated(neutral, dicoeff, scenario.frequency_hz);
  const double neutral_noise = neutral_noise_of(front_end, registers);
  codes.neutral_square = (square(neutral) + neutral_noise * neutral_noise) * FULL_SCALE_RMS * FULL_SCALE_RMS;
  return codes;
}

}  // namespace esphome::ade9000_sim
