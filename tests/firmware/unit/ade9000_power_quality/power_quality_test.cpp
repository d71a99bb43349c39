#include "event_bench.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace bench;
using namespace esphome::ade9000_power_quality;

constexpr double CYCLE_S = 0.02;
constexpr double HALF_CYCLE_MS = 10;
constexpr double AT_S = 4;

/// The extreme of a rectangular dip or swell as IEC 61000-4-30 measures it, from the best to the worst place of the
/// half cycles: a window of one cycle sees `cycles` of it at most.
double extreme_v(double factor, double cycles) {
  const double share = std::min(cycles, 1.0);
  return 230 * std::sqrt(1 - share * (1 - factor * factor));
}

double start_error_ms(const PowerEvent &event, double at_s) {
  return static_cast<double>(event.start_us) / 1e3 - at_s * 1e3;
}

struct Case {
  double cycles;
  double factor;
};

std::ostream &operator<<(std::ostream &stream, const Case &test) {
  return stream << test.cycles << " cycles at " << test.factor;
}

/// Points on the wave at which the disturbance begins, in cycles; the half cycles of the chip are not in step with
/// them.
constexpr double POINTS[] = {0, 0.07, 0.125, 0.21, 0.25, 0.33, 0.41, 0.49, 0.62, 0.75, 0.88};

class Rectangle : public testing::TestWithParam<Case> {
 protected:
  /// Expect one event of a type, right within its resolution, wherever on the wave it begins.
  static void expect_everywhere(EventType type, bool has_pin) {
    const auto &[cycles, factor] = GetParam();
    for (const double point : POINTS) {
      SCOPED_TRACE(point);
      const double at_s = AT_S + point * CYCLE_S;
      EventBench bench(disturbed(at_s, cycles * CYCLE_S, dip_of_l1(factor)), {}, has_pin);
      bench.run_until(static_cast<uint64_t>((at_s + cycles * CYCLE_S + 0.5) * 1e6));
      ASSERT_EQ(bench.events.size(), 1U);
      const PowerEvent &event = bench.events[0];
      EXPECT_EQ(event.type, type);
      EXPECT_EQ(event.phase, Phase::L1);
      EXPECT_EQ(event.flags, 0);
      EXPECT_NEAR(start_error_ms(event, at_s), 0, event.resolution_ms);
      EXPECT_NEAR(event.duration_ms, cycles * CYCLE_S * 1e3, event.resolution_ms);
      if (has_pin) {
        EXPECT_LE(event.resolution_ms, cycles >= 3 ? HALF_CYCLE_MS : 1.8 * HALF_CYCLE_MS);
      }
      expect_extreme(event, factor, cycles);
    }
  }

  /// At worst the half cycles lie so that no window covers a quarter of a cycle of it; a sine has up to all of the
  /// energy of that quarter in half of the time.
  static void expect_extreme(const PowerEvent &event, double factor, double cycles) {
    const double best = extreme_v(factor, cycles + (cycles < 1 ? 0.16 : 0));
    const double worst = cycles >= 1.5 ? best : extreme_v(factor, std::min(cycles, 0.75) - 0.09);
    EXPECT_GE(event.value, std::min(best, worst) - 0.05);
    EXPECT_LE(event.value, std::max(best, worst) + 0.05);
    EXPECT_NEAR(event.percent, event.value / 2.3, 1e-3);
  }
};

class Dip : public Rectangle {};

TEST_P(Dip, HasStartDurationAndResidualVoltageByThePin) { expect_everywhere(EventType::DIP, true); }
TEST_P(Dip, HasStartDurationAndResidualVoltageWithoutAPin) { expect_everywhere(EventType::DIP, false); }

INSTANTIATE_TEST_SUITE_P(Cases, Dip,
                         testing::Values(Case{0.5, 0.1}, Case{0.5, 0.5}, Case{1, 0.1}, Case{1, 0.5}, Case{1, 0.8},
                                         Case{1.5, 0.1}, Case{1.5, 0.7}, Case{1.5, 0.85}, Case{2, 0.4}, Case{10, 0.1},
                                         Case{10, 0.5}, Case{10, 0.89}, Case{3.3, 0.6}));

