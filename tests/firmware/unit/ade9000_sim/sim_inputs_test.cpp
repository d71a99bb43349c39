#include "simulated.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>

namespace {

using namespace simulated;

constexpr uint16_t IRMS = 0x20C;
constexpr uint16_t IRMS1012 = 0x21B;
constexpr uint16_t NIRMS = 0x266;
constexpr uint16_t WATT = 0x210;
constexpr uint16_t VAR = 0x211;
constexpr double VOLT_AT_PINS = 0.70710678118654752 / 52702092;

TEST_F(Simulated, ACoilGivesTheDerivativeOfTheCurrent) {
  // 1 mV/A at 50 Hz: 10 A are 10 mV, and the third harmonic of 2 A three times its 2 mV.
  this->sim.set_front_end({.coil_volts_per_ampere = 1e-3});
  this->scenario.phases[0].current_harmonics.add({.order = 3, .ratio = 0.2, .angle_deg = 0});
  this->run();
  this->wait(S);
  EXPECT_NEAR(this->read(IRMS) * VOLT_AT_PINS, std::sqrt(0.010 * 0.010 + 0.006 * 0.006), 1e-7);
  EXPECT_NEAR(this->read(IRMS + 0x20) * VOLT_AT_PINS, 0.010, 1e-7);
  // It leads by 90°, so that all power is reactive, and negative.
  EXPECT_NEAR(this->read_signed(WATT + 0x20), 0, 1);
  EXPECT_LT(this->read_signed(VAR + 0x20), -1000);
}

TEST_F(Simulated, ACoilGivesMoreAtAHigherFrequency) {
  this->sim.set_front_end({.coil_volts_per_ampere = 1e-3});
  this->scenario.frequency_hz = 60;
  this->run();
  this->wait(S);
  EXPECT_NEAR(this->read(IRMS) * VOLT_AT_PINS, 0.012, 1e-7);
}

TEST_F(Simulated, TheIntegratorMakesOfItTheCurrentAgain) {
  this->sim.set_front_end({.coil_volts_per_ampere = 1e-3});
  this->scenario.phases[0].current_harmonics.add({.order = 3, .ratio = 0.2, .angle_deg = 0});
  this->write(address::CONFIG0, 1U << 5U);
  this->write(address::DICOEFF, 0xFFFFE000);
  for (const double frequency_hz : {50.0, 60.0}) {
    this->scenario.frequency_hz = frequency_hz;
    this->run();
    this->wait(S);
    EXPECT_NEAR(this->read(IRMS) * VOLT_AT_PINS, 1e-3 * 10 * std::sqrt(1.04), 1e-7);
    EXPECT_NEAR(this->read_signed(VAR + 0x20), 0, 1);
    EXPECT_GT(this->read_signed(WATT + 0x20), 1000);
    this->write(address::RUN, 0);
  }
}

TEST_F(Simulated, TheIntegratorNeedsItsCoefficient) {
  this->sim.set_front_end({.coil_volts_per_ampere = 1e-3});
  this->write(address::CONFIG0, 1U << 5U);
  this->run();
  this->wait(S);
  EXPECT_EQ(this->read(IRMS), 0U);
}

TEST_F(Simulated, TheIntegratorOfTheNeutralIsOneOfItsOwn) {
  this->sim.set_front_end({.neutral_coil_volts_per_ampere = 1e-3});
  this->scenario.neutral_current_a = 10;
  this->scenario.frequency_hz = 60;
  this->write(address::DICOEFF, 0xFFFFE000);
  this->write(address::CONFIG0, 1U << 5U);
  this->run();
  this->wait(S);
  EXPECT_NEAR(this->read(NIRMS) * VOLT_AT_PINS, 0.012, 1e-7);
  this->write(address::CONFIG0, 1U << 11U);
  EXPECT_NEAR(this->read(NIRMS) * VOLT_AT_PINS, 0.010, 1e-7);
}

TEST_F(Simulated, FastRmsMayBeTakenBeforeTheIntegrator) {
  this->sim.set_front_end({.coil_volts_per_ampere = 1e-3});
  this->scenario.frequency_hz = 60;
  this->write(address::DICOEFF, 0xFFFFE000);
  this->write(address::CONFIG0, 1U << 5U | 1U << 7U);
  this->run();
  this->wait(S);
  EXPECT_NEAR(this->read(IRMS) * VOLT_AT_PINS, 0.010, 1e-7);
  EXPECT_NEAR(this->read(IRMS1012) * VOLT_AT_PINS, 0.012, 1e-7);
}

TEST_F(Simulated, SensorsMayBeAtInputsOfOthers) {
  for (size_t phase = 0; phase < PHASE_COUNT; phase++) {
    this->scenario.phases[phase].voltage_v = 100.0 * static_cast<double>(phase + 1);
    this->scenario.phases[phase].current_a = static_cast<double>(phase + 1);
  }
  this->scenario.neutral_current_a = 4;
  FrontEnd front_end;
  front_end.voltage_source = {2, 0, 1};
  front_end.current_source = {3, 0, 1, 2};
  this->sim.set_front_end(front_end);
  this->run();
  this->wait(S);
  EXPECT_NEAR(this->read(0x20D) * VOLT, 300, 1e-3);
  EXPECT_NEAR(this->read(0x22D) * VOLT, 100, 1e-3);
  EXPECT_NEAR(this->read(0x24D) * VOLT, 200, 1e-3);
  EXPECT_NEAR(this->read(IRMS) * AMPERE, 4, 1e-4);
  EXPECT_NEAR(this->read(IRMS + 0x20) * AMPERE, 1, 1e-4);
  EXPECT_NEAR(this->read(IRMS + 0x40) * AMPERE, 2, 1e-4);
  EXPECT_NEAR(this->read(NIRMS) * AMPERE, 3, 1e-4);
}

TEST_F(Simulated, PathsTakeTheInputsOfAdcRedirect) {
  for (size_t phase = 0; phase < PHASE_COUNT; phase++)
    this->scenario.phases[phase].current_a = static_cast<double>(phase + 1);
  this->scenario.neutral_current_a = 4;
  this->scenario.phases[1].voltage_v = 100;
  // VC its own, VB takes VA, VA takes VB, IN takes IB, IC its own, IB takes IN, IA takes IC.
  this->write(address::ADC_REDIRECT, 0b111'100'101'001'111'011'010U);
  this->run();
  this->wait(S);
  EXPECT_NEAR(this->read(0x20D) * VOLT, 100, 1e-3);
  EXPECT_NEAR(this->read(0x22D) * VOLT, 230, 1e-3);
  EXPECT_NEAR(this->read(0x24D) * VOLT, 230, 1e-3);
  EXPECT_NEAR(this->read(IRMS) * AMPERE, 3, 1e-4);
  EXPECT_NEAR(this->read(IRMS + 0x20) * AMPERE, 4, 1e-4);
  EXPECT_NEAR(this->read(IRMS + 0x40) * AMPERE, 3, 1e-4);
  EXPECT_NEAR(this->read(NIRMS) * AMPERE, 2, 1e-4);
}

TEST_F(Simulated, AmplifiersAreBeforeTheRedirection) {
  this->scenario.phases[0].current_a = 1;
  this->write(address::PGA_GAIN, 0b01);
  this->write(address::ADC_REDIRECT, 0x001FFFC7);  // IB takes IA.
  this->run();
  this->wait(S);
  EXPECT_NEAR(this->read(IRMS + 0x20) * AMPERE, 2, 1e-4);
}

}  // namespace
