#include "inputs.h"

#include <complex>

namespace esphome::ade9000_sim {

namespace {

constexpr double UNITY_GAIN_HZ = 50;
constexpr uint32_t RECOMMENDED_DICOEFF = 0xFFFFE000;
constexpr std::complex<double> QUARTER_TURN{0, 1};

}  // namespace

Inputs connected(const Inputs &sensors, const FrontEnd &front_end) {
  Inputs inputs{};
  for (size_t input = 0; input <= PHASE_COUNT; input++)
    inputs[input] = sensors[front_end.current_source[input]];
  for (size_t phase = 0; phase < PHASE_COUNT; phase++)
    inputs[FIRST_VOLTAGE_INPUT + phase] = sensors[FIRST_VOLTAGE_INPUT + front_end.voltage_source[phase]];
  return inputs;
}

Inputs redirected(const Inputs &inputs, uint32_t adc_redirect) {
  constexpr size_t OWN = 7;
  Inputs paths{};
  for (size_t path = 0; path < paths.size(); path++) {
    const size_t code = adc_redirect >> 3 * path & 0b111U;
    paths[path] = inputs[code == OWN ? path : code];
  }
  return paths;
}

Spectrum through_coil(const Spectrum &current, double volts_per_ampere, double frequency_hz) {
  Spectrum voltage{};
  for (size_t order = 1; order <= MAX_ORDER; order++)
    voltage[order] =
        current[order] * QUARTER_TURN * (volts_per_ampere * static_cast<double>(order) * frequency_hz / UNITY_GAIN_HZ);
  return voltage;
}

Spectrum integrated(const Spectrum &voltage, uint32_t dicoeff, double frequency_hz) {
  Spectrum current{};
  for (size_t order = 1; order <= MAX_ORDER && dicoeff == RECOMMENDED_DICOEFF; order++)
    current[order] = voltage[order] / QUARTER_TURN * (UNITY_GAIN_HZ / (static_cast<double>(order) * frequency_hz));
  return current;
}

}  // namespace esphome::ade9000_sim