class Interruption : public Rectangle {};

TEST_P(Interruption, IsADipThatGoesBelowItsLimit) { expect_everywhere(EventType::INTERRUPTION, true); }

INSTANTIATE_TEST_SUITE_P(Cases, Interruption, testing::Values(Case{1.5, 0}, Case{2, 0.04}, Case{4.5, 0}));

class Swell : public Rectangle {};

TEST_P(Swell, HasStartDurationAndPeakVoltageByThePin) { expect_everywhere(EventType::SWELL, true); }
TEST_P(Swell, HasStartDurationAndPeakVoltageWithoutAPin) { expect_everywhere(EventType::SWELL, false); }

INSTANTIATE_TEST_SUITE_P(Cases, Swell,
                         testing::Values(Case{0.5, 1.4}, Case{1, 1.2}, Case{1.5, 1.15}, Case{2, 1.3}, Case{10, 1.11},
                                         Case{10, 1.4}));

/// Three phases of 230 V and 10 A with steps of its own.
Scenario profile(std::initializer_list<LoadStep> steps) {
  Scenario scenario = balanced(10);
  for (const LoadStep &step : steps)
    scenario.add_step(step);
  return scenario;
}

uint64_t after(double seconds) { return static_cast<uint64_t>(seconds * 1e6); }

