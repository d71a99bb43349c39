#include "bench.h"

#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <initializer_list>
#include <numbers>

/// The sum of currents: the neutral calculated from the phases, or what flows to earth.

namespace {

using namespace bench;
using Phasor = std::complex<double>;

constexpr double DEGREE = std::numbers::pi / 180;

/// 10 A, 6 A and 3 A, at lag angles of their own.
Scenario unbalanced() {
  Scenario scenario = balanced(10);
  scenario.phases[0].current_lag_deg = 25;
  scenario.phases[1].current_a = 6;
  scenario.phases[2].current_a = 3;
  scenario.phases[2].current_lag_deg = -40;
  return scenario;
}

Phasor sum_of_phases() {
  return std::polar(10.0, -25 * DEGREE) + std::polar(6.0, -120 * DEGREE) + std::polar(3.0, 160 * DEGREE);
}

Scenario with_neutral(double current_a, double angle_deg) {
  Scenario scenario = unbalanced();
  scenario.neutral_current_a = current_a;
  scenario.neutral_angle_deg = angle_deg;
  return scenario;
}

/// Run an installation until it has settled.
struct Settled : Bench {
  Settled(const Scenario &scenario, const ChipConfig &config, const FrontEnd &front_end = {})
      : Bench(scenario, config, front_end) {
    this->run_until(4 * S);
    EXPECT_EQ(this->chip.state(), ChipState::RUNNING);
  }

