#include "chip_config.h"

namespace esphome::ade9000 {

namespace {

constexpr double FULL_SCALE_POWER_CODE = 20'694'066;
constexpr double FULL_SCALE_RMS_V = 0.70710678118654752;  ///< At the pins with gain 1: a sine of 1 V peak.
constexpr double SAMPLES_PER_HOUR = 8000.0 * 3600.0;

constexpr uint8_t L1_L2 = 0b011;
constexpr uint8_t L1_L2_L3 = 0b111;

// clang-format off
constexpr WiringTraits TRAITS[] = {
    // VCONSEL, phases, three wires, computes L2's current, combined crossing
    {0b000, L1_L2_L3, false, false, true},   // WYE_4WIRE
    {0b000, L1_L2_L3, false, false, false},  // SINGLE_PHASES
    {0b000, L1_L2,    false, false, false},  // SPLIT_PHASE
    {0b000, L1_L2,    false, false, false},  // NETWORK_3WIRE
    {0b001, L1_L2_L3, true,  true,  true},   // DELTA_3WIRE
    {0b100, L1_L2_L3, true,  true,  true},   // DELTA_3WIRE_ISOLATED
    {0b000, L1_L2_L3, false, false, true},   // DELTA_4WIRE
    {0b010, L1_L2_L3, false, false, true},   // WYE_4WIRE_2VT
    {0b011, L1_L2_L3, false, true,  true},   // DELTA_4WIRE_2VT
};
// clang-format on

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

uint8_t measured_lines(const ChipConfig &config) {
  uint8_t lines = 0;
  for (size_t line = 0; line < LINE_COUNT; line++)
    lines |= static_cast<uint8_t>(config.phases[line].fitted ? 1U << line : 0U);
  return lines & traits_of(config.wiring).phases;
}

uint8_t inverted_lines(const ChipConfig &config) {
  uint8_t lines = 0;
  for (size_t line = 0; line < LINE_COUNT; line++)
    lines |= static_cast<uint8_t>(config.phases[line].invert_current ? 1U << line : 0U);
  return lines & measured_lines(config);
}

uint8_t counted_lines(const ChipConfig &config) {
  constexpr uint8_t ELEMENTS_OF_THREE_WIRES = 0b101;
  const uint8_t lines = measured_lines(config);
  return traits_of(config.wiring).is_three_wire ? lines & ELEMENTS_OF_THREE_WIRES : lines;
}

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
  const uint8_t lines = measured_lines(config);
  const uint8_t inverted = inverted_lines(config);
  const bool is_complete = lines == wiring.phases || config.wiring == Wiring::SINGLE_PHASES;
  const bool is_computed = wiring.computes_l2_current && !config.l2_current_fitted;
  if (!is_complete || is_computed || (inverted != 0 && inverted != lines))
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
