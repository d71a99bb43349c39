#include "codes.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace esphome::ade9000_sim {

namespace {

using Complex = std::complex<double>;

/// RMS phasors by order, as a fraction of the RMS of a full-scale sine (1 V peak at the pins); index 0 is not used.
using Spectrum = std::array<Complex, MAX_ORDER + 1>;
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

/// Of all parts of the current path before the PGA, per ampere of the line, in parts of full scale.
double current_scale(const FrontEnd &front_end) { return front_end.burden_ohm / front_end.ct_ratio / FULL_SCALE_V; }

Spectra currents_at_pins(const Scenario &scenario, const LoadStep &step, const FrontEnd &front_end) {
  Spectra currents;
  for (size_t phase = 0; phase < PHASE_COUNT; phase++) {
    const PhaseScenario &truth = scenario.phases[phase];
    const double direction = front_end.ct_reversed[phase] ? -1 : 1;
    const double current_a = truth.current_a * step.current_factor[phase];
    const bool is_small = current_a < front_end.knee_a;
    const double gain = front_end.current_gain[phase] / (is_small ? front_end.small_current_gain : 1);
    const double lead_deg = front_end.ct_lead_deg + (is_small ? front_end.small_current_lead_deg : 0);
    const double factor = front_end.current_fitted[phase] ? gain * direction : 0;
    currents[phase] = wave(current_a, truth.voltage_angle_deg - truth.current_lag_deg, truth.current_harmonics) *
                      (factor * current_scale(front_end));
    for (Complex &component : currents[phase])
      component *= std::polar(1.0, lead_deg * DEGREE);
    const Spectrum voltage =
        wave(truth.voltage_v * step.voltage_factor[phase], truth.voltage_angle_deg, truth.voltage_harmonics);
    const Complex crosstalk =
        std::polar(front_end.crosstalk_s[phase] * current_scale(front_end), -front_end.crosstalk_lag_deg * DEGREE);
    for (size_t order = 1; order <= MAX_ORDER; order++)
      currents[phase][order] += voltage[order] * crosstalk;
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

/// RMS of what is no multiple of the line's frequency, in parts of full scale.
struct Noise {
  double voltage;
  double current;
};

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
  Spectra voltages = voltages_at_pins(scenario, scenario.steps[step], front_end);
  Spectra currents = currents_at_pins(scenario, scenario.steps[step], front_end);
  std::array<Noise, PHASE_COUNT> noises;
  for (size_t phase = 0; phase < PHASE_COUNT; phase++) {
    const auto of_region = [&](uint16_t address) {
      return static_cast<uint16_t>(of_phase(address, phase) + regions[phase]);
    };
    const double voltage_gain = pga(registers, 8 + 2 * phase) * gain(registers, of_phase(address::VGAIN, phase));
    const double current_gain = pga(registers, 2 * phase) * gain(registers, of_phase(address::IGAIN, phase)) *
                                (is_multipoint(registers) ? gain(registers, of_region(address::IGAIN0)) : 1);
    voltages[phase] = voltages[phase] * voltage_gain;
    currents[phase] = currents[phase] * current_gain;
    noises[phase] = {
        .voltage = front_end.voltage_noise_v[phase] / front_end.voltage_divider / FULL_SCALE_V * voltage_gain,
        .current = front_end.current_noise_a[phase] * current_scale(front_end) * current_gain,
    };
    const uint16_t phcal = is_multipoint(registers) ? of_region(address::PHCAL0) : of_phase(address::PHCAL0, phase);
    calibrate_phase(currents[phase], registers.get_signed(phcal) / UNITY, scenario.frequency_hz);
  }
  select_voltages(voltages, accmode >> 4 & 0b111U);
  if ((accmode & ICONSEL) != 0)
    currents[1] = Spectrum{} - currents[0] - currents[2];

  Codes codes;
  for (size_t phase = 0; phase < PHASE_COUNT; phase++)
    codes[phase] = phase_codes(voltages[phase], currents[phase], noises[phase], phase, registers);
  return codes;
}

double neutral_square_of(const Scenario &scenario, const FrontEnd &front_end, const RegisterFile &registers) {
  const double current_a = std::hypot(scenario.neutral_current_a * front_end.neutral_gain, front_end.neutral_noise_a);
  const double volts = current_a * front_end.neutral_burden_ohm / front_end.neutral_ct_ratio;
  const double code = volts / FULL_SCALE_V * pga(registers, 6) * gain(registers, address::NIGAIN) * FULL_SCALE_RMS;
  return code * code;
}

}  // namespace esphome::ade9000_sim
