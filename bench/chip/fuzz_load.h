#pragma once

#include "bench.h"
#include "fuzz_random.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <numbers>
#include <utility>

namespace fuzz {

using namespace bench;

/// A load that changes every few seconds, in closed form. Lags and distortions stay, so that directions do.
class Load {
 public:
  explicit Load(uint32_t seed) {
    Random random(seed);
    for (size_t line = 0; line < LINE_COUNT; line++) {
      auto &phase = this->scenario.phases[line];
      phase.voltage_v = VOLTS[line];
      phase.current_a = AMPERES[line];
      phase.current_lag_deg = LAGS_DEG[line];
      phase.current_harmonics.add({.order = 3, .ratio = DISTORTION, .angle_deg = 30});
    }
    this->scenario.frequency_hz = FREQUENCY_HZ;
    for (size_t step = 0; step < STEPS; step++)
      this->scenario.add_step(step_(random));
  }

  /// Whether the load can tell what a quantity has to be.
  static bool knows(Quantity quantity) {
    constexpr Quantity KNOWN[] = {
        Quantity::VOLTAGE,
        Quantity::PHASE_TO_PHASE_VOLTAGE,
        Quantity::CURRENT,
        Quantity::ACTIVE_POWER,
        Quantity::REACTIVE_POWER,
        Quantity::APPARENT_POWER,
        Quantity::POWER_FACTOR,
        Quantity::DISPLACEMENT_POWER_FACTOR,
        Quantity::FUNDAMENTAL_ACTIVE_POWER,
        Quantity::FUNDAMENTAL_REACTIVE_POWER,
        Quantity::FUNDAMENTAL_APPARENT_POWER,
        Quantity::VOLTAGE_THD,
        Quantity::CURRENT_THD,
        Quantity::FREQUENCY,
        Quantity::VOLTAGE_ANGLE,
        Quantity::PHASE_ANGLE,
        Quantity::CHIP_TEMPERATURE,
    };
    return std::find(std::begin(KNOWN), std::end(KNOWN), quantity) != std::end(KNOWN);
  }

  /// Return a value of a quantity in one step, NAN where it does not exist then.
  double value(size_t step, Quantity quantity, Phase phase) const {
    const bool is_line = phase < Phase::N;
    const auto line = static_cast<size_t>(phase);
    switch (quantity) {
      case Quantity::VOLTAGE:
        return this->volts_(step, line);
      case Quantity::CURRENT:
        return is_line ? this->amperes_(step, line) * TOTAL_OF_FUNDAMENTAL : NAN;
      case Quantity::ACTIVE_POWER:
      case Quantity::FUNDAMENTAL_ACTIVE_POWER:
        return this->power_(step, phase, [](double lag) { return std::cos(lag); });
      case Quantity::REACTIVE_POWER:
      case Quantity::FUNDAMENTAL_REACTIVE_POWER:
        return this->power_(step, phase, [](double lag) { return std::sin(lag); });
      case Quantity::FUNDAMENTAL_APPARENT_POWER:
        return this->power_(step, phase, [](double) { return 1; });
      case Quantity::APPARENT_POWER:
        return this->value(step, Quantity::FUNDAMENTAL_APPARENT_POWER, phase) * TOTAL_OF_FUNDAMENTAL;
      case Quantity::POWER_FACTOR:
        return this->value(step, Quantity::ACTIVE_POWER, phase) / this->value(step, Quantity::APPARENT_POWER, phase);
      case Quantity::DISPLACEMENT_POWER_FACTOR:
        return this->value(step, Quantity::POWER_FACTOR, phase) * TOTAL_OF_FUNDAMENTAL;
      case Quantity::VOLTAGE_THD:
        return this->is_live_(step, line) ? 0 : NAN;
      case Quantity::CURRENT_THD:
        return this->is_loaded_(step, line) ? DISTORTION : NAN;
      case Quantity::FREQUENCY:
        return !is_line || this->is_live_(step, line) ? FREQUENCY_HZ : NAN;
      case Quantity::VOLTAGE_ANGLE:
        return this->is_live_(step, line) ? ANGLES_DEG[line] : NAN;
      case Quantity::PHASE_ANGLE:
        return this->is_loaded_(step, line) ? LAGS_DEG[line] : NAN;
      case Quantity::CHIP_TEMPERATURE:
        return this->scenario.chip_temperature_c;
      default:
        return NAN;
    }
  }

