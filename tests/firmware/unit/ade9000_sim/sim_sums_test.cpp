#include "simulated.h"

#include <cmath>
#include <complex>
#include <numbers>

/// What the model makes of several channels together: the sum of currents, the neutral and the peaks.

namespace {

using namespace simulated;

constexpr double DEGREE = std::numbers::pi / 180;
constexpr double SQRT2 = std::numbers::sqrt2;
constexpr uint16_t NIRMS = 0x266, NIRMS1012 = 0x268, ISUMRMS = 0x269;
constexpr double VOLT_PEAK = 32.0 / 74532013 * 801;
constexpr double AMPERE_PEAK = 32.0 / 74532013 / (10.2 / 2500);

std::complex<double> of(double magnitude, double degrees) { return std::polar(magnitude, degrees * DEGREE); }

class Sums : public Simulated {
 protected:
  Sums() {
    this->scenario.phases[1].current_a = 4;
    this->scenario.phases[2].current_a = 7;
    this->scenario.phases[2].current_lag_deg = 30;
    this->scenario.neutral_current_a = 3;
    this->scenario.neutral_angle_deg = 75;
  }

  double sum() { return this->read(ISUMRMS) * AMPERE; }

  const std::complex<double> phases = of(10, 0) + of(4, -120) + of(7, 90);
  const std::complex<double> neutral = of(3, 75);
};

TEST_F(Sums, AreOfThePhasesAloneOrWithTheNeutralAddedOrSubtracted) {
  this->run();
  this->wait(S);
  const double expected[] = {std::abs(this->phases), std::abs(this->phases + this->neutral),
                             std::abs(this->phases - this->neutral), std::abs(this->phases)};
  for (uint32_t isum_cfg = 0; isum_cfg < 4; isum_cfg++) {
    this->write(address::CONFIG0, isum_cfg);
    EXPECT_NEAR(this->sum(), expected[isum_cfg], 1e-4) << "ISUM_CFG " << isum_cfg;
  }
}

TEST_F(Sums, TakeTheNeutralWithItsGain) {
  this->run();
  this->write(address::CONFIG0, 1);
  this->write(address::NIGAIN, 1U << 26);
  this->wait(S);
  EXPECT_NEAR(this->sum(), std::abs(this->phases + 1.5 * this->neutral), 1e-4);
  EXPECT_NEAR(this->read(NIRMS) * AMPERE, 4.5, 1e-4);
}

TEST_F(Sums, HaveAnOffsetOfTheirOwn) {
  this->run();
  this->wait(S);
  const double before = this->read(ISUMRMS);
  this->write(address::ISUMRMSOS, 1000000);
  EXPECT_NEAR(this->read(ISUMRMS), std::sqrt(before * before + 32768.0 * 1000000), 2);
}

TEST_F(Sums, OfABalancedNeutralAreWhatIsAddedToIt) {
  this->scenario.is_neutral_balanced = true;
  this->scenario.phases[0].current_harmonics.add({.order = 3, .ratio = 0.4, .angle_deg = 20});
  this->run();
  this->write(address::CONFIG0, 1);
  this->wait(S);
  EXPECT_NEAR(this->sum(), 3, 1e-4);
  const double fundamental = std::abs(this->neutral - this->phases);
  EXPECT_NEAR(this->read(NIRMS1012) * AMPERE, std::hypot(fundamental, 4), 1e-4);
}

TEST_F(Sums, SeeAReversedTransformerOfTheNeutral) {
  this->sim.set_front_end({.neutral_ct_reversed = true});
  this->run();
  this->write(address::CONFIG0, 2);
  this->wait(S);
  EXPECT_NEAR(this->sum(), std::abs(this->phases + this->neutral), 1e-4);
}

class PeakRegisters : public Simulated {
 protected:
  PeakRegisters() {
    this->scenario.phases[1].voltage_v = 240;
    this->scenario.phases[2].current_a = 20;
    this->write(address::CONFIG3, 0b111U << 2U);
  }

