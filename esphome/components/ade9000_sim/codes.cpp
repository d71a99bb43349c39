#include "codes.h"

#include "pins.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace esphome::ade9000_sim {

namespace {

using Complex = std::complex<double>;
using Spectra = std::array<Spectrum, PHASE_COUNT>;

constexpr double PI = std::numbers::pi;
constexpr double UNITY = 1 << 27;
constexpr double SAMPLE_RATE_HZ = 8000;

constexpr uint32_t ICONSEL = 1U << 7;
constexpr uint32_t MTEN = 1U << 4;
constexpr uint32_t INTEN = 1U << 5;
constexpr uint32_t ININTEN = 1U << 11;

uint16_t of_phase(uint16_t address, size_t phase) {
  return static_cast<uint16_t>(address + phase * address::PHASE_STRIDE);
}

double gain(const RegisterFile &registers, uint16_t address) { return 1 + registers.get_signed(address) / UNITY; }

/// Gain 1, 2, 4 by the two bits of an input in PGA_GAIN.
double pga(const RegisterFile &registers, size_t input) {
  return 1U << (registers.get(address::PGA_GAIN) >> 2 * input & 0b11U);
}

/// Current gain of a phase, including the gain of its region with multipoint calibration.
double current_gain_of(const RegisterFile &registers, size_t phase, uint8_t region) {
  const double base = gain(registers, of_phase(address::IGAIN, phase));
  const auto of_region = static_cast<uint16_t>(of_phase(address::IGAIN0, phase) + region);
  return is_multipoint(registers) ? base * gain(registers, of_region) : base;
}

double phase_coefficient_of(const RegisterFile &registers, size_t phase, uint8_t region) {
  const auto of_region = static_cast<uint16_t>(of_phase(address::PHCAL0, phase) + region);
  return registers.get_signed(is_multipoint(registers) ? of_region : of_phase(address::PHCAL0, phase)) / UNITY;
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

/// The inputs of the processing paths: each channel amplified, and routed as ADC_REDIRECT says.
Inputs paths_of(Inputs inputs, const RegisterFile &registers) {
  for (size_t input = 0; input < inputs.size(); input++)
    inputs[input] = inputs[input] * pga(registers, input);
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

/// RMS² of a wave and its noise, in codes.
double code_square(const Spectrum &spectrum, double noise) {
  return (square(spectrum) + noise * noise) * FULL_SCALE_RMS * FULL_SCALE_RMS;
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
  codes.voltage_square = code_square(voltage, noise.voltage);
  codes.current_square = code_square(current, noise.current);
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
  codes.voltage_peak = peak(voltage);
  codes.current_peak = peak(current);
  codes.voltage_wave = voltage;
  codes.current_wave = current;
  return codes;
}

Spectrum neutral_of(const Inputs &paths, const RegisterFile &registers, double frequency_hz) {
  Spectrum neutral = paths[NEUTRAL_INPUT] * gain(registers, address::NIGAIN);
  if ((registers.get(address::CONFIG0) & ININTEN) != 0)
    neutral = integrated(neutral, registers.get(address::DICOEFF), frequency_hz);
  calibrate_phase(neutral, registers.get_signed(address::NPHCAL) / UNITY, frequency_hz);
  return neutral;
}

/// CONFIG0.ISUM_CFG: 01 adds the neutral to the sum of the phases, 10 subtracts it, 00 and 11 leave it out.
Spectrum sum_of(const Spectra &currents, const Spectrum &neutral, uint32_t isum_cfg) {
  const Spectrum sum = currents[0] + currents[1] + currents[2];
  if (isum_cfg == 0b01)
    return sum + neutral;
  return isum_cfg == 0b10 ? sum - neutral : sum;
}

}  // namespace

double with_offset(double square, double offset) { return std::sqrt(std::max(square + offset * 32768, 0.0)); }

bool is_multipoint(const RegisterFile &registers) { return (registers.get(address::CONFIG0) & MTEN) != 0; }

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
  const uint32_t config0 = registers.get(address::CONFIG0);
  const double frequency_hz = scenario.frequency_hz;
  const Inputs paths = paths_of(inputs_of(scenario, scenario.steps[step], front_end), registers);
  Spectra voltages;
  Spectra currents;
  Spectra raw_currents;
  std::array<Noise, PHASE_COUNT> noises;
  for (size_t phase = 0; phase < PHASE_COUNT; phase++) {
    const double voltage_gain = gain(registers, of_phase(address::VGAIN, phase));
    const double current_gain = current_gain_of(registers, phase, regions[phase]);
    const Noise noise = noise_of(front_end, phase);
    noises[phase] = {.voltage = noise.voltage * pga(registers, FIRST_VOLTAGE_INPUT + phase) * voltage_gain,
                     .current = noise.current * pga(registers, phase) * current_gain};
    voltages[phase] = paths[FIRST_VOLTAGE_INPUT + phase] * voltage_gain;
    currents[phase] = raw_currents[phase] = paths[phase] * current_gain;
    if ((config0 & INTEN) != 0)
      currents[phase] = integrated(currents[phase], registers.get(address::DICOEFF), frequency_hz);
    calibrate_phase(currents[phase], phase_coefficient_of(registers, phase, regions[phase]), frequency_hz);
  }
  select_voltages(voltages, accmode >> 4 & 0b111U);
  if ((accmode & ICONSEL) != 0)
    currents[1] = Spectrum{} - currents[0] - currents[2];

  Codes codes;
  for (size_t phase = 0; phase < PHASE_COUNT; phase++) {
    codes.phases[phase] = phase_codes(voltages[phase], currents[phase], noises[phase], phase, registers);
    codes.phases[phase].raw_current_square = code_square(raw_currents[phase], noises[phase].current);
  }
  const Spectrum neutral = neutral_of(paths, registers, frequency_hz);
  const double neutral_noise =
      neutral_noise_of(front_end) * pga(registers, NEUTRAL_INPUT) * gain(registers, address::NIGAIN);
  codes.neutral_square = code_square(neutral, neutral_noise);
  codes.neutral_wave = neutral;
  codes.sum_square = code_square(sum_of(currents, neutral, config0 & 0b11U), 0);
  return codes;
}

}  // namespace esphome::ade9000_sim
