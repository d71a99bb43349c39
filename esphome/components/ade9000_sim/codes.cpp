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

Spectrum operator+(const Spectrum &first, const Spectrum &second) {
  Spectrum result;
  std::transform(first.begin(), first.end(), second.begin(), result.begin(), std::plus<>());
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

/// Currents of the phases in amperes.
Spectra currents_of_lines(const Scenario &scenario, const LoadStep &step) {
  Spectra currents;
  for (size_t phase = 0; phase < PHASE_COUNT; phase++) {
    const PhaseScenario &truth = scenario.phases[phase];
    currents[phase] = wave(truth.current_a * step.current_factor[phase],
                           truth.voltage_angle_deg - truth.current_lag_deg, truth.current_harmonics);
  }
  return currents;
}

/// What a current transformer with its burden makes of a current in amperes.
Spectrum transformed(const Spectrum &amperes, double burden_ohm, double ratio, double lead_deg) {
  Spectrum pins = amperes * (burden_ohm / ratio / FULL_SCALE_V);
  for (Complex &component : pins)
    component *= std::polar(1.0, lead_deg * DEGREE);
  return pins;
}

Spectra currents_at_pins(const Scenario &scenario, const LoadStep &step, const FrontEnd &front_end) {
  Spectra currents = currents_of_lines(scenario, step);
  for (size_t phase = 0; phase < PHASE_COUNT; phase++) {
    const double direction = front_end.ct_reversed[phase] ? -1 : 1;
    const double factor = front_end.current_fitted[phase] ? front_end.current_gain[phase] * direction : 0;
    currents[phase] =
        transformed(currents[phase] * factor, front_end.burden_ohm, front_end.ct_ratio, front_end.ct_lead_deg);
  }
  return currents;
}

Spectrum neutral_at_pins(const Scenario &scenario, const LoadStep &step, const FrontEnd &front_end) {
  Spectrum neutral = wave(scenario.neutral_current_a, scenario.neutral_angle_deg, {});
  if (scenario.is_neutral_balanced) {
    for (const Spectrum &line : currents_of_lines(scenario, step))
      neutral = neutral - line;
  }
  const double direction = front_end.neutral_ct_reversed ? -1 : 1;
  return transformed(neutral * direction, front_end.neutral_burden_ohm, front_end.neutral_ct_ratio,
                     front_end.neutral_ct_lead_deg);
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

/// Largest instantaneous value of a wave as a fraction of full scale: of a sine its amplitude, of others the largest of
/// 1024 points of a cycle, each put right by the parabola through its neighbours.
double peak(const Spectrum &spectrum) {
  constexpr size_t POINTS = 1024;
  std::array<double, POINTS> points{};
  size_t orders = 0;
  for (size_t order = 1; order <= MAX_ORDER; order++) {
    if (spectrum[order] == Complex{})
      continue;
    orders++;
    for (size_t point = 0; point < POINTS; point++) {
      const double turn = 2 * PI * static_cast<double>(order * point % POINTS) / POINTS;
      points[point] += spectrum[order].real() * std::sin(turn) + spectrum[order].imag() * std::cos(turn);
    }
  }
  if (orders <= 1 && spectrum[1] != Complex{})
    return std::abs(spectrum[1]);
  double largest = 0;
  for (size_t point = 0; point < POINTS; point++) {
    const double before = points[(point + POINTS - 1) % POINTS];
    const double after = points[(point + 1) % POINTS];
    const double bend = before - 2 * points[point] + after;
    const double rise = bend == 0 ? 0 : (after - before) * (after - before) / (8 * bend);
    if (std::abs(points[point]) >= std::abs(before) && std::abs(points[point]) >= std::abs(after))
      largest = std::max(largest, std::abs(points[point] - rise));
  }
  return largest;
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
  codes.voltage_peak = peak(voltage);
  codes.current_peak = peak(current);
  return codes;
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

Codes codes_of(const Scenario &scenario, size_t step, const FrontEnd &front_end, const RegisterFile &registers,
               uint32_t accmode) {
  constexpr uint32_t ICONSEL = 1U << 7;
  Spectra voltages = voltages_at_pins(scenario, scenario.steps[step], front_end);
  Spectra currents = currents_at_pins(scenario, scenario.steps[step], front_end);
  Spectrum neutral = neutral_at_pins(scenario, scenario.steps[step], front_end) *
                     (pga(registers, 6) * gain(registers, address::NIGAIN));
  calibrate_phase(neutral, registers.get_signed(address::NPHCAL) / UNITY, scenario.frequency_hz);
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
    codes.phases[phase] = phase_codes(voltages[phase], currents[phase], phase, registers);
  const uint32_t isum_cfg = registers.get(address::CONFIG0) & 0b11U;
  codes.neutral_square = square(neutral) * FULL_SCALE_RMS * FULL_SCALE_RMS;
  codes.sum_square = square(sum_of(currents, neutral, isum_cfg)) * FULL_SCALE_RMS * FULL_SCALE_RMS;
  return codes;
}

}  // namespace esphome::ade9000_sim