  /// Least and most of a value in a span.
  std::pair<double, double> extremes(uint64_t from_us, uint64_t to_us, Quantity quantity, Phase phase) const {
    if (quantity == Quantity::PHASE_TO_PHASE_VOLTAGE)
      return this->extremes_between_(from_us, to_us, static_cast<size_t>(phase) - static_cast<size_t>(Phase::L12));
    double least = INFINITY;
    double most = -INFINITY;
    this->scenario.for_each_segment(static_cast<double>(from_us) / S, static_cast<double>(to_us) / S,
                                    [&](size_t step, double, double) {
                                      const double value = this->value(step, quantity, phase);
                                      least = std::isnan(value) ? least : std::min(least, value);
                                      most = std::isnan(value) ? most : std::max(most, value);
                                    });
    return {least, most};
  }

  /// Integral over a span in Ws, vars or VAs.
  double integral(uint64_t from_us, uint64_t to_us, Quantity power, Phase phase) const {
    double sum = 0;
    this->scenario.for_each_segment(
        static_cast<double>(from_us) / S, static_cast<double>(to_us) / S,
        [&](size_t step, double from_s, double to_s) { sum += this->value(step, power, phase) * (to_s - from_s); });
    return sum;
  }

  Scenario scenario;

 protected:
  static constexpr std::array<double, LINE_COUNT> VOLTS{230, 228, 233};
  static constexpr std::array<double, LINE_COUNT> ANGLES_DEG{0, -120, 120};
  static constexpr std::array<double, LINE_COUNT> AMPERES{10, 6, 2};
  static constexpr std::array<double, LINE_COUNT> LAGS_DEG{20, 165, -70};
  static constexpr double DISTORTION = 0.2;
  static constexpr double TOTAL_OF_FUNDAMENTAL = 1.0198039027185570;  ///< √(1 + 0.2²).
  static constexpr double FREQUENCY_HZ = 50.2;
  static constexpr size_t STEPS = 24;
  static constexpr double DEGREE = std::numbers::pi / 180;

  static LoadStep step_(Random &random) {
    LoadStep step{.duration_s = random.between(1.5, 7)};
    for (size_t line = 0; line < LINE_COUNT; line++) {
      step.current_factor[line] = random.hits(0.15) ? 0 : random.between(0.2, 3);
      step.voltage_factor[line] = random.between(0.9, 1.1);
    }
    if (random.hits(0.2))
      step.voltage_factor[2] = 0;
    return step;
  }

  double volts_(size_t step, size_t line) const {
    return VOLTS[line] * this->scenario.steps[step].voltage_factor[line];
  }
  double amperes_(size_t step, size_t line) const {
    return AMPERES[line] * this->scenario.steps[step].current_factor[line];
  }
  bool is_live_(size_t step, size_t line) const { return this->volts_(step, line) > 0; }
  bool is_loaded_(size_t step, size_t line) const {
    return this->is_live_(step, line) && this->amperes_(step, line) > 0;
  }

  /// The chip measures the RMS of each phase, and of their difference nothing: while they change, the extremes of both
  /// count.
  std::pair<double, double> extremes_between_(uint64_t from_us, uint64_t to_us, size_t first) const {
    const size_t second = (first + 1) % LINE_COUNT;
    const auto one = this->extremes(from_us, to_us, Quantity::VOLTAGE, LINES[first]);
    const auto other = this->extremes(from_us, to_us, Quantity::VOLTAGE, LINES[second]);
    if (one.second == 0 || other.second == 0)
      return {INFINITY, -INFINITY};
    const auto between = [&](double volts, double other_volts) {
      return std::abs(std::polar(volts, ANGLES_DEG[first] * DEGREE) -
                      std::polar(other_volts, ANGLES_DEG[second] * DEGREE));
    };
    return {between(one.first, other.first), between(one.second, other.second)};
  }

  template <typename OfLag>
  double power_(size_t step, Phase phase, OfLag of_lag) const {
    double sum = 0;
    for (size_t line = 0; line < LINE_COUNT; line++) {
      if (phase == LINES[line] || phase == Phase::TOTAL)
        sum += this->volts_(step, line) * this->amperes_(step, line) * of_lag(LAGS_DEG[line] * DEGREE);
    }
    return sum;
  }
};

}  // namespace fuzz
