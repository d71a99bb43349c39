#include "codes.h"

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

Spectra currents_at_pins(const Scenario &scenario, const LoadStep &step, const FrontEnd &front_end) {
  Spectra currents;
  for (size_t phase = 0; phase < PHASE_COUNT; phase++) {
    const PhaseScenario &truth = scenario.phases[phase];
    const double direction = front_end.ct_reversed[phase] ? -1 : 1;
    const double factor = front_end.current_fitted[phase] ? front_end.current_gain[phase] * direction : 0;
    currents[phase] = wave(truth.current_a * step.current_factor[phase],
                           truth.voltage_angle_deg - truth.current_lag_deg, truth.current_harmonics) *
                      (factor * front_end.burden_ohm / front_end.ct_ratio / FULL_SCALE_V);
    for (Complex &component : currents[phase])
      component *= std::polar(1.0, front_end.ct_lead_deg * DEGREE);
  }
  return currents;
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

PhaseCodes phase_codes(const Spectrum &voltage, const Spectrum &current, size_t phase, const RegisterFile &registers) {
  const auto stored = [&](uint16_t address) { return registers.get_signed(of_phase(address, phase)); };
  Complex power = 0;
  for (size_t order = 1; order <= MAX_ORDER; order++)
    power += voltage[order] * std::conj(current[order]);
  const Complex fundamental = voltage[1] * std::conj(current[1]);
  const double power_gain = FULL_SCALE_POWER * gain(registers, of_phase(address::PGAIN, phase));

  PhaseCodes codes;
  codes.voltage_square = square(voltage) * FULL_SCALE_RMS * FULL_SCALE_RMS;
  codes.current_square = square(current) * FULL_SCALE_RMS * FULL_SCALE_RMS;
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
  codes.voltage_wave = voltage;
  codes.current_wave = current;
  return codes;
}

}  // namespace

double with_offset(double square, double offset) { return std::sqrt(std::max(square + offset * 32768, 0.0)); }

Codes codes_of(const Scenario &scenario, size_t step, const FrontEnd &front_end, const RegisterFile &registers,
               uint32_t accmode) {
  constexpr uint32_t ICONSEL = 1U << 7;
  Spectra voltages = voltages_at_pins(scenario, scenario.steps[step], front_end);
  Spectra currents = currents_at_pins(scenario, scenario.steps[step], front_end);
  for (size_t phase = 0; phase < PHASE_COUNT; phase++) {
    voltages[phase] =
        voltages[phase] * (pga(registers, 8 + 2 * phase) * gain(registers, of_phase(address::VGAIN, phase)));
    currents[phase] = currents[phase] * (pga(registers, 2 * phase) * gain(registers, of_phase(address::IGAIN, phase)));
    calibrate_phase(currents[phase], registers.get_signed(of_phase(address::PHCAL0, phase)) / UNITY,
                    scenario.frequency_hz);
  }
  select_voltages(voltages, accmode >> 4 & 0b111U);
  if ((accmode & ICONSEL) != 0)
    currents[1] = Spectrum{} - currents[0] - currents[2];

  Codes codes;
  for (size_t phase = 0; phase < PHASE_COUNT; phase++)
    codes[phase] = phase_codes(voltages[phase], currents[phase], phase, registers);
  return codes;
}

double neutral_square_of(const Scenario &scenario, const FrontEnd &front_end, const RegisterFile &registers) {
  const double volts = scenario.neutral_current_a * front_end.neutral_burden_ohm / front_end.neutral_ct_ratio;
  const double code = volts / FULL_SCALE_V * pga(registers, 6) * gain(registers, address::NIGAIN) * FULL_SCALE_RMS;
  return code * code;
}

}  // namespace esphome::ade9000_sim
