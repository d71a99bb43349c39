#include "bench.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>

/// Peaks: the largest instantaneous values of a window, from registers that are cleared by reading.

namespace {

using namespace bench;

constexpr double SQRT2 = std::numbers::sqrt2;

double voltage_peak(const Reading &reading) { return reading.get(Quantity::VOLTAGE_PEAK, Phase::TOTAL); }
double current_peak(const Reading &reading) { return reading.get(Quantity::CURRENT_PEAK, Phase::TOTAL); }

/// Run until a window has ended that the driver has not looked for yet, and 1 ms more.
void run_to_the_end_of_a_window(Bench &bench) {
  bench.run_until(3 * S);
  const size_t before = bench.readings.size();
  while (bench.readings.size() == before)
    bench.run_until(bench.now_us + MS, MS);
  bench.run_until(bench.now_us + 990 * MS, 10 * MS);
  bench.be_busy(12 * MS);
  EXPECT_EQ(bench.readings.size(), before + 1);
}

/// Transactions of a pass that finds a window, counted from 0: two reads of flags and one of the flag that is set come
/// first, the peaks follow with their commands, then the flag is cleared and 13 results are read twice before the
/// energies.
constexpr uint32_t READ_OF_VPEAK = 3;
constexpr uint32_t READ_OF_AN_ENERGY = 40;
constexpr size_t A_BIT = 16 + 20;  ///< Of the data.

TEST(Peaks, OfSinesAreTheirAmplitudes) {
  Scenario scenario = balanced(10);
  scenario.phases[1].voltage_v = 236;
  scenario.phases[2].current_a = 17;
  Bench bench(scenario);
  bench.run_until(5 * S);
  // One code is 0.34 mV of 800 V, and 0.1 mA of 245 A.
  EXPECT_NEAR(voltage_peak(bench.last()), 236 * SQRT2, 1e-3);
  EXPECT_NEAR(current_peak(bench.last()), 17 * SQRT2, 2e-4);
}

TEST(Peaks, OfADistortedCurrentAreThoseOfItsWave) {
  Scenario scenario = balanced(10);
  scenario.phases[0].current_harmonics.add({.order = 3, .ratio = 0.3, .angle_deg = 0});
  scenario.phases[1].current_a = scenario.phases[2].current_a = 1;
  Bench bench(scenario);
  bench.run_until(5 * S);
  // sin x + 0.3·sin 3x: extremes where cos x + 0.9·cos 3x = 0, so 3.6·cos² x = 1.7.
  const double cosine = std::sqrt(1.7 / 3.6);
  const double sine = std::sqrt(1 - cosine * cosine);
  const double peak = sine + 0.3 * (3 * sine - 4 * sine * sine * sine);
  EXPECT_NEAR(current_peak(bench.last()), 10 * SQRT2 * peak, 1e-3);
}

TEST(Peaks, OfAMomentShowInItsWindowAndNotInTheNext) {
  Scenario scenario = balanced(10);
  scenario.add_step({.duration_s = 5.5});
  scenario.add_step({.duration_s = 0.1, .current_factor = {1, 6, 1}, .voltage_factor = {1.2, 1, 1}});
  scenario.add_step({.duration_s = 100});
  Bench bench(scenario);
  bench.run_until(10 * S);
  for (const Reading &reading : bench.readings) {
    const double end_s = static_cast<double>(reading.uptime_us) / S;
    if (end_s < 2.1)
      continue;
    const bool has_moment = end_s > 5.5 && end_s < 6.5;
    EXPECT_NEAR(voltage_peak(reading), 230 * SQRT2 * (has_moment ? 1.2 : 1), 1e-3) << "at " << end_s;
    EXPECT_NEAR(current_peak(reading), 10 * SQRT2 * (has_moment ? 6 : 1), 1e-3) << "at " << end_s;
  }
}

TEST(Peaks, AreThoseOfThePhasesThatAreFitted) {
  Scenario scenario = balanced(10);
  scenario.phases[1].voltage_v = 300;
  ChipConfig config;
  config.phases[1].fitted = false;
  Bench bench(scenario, config);
  bench.run_until(5 * S);
  EXPECT_NEAR(voltage_peak(bench.last()), 230 * SQRT2, 1e-3);
}

TEST(Peaks, ScaleWithTransformersAndAmplification) {
  const FrontEnd front_end{.voltage_divider = 1601, .ct_ratio = 1000, .burden_ohm = 1};
  ChipConfig config;
  config.voltage_divider = 1601;
  config.voltage_pga_gain = 2;
  config.current = {.ratio = 1000, .burden_ohm = 1, .pga_gain = 4};
  Bench bench(balanced(10), config, front_end);
  bench.run_until(5 * S);
  EXPECT_NEAR(voltage_peak(bench.last()), 230 * SQRT2, 1e-3);
  EXPECT_NEAR(current_peak(bench.last()), 10 * SQRT2, 1e-3);
}

TEST(Peaks, AreNotReadAgainWhenTheReadingWasDisturbed) {
  Bench bench(balanced(10));
  run_to_the_end_of_a_window(bench);
  bench.sim.flip_miso_bit(READ_OF_VPEAK, A_BIT);
  bench.call();
  bench.run_until(bench.now_us + 16 * MS);
  EXPECT_TRUE(std::isnan(voltage_peak(bench.last()))) << "the chip has cleared it";
  EXPECT_NEAR(current_peak(bench.last()), 10 * SQRT2, 2e-4);
  EXPECT_EQ(bench.bus.counters().crc_errors, 1U);
  bench.run_until(bench.now_us + 1100 * MS);
  EXPECT_NEAR(voltage_peak(bench.last()), 230 * SQRT2, 1e-3) << "the next window has its own";
}

TEST(Peaks, OfAWindowThatCouldNotBeReadAtOnceAreKept) {
  Scenario scenario = balanced(10);
  scenario.add_step({.duration_s = 3.5});
  scenario.add_step({.duration_s = 0.1, .current_factor = {6, 1, 1}});
  scenario.add_step({.duration_s = 100});
  Bench bench(scenario);
  run_to_the_end_of_a_window(bench);
  ASSERT_GT(bench.now_us, 3600 * MS);
  ASSERT_LT(bench.now_us, 4600 * MS);
  // An energy cannot be read, after the peaks were read.
  bench.wires.cut_behind = READ_OF_AN_ENERGY;
  EXPECT_FALSE(bench.call());
  bench.wires.cut_behind = SIZE_MAX;
  EXPECT_EQ(bench.chip.counters().rejected_windows, 1U);
  bench.run_until(bench.now_us + 50 * MS);
  ASSERT_EQ(bench.chip.counters().readings, bench.readings.size());
  EXPECT_NEAR(current_peak(bench.last()), 60 * SQRT2, 1e-3);
}

TEST(Peaks, OfMissedWindowsAreTheLargestOfAll) {
  Scenario scenario = balanced(10);
  scenario.add_step({.duration_s = 4.5});
  scenario.add_step({.duration_s = 0.1, .current_factor = {1, 1, 6}});
  scenario.add_step({.duration_s = 100});
  Bench bench(scenario);
  bench.run_until(4 * S);
  bench.be_busy(4 * S);
  bench.run_until(9200 * MS);
  double largest = 0;
  for (const Reading &reading : bench.readings) {
    if (reading.uptime_us > 4500 * MS)
      largest = std::max(largest, current_peak(reading));
  }
  EXPECT_NEAR(largest, 60 * SQRT2, 1e-3);
}

TEST(Peaks, OfTheTimeBeforeARestartAreForgotten) {
  Scenario scenario = balanced(10);
  scenario.add_step({.duration_s = 4.5});
  scenario.add_step({.duration_s = 0.1, .current_factor = {6, 6, 6}});
  scenario.add_step({.duration_s = 100});
  Bench bench(scenario);
  bench.sim.brown_out_at(4700 * MS);
  bench.run_until(10 * S);
  EXPECT_EQ(bench.chip.counters().restarts, 1U);
  for (const Reading &reading : bench.readings) {
    if (!std::isnan(current_peak(reading))) {
      EXPECT_NEAR(current_peak(reading), 10 * SQRT2, 1e-3);
    }
  }
}

}  // namespace
