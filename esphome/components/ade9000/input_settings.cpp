#include "input_settings.h"

#include "registers.h"

#include <array>

namespace esphome::ade9000 {

namespace {

/// A path of the chip's processing, named by the input that it takes by default, and what it is given.
struct Path {
  Input own;
  Input input;  ///< What it takes.
  uint8_t pga_gain;
  bool is_used;
};

using Paths = std::array<Path, INPUT_COUNT>;

Input at(Input first, size_t offset) { return static_cast<Input>(static_cast<size_t>(first) + offset); }

/// Return all paths in the order of `Input`.
Paths paths_of(const ChipConfig &config) {
  Paths paths{};
  const auto add = [&paths](Input own, Input input, uint8_t pga_gain, bool is_used) {
    paths[static_cast<size_t>(own)] = {own, input == Input::OWN ? own : input, pga_gain, is_used};
  };
  for (size_t line = 0; line < LINE_COUNT; line++) {
    const PhaseConfig &phase = config.phases[line];
    add(at(Input::IA, line), phase.current_input, config.current.pga_gain, phase.fitted);
    add(at(Input::VA, line), phase.voltage_input, config.voltage_pga_gain, phase.fitted);
  }
  add(Input::IN, config.neutral_input, config.neutral.pga_gain, config.neutral_fitted);
  return paths;
}

/// Code 0, 1, 2 for gain 1, 2, 4.
uint32_t pga_code(uint8_t gain) { return gain / 2U; }

/// The amplifiers are at the inputs: each has the gain of the path that takes it, of one in use before any other.
uint32_t pga_gain(const Paths &paths) {
  std::array<uint8_t, INPUT_COUNT> gains{};
  for (const bool is_used : {false, true}) {
    for (const Path &path : paths) {
      if (path.is_used == is_used)
        gains[static_cast<size_t>(path.input)] = path.pga_gain;
    }
  }
  uint32_t code = 0;
  for (size_t input = 0; input < INPUT_COUNT; input++)
    code |= pga_code(gains[input]) << 2 * input;
  return code;
}

/// Every path that takes its own input has the code for that, as after a reset.
uint32_t redirection(const Paths &paths) {
  uint32_t code = 0;
  for (const Path &path : paths) {
    const Input input = path.input == path.own ? Input::OWN : path.input;
    code |= static_cast<uint32_t>(input) << reg::ADC_REDIRECT_BITS * static_cast<size_t>(path.own);
  }
  return code;
}

bool is_coil(const CurrentSensor &sensor) { return sensor.type == CurrentSensorType::ROGOWSKI; }

uint32_t integrators(const ChipConfig &config) {
  return (is_coil(config.current) ? reg::CONFIG0_INTEN : 0) |
         (config.neutral_fitted && is_coil(config.neutral) ? reg::CONFIG0_ININTEN : 0);
}

}  // namespace

void add_inputs(const ChipConfig &config, Settings &settings) {
  const Paths paths = paths_of(config);
  settings.set(reg::PGA_GAIN, pga_gain(paths));
  settings.set(reg::ADC_REDIRECT, redirection(paths));
  if (integrators(config) == 0)
    return;
  settings.set_bits(reg::CONFIG0, integrators(config));
  settings.set(reg::DICOEFF, reg::DICOEFF_INTEGRATOR);
  // An integrator amplifies what is below the line's frequency, also the noise. The data sheet states the accuracy with
  // an integrator for this filter, which lowers all values at 50 Hz by 0.5 % if it is of first order: calibrate.
  settings.set(reg::CONFIG2, reg::CONFIG2_HPF_4_98HZ);
}

}  // namespace esphome::ade9000
