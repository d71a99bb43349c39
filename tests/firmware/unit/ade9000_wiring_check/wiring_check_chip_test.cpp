#include "bench.h"
#include "miswiring.h"

#include "ade9000_wiring_check/wiring_check.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace {

using namespace bench;
using namespace esphome::ade9000_wiring_check;
using namespace miswiring;

/// The check on a chip.
class Checked {
 public:
  Checked(const Scenario &scenario, const FrontEnd &front_end, ChipConfig config = {}, Flow flow = Flow::IMPORT) {
    this->check_.set_flow(flow);
    this->bench_.sim.set_scenario(scenario);
    this->bench_.sim.set_front_end(front_end);
    this->bench_.chip.extend(this->check_);
    this->bench_.chip.configure(config);
    this->bench_.chip.start(0);
  }

  /// Run to an instant and return the verdict.
  std::string at(uint64_t until_us) {
    this->bench_.run_until(until_us);
    std::array<char, LONGEST_VERDICT> buffer;
    return describe(this->check_.verdict(), this->check_.flow(), buffer);
  }

  SimChip &sim() { return this->bench_.sim; }

 protected:
  WiringCheck check_;
  Bench bench_;
};

/// Break an installation of the simulation as faults say.
void apply(const Faults &faults, Scenario &scenario, FrontEnd &front_end) {
  for (const Wrong &wrong : faults) {
    switch (wrong.what) {
      case What::CT_REVERSED:
        front_end.ct_reversed[wrong.line] = true;
        break;
      case What::CTS_SWAPPED:
        std::swap(front_end.current_source[wrong.line], front_end.current_source[wrong.other]);
        break;
      case What::VOLTAGES_SWAPPED:
        std::swap(front_end.voltage_source[wrong.line], front_end.voltage_source[wrong.other]);
        break;
      case What::NO_VOLTAGE:
        front_end.voltage_fitted[wrong.line] = false;
        break;
      case What::SEQUENCE_REVERSED:
        scenario.phases[1].voltage_angle_deg = 120;
        scenario.phases[2].voltage_angle_deg = -120;
        break;
    }
  }
}

struct GridCase {
  const char *name;
  uint8_t frequency_hz;
  double direction;
  Flow flow;
};

class OnTheChip : public testing::TestWithParam<GridCase> {};

