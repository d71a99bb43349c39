#include "simulated.h"

#include <cmath>
#include <complex>

namespace {

using namespace simulated;

constexpr uint16_t AIRMS = 0x20C, AVRMS = 0x20D, AIFRMS = 0x20E, AWATT = 0x210, AVAR = 0x211, AVA = 0x212,
                   AITHD = 0x218, AIRMSONE = 0x219, AVRMSONE = 0x21A, AIRMS1012 = 0x21B, AMTREGION = 0x21D,
                   NIRMS = 0x266, AWATTHR_LO = 0x2E6;

/// Code of a gain register for a factor, and of a threshold for a current.
uint32_t gain(double factor) {
  return static_cast<uint32_t>(static_cast<int32_t>(std::lround((factor - 1) * (1 << 27))));
}
uint32_t threshold(double amperes) { return static_cast<uint32_t>(std::lround(amperes / AMPERE)); }

/// The errors that a calibration has to find.
class SimCalibration : public Simulated {
 protected:
  void connect(double current_a) {
    for (auto &phase : this->scenario.phases)
      phase.current_a = current_a;
    this->sim.set_scenario(this->scenario);
  }
};

TEST_F(SimCalibration, NoiseIsInEveryRmsButTheFundamentals) {
  this->sim.set_front_end({.neutral_noise_a = 0.02, .voltage_noise_v = {0.5, 0, 0}, .current_noise_a = {0.3, 0, 0}});
  this->connect(0.4);
  this->run();
  this->wait(2 * S);
  EXPECT_NEAR(this->read(AIRMS) * AMPERE, 0.5, 1e-5) << "√(0.4² + 0.3²)";
  EXPECT_NEAR(this->read(AIRMSONE) * AMPERE, 0.5, 1e-5);
  EXPECT_NEAR(this->read(AIRMS1012) * AMPERE, 0.5, 1e-5);
  EXPECT_NEAR(this->read(AIFRMS) * AMPERE, 0.4, 1e-5);
  EXPECT_NEAR(this->read(AVRMS) * VOLT, std::hypot(230, 0.5), 1e-3);
  EXPECT_NEAR(this->read(AVRMSONE) * VOLT, std::hypot(230, 0.5), 1e-3);
  EXPECT_NEAR(this->read_signed(AWATT) * WATT, 92, 0.01) << "noises do not correlate";
  EXPECT_NEAR(this->read(AVA) * WATT, 115, 0.01);
  EXPECT_NEAR(this->read_signed(AITHD) / (1 << 27), 0.75, 1e-4) << "0.3 / 0.4";
  EXPECT_NEAR(this->read(NIRMS) * AMPERE, 0.02, 1e-5);
}

TEST_F(SimCalibration, OffsetOfTheRmsTakesTheNoiseOffItsDistortionToo) {
  this->sim.set_front_end({.current_noise_a = {0.3, 0, 0}});
  this->connect(0.4);
  const double code = 0.3 / AMPERE;
  this->write(address::IRMSOS, static_cast<uint32_t>(-std::lround(code * code / 32768)));
  this->run();
  this->wait(2 * S);
  EXPECT_NEAR(this->read(AIRMS) * AMPERE, 0.4, 1e-4);
  EXPECT_NEAR(this->read_signed(AITHD) / (1 << 27), 0, 0.01);
}

TEST_F(SimCalibration, CrosstalkIsACurrentThatFollowsTheVoltage) {
  this->sim.set_front_end({.crosstalk_s = {1e-4, 0, 0}, .crosstalk_lag_deg = 30});
  this->connect(0);
  this->run();
  this->wait(2 * S);
  // 230 V · 0.1 mS = 23 mA, and 230² · 0.1 mS = 5.29 VA.
  EXPECT_NEAR(this->read(AIRMS) * AMPERE, 0.023, 1e-5);
  EXPECT_NEAR(this->read_signed(AWATT) * WATT, 5.29 * std::sqrt(0.75), 0.01);
  EXPECT_NEAR(this->read_signed(AVAR) * WATT, 5.29 * 0.5, 0.01);
}

TEST_F(SimCalibration, NeutralHasATolerance) {
  this->scenario.neutral_current_a = 5;
  this->sim.set_front_end({.neutral_gain = 1.04});
  this->connect(10);
  this->run();
  this->wait(S);
  EXPECT_NEAR(this->read(NIRMS) * AMPERE, 5.2, 1e-4);
}

TEST_F(SimCalibration, RegisterThatChangesWithinAWindowIsInItsEnergyFromThenOn) {
  this->run();
  this->wait(1364 * MS);  // 64 ms to settle, a window, and 0.3 s of the next one
  this->write(address::IGAIN, gain(1.1));
  this->wait(1000 * MS);
  const double watt = static_cast<double>(this->read_energy(AWATTHR_LO)) / 8000 * WATT;
  EXPECT_NEAR(watt, 2300 * (0.3 + 0.7 * 1.1), 0.1);
  this->wait(1000 * MS);
  EXPECT_NEAR(static_cast<double>(this->read_energy(AWATTHR_LO)) / 8000 * WATT, 2530, 0.1);
}

class SimMultipoint : public SimCalibration {
 protected:
  SimMultipoint() {
    const uint32_t full_scale = 52702092;
    const uint32_t low[] = {0, threshold(1.9), threshold(19)};
    const uint32_t high[] = {threshold(2.1), threshold(21), full_scale};
    for (uint16_t region = 0; region < 3; region++) {
      this->write(static_cast<uint16_t>(address::MTTHR_L0 + region), low[region]);
      this->write(static_cast<uint16_t>(address::MTTHR_H0 + region), high[region]);
      this->write(static_cast<uint16_t>(address::IGAIN0 + region), gain(1.1 + 0.1 * region));
    }
    this->write(address::IGAIN, gain(0.5));
  }

  void expect_region(double current_a, uint32_t region, double factor) {
    this->connect(current_a);
    this->wait(S);
    EXPECT_EQ(this->read(AMTREGION), region) << current_a;
    EXPECT_NEAR(this->read(AIRMS) * AMPERE, current_a * factor, 1e-4 * current_a) << current_a;
  }
};

TEST_F(SimMultipoint, WithoutItThereIsOneRegion) {
  this->run();
  this->expect_region(1, 0xF, 0.5);
}

TEST_F(SimMultipoint, RegionFollowsTheRmsWithHysteresis) {
  this->write(address::CONFIG0, 1U << 4);
  this->run();
  this->expect_region(1, 0, 0.5 * 1.1);
  this->expect_region(3.7, 0, 0.5 * 1.1);  // 2.035 A are shown
  this->expect_region(10, 1, 0.5 * 1.2);
  this->expect_region(3.3, 1, 0.5 * 1.2);  // 1.98 A are shown
  this->expect_region(3.1, 0, 0.5 * 1.1);  // 1.86 A were
  this->expect_region(100, 2, 0.5 * 1.3);
  this->expect_region(0.1, 0, 0.5 * 1.1);
}

TEST_F(SimMultipoint, EachRegionHasItsPhase) {
  this->write(address::CONFIG0, 1U << 4);
  this->write(address::PHCAL0 + 1, 0xFE8B7F83);  // −1° at 50 Hz by the data sheet's formula
  this->run();
  this->connect(10);
  this->wait(S);
  EXPECT_NEAR(std::atan2(this->read_signed(AVAR), this->read_signed(AWATT)) * 180 / 3.14159265, 1, 1e-4);
}

}  // namespace
