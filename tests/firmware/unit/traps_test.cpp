#include "bench.h"

#include "ade9000/registers.h"
#include "ade9000/settings.h"

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

TEST(Trap, TheVoltageLevelFactorIs1144084) {
  ChipConfig config;
  config.nominal_voltage = scales_of(config).volt * 52'702'092 / 2;
  const Settings settings = settings_of(config);
  const auto *vlevel = std::find_if(settings.begin(), settings.end(),
                                    [](const Setting &setting) { return setting.address == reg::VLEVEL; });
  EXPECT_EQ(vlevel->value, 0x22EA28U);
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

TEST(Trap, BurstsSwitchTheCrcOffSoTheyAreSwitchedOffAgain) {
  Bench bench(balanced(10));
  bench.run_until(5 * S);
  EXPECT_EQ(held(bench, reg::CONFIG1) & reg::CONFIG1_BURST_EN, 0U);
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
  // 5 W are 1055 codes, so 8192 · 1030.4 units a second: without the low half 0.04 % would be lost.
  Bench bench(balanced(5.0 / 230));
  bench.run_until(605 * S, 100 * MS);
  const auto gained = bench.counter(Quantity::ACTIVE_ENERGY_IMPORT, Phase::L1) -
                      bench.readings[0].counter(Quantity::ACTIVE_ENERGY_IMPORT, Phase::L1);
  const double seconds = std::round(static_cast<double>(bench.last().uptime_us - bench.readings[0].uptime_us) / S);
  EXPECT_NEAR(static_cast<double>(gained), 5 * seconds / 3.6, 1.01);
}

}  // namespace