TEST(LongDip, OfMinutesIsTimedByItsEndsAndNotByCountingCycles) {
  Scenario supply = balanced(10);
  supply.frequency_hz = 49.87;
  EventBench bench(disturbed(AT_S, 200.003, dip_of_l1(0.7), supply));
  bench.run_until(after(210));
  ASSERT_EQ(bench.events.size(), 1U);
  EXPECT_NEAR(start_error_ms(bench.events[0], AT_S), 0, HALF_CYCLE_MS);
  EXPECT_NEAR(bench.events[0].duration_ms, 200'003, HALF_CYCLE_MS + 1);
}

TEST(LongDip, NeedsTheLoopOftenForItsFirstMinuteOnly) {
  EventBench bench(disturbed(AT_S, 200, dip_of_l1(0.7)));
  bench.run_until(after(3));
  EXPECT_FALSE(bench.quality.is_urgent());
  bench.run_until(after(10));
  EXPECT_TRUE(bench.quality.is_urgent());
  bench.run_until(after(70));
  EXPECT_FALSE(bench.quality.is_urgent());
}

TEST(LongEvent, IsToldAtItsBeginAfterASecondAndAtItsEndWithTheSameNumber) {
  EventBench bench(disturbed(AT_S, 3, dip_of_l1(0.7)));
  bench.run_until(after(8));
  ASSERT_EQ(bench.told.size(), 3U);
  const EventStage stages[] = {EventStage::BEGIN, EventStage::LASTS, EventStage::END};
  for (size_t index = 0; index < 3; index++) {
    EXPECT_EQ(bench.told[index].first, stages[index]);
    EXPECT_EQ(bench.told[index].second.id, 1U);
    EXPECT_EQ(bench.told[index].second.is_over, index == 2);
  }
  EXPECT_NEAR(bench.told[1].second.duration_ms, 1000, 20);
  EXPECT_NEAR(bench.told[1].second.value, 161, 0.1);
}

TEST(SixtyHertz, HasShorterHalfCycles) {
  ChipConfig chip;
  chip.line_frequency_hz = 60;
  chip.nominal_voltage = 120;
  Scenario supply = balanced(10, 0, 60);
  for (auto &phase : supply.phases)
    phase.voltage_v = 120;
  EventBench bench(disturbed(AT_S, 0.1, dip_of_l1(0.5), supply), {}, true, chip);
  bench.run_until(after(5));
  ASSERT_EQ(bench.events.size(), 1U);
  EXPECT_EQ(bench.events[0].resolution_ms, 9U);
  EXPECT_NEAR(start_error_ms(bench.events[0], AT_S), 0, 9);
  EXPECT_NEAR(bench.events[0].duration_ms, 100, 9);
  EXPECT_NEAR(bench.events[0].value, 60, 0.05);
}

TEST(Hysteresis, MakesOneDipOfAVoltageThatHoversAtTheLimit) {
  // 206 V and 208 V are on both sides of 207 V, 90 % of 230 V, and below 92 %.
  Scenario scenario = profile({{.duration_s = AT_S}});
  for (int step = 0; step < 20; step++) {
    const double factor = (step % 2 == 0 ? 206.0 : 208.0) / 230;
    scenario.add_step({.duration_s = 0.1, .voltage_factor = {factor, 1, 1}});
  }
  scenario.add_step({.duration_s = 100});
  EventBench bench(scenario);
  bench.run_until(after(6.8));
  ASSERT_EQ(bench.events.size(), 1U);
  EXPECT_NEAR(bench.events[0].value, 206, 0.1);
  EXPECT_NEAR(bench.events[0].duration_ms, 2000, 15);
}

TEST(Hysteresis, MakesTwoDipsWhereTheVoltageComesBackBetween) {
  EventBench bench(profile({{.duration_s = AT_S},
                            {.duration_s = 0.1, .voltage_factor = {0.5, 1, 1}},
                            {.duration_s = 0.1},
                            {.duration_s = 0.1, .voltage_factor = {0.5, 1, 1}},
                            {.duration_s = 100}}));
  bench.run_until(after(5));
  ASSERT_EQ(bench.events.size(), 2U);
  EXPECT_NEAR(start_error_ms(bench.events[1], AT_S + 0.2), 0, HALF_CYCLE_MS);
  EXPECT_NEAR(bench.events[1].duration_ms, 100, HALF_CYCLE_MS);
}

TEST(Limits, AreThoseOfTheConfiguration) {
  PowerQualityConfig config;
  config.dip = {80, 3};
  config.swell = {120, 3};
  config.interruption = 20;
  EventBench bench(profile({{.duration_s = AT_S},
                            {.duration_s = 0.2, .voltage_factor = {0.81, 1.19, 0.19}},
                            {.duration_s = 0.2},
                            {.duration_s = 0.2, .voltage_factor = {0.79, 1.21, 0.21}},
                            {.duration_s = 100}}),
                   config);
  bench.run_until(after(6));
  ASSERT_EQ(bench.events.size(), 4U);
  EXPECT_EQ(bench.of(EventType::INTERRUPTION).size(), 1U);
  EXPECT_EQ(bench.of(EventType::DIP).size(), 2U);
  EXPECT_NEAR(bench.of(EventType::SWELL).at(0).percent, 121, 0.1);
}

TEST(EveryPhase, HasEventsOfItsOwn) {
  EventBench bench(
      profile({{.duration_s = AT_S}, {.duration_s = 0.3, .voltage_factor = {0.6, 0.7, 1.3}}, {.duration_s = 100}}));
  bench.run_until(after(6));
  const auto dips = bench.of(EventType::DIP);
  ASSERT_EQ(dips.size(), 2U);
  EXPECT_EQ(dips[0].phase, Phase::L1);
  EXPECT_NEAR(dips[0].value, 138, 0.1);
  EXPECT_EQ(dips[1].phase, Phase::L2);
  EXPECT_NEAR(dips[1].value, 161, 0.1);
  EXPECT_EQ(bench.of(EventType::SWELL).at(0).phase, Phase::L3);
}

TEST(UnfittedPhase, HasNoEvents) {
  ChipConfig chip;
  chip.phases[1].fitted = false;
  Scenario scenario = balanced(10);
  scenario.phases[1].voltage_v = 0;
  EventBench bench(scenario, {}, true, chip);
  bench.run_until(after(6));
  EXPECT_TRUE(bench.told.empty());
}

TEST(ThreeWires, HaveEventsOfTheVoltagesBetweenThePhases) {
  ChipConfig chip;
  chip.wiring = Wiring::DELTA_3WIRE;
  chip.nominal_voltage = 400;
  // With L2 as the reference VA is L1–L2; a dip of L1 lowers it and L1–L3.
  FrontEnd front_end;
  front_end.is_against_l2 = true;
  const LoadStep dip{.voltage_factor = {0.5, 1, 1}};
  EventBench bench(disturbed(AT_S, 0.2, dip), {}, true, chip);
  bench.bench.sim.set_front_end(front_end);
  bench.run_until(after(6));
  const auto dips = bench.of(EventType::DIP);
  ASSERT_EQ(dips.size(), 2U);
  EXPECT_EQ(dips[0].phase, Phase::L12);
  EXPECT_EQ(dips[1].phase, Phase::L31);
  // |115∠0° − 230∠−120°| by the law of cosines.
  EXPECT_NEAR(dips[0].value, std::sqrt(115 * 115 + 230 * 230 + 115 * 230), 0.2);
}

/// Limits of the currents as well.
PowerQualityConfig with_currents() {
  PowerQualityConfig config;
  config.over_current = {25, 2};
  config.neutral_mismatch = {0.5, 10};
  return config;
}

class OverCurrent : public testing::TestWithParam<double> {};

TEST_P(OverCurrent, HasStartDurationAndPeakCurrent) {
  const double cycles = GetParam();
  for (const double point : POINTS) {
    SCOPED_TRACE(point);
    const double at_s = AT_S + point * CYCLE_S;
    EventBench bench(disturbed(at_s, cycles * CYCLE_S, {.current_factor = {1, 4, 1}}), with_currents());
    bench.run_until(after(at_s + cycles * CYCLE_S + 0.5));
    ASSERT_EQ(bench.events.size(), 1U);
    const PowerEvent &event = bench.events[0];
    EXPECT_EQ(event.type, EventType::OVER_CURRENT);
    EXPECT_EQ(event.phase, Phase::L2);
    EXPECT_NEAR(start_error_ms(event, at_s), 0, event.resolution_ms);
    EXPECT_NEAR(event.duration_ms, cycles * CYCLE_S * 1e3, event.resolution_ms);
    if (cycles >= 1.5) {
      EXPECT_NEAR(event.value, 40, 0.01);
      EXPECT_NEAR(event.percent, 160, 0.1) << "of the limit of 25 A";
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Cycles, OverCurrent, testing::Values(1, 1.5, 3, 10, 100));

TEST(OverCurrentOfTwoPhases, AreTwoEventsThoughTheChipHasOneFlag) {
  EventBench bench(profile({{.duration_s = AT_S},
                            {.duration_s = 0.2, .current_factor = {3, 1, 1}},
                            {.duration_s = 0.2, .current_factor = {3, 1, 4}},
                            {.duration_s = 100}}),
                   with_currents());
  bench.run_until(after(6));
  const auto events = bench.of(EventType::OVER_CURRENT);
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].phase, Phase::L1);
  EXPECT_NEAR(events[0].duration_ms, 400, HALF_CYCLE_MS);
  EXPECT_EQ(events[1].phase, Phase::L3);
  EXPECT_NEAR(events[1].duration_ms, 200, HALF_CYCLE_MS);
}

TEST(OverCurrentOfOnePhase, LaterIsNotTakenForOneOfAnother) {
  EventBench bench(profile({{.duration_s = AT_S},
                            {.duration_s = 0.2, .current_factor = {3, 1, 1}},
                            {.duration_s = 2},
                            {.duration_s = 0.2, .current_factor = {1, 1, 4}},
                            {.duration_s = 100}}),
                   with_currents());
  bench.run_until(after(8));
  const auto events = bench.of(EventType::OVER_CURRENT);
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].phase, Phase::L1);
  EXPECT_EQ(events[1].phase, Phase::L3);
}

