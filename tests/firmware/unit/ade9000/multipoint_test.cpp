#include "bench.h"

#include "ade9000/multipoint.h"
#include "ade9000/register_codes.h"
#include "ade9000/registers.h"

#include <gtest/gtest.h>

#include <cmath>

namespace {

using namespace bench;

/// A transformer that below 2 A shows 1.5 % too little and leads by another 0.5°.
class MultipointTest : public testing::Test {
 protected:
  MultipointTest() {
    this->multipoint.add_region(
        {.above_a = 0, .current = {1.015F, 1.015F, 1.015F}, .phase_deg = {-0.5F, -0.5F, -0.5F}});
    this->multipoint.add_region({.above_a = 2});
    this->multipoint.add_region({.above_a = 50});
    this->bench.chip.extend(this->multipoint);
    this->bench.sim.set_front_end(
        {.ct_lead_deg = 1, .small_current_gain = 1.015, .small_current_lead_deg = 0.5, .knee_a = 2});
    this->config.current.phase_shift_deg = -0.4;
    this->config.phases[0].calibration.phase_deg = -0.6F;
    this->config.phases[1].calibration.phase_deg = -0.6F;
    this->config.phases[2].calibration.phase_deg = -0.6F;
    this->bench.sim.set_scenario(balanced(1, 60));
    this->bench.chip.configure(this->config);
    this->bench.chip.start(0);
    this->bench.run_until(4 * S);
  }

  void expect_load(double current_a) {
    SCOPED_TRACE(current_a);
    this->bench.sim.set_scenario(balanced(current_a, 60));
    this->bench.run_until(this->bench.now_us + 4 * S);
    for (const Phase phase : LINES) {
      EXPECT_NEAR(this->bench.get(Quantity::CURRENT, phase), current_a, 1e-4 * current_a);
      EXPECT_NEAR(this->bench.get(Quantity::ACTIVE_POWER, phase), 230 * current_a * 0.5, 2e-4 * 230 * current_a);
    }
  }

  uint32_t setting(uint16_t address) {
    Settings settings;
    add_measuring(this->config, settings);
    this->multipoint.add_settings(this->config, settings);
    for (const Setting &setting : settings) {
      if (setting.address() == address)
        return setting.value();
    }
    ADD_FAILURE() << "register " << address << " is not set";
    return 0;
  }

  Multipoint multipoint;
  ChipConfig config = without_no_load();
  Bench bench;
};

TEST_F(MultipointTest, EveryRangeIsCorrectedByItsOwnValues) {
  for (const double current_a : {1.0, 0.1, 5.0, 60.0, 10.0, 1.5})
    this->expect_load(current_a);
  EXPECT_EQ(this->bench.chip.counters().restarts, 0U);
}

TEST_F(MultipointTest, CalibrationAtRunTimeReachesEveryRange) {
  for (auto &phase : this->config.phases)
    phase.calibration.phase_deg = -0.1F;
  this->config.current.phase_shift_deg = -0.9;
  this->bench.chip.adjust(this->config);
  this->bench.run_until(this->bench.now_us + 4 * S);
  for (const double current_a : {1.0, 5.0, 60.0})
    this->expect_load(current_a);
}

TEST_F(MultipointTest, RangesOverlapByTenPercentOfTheirBorder) {
  const double ampere = scales_of(this->config).ampere;
  EXPECT_EQ(this->setting(reg::MTTHR_L0), 0U);
  EXPECT_NEAR(this->setting(reg::MTTHR_H0) * ampere, 2.1, 1e-5);
  EXPECT_NEAR(this->setting(reg::MTTHR_L0 + 1) * ampere, 1.9, 1e-5);
  EXPECT_NEAR(this->setting(reg::MTTHR_H0 + 1) * ampere, 52.5, 1e-5);
  EXPECT_NEAR(this->setting(reg::MTTHR_L0 + 2) * ampere, 47.5, 1e-5);
  EXPECT_EQ(this->setting(reg::MTTHR_H0 + 2), FULL_SCALE_RMS_CODE);
  EXPECT_EQ(this->setting(reg::CONFIG0) & 1U << 4, 1U << 4);
}

TEST_F(MultipointTest, SettingsOfFiveRangesFit) {
  this->multipoint.add_region({.above_a = 60});
  this->multipoint.add_region({.above_a = 70});
  this->multipoint.add_region({.above_a = 80});  // one too many
  Settings settings;
  add_measuring(this->config, settings);
  this->multipoint.add_settings(this->config, settings);
  add_start(settings);
  EXPECT_EQ(settings.end()[-1].address(), reg::EP_CFG);
  EXPECT_NEAR(this->setting(reg::MTTHR_H0 + 3) * scales_of(this->config).ampere, 73.5, 1e-5);
  EXPECT_EQ(this->setting(reg::MTTHR_H0 + 4), FULL_SCALE_RMS_CODE);
}

}  // namespace
