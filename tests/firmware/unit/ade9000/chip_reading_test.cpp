#include "bench.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <numbers>

namespace {

using namespace bench;

constexpr double DEGREE = std::numbers::pi / 180;

/// Run until the values of a scenario have settled.
Bench &settle(Bench &bench) {
  bench.run_until(5 * S);
  EXPECT_EQ(bench.chip.state(), ChipState::RUNNING);
  return bench;
}

void expect_nan(const Bench &bench, Quantity quantity, std::initializer_list<Phase> phases) {
  for (const Phase phase : phases)
    EXPECT_TRUE(std::isnan(bench.get(quantity, phase))) << row_of(quantity).key << " is " << bench.get(quantity, phase);
}

/// L1 exports, L2 is inductive with distortion, L3 is capacitive.
Scenario mixed() {
  Scenario scenario;
  auto &[l1, l2, l3] = scenario.phases;
  l1.voltage_v = 231;
  l1.current_a = 8;
  l1.current_lag_deg = 170;
  l2.voltage_v = 228;
  l2.voltage_angle_deg = -121;
  l2.current_a = 20;
  l2.current_lag_deg = 40;
  l2.voltage_harmonics.add({.order = 5, .ratio = 0.04, .angle_deg = 10});
  l2.current_harmonics.add({.order = 3, .ratio = 0.3, .angle_deg = 180});
  l2.current_harmonics.add({.order = 5, .ratio = 0.4, .angle_deg = -30});
  l3.voltage_v = 233;
  l3.voltage_angle_deg = 119;
  l3.current_a = 0.5;
  l3.current_lag_deg = -60;
  scenario.neutral_current_a = 12;
  scenario.chip_temperature_c = 41.3;
  return scenario;
}

class MixedLoad : public testing::Test {
 protected:
  MixedLoad() {
    ChipConfig config;
    config.neutral_fitted = true;
    this->bench.chip.configure(config);
    this->bench.sim.set_scenario(mixed());
    this->bench.chip.start(0);
    settle(this->bench);
  }