TEST(PhaseLoss, IsAPhaseWithoutVoltageWhileAnotherHasSome) {
  EventBench bench(disturbed(AT_S, 2, {.voltage_factor = {1, 1, 0}}));
  bench.run_until(after(8));
  const auto losses = bench.of(EventType::PHASE_LOSS);
  ASSERT_EQ(losses.size(), 1U);
  EXPECT_EQ(losses[0].phase, Phase::L3);
  EXPECT_NEAR(start_error_ms(losses[0], AT_S), 0, losses[0].resolution_ms);
  EXPECT_NEAR(losses[0].duration_ms, 2000, losses[0].resolution_ms);
  EXPECT_LE(losses[0].resolution_ms, 25U);
  EXPECT_EQ(bench.of(EventType::INTERRUPTION).size(), 1U) << "its voltage is interrupted, too";
  EXPECT_TRUE(bench.of(EventType::WRONG_SEQUENCE).empty());
}

TEST(PhaseLoss, IsNotADipToATenthAboveIt) {
  EventBench bench(disturbed(AT_S, 2, {.voltage_factor = {1, 1, 0.15}}));
  bench.run_until(after(8));
  EXPECT_EQ(bench.events.size(), 1U);
  EXPECT_EQ(bench.of(EventType::DIP).size(), 1U);
}