  uint32_t phases_of(uint16_t address) { return this->read(address) >> 24U; }
  double value_of(uint16_t address) { return this->read(address) & 0xFFFFFFU; }
};

TEST_F(PeakRegisters, HoldTheLargestValueAndItsPhase) {
  this->run();
  this->wait(S);
  const uint32_t voltage = this->read(address::VPEAK);
  const uint32_t current = this->read(address::IPEAK);
  EXPECT_NEAR((voltage & 0xFFFFFFU) * VOLT_PEAK, 240 * SQRT2, 1e-3);
  EXPECT_EQ(voltage >> 24U, 0b010U);
  EXPECT_NEAR((current & 0xFFFFFFU) * AMPERE_PEAK, 20 * SQRT2, 1e-3);
  EXPECT_EQ(current >> 24U, 0b100U);
}

TEST_F(PeakRegisters, AreClearedByReading) {
  this->run();
  this->wait(S);
  EXPECT_NE(this->read(address::VPEAK), 0U);
  EXPECT_EQ(this->read(address::VPEAK), 0U);
  EXPECT_NE(this->read(address::IPEAK), 0U) << "each by its own reading";
  this->wait(S);
  EXPECT_NEAR(this->value_of(address::VPEAK) * VOLT_PEAK, 240 * SQRT2, 1e-3);
}

TEST_F(PeakRegisters, TellAllPhasesThatShareThePeak) {
  this->scenario.phases[0].voltage_v = 240;
  this->run();
  this->wait(S);
  EXPECT_EQ(this->phases_of(address::VPEAK), 0b011U);
}

TEST_F(PeakRegisters, AreOfTheSelectedPhasesOnly) {
  this->run();
  this->write(address::CONFIG3, 0b101U << 2U);
  this->wait(S);
  this->read(address::VPEAK);
  this->wait(S);
  EXPECT_NEAR(this->value_of(address::VPEAK) * VOLT_PEAK, 230 * SQRT2, 1e-3);
  this->write(address::CONFIG3, 0xF000);
  this->read(address::VPEAK);
  this->wait(S);
  EXPECT_EQ(this->read(address::VPEAK), 0U);
}

TEST_F(PeakRegisters, KeepAMomentUntilTheyAreRead) {
  this->scenario.add_step({.duration_s = 1.2});
  this->scenario.add_step({.duration_s = 0.05, .voltage_factor = {1, 1.5, 1}});
  this->scenario.add_step({.duration_s = 100});
  this->run();
  this->wait(3 * S);
  EXPECT_NEAR(this->value_of(address::VPEAK) * VOLT_PEAK, 360 * SQRT2, 1e-3);
  this->wait(S);
  EXPECT_NEAR(this->value_of(address::VPEAK) * VOLT_PEAK, 240 * SQRT2, 1e-3);
}

TEST_F(PeakRegisters, AreThoseOfTheWholeWave) {
  // At 90° both sin x and sin 5x are 1.
  this->scenario.phases[2].current_harmonics.add({.order = 5, .ratio = 0.2, .angle_deg = 0});
  this->run();
  this->wait(S);
  EXPECT_NEAR(this->value_of(address::IPEAK) * AMPERE_PEAK, 20 * SQRT2 * 1.2, 1e-3);
}

TEST_F(Simulated, AnAngleIsOldForOneCycleAfterItsCurrentHasComeBack) {
  this->scenario.phases[0].current_lag_deg = 60;
  this->scenario.add_step({.duration_s = 1, .current_factor = {0, 1, 1}});
  this->scenario.add_step({.duration_s = 9});
  this->run();
  this->wait(965 * MS);
  EXPECT_EQ(this->read(address::ANGL_VA_VB + 3), 0U) << "15 ms after";
  this->wait(10 * MS);
  EXPECT_NEAR(this->read(address::ANGL_VA_VB + 3) * 0.017578125, 60, 0.01) << "25 ms after";
}

}  // namespace