  Bench bench;
};

TEST_F(MixedLoad, VoltagesAndCurrentsAreTheTotalRms) {
  EXPECT_NEAR(this->bench.get(Quantity::VOLTAGE, Phase::L1), 231, 231e-6);
  EXPECT_NEAR(this->bench.get(Quantity::VOLTAGE, Phase::L2), 228 * std::sqrt(1 + 0.04 * 0.04), 228e-6);
  EXPECT_NEAR(this->bench.get(Quantity::CURRENT, Phase::L2), 20 * std::sqrt(1 + 0.09 + 0.16), 20e-6);
  EXPECT_NEAR(this->bench.get(Quantity::CURRENT, Phase::L3), 0.5, 5e-6);
  EXPECT_NEAR(this->bench.get(Quantity::CURRENT, Phase::N), 12, 12e-6);
}

TEST_F(MixedLoad, PowersAreSignedAsSeenFromTheInstallation) {
  const double harmonic_w = 228 * 0.04 * 20 * 0.4 * std::cos((5 * 40 + 10 + 30) * DEGREE);
  const double harmonic_var = 228 * 0.04 * 20 * 0.4 * std::sin((5 * 40 + 10 + 30) * DEGREE);
  EXPECT_NEAR(this->bench.get(Quantity::ACTIVE_POWER, Phase::L1), 231 * 8 * std::cos(170 * DEGREE), 0.01);
  EXPECT_NEAR(this->bench.get(Quantity::REACTIVE_POWER, Phase::L1), 231 * 8 * std::sin(170 * DEGREE), 0.01);
  EXPECT_NEAR(this->bench.get(Quantity::ACTIVE_POWER, Phase::L2), 228 * 20 * std::cos(40 * DEGREE) + harmonic_w, 0.01);
  EXPECT_NEAR(this->bench.get(Quantity::REACTIVE_POWER, Phase::L2), 228 * 20 * std::sin(40 * DEGREE) + harmonic_var,
              0.01);
  EXPECT_NEAR(this->bench.get(Quantity::REACTIVE_POWER, Phase::L3), -233 * 0.5 * std::sin(60 * DEGREE), 0.01);
  EXPECT_NEAR(this->bench.get(Quantity::APPARENT_POWER, Phase::L1), 231 * 8, 0.01);
}

TEST_F(MixedLoad, FundamentalPowersLeaveTheHarmonicsOut) {
  EXPECT_NEAR(this->bench.get(Quantity::FUNDAMENTAL_ACTIVE_POWER, Phase::L2), 228 * 20 * std::cos(40 * DEGREE), 0.01);
  EXPECT_NEAR(this->bench.get(Quantity::FUNDAMENTAL_REACTIVE_POWER, Phase::L2), 228 * 20 * std::sin(40 * DEGREE), 0.01);
  EXPECT_NEAR(this->bench.get(Quantity::FUNDAMENTAL_APPARENT_POWER, Phase::L2), 228 * 20, 0.01);
  EXPECT_NEAR(this->bench.get(Quantity::DISPLACEMENT_POWER_FACTOR, Phase::L2), std::cos(40 * DEGREE), 1e-5);
}

TEST_F(MixedLoad, TotalsAreTheSumsOfThePhases) {
  for (const Quantity quantity : {Quantity::ACTIVE_POWER, Quantity::REACTIVE_POWER, Quantity::APPARENT_POWER,
                                  Quantity::FUNDAMENTAL_ACTIVE_POWER, Quantity::FUNDAMENTAL_APPARENT_POWER}) {
    double sum = 0;
    for (const Phase phase : LINES)
      sum += this->bench.get(quantity, phase);
    EXPECT_NEAR(this->bench.get(quantity, Phase::TOTAL), sum, 0.002) << row_of(quantity).key;
  }
}

TEST_F(MixedLoad, PowerFactorsAreSignedAsTheActivePower) {
  EXPECT_NEAR(this->bench.get(Quantity::POWER_FACTOR, Phase::L1), std::cos(170 * DEGREE), 1e-5);
  EXPECT_NEAR(this->bench.get(Quantity::POWER_FACTOR, Phase::L3), 0.5, 1e-5);
  EXPECT_NEAR(
      this->bench.get(Quantity::POWER_FACTOR, Phase::TOTAL),
      this->bench.get(Quantity::ACTIVE_POWER, Phase::TOTAL) / this->bench.get(Quantity::APPARENT_POWER, Phase::TOTAL),
      1e-6);
}

TEST_F(MixedLoad, DistortionIsARatioOfTheFundamental) {
  EXPECT_NEAR(this->bench.get(Quantity::VOLTAGE_THD, Phase::L2), 0.04, 1e-6);
  EXPECT_NEAR(this->bench.get(Quantity::CURRENT_THD, Phase::L2), 0.5, 1e-6);
  EXPECT_NEAR(this->bench.get(Quantity::CURRENT_THD, Phase::L1), 0, 1e-4);
}

TEST_F(MixedLoad, AnglesAreAgainstTheVoltageOfL1AndOfThePhase) {
  // One step of the chip is 1/1,024,000 s, that is 0.0176° at 50 Hz.
  EXPECT_EQ(this->bench.get(Quantity::VOLTAGE_ANGLE, Phase::L1), 0);
  EXPECT_NEAR(this->bench.get(Quantity::VOLTAGE_ANGLE, Phase::L2), -121, 0.01);
  EXPECT_NEAR(this->bench.get(Quantity::VOLTAGE_ANGLE, Phase::L3), 119, 0.01);
  EXPECT_NEAR(this->bench.get(Quantity::PHASE_ANGLE, Phase::L1), 170, 0.01);
  EXPECT_NEAR(this->bench.get(Quantity::PHASE_ANGLE, Phase::L2), 40, 0.01);
  EXPECT_NEAR(this->bench.get(Quantity::PHASE_ANGLE, Phase::L3), -60, 0.01);
}

TEST_F(MixedLoad, PhaseToPhaseVoltagesFollowFromPhasors) {
  const auto between = [](double first, double second, double degrees) {
    return std::sqrt(first * first + second * second - 2 * first * second * std::cos(degrees * DEGREE));
  };
  const double l2 = 228 * std::sqrt(1 + 0.04 * 0.04);
  EXPECT_NEAR(this->bench.get(Quantity::PHASE_TO_PHASE_VOLTAGE, Phase::L12), between(231, l2, 121), 0.05);
  EXPECT_NEAR(this->bench.get(Quantity::PHASE_TO_PHASE_VOLTAGE, Phase::L23), between(l2, 233, 120), 0.05);
  EXPECT_NEAR(this->bench.get(Quantity::PHASE_TO_PHASE_VOLTAGE, Phase::L31), between(233, 231, 119), 0.05);
}

TEST_F(MixedLoad, TemperatureIsThatOfTheChip) {
  EXPECT_NEAR(this->bench.get(Quantity::CHIP_TEMPERATURE, Phase::TOTAL), 41.3, 0.16);
}

TEST_F(MixedLoad, EnergiesAreThoseOfThePowers) {
  const Reading before = this->bench.last();
  this->bench.run_until(65 * S);
  const double hours = static_cast<double>(this->bench.last().uptime_us - before.uptime_us) / S / 3600;
  EXPECT_NEAR(hours * 60, 1, 0.01);
  const auto gained = [&](Quantity quantity, Phase phase) {
    return static_cast<double>(this->bench.counter(quantity, phase) - before.counter(quantity, phase));
  };
  const auto power = [&](Quantity quantity, Phase phase) { return this->bench.get(quantity, phase) * hours * 1000; };
  EXPECT_NEAR(gained(Quantity::ACTIVE_ENERGY_EXPORT, Phase::L1), -power(Quantity::ACTIVE_POWER, Phase::L1), 1.1);
  EXPECT_EQ(gained(Quantity::ACTIVE_ENERGY_IMPORT, Phase::L1), 0);
  EXPECT_NEAR(gained(Quantity::ACTIVE_ENERGY_IMPORT, Phase::L2), power(Quantity::ACTIVE_POWER, Phase::L2), 1.1);
  EXPECT_NEAR(gained(Quantity::REACTIVE_ENERGY_EXPORT, Phase::L3), -power(Quantity::REACTIVE_POWER, Phase::L3), 1.1);
  EXPECT_NEAR(gained(Quantity::APPARENT_ENERGY_EXPORT, Phase::L1), power(Quantity::APPARENT_POWER, Phase::L1), 1.1);
  EXPECT_NEAR(gained(Quantity::ACTIVE_ENERGY_IMPORT, Phase::NET), power(Quantity::ACTIVE_POWER, Phase::TOTAL), 1.1);
}

TEST(ChipReading, EveryReadingIsOneSecondAfterTheOneBefore) {
  Bench bench(balanced(10));
  bench.run_until(60 * S);
  ASSERT_GE(bench.readings.size(), 58U);
  for (size_t index = 1; index < bench.readings.size(); index++) {
    EXPECT_NEAR(static_cast<double>(bench.readings[index].uptime_us - bench.readings[index - 1].uptime_us), 1e6, 17e3);
    EXPECT_EQ(bench.readings[index].span_ms, 1000U);
    EXPECT_EQ(bench.readings[index].flags, 0);
  }
}

TEST(ChipReading, EnergyFollowsALoadThatChangesWithinTheWindow) {
  Scenario scenario = balanced(10);
  scenario.add_step({.duration_s = 0.3});
  scenario.add_step({.duration_s = 0.7, .current_factor = {0, 0, 0}});
  Bench bench(scenario);
  bench.run_until(102 * S);
  const double seconds = static_cast<double>(bench.last().uptime_us - bench.readings[0].uptime_us) / S;
  const auto gained = bench.counter(Quantity::ACTIVE_ENERGY_IMPORT, Phase::L1) -
                      bench.readings[0].counter(Quantity::ACTIVE_ENERGY_IMPORT, Phase::L1);
  EXPECT_NEAR(static_cast<double>(gained), 2300 * 0.3 * seconds / 3.6, 3);
}

TEST(ChipReading, NoLoadIsNotCountedAndItsFactorsAreNotValid) {
  Scenario scenario = balanced(10);
  scenario.phases[1].current_a = 0.001;  // 0.23 VA, below 0.5 VA
  Bench bench(scenario);
  settle(bench);
  EXPECT_EQ(bench.get(Quantity::ACTIVE_POWER, Phase::L2), 0);
  EXPECT_EQ(bench.counter(Quantity::APPARENT_ENERGY_IMPORT, Phase::L2), 0);
  expect_nan(bench, Quantity::POWER_FACTOR, {Phase::L2});
  expect_nan(bench, Quantity::DISPLACEMENT_POWER_FACTOR, {Phase::L2});
  expect_nan(bench, Quantity::CURRENT_THD, {Phase::L2});
  expect_nan(bench, Quantity::PHASE_ANGLE, {Phase::L2});
  EXPECT_NEAR(bench.get(Quantity::POWER_FACTOR, Phase::TOTAL), 1, 1e-5);
  EXPECT_NEAR(bench.get(Quantity::VOLTAGE, Phase::L2), 230, 0.001);
}

TEST(ChipReading, WithoutAnyLoadNothingIsCountedAndNoFactorIsValid) {
  Bench bench(balanced(0));
  settle(bench);
  for (const int64_t counter : bench.last().counters)
    EXPECT_EQ(counter, 0);
  expect_nan(bench, Quantity::POWER_FACTOR, {Phase::L1, Phase::L2, Phase::L3, Phase::TOTAL});
}

TEST(ChipReading, APhaseThatIsLostHasNoFrequencyNorAngles) {
  Scenario scenario = balanced(10);
  scenario.phases[1].voltage_v = 0;
  scenario.phases[1].current_a = 0;
  Bench bench(scenario);
  settle(bench);
  EXPECT_NEAR(bench.get(Quantity::VOLTAGE, Phase::L2), 0, 0.001);
  EXPECT_NEAR(bench.get(Quantity::FREQUENCY, Phase::L1), 50, 1e-4);
  EXPECT_NEAR(bench.get(Quantity::FREQUENCY, Phase::TOTAL), 50, 1e-4);
  expect_nan(bench, Quantity::FREQUENCY, {Phase::L2});
  expect_nan(bench, Quantity::VOLTAGE_ANGLE, {Phase::L2});
  expect_nan(bench, Quantity::VOLTAGE_THD, {Phase::L2});
  expect_nan(bench, Quantity::PHASE_TO_PHASE_VOLTAGE, {Phase::L12, Phase::L23});
  EXPECT_NEAR(bench.get(Quantity::PHASE_TO_PHASE_VOLTAGE, Phase::L31), 398.37, 0.05);
}

TEST(ChipReading, WithoutL1AnglesHaveNoReference) {
  Scenario scenario = balanced(10);
  scenario.phases[0].voltage_v = 0;
  Bench bench(scenario);
  settle(bench);
  expect_nan(bench, Quantity::VOLTAGE_ANGLE, {Phase::L1, Phase::L2, Phase::L3});
  EXPECT_NEAR(bench.get(Quantity::FREQUENCY, Phase::TOTAL), 50, 1e-4);
  EXPECT_NEAR(bench.get(Quantity::PHASE_ANGLE, Phase::L2), 0, 0.01);
}

TEST(ChipReading, APhaseThatComesBackIsValidAgainOnceItsFiltersHaveSettled) {
  Scenario scenario = balanced(10);
  scenario.add_step({.duration_s = 6});
  scenario.add_step({.duration_s = 4, .voltage_factor = {1, 1, 0}});
  Bench bench(scenario);
  bench.run_until(16 * S);
  for (const Reading &reading : bench.readings) {
    const double end_s = static_cast<double>(reading.uptime_us) / S;
    if (end_s < 2.1)
      continue;
    // A loss shows after 100 ms without a crossing; two windows after the return are not reported.
    EXPECT_EQ(std::isnan(reading.get(Quantity::FREQUENCY, Phase::L3)), end_s > 6.1 && end_s < 12.1) << "at " << end_s;
    EXPECT_EQ(std::isnan(reading.get(Quantity::VOLTAGE_THD, Phase::L3)), end_s > 6.1 && end_s < 12.1) << "at " << end_s;
    EXPECT_NEAR(reading.get(Quantity::FREQUENCY, Phase::L1), 50, 1e-4);
  }
}

TEST(ChipReading, DistortionOfALoadIsKnownOnceTheChipHasMeasuredIt) {
  Scenario scenario = balanced(10);
  for (auto &phase : scenario.phases)
    phase.current_harmonics.add({.order = 3, .ratio = 0.2, .angle_deg = 0});
  scenario.add_step({.duration_s = 6.15, .current_factor = {1, 1, 0}});
  scenario.add_step({.duration_s = 20});
  Bench bench(scenario);
  bench.run_until(20 * S);
  for (const Reading &reading : bench.readings) {
    const double end_s = static_cast<double>(reading.uptime_us) / S;
    const float distortion = reading.get(Quantity::CURRENT_THD, Phase::L3);
    EXPECT_EQ(std::isnan(distortion), end_s < 8.1) << "at " << end_s;
    if (!std::isnan(distortion)) {
      EXPECT_NEAR(distortion, 0.2, 1e-5);
    }
  }
}

TEST(ChipReading, TheAngleOfACurrentThatHasJustComeIsNotThatOfTheOneBefore) {
  // The chip shows that there is a load within 8 ms, but the angle only after the next zero crossings. The load comes
  // back 12 ms before the end of a window, on the other side: its angle of a moment ago would be wrong by 180°.
  Bench probe(balanced(10));
  probe.run_until(6 * S, MS);
  const double end_s = static_cast<double>(probe.last().uptime_us) / S;
  Scenario scenario = balanced(10, 30);
  scenario.add_step({.duration_s = end_s - 2.5});
  scenario.add_step({.duration_s = 2.488, .current_factor = {0, 1, 1}});
  scenario.add_step({.duration_s = 100, .current_factor = {-1, 1, 1}});
  Bench bench(scenario);
  bench.run_until(static_cast<uint64_t>((end_s + 2.1) * S), MS);
  for (const Reading &reading : bench.readings) {
    const float angle = reading.get(Quantity::PHASE_ANGLE, Phase::L1);
    const double since_s = static_cast<double>(reading.uptime_us) / S - end_s;
    if (!std::isnan(angle)) {
      EXPECT_NEAR(angle, since_s < -1 ? 30 : -150, 0.02) << "at " << since_s;
    }
  }
  EXPECT_NEAR(bench.get(Quantity::PHASE_ANGLE, Phase::L1), -150, 0.02);
}

TEST(ChipReading, DistortionOfALoadThatMayHaveBeenAwayIsNotKnown) {
  Scenario scenario = balanced(10);
  scenario.add_step({.duration_s = 4.6});
  scenario.add_step({.duration_s = 3.2, .current_factor = {1, 1, 0}});
  scenario.add_step({.duration_s = 20});
  Bench bench(scenario);
  bench.run_until(4500 * MS);
  // Just while the load is away the host is busy, and then distortion is not refreshed for up to a second.
  bench.be_busy(3600 * MS);
  bench.run_until(12 * S);
  for (const Reading &reading : bench.readings) {
    if (const float distortion = reading.get(Quantity::CURRENT_THD, Phase::L3); !std::isnan(distortion)) {
      EXPECT_NEAR(distortion, 0, 1e-5) << "at " << static_cast<double>(reading.uptime_us) / S;
    }
  }
  EXPECT_FALSE(std::isnan(bench.get(Quantity::CURRENT_THD, Phase::L3)));
}

TEST(ChipReading, WithoutAnyVoltageThereIsNoFrequency) {
  Scenario scenario = balanced(0);
  for (auto &phase : scenario.phases)
    phase.voltage_v = 0;
  Bench bench(scenario);
  settle(bench);
  expect_nan(bench, Quantity::FREQUENCY, {Phase::L1, Phase::L2, Phase::L3, Phase::TOTAL});
}

class Frequency : public testing::TestWithParam<double> {};

TEST_P(Frequency, IsMeasuredWithin40And70Hz) {
  Bench bench(balanced(10, 0, GetParam()));
  settle(bench);
  EXPECT_NEAR(bench.get(Quantity::FREQUENCY, Phase::L1), GetParam(), 1e-4);
  EXPECT_NEAR(bench.get(Quantity::FREQUENCY, Phase::TOTAL), GetParam(), 1e-4);
  EXPECT_NEAR(bench.get(Quantity::VOLTAGE_ANGLE, Phase::L2), -120, 0.02);
}

INSTANTIATE_TEST_SUITE_P(Hertz, Frequency, testing::Values(40.5, 45.0, 49.9, 50.0, 50.01, 59.95, 60.0, 65.0, 69.5));

TEST(ChipReading, MeasuresTheFrequencyOfA60HzGrid) {
  ChipConfig config;
  config.line_frequency_hz = 60;
  config.nominal_voltage = 120;
  Bench bench(balanced(10, 30, 60), config);
  settle(bench);
  EXPECT_NEAR(bench.get(Quantity::FREQUENCY, Phase::L2), 60, 1e-4);
  EXPECT_NEAR(bench.get(Quantity::VOLTAGE, Phase::L2), 230, 0.001);
  EXPECT_NEAR(bench.get(Quantity::PHASE_ANGLE, Phase::L2), 30, 0.02);
}

TEST(ChipReading, FrequencyOutside40And70HzIsNotValidInsteadOfNominal) {
  for (const double frequency_hz : {30.0, 80.0}) {
    Bench bench(balanced(10, 0, frequency_hz));
    settle(bench);
    expect_nan(bench, Quantity::FREQUENCY, {Phase::L1, Phase::L2, Phase::L3, Phase::TOTAL});
  }
}

TEST(ChipReading, NeutralIsNotValidWhereItIsNotFitted) {
  Bench bench(mixed());
  settle(bench);
  expect_nan(bench, Quantity::CURRENT, {Phase::N});
}

TEST(ChipReading, AnInvertedTransformerIsPutRight) {
  FrontEnd front_end;
  front_end.ct_reversed[1] = true;
  ChipConfig config;
  config.phases[1].invert_current = true;
  Bench bench(balanced(10, 30), config, front_end);
  settle(bench);
  EXPECT_NEAR(bench.get(Quantity::ACTIVE_POWER, Phase::L2), 2300 * std::cos(30 * DEGREE), 0.01);
  EXPECT_NEAR(bench.get(Quantity::REACTIVE_POWER, Phase::L2), 2300 * std::sin(30 * DEGREE), 0.01);
  EXPECT_NEAR(bench.get(Quantity::PHASE_ANGLE, Phase::L2), 30, 0.01);
  EXPECT_GT(bench.get(Quantity::POWER_FACTOR, Phase::L2), 0);
  EXPECT_EQ(bench.counter(Quantity::ACTIVE_ENERGY_EXPORT, Phase::L2), 0);
}

TEST(ChipReading, TrimsCorrectTheToleranceOfTheParts) {
  FrontEnd front_end;
  front_end.voltage_gain = {1 / 1.02, 1, 1 / 0.97};
  front_end.current_gain = {1 / 0.95, 1, 1 / 1.1};
  ChipConfig config;
  config.phases[0] = {.calibration = {.voltage = 1.02F, .current = 0.95F}};
  config.phases[2] = {.calibration = {.voltage = 0.97F, .current = 1.1F}};
  Bench bench(balanced(10), config, front_end);
  settle(bench);
  for (const Phase phase : LINES) {
    EXPECT_NEAR(bench.get(Quantity::VOLTAGE, phase), 230, 1e-4);
    EXPECT_NEAR(bench.get(Quantity::CURRENT, phase), 10, 1e-5);
    EXPECT_NEAR(bench.get(Quantity::ACTIVE_POWER, phase), 2300, 1e-2);
  }
}

TEST(ChipReading, PhaseShiftOfTheTransformersIsCorrected) {
  FrontEnd front_end;
  front_end.ct_lead_deg = 1.2;
  ChipConfig config;
  config.current.phase_shift_deg = -1.2;
  Bench bench(balanced(10, 60), config, front_end);
  settle(bench);
  EXPECT_NEAR(bench.get(Quantity::ACTIVE_POWER, Phase::L1), 1150, 0.01);
  EXPECT_NEAR(bench.get(Quantity::PHASE_ANGLE, Phase::L1), 60, 0.01);
}

TEST(ChipReading, AmplificationAndOtherPartsGiveTheSameValues) {
  const FrontEnd front_end{.voltage_divider = 1601, .ct_ratio = 1000, .burden_ohm = 1};
  ChipConfig config;
  config.voltage_divider = 1601;
  config.voltage_pga_gain = 2;
  config.current = {.ratio = 1000, .burden_ohm = 1, .pga_gain = 4};
  Bench bench(balanced(10, 60), config, front_end);
  settle(bench);
  EXPECT_NEAR(bench.get(Quantity::VOLTAGE, Phase::L1), 230, 1e-3);
  EXPECT_NEAR(bench.get(Quantity::CURRENT, Phase::L2), 10, 1e-4);
  EXPECT_NEAR(bench.get(Quantity::ACTIVE_POWER, Phase::L3), 1150, 1e-2);
}

TEST(ChipReading, FlagsAChannelBeyondFullScale) {
  // Full scale of the evaluation board is 173.3 A.
  Bench within(balanced(170));
  settle(within);
  EXPECT_EQ(within.last().flags, 0);
  Bench beyond(balanced(180));
  settle(beyond);
  EXPECT_EQ(beyond.last().flags, FLAG_SATURATED);
}

}  // namespace
