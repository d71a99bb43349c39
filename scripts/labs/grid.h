#pragma once

#include "bench.h"
#include "electricity.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <utility>

/// Installations that cover the range of the meter: 0–300 V, 5 mA–100 A, all four quadrants, 45–65 Hz, distortion of
/// 0–100 %, unbalanced, each with parts that fit and are off by up to 5 %.
///
/// Scenario n takes the fractions of n·√p for the primes p as its coordinates. Such a sequence is the same in every run
/// and fills the range evenly, whatever its length.
namespace grid {

using electricity::Wave;

constexpr size_t LINES = 3;

/// An installation, and the meter in front of it.
struct Installation {
  double frequency_hz;
  std::array<Wave, LINES> voltages;
  std::array<Wave, LINES> currents;
  Wave neutral;
  bool is_neutral_fitted;
  double temperature_c;

  double divider;
  int voltage_pga;
  double ct_ratio;
  double burden_ohm;
  int current_pga;
  std::array<float, LINES> voltage_trims;  ///< By how much the parts measure too little, as a calibration holds it.
  std::array<float, LINES> current_trims;
  size_t reversed_line;  ///< Its transformer is the wrong way round; none with 3 and above.

  /// RMS of the sum of the phases and, with a factor of 1, the neutral; what is left then flows to earth.
  double sum_a(double neutral_factor) const {
    return electricity::rms_of_sum(std::array{std::pair(this->currents[0], 1.0), std::pair(this->currents[1], 1.0),
                                              std::pair(this->currents[2], 1.0),
                                              std::pair(this->neutral, neutral_factor)});
  }

  /// Volts of a full-scale sine.
  double full_scale_v() const { return this->divider / this->voltage_pga / std::numbers::sqrt2; }

  /// Below 1/100 of full scale the chip takes zero crossings for noise.
  bool has_crossings(size_t line) const { return this->voltages[line].rms > 0.01 * this->full_scale_v(); }
};

/// The coordinates of one scenario, taken one after the other.
class Coordinates {
 public:
  explicit Coordinates(unsigned scenario) : scenario_(scenario) {}

  /// 0 ≤ x < 1.
  double next() {
    const double place = (this->scenario_ + 1) * std::sqrt(PRIMES[this->index_++]);
    return place - std::floor(place);
  }

  double between(double low, double high) { return low + (high - low) * this->next(); }
  double between_logarithmic(double low, double high) { return low * std::pow(high / low, this->next()); }

 protected:
  static constexpr double PRIMES[] = {2,  3,  5,  7,  11, 13, 17, 19, 23, 29, 31,  37,  41,  43,  47,
                                      53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109, 113};

