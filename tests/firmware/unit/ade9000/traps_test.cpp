#include "bench.h"

#include "ade9000/powers.h"
#include "ade9000/registers.h"
#include "ade9000/settings.h"
#include "ade9000/snapshot.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>

/// The mistakes that drivers of this chip are known to make, one test each.

namespace {

using namespace bench;

/// Read a register behind the driver's back.
uint32_t held(Bench &bench, uint16_t address) { return SpiRegisterBus(bench.wires).read(address).value(); }

TEST(Trap, ReadWithResetOfEnergyIsBrokenInSiliconAndStaysOff) {
  constexpr uint32_t RD_RST_EN = 1U << 5;
  Bench bench(balanced(10));
  bench.run_until(3 * S);
  EXPECT_EQ(held(bench, reg::EP_CFG), 0x0011U);
  EXPECT_EQ(held(bench, reg::EP_CFG) & RD_RST_EN, 0U);
  EXPECT_EQ(held(bench, reg::EGY_TIME), 7999U);
}

TEST(Trap, TheDspRunsAt8000SamplesPerSecondNotAt4000) {
  Bench bench(balanced(10, 90));
  bench.run_until(5 * S);
  EXPECT_NEAR(bench.get(Quantity::FREQUENCY, Phase::L1), 50, 1e-4);
  EXPECT_NEAR(bench.get(Quantity::PHASE_ANGLE, Phase::L1), 90, 0.01);
}

TEST(Trap, FullScaleIsNotThatOfTheAde9078) {
  const double ade9078_volt = 0.70710678 / 52'866'837 * 801;
  EXPECT_GT(std::abs(scales_of(ChipConfig{}).volt / ade9078_volt - 1), 0.003);
  EXPECT_NEAR(scales_of(ChipConfig{}).volt * 52'702'092, 566.39, 0.01);
}

TEST(Trap, OnlyRegistersFrom480To4FEHave16Bits) {
  EXPECT_FALSE(reg::is_16_bit(0x47F));
  EXPECT_TRUE(reg::is_16_bit(reg::RUN));
  EXPECT_TRUE(reg::is_16_bit(reg::VERSION));
  EXPECT_FALSE(reg::is_16_bit(0x4FF));
}

TEST(Trap, AResetTakesFiftyMilliseconds) {
  Bench bench(balanced(10));
  bench.run_until(46 * MS, 1 * MS);
  EXPECT_EQ(bench.chip.state(), ChipState::RESETTING);
  bench.run_until(60 * MS, 1 * MS);
  EXPECT_EQ(bench.chip.state(), ChipState::SETTLING);
}

TEST(Trap, TheCrcOfA32BitRegisterIsOverFourBytes) {
  Bench bench(balanced(10));
  bench.run_until(50 * MS);
  SpiRegisterBus bus(bench.wires);
  bench.sim.flip_miso_bit(0, 16 + 30);
  EXPECT_EQ(bus.read(reg::VLEVEL), 0x00045D45U);
  EXPECT_EQ(bus.counters().crc_errors, 1U);
}

TEST(Trap, TheHighPassIsAt1250MillihertzWhichIsCode6) {
  Bench bench(balanced(10));
  bench.run_until(3 * S);
  EXPECT_EQ(held(bench, reg::CONFIG2), 0x0C00U);
}

TEST(Trap, PowersAndFactorsAreSigned) {
  Bench bench(balanced(10, -150));
  bench.run_until(5 * S);
  EXPECT_LT(bench.get(Quantity::ACTIVE_POWER, Phase::L1), -1900);
  EXPECT_LT(bench.get(Quantity::REACTIVE_POWER, Phase::L1), -1100);
  EXPECT_LT(bench.get(Quantity::POWER_FACTOR, Phase::TOTAL), -0.8);
  EXPECT_LT(bench.get(Quantity::FUNDAMENTAL_ACTIVE_POWER, Phase::TOTAL), -5900);
}

TEST(Trap, ADistortionBelowZeroIsNotAHugeOne) {
  Window window{};
  window.voltage_thd.fill(-1);
  window.current_thd.fill(-1);
  window.period.fill(8000 * 65536 / 51);
  WindowState state{};
  state.crossing_lines = state.loaded_lines = state.distorted_lines = ALL_LINES;
  Reading reading;
  reading.take(snapshot(window, state, ChipConfig{}, scales_of(ChipConfig{})));
  for (const Phase phase : LINES) {
    EXPECT_FALSE(reading.get(Quantity::VOLTAGE_THD, phase) > 1e-7);
    EXPECT_NEAR(reading.get(Quantity::CURRENT_THD, phase), 0, 1e-7);
  }
}

TEST(Trap, APowerFactorIsNeverBeyondOne) {
  // The chip's own register gives 2²⁷ for 1, and active and apparent energy are rounded apart.
  WindowEnergy energy;
  for (size_t line = 0; line < 3; line++) {
    energy.at(Kind::ACTIVE, line) = line == 2 ? -1001 : 1001;
    energy.at(Kind::APPARENT, line) = 1000;
  }
  Reading reading;
  reading.take(powers(energy, 1, {.lines = ALL_LINES, .is_three_wire = false}));
  EXPECT_EQ(reading.get(Quantity::POWER_FACTOR, Phase::L1), 1);
  EXPECT_EQ(reading.get(Quantity::POWER_FACTOR, Phase::L3), -1);
}

TEST(Trap, TheVoltageLevelFactorIs1144084) {
  ChipConfig config;
  config.nominal_voltage = scales_of(config).volt * 52'702'092 / 2;
  const Settings settings = settings_of(config);
  const auto *vlevel = std::find_if(settings.begin(), settings.end(),
                                    [](const Setting &setting) { return setting.address() == reg::VLEVEL; });
  EXPECT_EQ(vlevel->value(), 0x22EA28U);
}

TEST(Trap, TheUserPeriodIsThatOfTheGridAndNotOf100Hz) {
  for (const uint8_t frequency_hz : {50, 60}) {
    ChipConfig config;
    config.line_frequency_hz = frequency_hz;
    Bench bench(balanced(10, 0, frequency_hz), config);
    bench.run_until(3 * S);
    EXPECT_NEAR(8000 * 65536 / (held(bench, reg::USER_PERIOD) + 1.0), frequency_hz, 1e-4);
  }
}

TEST(Trap, EachPhaseHasTheRegistersOfTheDataSheetAndNotThoseOfOtherHeaders) {
  // One header calls the current's distortion of C a voltage, and the angle between VA and IA that between VB and IA.
  Scenario scenario = balanced(10);
  for (size_t line = 0; line < 3; line++) {
    auto &phase = scenario.phases[line];
    phase.voltage_v = 220 + 10.0 * static_cast<double>(line);
    phase.current_a = 3 + 2.0 * static_cast<double>(line);
    phase.current_lag_deg = 10 + 20.0 * static_cast<double>(line);
    phase.voltage_harmonics.add({.order = 5, .ratio = 0.01 + 0.02 * static_cast<double>(line), .angle_deg = 0});
    phase.current_harmonics.add({.order = 3, .ratio = 0.1 + 0.2 * static_cast<double>(line), .angle_deg = 0});
  }
  Bench bench(scenario);
  bench.run_until(5 * S);
  for (size_t line = 0; line < 3; line++) {
    const auto &phase = scenario.phases[line];
    const double voltage_thd = 0.01 + 0.02 * static_cast<double>(line);
    const double current_thd = 0.1 + 0.2 * static_cast<double>(line);
    EXPECT_NEAR(bench.get(Quantity::VOLTAGE_THD, LINES[line]), voltage_thd, 1e-6);
    EXPECT_NEAR(bench.get(Quantity::CURRENT_THD, LINES[line]), current_thd, 1e-6);
    EXPECT_NEAR(bench.get(Quantity::PHASE_ANGLE, LINES[line]), phase.current_lag_deg, 0.01);
    EXPECT_NEAR(bench.get(Quantity::VOLTAGE, LINES[line]), phase.voltage_v * std::hypot(1, voltage_thd), 0.001);
    EXPECT_NEAR(bench.get(Quantity::CURRENT, LINES[line]), phase.current_a * std::hypot(1, current_thd), 0.0001);
  }
}

TEST(Trap, TheOffsetOfTheTemperatureHasAFraction) {
  Bench bench(balanced(10));
  bench.run_until(20 * MS);
  // 10577 / 32 are 330.53 °C; the division of whole numbers gives 330.
  bench.sim.corrupt(reg::TEMP_TRIM, 10577U << 16U | 20000U);
  bench.run_until(5 * S);
  EXPECT_NEAR(bench.get(Quantity::CHIP_TEMPERATURE, Phase::TOTAL), 25, 0.16);
}

TEST(Trap, WhatNeedsAStoppedDspIsWrittenBeforeRun) {
  const Settings settings = settings_of({});
  const auto place = [&](uint16_t address) {
    return std::find_if(settings.begin(), settings.end(),
                        [address](const Setting &setting) { return setting.address() == address; });
  };
  EXPECT_LT(place(reg::ACCMODE), place(reg::RUN));
  EXPECT_LT(place(reg::EGY_TIME), place(reg::RUN));
  EXPECT_LT(place(reg::RUN), place(reg::EP_CFG));
}

TEST(Trap, BurstsSwitchTheCrcOffSoTheyAreNeverSwitchedOn) {
  Bench bench(balanced(10));
  bench.run_until(5 * S);
  constexpr uint32_t BURST_EN = 1U << 11;
  EXPECT_EQ(held(bench, reg::CONFIG1) & BURST_EN, 0U);
}

TEST(Trap, SelfreqIsSetFor60HzAndClearFor50) {
  for (const uint8_t frequency_hz : {50, 60}) {
    ChipConfig config;
    config.line_frequency_hz = frequency_hz;
    Bench bench(balanced(10, 0, frequency_hz), config);
    bench.run_until(3 * S);
    EXPECT_EQ(held(bench, reg::ACCMODE), frequency_hz == 60 ? 0x0100U : 0x0000U);
  }
}

TEST(Trap, ANominalPeriodIsNotAMeasurement) {
  Scenario scenario = balanced(0);
  for (auto &phase : scenario.phases)
    phase.voltage_v = 0;
  Bench bench(scenario);
  bench.run_until(5 * S);
  EXPECT_EQ(held(bench, reg::APERIOD), 0x00A00000U);
  EXPECT_TRUE(std::isnan(bench.get(Quantity::FREQUENCY, Phase::TOTAL)));
}

TEST(Trap, TheLowHalfOfAnEnergyCounts) {
  // 0.96 W are 202.6 codes, so 197.9 · 8192 units a second: without the low half 0.45 % would be lost, 2.2 of 480 mWh.
  Bench bench(balanced(0.96 / 230));
  bench.run_until(1805 * S, 200 * MS);
  const auto gained = bench.counter(Quantity::ACTIVE_ENERGY_IMPORT, Phase::L1) -
                      bench.readings[0].counter(Quantity::ACTIVE_ENERGY_IMPORT, Phase::L1);
  const double seconds = std::round(static_cast<double>(bench.last().uptime_us - bench.readings[0].uptime_us) / S);
  EXPECT_NEAR(static_cast<double>(gained), 0.96 * seconds / 3.6, 1.01);
}

}  // namespace