TEST(PhaseLoss, IsNotAnInterruptionOfAllPhases) {
  EventBench bench(disturbed(AT_S, 2, {.voltage_factor = {0, 0, 0}}));
  bench.run_until(after(8));
  EXPECT_EQ(bench.events.size(), 3U);
  EXPECT_EQ(bench.of(EventType::INTERRUPTION).size(), 3U);
}

TEST(PhaseLoss, IsFoundWhenTheOtherPhasesComeBackWithoutOne) {
  EventBench bench(profile({{.duration_s = AT_S},
                            {.duration_s = 1, .voltage_factor = {0, 0, 0}},
                            {.duration_s = 2, .voltage_factor = {1, 0, 1}},
                            {.duration_s = 100}}));
  bench.run_until(after(9));
  const auto losses = bench.of(EventType::PHASE_LOSS);
  ASSERT_EQ(losses.size(), 1U);
  EXPECT_EQ(losses[0].phase, Phase::L2);
}

TEST(PhaseLoss, OfSinglePhasesIsNone) {
  ChipConfig chip;
  chip.wiring = Wiring::SINGLE_PHASES;
  EventBench bench(disturbed(AT_S, 2, {.voltage_factor = {1, 1, 0}}), {}, true, chip);
  bench.run_until(after(8));
  EXPECT_EQ(bench.events.size(), 1U);
  EXPECT_EQ(bench.of(EventType::INTERRUPTION).size(), 1U);
}

TEST(WrongSequence, IsFoundAtTheStart) {
  Scenario scenario = balanced(10);
  std::swap(scenario.phases[1].voltage_angle_deg, scenario.phases[2].voltage_angle_deg);
  EventBench bench(scenario);
  bench.run_until(after(5));
  ASSERT_EQ(bench.told.size(), 2U);
  const PowerEvent &event = bench.told[0].second;
  EXPECT_EQ(event.type, EventType::WRONG_SEQUENCE);
  EXPECT_EQ(std::string(event.phase_name()), "");
  EXPECT_EQ(event.flags, FLAG_OPEN_START);
  EXPECT_TRUE(std::isnan(event.value));
  EXPECT_EQ(bench.told[1].first, EventStage::LASTS);
}

TEST(WrongSequence, EndsWhenItIsRightAgain) {
  Scenario wrong = balanced(10);
  std::swap(wrong.phases[1].voltage_angle_deg, wrong.phases[2].voltage_angle_deg);
  EventBench bench(balanced(10));
  bench.run_until(after(5));
  bench.bench.sim.set_scenario(wrong);
  bench.run_until(after(8));
  bench.bench.sim.set_scenario(balanced(10));
  bench.run_until(after(10));
  ASSERT_EQ(bench.events.size(), 1U);
  EXPECT_EQ(bench.events[0].type, EventType::WRONG_SEQUENCE);
  EXPECT_NEAR(start_error_ms(bench.events[0], 5), 0, bench.events[0].resolution_ms);
  EXPECT_NEAR(bench.events[0].duration_ms, 3000, bench.events[0].resolution_ms);
}