  unsigned scenario_;
  size_t index_{0};
};

/// Spread a distortion over three orders: the share of the first, and of the second in what remains.
inline std::vector<electricity::Partial> spread(double distortion, double first, double second,
                                                std::array<unsigned, 3> orders) {
  if (distortion == 0)
    return {};
  const double rest = std::sqrt(1 - first * first);
  return {{orders[0], distortion * first, 150},
          {orders[1], distortion * rest * second, -70},
          {orders[2], distortion * rest * std::sqrt(1 - second * second), 25}};
}

/// Choose the parts that hold the highest peaks and waste the least of the chip's range.
inline void fit_parts(Installation &it) {
  double volts = 0;
  double amperes = 0;
  for (size_t line = 0; line < LINES; line++) {
    volts = std::max(volts, it.voltages[line].highest_peak() * 1.05);
    amperes = std::max(amperes, it.currents[line].highest_peak() * 1.05);
  }
  it.divider = volts > 801 ? 1601 : 801;
  it.voltage_pga = volts * 2 < it.divider ? 2 : 1;
  it.ct_ratio = 2500;
  it.burden_ohm = amperes * 10.2 > it.ct_ratio ? 4.7 : 10.2;
  const double headroom = it.ct_ratio / it.burden_ohm / std::max(amperes, it.neutral.highest_peak());
  it.current_pga = headroom > 4 ? 4 : headroom > 2 ? 2 : 1;
}

/// A voltage close to the limit of its zero crossings could fall on either side of it: it is moved out of doubt.
inline void leave_doubt(Installation &it) {
  for (Wave &voltage : it.voltages) {
    const double share = voltage.rms / it.full_scale_v();
    if (share > 0.0095 && share < 0.0105)
      voltage.rms = 0.0105 * it.full_scale_v();
  }
}

inline Installation installation(unsigned scenario) {
  Coordinates at(scenario);
  Installation it{};
  it.frequency_hz = at.between(45, 65);
  it.temperature_c = at.between(-30, 80);
  const double volts = at.between(0, 300);
  const double amperes = at.between_logarithmic(0.005, 100);
  const double lag_deg = at.between(-180, 180);
  const double current_distortion = at.next();
  const auto currents = spread(current_distortion, at.next(), at.next(), {3, 5, 7});
  // Every other scenario has sinusoidal voltages; squared, because little is usual.
  const double voltage_distortion = std::max(at.between(-1, 1), 0.0);
  const auto voltages = spread(voltage_distortion * voltage_distortion, at.next(), at.next(), {3, 5, 11});
  for (size_t line = 0; line < LINES; line++) {
    // One line in twelve is dead, and one in twelve has no load.
    const double volt_share = at.next();
    const double ampere_share = at.next();
    const double share = volt_share < 1.0 / 12 ? 0 : 1 - 0.2 * (volt_share - 1.0 / 12);
    const double total_a = std::max(amperes * std::pow(0.01, ampere_share * ampere_share), 0.005);
    it.voltages[line] = {volts * share / std::hypot(1, voltage_distortion * voltage_distortion),
                         -120.0 * static_cast<double>(line) + (line == 0 ? 0 : at.between(-4, 4)), voltages};
    it.currents[line] = {ampere_share > 11.0 / 12 ? 0 : total_a / std::hypot(1, current_distortion),
                         it.voltages[line].angle_deg - lag_deg - (line == 0 ? 0 : at.between(-90, 90)), currents};
    it.voltage_trims[line] = static_cast<float>(at.between(0.95, 1.05));
    it.current_trims[line] = static_cast<float>(at.between(0.95, 1.05));
  }
  it.neutral = {at.between_logarithmic(0.005, 100), 0, {}};
  it.is_neutral_fitted = scenario % 2 == 1;
  it.reversed_line = scenario / 2 % 8;
  fit_parts(it);
  leave_doubt(it);
  return it;
}

inline bench::Scenario scenario_of(const Installation &it) {
  const auto add = [](const Wave &wave, auto &harmonics) {
    for (const electricity::Partial &partial : wave.partials) {
      harmonics.add(
          {.order = static_cast<uint8_t>(partial.order), .ratio = partial.ratio, .angle_deg = partial.angle_deg});
    }
  };
  bench::Scenario scenario;
  scenario.frequency_hz = it.frequency_hz;
  scenario.chip_temperature_c = it.temperature_c;
  scenario.neutral_current_a = it.neutral.rms;
  for (size_t line = 0; line < LINES; line++) {
    auto &phase = scenario.phases[line];
    phase.voltage_v = it.voltages[line].rms;
    phase.voltage_angle_deg = it.voltages[line].angle_deg;
    phase.current_a = it.currents[line].rms;
    phase.current_lag_deg = it.voltages[line].angle_deg - it.currents[line].angle_deg;
    add(it.voltages[line], phase.voltage_harmonics);
    add(it.currents[line], phase.current_harmonics);
  }
  return scenario;
}

inline bench::FrontEnd front_end_of(const Installation &it) {
  bench::FrontEnd front_end{.voltage_divider = it.divider,
                            .ct_ratio = it.ct_ratio,
                            .burden_ohm = it.burden_ohm,
                            .neutral_ct_ratio = it.ct_ratio,
                            .neutral_burden_ohm = it.burden_ohm};
  for (size_t line = 0; line < LINES; line++) {
    front_end.voltage_gain[line] = 1.0 / it.voltage_trims[line];
    front_end.current_gain[line] = 1.0 / it.current_trims[line];
    front_end.ct_reversed[line] = line == it.reversed_line;
  }
  return front_end;
}

/// The configuration that a user would write for the parts. Everything is counted, however small.
inline bench::ChipConfig config_of(const Installation &it) {
  bench::ChipConfig config;
  // The chip follows the fundamental within 5 Hz of the nominal frequency.
  config.line_frequency_hz = it.frequency_hz < 55 ? 50 : 60;
  config.voltage_divider = it.divider;
  config.voltage_pga_gain = static_cast<uint8_t>(it.voltage_pga);
  config.current = {
      .ratio = it.ct_ratio, .burden_ohm = it.burden_ohm, .pga_gain = static_cast<uint8_t>(it.current_pga)};
  config.neutral_fitted = it.is_neutral_fitted;
  config.neutral = config.current;
  config.no_load_va = 0;
  for (size_t line = 0; line < LINES; line++) {
    config.phases[line].invert_current = line == it.reversed_line;
    config.phases[line].calibration.voltage = it.voltage_trims[line];
    config.phases[line].calibration.current = it.current_trims[line];
  }
  return config;
}

}  // namespace grid