TEST_P(OnTheChip, EverySingleAndDoubleFaultIsNamedWithinTwoSeconds) {
  for (const Faults &faults : all_faults()) {
    for (double lag = -55; lag <= 55; lag += 10) {
      Scenario scenario = balanced(10, GetParam().direction + lag, GetParam().frequency_hz);
      FrontEnd front_end;
      apply(faults, scenario, front_end);
      ChipConfig config;
      config.line_frequency_hz = GetParam().frequency_hz;
      Checked checked(scenario, front_end, config, GetParam().flow);
      EXPECT_TRUE(checked.at(1200 * MS).ends_with(name_of(faults)))
          << name_of(faults) << " with loads lagging " << lag << " was called " << checked.at(1200 * MS);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Grids, OnTheChip,
                         testing::Values(GridCase{"Import50Hz", 50, 0, Flow::IMPORT},
                                         GridCase{"Import60Hz", 60, 0, Flow::IMPORT},
                                         GridCase{"Export50Hz", 50, 180, Flow::EXPORT},
                                         GridCase{"Export60Hz", 60, 180, Flow::EXPORT}),
                         [](const auto &info) { return info.param.name; });

TEST(WiringCheck, IsOkWithUnequalLoadsAndHarmonics) {
  Scenario scenario = balanced(5, 10);
  scenario.phases[0].current_a = 0.4;
  scenario.phases[1].current_a = 60;
  scenario.phases[1].current_lag_deg = 40;
  scenario.phases[2].current_harmonics.add({.order = 3, .ratio = 0.6, .angle_deg = 180});
  EXPECT_EQ(Checked(scenario, {}).at(1200 * MS), "OK");
}

TEST(WiringCheck, KnowsADeadPhase) {
  Scenario scenario = balanced(5, 10);
  scenario.phases[1] = {.voltage_v = 0, .voltage_angle_deg = -120};
  EXPECT_EQ(Checked(scenario, {}).at(1200 * MS), "No voltage on L2");
}

TEST(WiringCheck, TakesALineFedBackThroughALoadForDead) {
  Scenario scenario = balanced(5, 10);
  scenario.phases[1].voltage_v = 80;
  scenario.phases[1].voltage_angle_deg = 0;
  EXPECT_EQ(Checked(scenario, {}).at(1200 * MS), "No voltage on L2");
}

TEST(WiringCheck, DoesNotJudgeACurrentThatIsTooSmall) {
  Scenario scenario = balanced(5, 10);
  scenario.phases[2].current_a = 0.1;  // Full scale is 173 A.
  scenario.phases[2].current_lag_deg = 180;
  EXPECT_EQ(Checked(scenario, {}).at(1200 * MS), "No load: switch something on at L3");
}

TEST(WiringCheck, IsContentWithACtThatTheConfigurationTurnsRound) {
  FrontEnd front_end;
  front_end.ct_reversed[1] = true;
  ChipConfig config;
  config.phases[1].invert_current = true;
  EXPECT_EQ(Checked(balanced(5, 10), front_end, config).at(1200 * MS), "OK");
}

TEST(WiringCheck, IsContentWithSwapsThatTheConfigurationPutsRight) {
  FrontEnd front_end;
  front_end.current_source = {2, 1, 0, 3};
  front_end.voltage_source = {1, 0, 2};
  ChipConfig config;
  config.phases[0] = {.voltage_input = Input::VB, .current_input = Input::IC};
  config.phases[1] = {.voltage_input = Input::VA};
  config.phases[2] = {.current_input = Input::IA};
  EXPECT_EQ(Checked(balanced(5, 10), front_end, config).at(1200 * MS), "OK");
}

TEST(WiringCheck, WatchesTwoPhasesOfSplitPhase) {
  Scenario scenario = balanced(5, 10);
  scenario.phases[1].voltage_angle_deg = 180;
  scenario.phases[2] = {.voltage_v = 0};
  FrontEnd front_end;
  ChipConfig config;
  config.wiring = Wiring::SPLIT_PHASE;
  EXPECT_EQ(Checked(scenario, front_end, config).at(1200 * MS), "OK");
  front_end.ct_reversed[1] = true;
  EXPECT_EQ(Checked(scenario, front_end, config).at(1200 * MS), "CT of L2 is reversed");
}

TEST(WiringCheck, KeepsItsVerdictUntilAnotherOneHoldsForTwoWindows) {
  // From 5 s on L3 takes nothing, for 1 s, and from 10 s on for 5 s.
  Scenario scenario = balanced(5, 10);
  for (const auto &[duration_s, factor] : {std::pair{5.0, 1.0}, {1.0, 0.0}, {4.0, 1.0}, {5.0, 0.0}, {100.0, 1.0}})
    scenario.add_step({.duration_s = duration_s, .current_factor = {1, 1, factor}});
  Checked checked(scenario, {});
  for (const uint64_t second : {2, 4, 6, 7, 8, 9, 10, 11})
    EXPECT_EQ(checked.at(second * S), "OK") << second;
  EXPECT_EQ(checked.at(13 * S), "No load: switch something on at L3");
  EXPECT_EQ(checked.at(15 * S), "No load: switch something on at L3");
  EXPECT_EQ(checked.at(18 * S), "OK");
}

TEST(WiringCheck, KnowsNothingWhileTheChipIsLost) {
  Checked checked(balanced(5, 10), {});
  EXPECT_EQ(checked.at(1 * S), "Not measuring");
  EXPECT_EQ(checked.at(3 * S), "OK");
  checked.sim().set_absent(true);
  EXPECT_EQ(checked.at(8 * S), "Not measuring");
  checked.sim().set_absent(false);
  EXPECT_EQ(checked.at(70 * S), "OK");
}

}  // namespace
