#include "bench.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace {

using namespace bench;

constexpr double DEGREE = std::numbers::pi / 180;
constexpr double RELATIVE = 1e-3;
constexpr double ANGLE_STEP_S = 1.0 / 1'024'000;

/// Third and fifth harmonic of the current, which make 0, 30 and 100 % of distortion.
struct Distortion {
  double third;
  double fifth;
};

/// One scenario of the grid: three phases of the same load, at lag angles of their own.
struct Load {
  double voltage_v;
  double current_a;
  double frequency_hz;
  std::array<double, 3> lags_deg;
  Distortion distortion;
};

Scenario scenario_of(const Load &load) {
  Scenario scenario = balanced(load.current_a, 0, load.frequency_hz);
  for (size_t line = 0; line < 3; line++) {
    auto &phase = scenario.phases[line];
    phase.voltage_v = load.voltage_v;
    phase.current_lag_deg = load.lags_deg[line];
    phase.voltage_harmonics.add({.order = 5, .ratio = 0.05, .angle_deg = 25});
    phase.current_harmonics.add({.order = 3, .ratio = load.distortion.third, .angle_deg = 150});
    phase.current_harmonics.add({.order = 5, .ratio = load.distortion.fifth, .angle_deg = -70});
  }
  return scenario;
}

/// A tenth of a per cent and one count.
void expect_exact(float value, double truth, double count, const char *what) {
  EXPECT_NEAR(value, truth, std::abs(truth) * RELATIVE + count) << what;
}

void expect_phase(const Bench &bench, const Load &load, size_t line) {
  const Scales scales = scales_of(ChipConfig{});
  const Phase phase = LINES[line];
  const double lag = load.lags_deg[line] * DEGREE;
  const double thd = std::hypot(load.distortion.third, load.distortion.fifth);
  const double voltage = load.voltage_v * std::sqrt(1 + 0.05 * 0.05);
  const double current = load.current_a * std::sqrt(1 + thd * thd);
  const double fundamental = load.voltage_v * load.current_a;
  const double fifth = fundamental * 0.05 * load.distortion.fifth;
  const double fifth_angle = 5 * lag + (25 + 70) * DEGREE;
  const double active = fundamental * std::cos(lag) + fifth * std::cos(fifth_angle);
  const double reactive = fundamental * std::sin(lag) + fifth * std::sin(fifth_angle);

  expect_exact(bench.get(Quantity::VOLTAGE, phase), voltage, scales.volt, "voltage");
  expect_exact(bench.get(Quantity::CURRENT, phase), current, scales.ampere, "current");
  expect_exact(bench.get(Quantity::ACTIVE_POWER, phase), active, scales.watt, "active power");
  expect_exact(bench.get(Quantity::REACTIVE_POWER, phase), reactive, scales.watt, "reactive power");
  expect_exact(bench.get(Quantity::APPARENT_POWER, phase), voltage * current, scales.watt, "apparent power");
  expect_exact(bench.get(Quantity::FUNDAMENTAL_ACTIVE_POWER, phase), fundamental * std::cos(lag), scales.watt, "P1");
  expect_exact(bench.get(Quantity::FUNDAMENTAL_REACTIVE_POWER, phase), fundamental * std::sin(lag), scales.watt, "Q1");
  expect_exact(bench.get(Quantity::POWER_FACTOR, phase), active / (voltage * current), 1e-5, "power factor");
  expect_exact(bench.get(Quantity::DISPLACEMENT_POWER_FACTOR, phase), std::cos(lag), 1e-5, "displacement factor");
  expect_exact(bench.get(Quantity::VOLTAGE_THD, phase), 0.05, 1e-5, "voltage THD");
  expect_exact(bench.get(Quantity::CURRENT_THD, phase), thd, 1e-5, "current THD");
  EXPECT_NEAR(bench.get(Quantity::FREQUENCY, phase), load.frequency_hz, 1e-4);
  EXPECT_NEAR(std::remainder(bench.get(Quantity::PHASE_ANGLE, phase) - load.lags_deg[line], 360), 0,
              360 * load.frequency_hz * ANGLE_STEP_S);
}

class Accuracy : public testing::TestWithParam<double> {};

TEST_P(Accuracy, IsATenthOfAPerCentFrom5MilliampereTo100Ampere) {
  constexpr std::array<double, 3> LAGS[] = {{0, 60, -45}, {180, 120, 90}, {-90, 150, 36.87}};
  constexpr Distortion DISTORTIONS[] = {{0, 0}, {0.24, 0.18}, {0.8, 0.6}};
  for (const double voltage_v : {90.0, 230.0, 400.0}) {
    for (const double current_a : {0.005, 0.1, 5.0, 100.0}) {
      for (const auto &lags : LAGS) {
        for (const Distortion &distortion : DISTORTIONS) {
          const Load load{voltage_v, current_a, GetParam(), lags, distortion};
          SCOPED_TRACE(testing::Message() << voltage_v << " V, " << current_a << " A, lags from " << lags[0]
                                          << "°, third harmonic " << distortion.third);
          Bench bench(scenario_of(load), without_no_load());
          bench.run_until(2500 * MS, 20 * MS);
          ASSERT_EQ(bench.chip.state(), ChipState::RUNNING);
          for (size_t line = 0; line < 3; line++)
            expect_phase(bench, load, line);
        }
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Hertz, Accuracy, testing::Values(45.0, 50.0, 60.0, 65.0));

}  // namespace