  double calculated() const { return this->get(Quantity::CALCULATED_CURRENT, Phase::N); }
  double residual() const { return this->get(Quantity::RESIDUAL_CURRENT, Phase::TOTAL); }
};

ChipConfig neutral_fitted() {
  ChipConfig config;
  config.neutral_fitted = true;
  return config;
}

TEST(SummedCurrent, WithoutATransformerTheNeutralIsCalculatedFromThePhases) {
  const Settled bench(unbalanced(), {});
  EXPECT_NEAR(bench.calculated(), std::abs(sum_of_phases()), 1e-4);
  EXPECT_TRUE(std::isnan(bench.residual()));
}

TEST(SummedCurrent, ABalancedLoadLeavesTheNeutralWithoutCurrent) {
  EXPECT_NEAR(Settled(balanced(10, 30), {}).calculated(), 0, 1e-4);
}

TEST(SummedCurrent, ThirdHarmonicsMeetInTheNeutral) {
  Scenario scenario = balanced(10);
  for (auto &phase : scenario.phases)
    phase.current_harmonics.add({.order = 3, .ratio = 0.2, .angle_deg = 15});
  EXPECT_NEAR(Settled(scenario, {}).calculated(), 3 * 2, 1e-4);
}

TEST(SummedCurrent, WithATransformerOnTheNeutralTheSumIsWhatFlowsToEarth) {
  const Settled bench(with_neutral(4, 170), neutral_fitted());
  EXPECT_NEAR(bench.residual(), std::abs(sum_of_phases() + std::polar(4.0, 170 * DEGREE)), 1e-4);
  EXPECT_NEAR(bench.get(Quantity::CURRENT, Phase::N), 4, 1e-4);
  EXPECT_TRUE(std::isnan(bench.calculated()));
}

TEST(SummedCurrent, OfASoundInstallationIsItsLeakage) {
  Scenario scenario = with_neutral(0.03, 0);
  scenario.is_neutral_balanced = true;
  const Settled bench(scenario, neutral_fitted());
  EXPECT_NEAR(bench.residual(), 0.03, 1e-5);
  EXPECT_NEAR(bench.get(Quantity::CURRENT, Phase::N), std::abs(0.03 - sum_of_phases()), 1e-4);
}

TEST(SummedCurrent, OfTheNeutralCanBePreferredToTheResidualOne) {
  ChipConfig config = neutral_fitted();
  config.preferred_sum = SummedCurrent::NEUTRAL;
  const Settled bench(with_neutral(4, 170), config);
  EXPECT_NEAR(bench.calculated(), std::abs(sum_of_phases()), 1e-4);
  EXPECT_TRUE(std::isnan(bench.residual()));
}

TEST(SummedCurrent, IsInAmperesWhateverTheTransformerOfTheNeutral) {
  for (const uint8_t pga_gain : {1, 4}) {
    ChipConfig config = neutral_fitted();
    config.neutral = {.ratio = 1000, .burden_ohm = 2, .phase_shift_deg = -1.5, .pga_gain = pga_gain};
    const FrontEnd front_end{.neutral_ct_ratio = 1000, .neutral_burden_ohm = 2, .neutral_ct_lead_deg = 1.5};
    const Settled bench(with_neutral(4, 170), config, front_end);
    EXPECT_NEAR(bench.residual(), std::abs(sum_of_phases() + std::polar(4.0, 170 * DEGREE)), 1e-4);
    EXPECT_NEAR(bench.get(Quantity::CURRENT, Phase::N), 4, 1e-4);
  }
}

TEST(SummedCurrent, KnowsATransformerOfTheNeutralThatIsTheWrongWayRound) {
  ChipConfig config = neutral_fitted();
  config.invert_neutral = true;
  const FrontEnd front_end{.neutral_ct_reversed = true};
  EXPECT_NEAR(Settled(with_neutral(4, 170), config, front_end).residual(),
              std::abs(sum_of_phases() + std::polar(4.0, 170 * DEGREE)), 1e-4);
}

TEST(SummedCurrent, KnowsThatAllPhasesAreTheWrongWayRound) {
  ChipConfig config = neutral_fitted();
  FrontEnd front_end;
  front_end.ct_reversed = {true, true, true};
  for (PhaseConfig &phase : config.phases)
    phase.invert_current = true;
  EXPECT_NEAR(Settled(with_neutral(4, 170), config, front_end).residual(),
              std::abs(sum_of_phases() + std::polar(4.0, 170 * DEGREE)), 1e-4);
}

TEST(SummedCurrent, IsNotValidWhereOneOfThePhasesIsTheOtherWayRound) {
  for (const bool is_neutral_fitted : {false, true}) {
    ChipConfig config;
    config.neutral_fitted = is_neutral_fitted;
    config.phases[1].invert_current = true;
    FrontEnd front_end;
    front_end.ct_reversed[1] = true;
    const Settled bench(with_neutral(4, 170), config, front_end);
    EXPECT_TRUE(std::isnan(bench.calculated()));
    EXPECT_TRUE(std::isnan(bench.residual()));
  }
}

TEST(SummedCurrent, IsNotValidWhereAPhaseHasNoTransformer) {
  ChipConfig config;
  config.phases[2].fitted = false;
  EXPECT_TRUE(std::isnan(Settled(unbalanced(), config).calculated()));
}

TEST(SummedCurrent, OfSplitPhaseIsThatOfItsTwoPhases) {
  Scenario scenario = balanced(10);
  scenario.phases[1].voltage_angle_deg = 180;
  scenario.phases[1].current_a = 7;
  scenario.phases[2].current_a = 0;
  ChipConfig config;
  config.wiring = Wiring::SPLIT_PHASE;
  EXPECT_NEAR(Settled(scenario, config).calculated(), 3, 1e-4);
}

TEST(SummedCurrent, OfThreeWiresIsWhatFlowsToEarth) {
  ChipConfig config;
  config.wiring = Wiring::DELTA_3WIRE;
  const FrontEnd front_end{.is_against_l2 = true};
  const Settled bench(unbalanced(), config, front_end);
  EXPECT_NEAR(bench.residual(), std::abs(sum_of_phases()), 1e-4);
  EXPECT_TRUE(std::isnan(bench.calculated())) << "there is no neutral";
}

TEST(SummedCurrent, IsNotValidWhereTheChipComputesTheCurrentOfL2FromTheOthers) {
  ChipConfig config;
  config.wiring = Wiring::DELTA_3WIRE;
  config.l2_current_fitted = false;
  EXPECT_TRUE(std::isnan(Settled(unbalanced(), config, {.is_against_l2 = true}).residual()));
}

TEST(SummedCurrent, ANeutralBeyondItsOwnFullScaleIsFlagged) {
  // Four times the amplification, so a quarter of 173.3 A.
  ChipConfig config = neutral_fitted();
  config.neutral.pga_gain = 4;
  EXPECT_EQ(Settled(with_neutral(42, 0), config).last().flags, 0);
  EXPECT_EQ(Settled(with_neutral(45, 0), config).last().flags, FLAG_SATURATED);
}

}  // namespace
