#include "chip_config.h"

#include "chip_figures.h"

#include <iterator>

namespace esphome::ade9000 {

namespace {

constexpr double FULL_SCALE_POWER_CODE = 20'694'066;
constexpr double FULL_SCALE_RMS_V = 0.70710678118654752;  ///< At the pins with gain 1: a sine of 1 V peak.
constexpr double SAMPLES_PER_HOUR = SAMPLE_RATE_HZ * 3600.0;

constexpr LineSet L1_L2{0b011};
constexpr LineSet L1_L3{0b101};

// clang-format off
constexpr WiringTraits TRAITS[] = {
    // name, phases, voltage inputs, counted, one system, sequence, three wires, computes L2's current, combined crossing, VCONSEL
    {"4wire_wye",            ALL_LINES, ALL_LINES, ALL_LINES, true,  true,  false, false, true,  0b000},
    {"single_phases",        ALL_LINES, ALL_LINES, ALL_LINES, false, false, false, false, false, 0b000},
    {"split_phase",          L1_L2,     L1_L2,     L1_L2,     true,  false, false, false, false, 0b000},
    {"3wire_network",        L1_L2,     L1_L2,     L1_L2,     true,  false, false, false, false, 0b000},
    {"3wire_delta",          ALL_LINES, L1_L3,     L1_L3,     true,  false, true,  true,  true,  0b001},
    {"3wire_delta_isolated", ALL_LINES, {},        L1_L3,     true,  false, true,  true,  true,  0b100},
    {"4wire_delta",          ALL_LINES, ALL_LINES, ALL_LINES, true,  false, false, false, true,  0b000},
    {"4wire_wye_2vt",        ALL_LINES, L1_L3,     ALL_LINES, true,  true,  false, false, true,  0b010},
    {"4wire_delta_2vt",      ALL_LINES, L1_L3,     ALL_LINES, true,  false, false, true,  true,  0b011},
};
// clang-format on
static_assert(std::size(TRAITS) == WIRING_COUNT);

/// Volts at the pins, before the PGA, per ampere of the line; of a coil behind the chip's integrator.
///
/// A coil's voltage grows with the frequency as the integrator's gain falls with it, so that both together are flat.
/// The data sheet (Rev. B, p. 23) gives the same full scale with the integrator on at 50 Hz as without: its gain is 1
/// there.
double volts_per_ampere(const CurrentSensor &sensor) {
  return sensor.type == CurrentSensorType::ROGOWSKI ? sensor.coil_volts_per_ampere : sensor.burden_ohm / sensor.ratio;
}

double ampere_scale(const CurrentSensor &sensor) {
  return FULL_SCALE_RMS_V / FULL_SCALE_RMS_CODE / sensor.pga_gain / volts_per_ampere(sensor);
}

}  // namespace

const WiringTraits &traits_of(Wiring wiring) { return TRAITS[static_cast<size_t>(wiring)]; }

LineSet measured_lines(const ChipConfig &config) {
  const LineSet fitted = LineSet::where([&](size_t line) { return config.phases[line].fitted; });
  return fitted & traits_of(config.wiring).phases;
}

LineSet inverted_lines(const ChipConfig &config) {
  const LineSet inverted = LineSet::where([&](size_t line) { return config.phases[line].invert_current; });
  return inverted & measured_lines(config);
}

LineSet counted_lines(const ChipConfig &config) { return measured_lines(config) & traits_of(config.wiring).counted; }

Calibrations calibrations_of(const ChipConfig &config) {
  Calibrations calibrations;
  for (size_t line = 0; line < LINE_COUNT; line++)
    calibrations[line] = config.phases[line].calibration;
  calibrations[NEUTRAL] = config.neutral_calibration;
  return calibrations;
}

void set_calibrations(const Calibrations &calibrations, ChipConfig &config) {
  for (size_t line = 0; line < LINE_COUNT; line++)
    config.phases[line].calibration = calibrations[line];
  config.neutral_calibration = calibrations[NEUTRAL];
}

SummedCurrent summed_current(const ChipConfig &config) {
  const WiringTraits &wiring = traits_of(config.wiring);
  const LineSet lines = measured_lines(config);
  const LineSet inverted = inverted_lines(config);
  const bool is_complete = lines == wiring.phases || !wiring.is_one_system;
  const bool is_computed = wiring.computes_l2_current && !config.l2_current_fitted;
  if (!is_complete || is_computed || (!inverted.is_empty() && inverted != lines))
    return SummedCurrent::NONE;
  if (wiring.is_three_wire)
    return SummedCurrent::RESIDUAL;
  return config.neutral_fitted ? config.preferred_sum : SummedCurrent::NEUTRAL;
}

bool sums_neutral(const ChipConfig &config) {
  return summed_current(config) == SummedCurrent::RESIDUAL && !traits_of(config.wiring).is_three_wire;
}

Scales scales_of(const ChipConfig &config) {
  // Full scale of a power is a sine of 1 V peak on both pins, so 1/2 V².
  const double watt = config.voltage_divider / config.voltage_pga_gain / volts_per_ampere(config.current) /
                      config.current.pga_gain / 2 / FULL_SCALE_POWER_CODE;
  const double ampere = ampere_scale(config.current);
  return {
      .volt = FULL_SCALE_RMS_V / FULL_SCALE_RMS_CODE / config.voltage_pga_gain * config.voltage_divider,
      .ampere = ampere,
      .neutral_ampere = ampere,
      .watt = watt,
      .picowatthour = watt / SAMPLES_PER_HOUR * 1e12,
      .neutral_gain = ampere_scale(config.neutral) / ampere,
  };
}

}  // namespace esphome::ade9000
