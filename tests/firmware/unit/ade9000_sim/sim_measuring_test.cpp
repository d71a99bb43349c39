#include "simulated.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <numbers>

namespace {

using namespace simulated;

TEST_F(Simulated, ResultsAreZeroUntilRun) {
  this->sim.set_scenario(this->scenario);
  this->wait(S);
  EXPECT_EQ(this->read(0x20D), 0U);
  this->run();
  EXPECT_NEAR(this->read(0x20D) * VOLT, 230, 1e-3);
  EXPECT_EQ(this->read(0x26A), 0x0CU);
  this->write(address::RUN, 0);
  EXPECT_EQ(this->read(0x20D), 0U);
}

TEST_F(Simulated, ResultsOfOnePhaseFollowFromItsElectrics) {
  auto &phase = this->scenario.phases[1];
  phase.current_lag_deg = 60;
  phase.current_harmonics.add({.order = 3, .ratio = 0.5, .angle_deg = 0});
  this->run();
  this->wait(3 * S);
  const double rms = 10 * std::sqrt(1.25);
  EXPECT_NEAR(this->read(0x22C) * AMPERE, rms, 1e-4);
  EXPECT_NEAR(this->read(0x22E) * AMPERE, 10, 1e-4);
  EXPECT_NEAR(this->read(0x22F) * VOLT, 230, 1e-3);
  EXPECT_NEAR(this->read_signed(0x230) * WATT, 1150, WATT);
  EXPECT_NEAR(this->read_signed(0x231) * WATT, 2300 * std::sqrt(0.75), WATT);
  EXPECT_NEAR(this->read(0x232) * WATT, 230 * rms, WATT);
  EXPECT_NEAR(this->read_signed(0x233) * WATT, 1150, WATT);
  EXPECT_NEAR(this->read_signed(0x234) * WATT, 2300 * std::sqrt(0.75), WATT);
  EXPECT_NEAR(this->read(0x235) * WATT, 2300, WATT);
  EXPECT_NEAR(this->read_signed(0x236) / 134217728, 1150 / (230 * rms), 1e-7);
  EXPECT_NEAR(this->read_signed(0x238) / 134217728, 0.5, 1e-6);
  EXPECT_NEAR(this->read(0x239) * AMPERE, rms, 1e-4);
  EXPECT_NEAR(this->read(0x23A) * VOLT, 230, 1e-3);
  EXPECT_EQ(this->read(0x23D), 0xFU);
}

TEST_F(Simulated, FullScaleIsThatOfTheDataSheet) {
  this->scenario.phases[0].voltage_v = 801 * 0.70710678118654752;
  this->scenario.phases[0].current_a = 0.70710678118654752 / (10.2 / 2500);
  this->run();
  this->wait(S);
  EXPECT_EQ(this->read(0x20D), 52702092U);
  EXPECT_EQ(this->read(0x20C), 52702092U);
  EXPECT_EQ(this->read(0x210), 20694066U);
  EXPECT_EQ(this->read(0x212), 20694066U);
}

TEST_F(Simulated, GainsAndOffsetsWorkAsInTheDataSheet) {
  this->write(address::VGAIN, 134217728 / 10);
  this->write(address::IGAIN, static_cast<uint32_t>(-134217728 / 5));
  this->write(address::PGAIN + 0x20, 134217728 / 100);
  this->write(address::WATTOS + 0x20, static_cast<uint32_t>(-1000));
  this->write(address::IRMSOS + 0x40, 1'000'000);
  this->run();
  this->wait(S);
  EXPECT_NEAR(this->read(0x20D) * VOLT, 230 * 1.1, 1e-3);
  EXPECT_NEAR(this->read(0x20C) * AMPERE, 10 * 0.8, 1e-4);
  EXPECT_NEAR(this->read_signed(0x210) * WATT, 2300 * 0.88, 0.01);
  EXPECT_NEAR(this->read_signed(0x230), 2300 * 1.01 / WATT - 1000, 1);
  const double code = 10 / AMPERE;
  EXPECT_NEAR(this->read(0x24C), std::sqrt(code * code + 32768e6), 1);
}

TEST_F(Simulated, PhaseCalibrationTurnsTheCurrentAsTheDataSheetSays) {
  for (auto &phase : this->scenario.phases)
    phase.current_lag_deg = 60;
  this->write(address::PHCAL0, static_cast<uint32_t>(-24412285));
  this->write(address::PHCAL0 + 0x20, 1U << 27U);
  this->run();
  this->wait(S);
  constexpr double DEGREE = std::numbers::pi / 180;
  EXPECT_NEAR(this->read_signed(0x210) * WATT, 2300 * std::cos(61 * DEGREE), 0.01);
  EXPECT_NEAR(this->read_signed(0x230) * WATT, 2300 * std::cos(57.75 * DEGREE), 0.01);
  EXPECT_NEAR(this->read_signed(0x250) * WATT, 1150, 0.01);
}

TEST_F(Simulated, AmplifiersMultiplyTheInput) {
  this->write(address::PGA_GAIN, 0b00'01'00'10'00'10'01);
  this->scenario.neutral_current_a = 3;
  this->run();
  this->wait(S);
  EXPECT_NEAR(this->read(0x20C) * AMPERE, 20, 1e-4);
  EXPECT_NEAR(this->read(0x22C) * AMPERE, 40, 1e-4);
  EXPECT_NEAR(this->read(0x22D) * VOLT, 460, 1e-3);
  EXPECT_NEAR(this->read(0x266) * AMPERE, 12, 1e-4);
  EXPECT_NEAR(this->read(0x268) * AMPERE, 12, 1e-4);
}

TEST_F(Simulated, LatchesAWindowOfEnergyAndFlagsIt) {
  this->run();
  this->wait(1060 * MS);
  EXPECT_EQ(this->read(address::STATUS0) & 1U, 0U);
  this->wait(10 * MS);
  EXPECT_EQ(this->read(address::STATUS0) & 1U, 1U);
  EXPECT_NEAR(static_cast<double>(this->read_energy(0x2E6)), 2300 / WATT * 8000, 1);
  this->write(address::STATUS0, 1);
  this->wait(999 * MS);
  EXPECT_EQ(this->read(address::STATUS0) & 1U, 1U);
  EXPECT_NEAR(static_cast<double>(this->read_energy(0x2E6)), 2300 / WATT * 8000, 1);
  EXPECT_NEAR(static_cast<double>(this->read_energy(0x2FA + 0x78)), 2300 / WATT * 8000, 1);
}

TEST_F(Simulated, AddsWindowsUpInTheOtherMode) {
  this->run(0x0001, 79);
  this->wait(1065 * MS);
  EXPECT_NEAR(static_cast<double>(this->read_energy(0x2E6)), 2300 / WATT * 8000, 1);
  this->wait(S);
  EXPECT_NEAR(static_cast<double>(this->read_energy(0x2E6)), 2 * 2300 / WATT * 8000, 1);
}

TEST_F(Simulated, CountsHalfCyclesInsteadOfSamples) {
  this->run(0x0013, 99);
  this->wait(1064 * MS);
  EXPECT_EQ(this->read(address::STATUS0) & 1U, 1U);
  EXPECT_NEAR(static_cast<double>(this->read_energy(0x2E6)), 2300 / WATT * 8000, 1);
}

TEST_F(Simulated, NegativeEnergyIsASignedNumber) {
  this->scenario.phases[0].current_lag_deg = 180;
  this->run();
  this->wait(1070 * MS);
  EXPECT_NEAR(static_cast<double>(this->read_energy(0x2E6)), -2300 / WATT * 8000, 1);
}

TEST_F(Simulated, ReadWithResetCorruptsTheEnergyAsTheSiliconDoes) {
  this->run(0x0031);
  this->wait(1070 * MS);
  EXPECT_NE(static_cast<double>(static_cast<int32_t>(this->read(0x2E7))), std::floor(2300 / WATT * 8000 / 8192));
  this->write(address::EP_CFG, 0x0011);
  EXPECT_EQ(this->read_energy(0x2E6), 0);
}

TEST_F(Simulated, EnergyBelowTheNoLoadThresholdIsNotAccumulated) {
  this->scenario.phases[0].current_a = 0.02;   // 4.6 W
  this->scenario.phases[1].current_a = 0.025;  // 5.75 W
  for (uint16_t kind = 0; kind < 3; kind++)
    this->write(static_cast<uint16_t>(address::ACT_NL_LVL + kind), static_cast<uint32_t>(5 / WATT * 64));
  this->run();
  this->wait(1070 * MS);
  EXPECT_EQ(this->read_energy(0x2E6), 0);
  EXPECT_NEAR(static_cast<double>(this->read_energy(0x2E6 + 0x3C)), 5.75 / WATT * 8000, 1);
  EXPECT_EQ(this->read(address::PHNOLOAD), 0b010010'010010'111111U) << "no reactive load anywhere, none at all on A";
}

TEST_F(Simulated, IntegratesAProfileExactly) {
  this->scenario.add_step({.duration_s = 0.25});
  this->scenario.add_step({.duration_s = 0.5, .current_factor = {2, 0, 1}, .voltage_factor = {1, 1, 0.5}});
  this->run();
  this->wait(1064 * MS);
  // 64 ms after RUN at 50 ms, so from 0.114 s to 1.114 s: 0.5 s in the second step, and 0.114…0.25, 0.75…1 and the
  // rest.
  const double second_s = 0.5 + 0.114;
  EXPECT_NEAR(static_cast<double>(this->read_energy(0x2E6)), 2300 / WATT * 8000 * (1 - second_s + 2 * second_s), 3);
  EXPECT_NEAR(static_cast<double>(this->read_energy(0x2E6 + 0x3C)), 2300 / WATT * 8000 * (1 - second_s), 3);
  EXPECT_NEAR(static_cast<double>(this->read_energy(0x2E6 + 0x78)), 2300 / WATT * 8000 * (1 - second_s / 2), 3);
}

TEST_F(Simulated, TenCycleRmsCoversTheLastTwoHundredMilliseconds) {
  this->scenario.add_step({.duration_s = 0.55});
  this->scenario.add_step({.duration_s = 100, .current_factor = {3, 3, 3}});
  this->run();
  // RUN was at 50 ms, so it is refreshed at 250, 450, 650 ms; in the last the step of 550 ms is half way.
  this->wait(610 * MS);
  EXPECT_NEAR(this->read(0x21B) * AMPERE, std::sqrt((100 + 900) / 2.0), 1e-3);
  EXPECT_NEAR(this->read(0x20C) * AMPERE, 30, 1e-3);
}

TEST_F(Simulated, PeriodIsMeasuredOrNominal) {
  this->scenario.frequency_hz = 49.9;
  this->scenario.phases[2].voltage_v = 0;
  this->run();
  this->wait(S);
  EXPECT_NEAR(8000 * 65536 / (this->read(address::APERIOD) + 1.0), 49.9, 1e-5);
  EXPECT_NEAR(8000 * 65536 / (this->read(address::COM_PERIOD) + 1.0), 49.9, 1e-5);
  EXPECT_EQ(this->read(address::APERIOD + 2), 0x00A00000U);
}

TEST_F(Simulated, PeriodOutside40And70HzIsNominal) {
  this->scenario.frequency_hz = 71;
  this->run();
  this->wait(S);
  EXPECT_EQ(this->read(address::APERIOD), 0x00A00000U);
}

TEST_F(Simulated, AnglesAreDelaysOf1024ThousandthsOfASecond) {
  this->scenario.phases[0].current_lag_deg = 30;
  this->run();
  this->wait(S);
  EXPECT_NEAR(this->read(address::ANGL_VA_VB) * 0.017578125, 120, 0.01);
  EXPECT_NEAR(this->read(address::ANGL_VA_VB + 1) * 0.017578125, 120, 0.01);
  EXPECT_NEAR(this->read(address::ANGL_VA_VB + 2) * 0.017578125, 240, 0.01);
  EXPECT_NEAR(this->read(address::ANGL_VA_VB + 3) * 0.017578125, 30, 0.01);
  EXPECT_NEAR(this->read(address::ANGL_VA_VB + 6) * 0.017578125, 90, 0.01);
}

TEST_F(Simulated, CrossingsAreFlaggedAndTheirAbsenceOnce) {
  this->scenario.add_step({.duration_s = 1});
  this->scenario.add_step({.duration_s = 2, .voltage_factor = {1, 0, 1}});
  this->write(address::ZXTOUT, 799);
  this->run();
  this->write(address::STATUS1, 0xFFFFFFFF);
  this->wait(900 * MS);
  EXPECT_EQ(this->read(address::STATUS1) & 0x0FC0U, 0x0E00U);
  this->write(address::STATUS1, 0xFFFFFFFF);
  this->wait(300 * MS);
  EXPECT_EQ(this->read(address::STATUS1) & 0x01C0U, 0x0080U);
  this->write(address::STATUS1, 0xFFFFFFFF);
  this->wait(S);
  EXPECT_EQ(this->read(address::STATUS1) & 0x0FC0U, 0x0A00U);
}

TEST_F(Simulated, DipsAndSwellsAreEventsAndFlagsOnEntryAndExit) {
  this->scenario.add_step({.duration_s = 1});
  this->scenario.add_step({.duration_s = 1, .voltage_factor = {0.8, 1, 1.2}});
  this->write(address::DIP_LVL, static_cast<uint32_t>(207 / VOLT / 32));
  this->write(address::SWELL_LVL, static_cast<uint32_t>(253 / VOLT / 32));
  this->write(address::DIP_CYC, 2);
  this->write(address::SWELL_CYC, 2);
  this->write(address::CONFIG1, 0x0400);
  this->run();
  this->wait(900 * MS);
  EXPECT_EQ(this->read(address::EVENT_STATUS), 0U);
  this->write(address::STATUS1, 0xFFFFFFFF);
  this->wait(500 * MS);
  EXPECT_EQ(this->read(address::EVENT_STATUS), 0b100'001U);
  EXPECT_EQ(this->read(address::STATUS1) & 0x03F00000U, 0x00C00000U & 0x03F00000U);
  this->write(address::STATUS1, 0xFFFFFFFF);
  this->wait(900 * MS);
  EXPECT_EQ(this->read(address::EVENT_STATUS), 0U);
  EXPECT_EQ(this->read(address::STATUS1) & 0x03F00000U, 0x00C00000U);
}

TEST_F(Simulated, TemperatureIsConvertedWhenItIsStarted) {
  this->scenario.chip_temperature_c = 60;
  this->sim.set_scenario(this->scenario);
  this->write(address::TEMP_CFG, 0x000C);
  EXPECT_EQ(this->read(address::TEMP_CFG), 0x0004U);
  EXPECT_EQ(this->read(address::STATUS0) >> 25U & 1U, 0U);
  this->wait(2 * MS);
  EXPECT_EQ(this->read(address::STATUS0) >> 25U & 1U, 1U);
  const uint32_t trim = this->read(address::TEMP_TRIM);
  const double celsius = (trim >> 16U) / 32.0 - this->read(address::TEMP_RSLT) * (trim & 0xFFFFU) / 65536.0;
  EXPECT_NEAR(celsius, 60, 0.16);
}

TEST_F(Simulated, TheWiringIsTakenOverWhenTheDspIsStarted) {
  this->write(address::ACCMODE, 0x0030);
  this->run();
  this->wait(S);
  EXPECT_NEAR(this->read(0x22D) * VOLT, 230, 1e-3);
  EXPECT_NEAR(this->read(address::ANGL_VA_VB) * 0.017578125, 180, 0.01);
  this->write(address::ACCMODE, 0x0000);
  EXPECT_NEAR(this->read(address::ANGL_VA_VB) * 0.017578125, 180, 0.01);
}

TEST(ScenarioLists, RefuseWhatTheyCannotHold) {
  Harmonics harmonics;
  EXPECT_FALSE(harmonics.add({.order = 1, .ratio = 0.1, .angle_deg = 0}));
  EXPECT_FALSE(harmonics.add({.order = MAX_ORDER + 1, .ratio = 0.1, .angle_deg = 0}));
  for (size_t count = 0; count < MAX_HARMONICS; count++)
    EXPECT_TRUE(harmonics.add({.order = 3, .ratio = 0.1, .angle_deg = 0}));
  EXPECT_FALSE(harmonics.add({.order = 3, .ratio = 0.1, .angle_deg = 0}));

  Scenario scenario;
  EXPECT_FALSE(scenario.add_step({.duration_s = 0}));
  for (size_t count = 0; count < MAX_STEPS; count++)
    EXPECT_TRUE(scenario.add_step({.duration_s = 1}));
  EXPECT_FALSE(scenario.add_step({.duration_s = 1}));
}

TEST(ScenarioProfile, IsRepeatedForEver) {
  Scenario scenario;
  scenario.add_step({.duration_s = 0.1});
  scenario.add_step({.duration_s = 0.2});
  double second_s = 0;
  scenario.for_each_segment(0, 3000, [&](size_t step, double from_s, double to_s) {
    ASSERT_LT(from_s, to_s);
    second_s += step == 1 ? to_s - from_s : 0;
  });
  EXPECT_NEAR(second_s, 2000, 1e-6);
}

}  // namespace