TEST(WrongSequence, IsNeverALostPhase) {
  for (size_t lost = 0; lost < 3; lost++) {
    LoadStep step;
    step.voltage_factor[lost] = 0.005;
    EventBench bench(disturbed(AT_S, 3, step));
    bench.run_until(after(9));
    EXPECT_TRUE(bench.of(EventType::WRONG_SEQUENCE).empty());
  }
}

TEST(NeutralMismatch, IsACurrentThatComesBackNeitherByPhaseNorByNeutral) {
  ChipConfig chip;
  chip.neutral_fitted = true;
  // Of 10 A on each phase, L1 gives 10.8 A for three seconds, of which nothing flows in the neutral.
  EventBench bench(disturbed(AT_S, 3, {.current_factor = {1.08, 1, 1}}), with_currents(), true, chip);
  bench.run_until(after(9));
  ASSERT_EQ(bench.events.size(), 1U);
  const PowerEvent &event = bench.events[0];
  EXPECT_EQ(event.type, EventType::NEUTRAL_MISMATCH);
  EXPECT_EQ(event.phase, Phase::N);
  EXPECT_NEAR(event.value, 0.8, 1e-3);
  EXPECT_NEAR(event.percent, 160, 0.3);
  EXPECT_NEAR(start_error_ms(event, AT_S), 0, event.resolution_ms);
  EXPECT_NEAR(event.duration_ms, 3000, event.resolution_ms);
}

TEST(NeutralMismatch, NeedsATransformerInTheNeutral) {
  EventBench bench(disturbed(AT_S, 3, {.current_factor = {1.08, 1, 1}}), with_currents());
  bench.run_until(after(9));
  EXPECT_TRUE(bench.events.empty());
}

TEST(BusyHost, StillLearnsOfADipThatIsOverAndSaysHowWellItKnows) {
  for (uint64_t busy_ms = 60; busy_ms <= 900; busy_ms += 70) {
    for (const bool has_pin : {true, false}) {
      EventBench bench(disturbed(AT_S, 0.04, dip_of_l1(0.6)), {}, has_pin);
      bench.run_until(after(AT_S) - 5 * MS);
      bench.bench.be_busy(busy_ms * MS);
      bench.bench.sim.advance(bench.bench.now_us);
      bench.pin.look();
      bench.run_until(bench.bench.now_us + 500 * MS);
      SCOPED_TRACE(busy_ms);
      ASSERT_EQ(bench.events.size(), 1U);
      const PowerEvent &event = bench.events[0];
      EXPECT_NEAR(event.value, 138, 0.1);
      EXPECT_NEAR(start_error_ms(event, AT_S), 0, event.resolution_ms);
      EXPECT_NEAR(event.duration_ms, 40, event.resolution_ms);
      EXPECT_LE(event.resolution_ms, busy_ms + 40);
    }
  }
}

TEST(BusyHost, StillLearnsOfAnOverCurrentThatIsOver) {
  EventBench bench(disturbed(AT_S, 0.04, {.current_factor = {1, 1, 3}}), with_currents());
  bench.run_until(after(AT_S) - 5 * MS);
  bench.bench.be_busy(300 * MS);
  bench.run_until(after(AT_S + 1));
  ASSERT_EQ(bench.events.size(), 1U);
  EXPECT_EQ(bench.events[0].phase, Phase::L3);
  EXPECT_GT(bench.events[0].value, 25) << "the last value above the limit is all that the chip keeps";
  EXPECT_LE(bench.events[0].value, 30.01);
}

TEST(BusyHost, LearnsOfASecondDipAsDeepAsTheFirst) {
  EventBench bench(profile({{.duration_s = AT_S},
                            {.duration_s = 0.04, .voltage_factor = {0.6, 1, 1}},
                            {.duration_s = 1},
                            {.duration_s = 0.04, .voltage_factor = {0.6, 1, 1}},
                            {.duration_s = 100}}));
  for (const double at_s : {AT_S, AT_S + 1.04}) {
    bench.run_until(after(at_s) - 5 * MS);
    bench.bench.be_busy(300 * MS);
  }
  bench.run_until(after(AT_S + 2));
  EXPECT_EQ(bench.events.size(), 2U);
}

