#include "bench.h"

#include "ade9000/unbalance.h"

#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <numbers>

/// Unbalance is |negative sequence| / |positive sequence| of the fundamentals, as IEC 61000-4-30 defines it.

namespace {

using namespace bench;
using Phasor = std::complex<double>;

constexpr double DEGREE = std::numbers::pi / 180;
constexpr double STEP = 3e-4;  ///< What the steps of the chip's angles make of it: 0.018° in each of three phasors.

Phasor of(double magnitude, double degrees) { return std::polar(magnitude, degrees * DEGREE); }

/// |l1 + a²·l2 + a·l3| / |l1 + a·l2 + a²·l3| with a = 1∠120°.
double sequences(Phasor l1, Phasor l2, Phasor l3) {
  const Phasor a = of(1, 120);
  return std::abs(l1 + a * a * l2 + a * l3) / std::abs(l1 + a * l2 + a * a * l3);
}

double voltage_unbalance(const Bench &bench) { return bench.get(Quantity::VOLTAGE_UNBALANCE, Phase::TOTAL); }
double current_unbalance(const Bench &bench) { return bench.get(Quantity::CURRENT_UNBALANCE, Phase::TOTAL); }

Scenario unbalanced() {
  Scenario scenario = balanced(10);
  auto &[l1, l2, l3] = scenario.phases;
  l1.voltage_v = 231;
  l2.voltage_v = 222;
  l2.voltage_angle_deg = -118;
  l2.current_a = 4;
  l2.current_lag_deg = 30;
  l3.voltage_v = 236;
  l3.voltage_angle_deg = 121;
  l3.current_a = 7;
  l3.current_lag_deg = -20;
  return scenario;
}

TEST(UnbalanceOf, ABalancedSystemIsZero) {
  EXPECT_NEAR(unbalance_of({phasor_of(230, 0), phasor_of(230, -120), phasor_of(230, 120)}), 0, 1e-6);
}

TEST(UnbalanceOf, OnePhaseAloneIsOne) {
  // Its phasor is three equal sequences of a third each.
  EXPECT_NEAR(unbalance_of({phasor_of(10, 33), {}, {}}), 1, 1e-6);
}

TEST(UnbalanceOf, NothingIsNotValid) { EXPECT_TRUE(std::isnan(unbalance_of({}))); }

TEST(UnbalanceOfTriangle, IsThatOfTheSequences) {
  // A closed triangle: the third side is what the other two leave.
  const Phasor l12 = of(400, 0);
  const Phasor l23 = of(390, -119);
  const Phasor l31 = -l12 - l23;
  EXPECT_NEAR(unbalance_of_triangle({std::abs(l12), std::abs(l23), std::abs(l31)}), sequences(l12, l23, l31), 1e-9);
}

TEST(UnbalanceOfTriangle, IsWithinItsBoundsAtTheExtremes) {
  EXPECT_NEAR(unbalance_of_triangle({400, 400, 400}), 0, 1e-7);
  EXPECT_NEAR(unbalance_of_triangle({400, 200, 200}), 1, 1e-7) << "no triangle any more";
  EXPECT_TRUE(std::isnan(unbalance_of_triangle({0, 0, 0})));
}

TEST(Unbalance, OfVoltagesAndCurrentsIsThatOfTheirSequences) {
  Bench bench(unbalanced());
  bench.run_until(5 * S);
  EXPECT_NEAR(voltage_unbalance(bench), sequences(of(231, 0), of(222, -118), of(236, 121)), STEP);
  EXPECT_NEAR(current_unbalance(bench), sequences(of(10, 0), of(4, -148), of(7, 141)), STEP);
}

TEST(Unbalance, IsOfTheFundamentalsAlone) {
  Scenario scenario = unbalanced();
  scenario.phases[1].voltage_harmonics.add({.order = 5, .ratio = 0.2, .angle_deg = 0});
  scenario.phases[2].current_harmonics.add({.order = 3, .ratio = 0.8, .angle_deg = 0});
  Bench bench(scenario);
  bench.run_until(5 * S);
  EXPECT_NEAR(voltage_unbalance(bench), sequences(of(231, 0), of(222, -118), of(236, 121)), STEP);
  EXPECT_NEAR(current_unbalance(bench), sequences(of(10, 0), of(4, -148), of(7, 141)), STEP);
}

TEST(Unbalance, OfCurrentsKnowsAnInvertedTransformer) {
  FrontEnd front_end;
  front_end.ct_reversed[1] = true;
  ChipConfig config;
  config.phases[1].invert_current = true;
  Bench bench(unbalanced(), config, front_end);
  bench.run_until(5 * S);
  EXPECT_NEAR(current_unbalance(bench), sequences(of(10, 0), of(4, -148), of(7, 141)), STEP);
}

TEST(Unbalance, IsNotValidWithoutAPhase) {
  Scenario scenario = unbalanced();
  scenario.phases[2].voltage_v = 0;
  Bench bench(scenario);
  bench.run_until(5 * S);
  EXPECT_TRUE(std::isnan(voltage_unbalance(bench)));
  EXPECT_TRUE(std::isnan(current_unbalance(bench)));
}

TEST(Unbalance, OfCurrentsIsNotValidWithoutALoadOnEachPhase) {
  Scenario scenario = unbalanced();
  scenario.phases[2].current_a = 0;
  Bench bench(scenario);
  bench.run_until(5 * S);
  EXPECT_NEAR(voltage_unbalance(bench), sequences(of(231, 0), of(222, -118), of(236, 121)), STEP);
  EXPECT_TRUE(std::isnan(current_unbalance(bench)));
}

TEST(Unbalance, IsNotValidWhereThePhasesAreNoSystemOfThree) {
  for (const Wiring wiring :
       {Wiring::SINGLE_PHASES, Wiring::SPLIT_PHASE, Wiring::NETWORK_3WIRE, Wiring::WYE_4WIRE_2VT}) {
    ChipConfig config;
    config.wiring = wiring;
    Bench bench(unbalanced(), config);
    bench.run_until(5 * S);
    EXPECT_TRUE(std::isnan(voltage_unbalance(bench))) << static_cast<int>(wiring);
    EXPECT_TRUE(std::isnan(current_unbalance(bench))) << static_cast<int>(wiring);
  }
}

TEST(Unbalance, OfHighLegDeltaDoesNotDependOnWhereItsNeutralIs) {
  Scenario scenario = balanced(10);
  auto &[l1, l2, l3] = scenario.phases;
  l1 = {.voltage_v = 120, .voltage_angle_deg = 0, .current_a = 10};
  l2 = {.voltage_v = 120 * std::numbers::sqrt3, .voltage_angle_deg = -90, .current_a = 10};
  l3 = {.voltage_v = 120, .voltage_angle_deg = 180, .current_a = 10};
  ChipConfig config;
  config.wiring = Wiring::DELTA_4WIRE;
  Bench bench(scenario, config);
  bench.run_until(5 * S);
  EXPECT_NEAR(voltage_unbalance(bench), 0, STEP);
}

TEST(Unbalance, OfThreeWiresFollowsFromTheVoltagesBetweenThem) {
  const Phasor l1 = of(231, 0);
  const Phasor l2 = of(222, -118);
  const Phasor l3 = of(236, 121);
  for (const auto &[wiring, is_against_l2] :
       {std::pair{Wiring::DELTA_3WIRE, true}, {Wiring::DELTA_3WIRE_ISOLATED, false}}) {
    ChipConfig config;
    config.wiring = wiring;
    config.nominal_voltage = 400;
    Bench bench(unbalanced(), config, {.is_against_l2 = is_against_l2});
    bench.run_until(5 * S);
    EXPECT_NEAR(voltage_unbalance(bench), sequences(l1, l2, l3), 1e-5);
    EXPECT_TRUE(std::isnan(current_unbalance(bench)));
  }
}

}  // namespace