TEST(BusyHost, TakesTheExitOfAnEventForNoNewOne) {
  // The loop is held up right after the dip, so that the chip's flags of its end are seen late.
  for (uint64_t busy_ms = 10; busy_ms <= 200; busy_ms += 10) {
    EventBench bench(disturbed(AT_S, 0.1, dip_of_l1(0.2)));
    bench.run_until(after(AT_S + 0.121));
    bench.bench.be_busy(busy_ms * MS);
    bench.run_until(after(AT_S + 1));
    SCOPED_TRACE(busy_ms);
    EXPECT_EQ(bench.events.size(), 1U);
  }
}

TEST(BeforeTheChipHasSettled, ThereAreNoEvents) {
  EventBench bench(disturbed(0.5, 0.5, dip_of_l1(0.5)));
  bench.run_until(after(4));
  EXPECT_TRUE(bench.told.empty());
}

TEST(DipAtTheStart, IsAnEventWhoseStartIsOpen) {
  EventBench bench(profile({{.duration_s = 5, .voltage_factor = {0.7, 1, 1}}, {.duration_s = 100}}));
  bench.run_until(after(6));
  ASSERT_EQ(bench.events.size(), 1U);
  EXPECT_EQ(bench.events[0].flags, FLAG_OPEN_START);
  EXPECT_NEAR(bench.events[0].value, 161, 0.1);
}

TEST(ChipThatIsResetInADip, LeavesAnOpenEndAndAnOpenStart) {
  EventBench bench(disturbed(AT_S, 6, dip_of_l1(0.7)));
  bench.bench.sim.brown_out_at(6 * S);
  bench.run_until(after(12));
  const auto dips = bench.of(EventType::DIP);
  ASSERT_EQ(dips.size(), 2U);
  EXPECT_EQ(dips[0].flags, FLAG_OPEN_END);
  EXPECT_NEAR(start_error_ms(dips[0], AT_S), 0, HALF_CYCLE_MS);
  EXPECT_NEAR(dips[0].duration_ms, 2000, 20) << "as long as it was seen";
  EXPECT_EQ(dips[1].flags, FLAG_OPEN_START);
  EXPECT_NEAR(start_error_ms(dips[1], 6), 2100, 200) << "from when the filters have settled";
  EXPECT_NEAR(static_cast<double>(dips[1].start_us) / 1e3 + dips[1].duration_ms, 10'000, HALF_CYCLE_MS + 1);
}

TEST(ChipThatIsResetInAnInterruption, HasSeenAnInterruption) {
  EventBench bench(disturbed(AT_S, 6, dip_of_l1(0)));
  bench.bench.sim.brown_out_at(5 * S);
  bench.run_until(after(12));
  EXPECT_EQ(bench.of(EventType::INTERRUPTION).size(), 2U);
}

TEST(ChipThatIsReset, EndsWhatElseGoesOn) {
  ChipConfig chip;
  chip.neutral_fitted = true;
  Scenario wrong = balanced(10);
  std::swap(wrong.phases[1].voltage_angle_deg, wrong.phases[2].voltage_angle_deg);
  wrong.phases[0].current_a = 12;
  EventBench sequence(wrong, with_currents(), true, chip);
  sequence.bench.sim.brown_out_at(5 * S);
  sequence.run_until(after(6));
  ASSERT_EQ(sequence.events.size(), 2U);
  for (const EventType type : {EventType::WRONG_SEQUENCE, EventType::NEUTRAL_MISMATCH})
    EXPECT_EQ(sequence.of(type).at(0).flags, FLAG_OPEN_START | FLAG_OPEN_END);

  EventBench loss(disturbed(AT_S, 10, {.voltage_factor = {1, 0, 1}}));
  loss.bench.sim.brown_out_at(6 * S);
  loss.run_until(after(10));
  ASSERT_EQ(loss.of(EventType::PHASE_LOSS).size(), 1U);
  EXPECT_EQ(loss.of(EventType::PHASE_LOSS)[0].flags, FLAG_OPEN_END);
  EXPECT_NEAR(loss.of(EventType::PHASE_LOSS)[0].duration_ms, 2000, 25);
  EXPECT_EQ(loss.told.back().second.flags, FLAG_OPEN_START) << "and goes on";
}

TEST(EventsThatAreSwitchedOff, AreNotFound) {
  PowerQualityConfig config;
  config.phase_loss = false;
  config.wrong_sequence = false;
  Scenario wrong = balanced(100);
  std::swap(wrong.phases[1].voltage_angle_deg, wrong.phases[2].voltage_angle_deg);
  EventBench bench(disturbed(AT_S, 2, {.voltage_factor = {1, 0, 1}}, wrong), config);
  bench.run_until(after(8));
  ASSERT_EQ(bench.events.size(), 1U);
  EXPECT_EQ(bench.events[0].type, EventType::INTERRUPTION);
}

class BusFaults : public testing::TestWithParam<double> {};

TEST_P(BusFaults, MakeNoEvent) {
  for (uint32_t seed = 1; seed <= 4; seed++) {
    ChipConfig chip;
    chip.neutral_fitted = true;
    EventBench bench(balanced(10), with_currents(), false, chip);
    bench.run_until(after(3));
    bench.bench.sim.flip_miso_bits(GetParam(), seed * 7919);
    size_t transactions = 0;
    while (transactions < 20'000) {
      bench.run_until(bench.bench.now_us + 16 * MS);
      transactions += bench.bench.wires.sent.size();
    }
    SCOPED_TRACE(seed);
    EXPECT_GT(bench.bench.bus.counters().crc_errors, 30U);
    EXPECT_TRUE(bench.told.empty());
  }
}

INSTANTIATE_TEST_SUITE_P(BitErrorRates, BusFaults, testing::Values(1e-4, 1e-3, 5e-3));

TEST(BusFaultsInADip, NeitherEndItNorChangeIt) {
  for (uint32_t seed = 1; seed <= 10; seed++) {
    EventBench bench(disturbed(AT_S, 5, dip_of_l1(0.6)));
    bench.run_until(after(3));
    bench.bench.sim.flip_miso_bits(5e-4, seed * 7919);
    bench.run_until(after(11));
    SCOPED_TRACE(seed);
    ASSERT_EQ(bench.events.size(), 1U);
    EXPECT_NEAR(bench.events[0].value, 138, 0.1);
    EXPECT_NEAR(start_error_ms(bench.events[0], AT_S), 0, bench.events[0].resolution_ms);
    EXPECT_NEAR(bench.events[0].duration_ms, 5000, bench.events[0].resolution_ms);
  }
}

TEST(LostFrameInADip, AnyOfThemLeavesTheEventAsItIs) {
  for (uint32_t frame = 0; frame < 120; frame++) {
    EventBench bench(disturbed(AT_S, 0.1, dip_of_l1(0.6)));
    bench.run_until(after(AT_S + 0.009));
    bench.bench.sim.lose_frame(frame);
    bench.run_until(after(AT_S + 1));
    SCOPED_TRACE(frame);
    ASSERT_EQ(bench.events.size(), 1U);
    EXPECT_NEAR(bench.events[0].value, 138, 0.1);
    EXPECT_NEAR(bench.events[0].duration_ms, 100, bench.events[0].resolution_ms + HALF_CYCLE_MS);
  }
}

TEST(BusTime, OfOnePassIsBelowTwoMilliseconds) {
  ChipConfig chip;
  chip.neutral_fitted = true;
  EventBench bench(disturbed(AT_S, 3, {.current_factor = {3, 3, 3}, .voltage_factor = {0.5, 0.6, 0}}), with_currents(),
                   true, chip);
  bench.run_until(after(AT_S - 0.1));
  size_t most = 0;
  for (int pass = 0; pass < 2000; pass++) {
    const size_t before = bench.bench.readings.size();
    bench.bench.most_bytes = 0;
    bench.run_until(bench.bench.now_us + 250);
    if (bench.bench.readings.size() == before)
      most = std::max(most, bench.bench.most_bytes);
  }
  EXPECT_GT(most, 100U);
  EXPECT_LT(most * 8 / 5, 2000U) << "microseconds at 5 MHz";
}

}  // namespace
