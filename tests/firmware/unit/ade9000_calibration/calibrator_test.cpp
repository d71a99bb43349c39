#include "bench.h"

#include "ade9000_calibration/calibrator.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <numbers>
#include <string>

namespace {

using namespace bench;
using namespace esphome::ade9000_calibration;

constexpr double DEGREE = std::numbers::pi / 180;

/// What was soldered: tolerances of up to 5 %, transformers that lead by 1.5°, noise of 10 mA (6e-5 of full scale), and
/// crosstalk of −97 dB between full scales, which is 1 mA at 230 V.
FrontEnd real_parts() {
  return {.ct_lead_deg = 1.5,
          .neutral_gain = 1.03,
          .neutral_noise_a = 0.012,
          .voltage_gain = {1.05, 0.95, 1.02},
          .current_gain = {0.95, 1.05, 1.04},
          .voltage_noise_v = {0.05, 0.04, 0.06},
          .current_noise_a = {0.01, 0.012, 0.008},
          .crosstalk_s = {4e-6, -4e-6, 3e-6},
          .crosstalk_lag_deg = 40};
}

ChipConfig four_wires() {
  ChipConfig config = without_no_load();
  config.neutral_fitted = true;
  return config;
}

class CalibratorTest : public testing::Test {
 protected:
  CalibratorTest() {
    this->bench.chip.extend(this->calibrator.extension());
    this->bench.sim.set_front_end(real_parts());
    this->connect(balanced(10));
    this->bench.chip.configure(four_wires());
    this->bench.chip.start(0);
    this->bench.run_until(4 * S);
  }

  void connect(Scenario scenario) {
    scenario.neutral_current_a = 8;
    this->bench.sim.set_scenario(scenario);
  }

  /// Run a step to its end.
  std::string run(Step step, const std::array<Reference, CHANNEL_COUNT> &references = {},
                  uint8_t channels = Calibrator::ALL_CHANNELS) {
    this->calibrator.begin(step, channels, references);
    const uint64_t patience_us = this->bench.now_us + 12 * S;
    while (this->calibrator.is_busy() && this->bench.now_us < patience_us) {
      this->bench.run_until(this->bench.now_us + 16 * MS);
      this->calibrator.loop();
    }
    return this->calibrator.words();
  }

  /// Voltage first, then gains, the angle and the offsets, with a kettle and a trusted instrument.
  void calibrate_all() {
    EXPECT_EQ(this->run(Step::GAIN, this->references), "L1, L2, L3, N calibrated");
    EXPECT_EQ(this->run(Step::PHASE), "L1, L2, L3 calibrated");
    Scenario open = balanced(0);
    this->bench.sim.set_scenario(open);
    EXPECT_EQ(this->run(Step::OFFSET), "L1, L2, L3, N calibrated");
    for (auto &phase : open.phases)
      phase.voltage_v = 0;
    this->bench.sim.set_scenario(open);
    EXPECT_EQ(this->run(Step::VOLTAGE_OFFSET), "L1, L2, L3 calibrated");
  }

  const std::array<Reference, CHANNEL_COUNT> references{{{.voltage_v = 230, .current_a = 10},
                                                         {.voltage_v = 230, .current_a = 10},
                                                         {.voltage_v = 230, .current_a = 10},
                                                         {.current_a = 8}}};
  Bench bench;
  Calibrator calibrator{bench.chip};
};

/// A tenth of a per cent of the apparent power or of the value, and a few codes.
void expect_true(const Bench &bench, size_t line, double voltage_v, double current_a, double lag_deg) {
  const Phase phase = LINES[line];
  const double apparent = voltage_v * current_a;
  const double lag = lag_deg * DEGREE;
  EXPECT_NEAR(bench.get(Quantity::VOLTAGE, phase), voltage_v, 1e-3 * voltage_v);
  EXPECT_NEAR(bench.get(Quantity::CURRENT, phase), current_a, 1e-3 * current_a);
  EXPECT_NEAR(bench.get(Quantity::ACTIVE_POWER, phase), apparent * std::cos(lag), 1e-3 * apparent);
  EXPECT_NEAR(bench.get(Quantity::REACTIVE_POWER, phase), apparent * std::sin(lag), 1e-3 * apparent);
  EXPECT_NEAR(bench.get(Quantity::APPARENT_POWER, phase), apparent, 1e-3 * apparent);
  EXPECT_NEAR(bench.get(Quantity::FUNDAMENTAL_ACTIVE_POWER, phase), apparent * std::cos(lag), 1e-3 * apparent);
  EXPECT_NEAR(bench.get(Quantity::FUNDAMENTAL_REACTIVE_POWER, phase), apparent * std::sin(lag), 1e-3 * apparent);
  EXPECT_NEAR(bench.get(Quantity::FUNDAMENTAL_APPARENT_POWER, phase), apparent, 1e-3 * apparent);
  EXPECT_NEAR(bench.get(Quantity::POWER_FACTOR, phase), std::cos(lag), 1e-3);
  EXPECT_NEAR(bench.get(Quantity::DISPLACEMENT_POWER_FACTOR, phase), std::cos(lag), 1e-3);
}

TEST_F(CalibratorTest, MeterIsTrueOverTheGridAfterTheFourSteps) {
  EXPECT_GT(std::abs(this->bench.get(Quantity::ACTIVE_POWER, Phase::L2) - 2300), 5) << "it was wrong before";
  this->calibrate_all();
  for (const double voltage_v : {207.0, 230.0, 253.0}) {
    for (const double current_a : {1.0, 5.0, 30.0, 80.0}) {
      for (const double lag_deg : {0.0, 60.0, -60.0, 90.0, 180.0, 120.0}) {
        SCOPED_TRACE(testing::Message() << voltage_v << " V, " << current_a << " A, " << lag_deg << "°");
        Scenario scenario = balanced(current_a, lag_deg);
        for (auto &phase : scenario.phases)
          phase.voltage_v = voltage_v;
        this->connect(scenario);
        this->bench.run_until(this->bench.now_us + 3 * S);
        for (size_t line = 0; line < LINE_COUNT; line++)
          expect_true(this->bench, line, voltage_v, current_a, lag_deg);
        EXPECT_NEAR(this->bench.get(Quantity::CURRENT, Phase::N), 8, 8e-3);
      }
    }
  }
  EXPECT_EQ(this->bench.chip.counters().restarts, 0U);
}

TEST_F(CalibratorTest, NothingIsShownWithoutALoad) {
  this->bench.sim.set_scenario(balanced(0));
  this->bench.run_until(this->bench.now_us + 3 * S);
  EXPECT_GT(this->bench.get(Quantity::CURRENT, Phase::L1), 0.009);
  EXPECT_GT(std::abs(this->bench.get(Quantity::ACTIVE_POWER, Phase::L1)), 0.1);
  this->connect(balanced(10));
  this->calibrate_all();
  this->bench.sim.set_scenario(balanced(0));
  this->bench.run_until(this->bench.now_us + 3 * S);
  for (const Phase phase : LINES) {
    // One step of the offset is 181 codes, 0.6 mA.
    EXPECT_LT(this->bench.get(Quantity::CURRENT, phase), 0.001);
    EXPECT_NEAR(this->bench.get(Quantity::ACTIVE_POWER, phase), 0, 0.01);
    EXPECT_NEAR(this->bench.get(Quantity::REACTIVE_POWER, phase), 0, 0.01);
  }
}

TEST_F(CalibratorTest, CalibrationHoldsForOtherPartsInTheConfiguration) {
  this->calibrate_all();
  // The same meter with half the burden and twice the divider: its own tolerances are what they were.
  ChipConfig config = this->bench.chip.config();
  config.current.burden_ohm = config.neutral.burden_ohm = 5.1;
  config.voltage_divider = 1602;
  FrontEnd front_end = real_parts();
  front_end.burden_ohm = front_end.neutral_burden_ohm = 5.1;
  front_end.voltage_divider = 1602;
  this->bench.sim.set_front_end(front_end);
  this->connect(balanced(20, 60));
  this->bench.chip.configure(config);
  this->bench.chip.start(this->bench.now_us);
  this->bench.run_until(this->bench.now_us + 5 * S);
  for (size_t line = 0; line < LINE_COUNT; line++)
    expect_true(this->bench, line, 230, 20, 60);
}

TEST_F(CalibratorTest, InvertedTransformerIsCalibratedAsAnyOther) {
  FrontEnd front_end = real_parts();
  front_end.ct_reversed = {true, false, true};
  this->bench.sim.set_front_end(front_end);
  ChipConfig config = four_wires();
  config.phases[0].invert_current = config.phases[2].invert_current = true;
  this->bench.chip.configure(config);
  this->bench.chip.start(this->bench.now_us);
  this->bench.run_until(this->bench.now_us + 4 * S);
  this->calibrate_all();
  this->connect(balanced(2, 60));
  this->bench.run_until(this->bench.now_us + 3 * S);
  for (size_t line = 0; line < LINE_COUNT; line++)
    expect_true(this->bench, line, 230, 2, 60);
}

TEST_F(CalibratorTest, OnePhaseCanBeCalibratedByItself) {
  EXPECT_EQ(this->run(Step::GAIN, this->references, 0b010), "L2 calibrated");
  this->bench.run_until(this->bench.now_us + 3 * S);
  EXPECT_NEAR(this->bench.get(Quantity::CURRENT, Phase::L2), 10, 0.01);
  EXPECT_NEAR(this->bench.get(Quantity::CURRENT, Phase::L3), 10.4, 0.01);
  EXPECT_EQ(this->calibrator.changed(), 0b010U);
}

TEST_F(CalibratorTest, RefusedPhaseKeepsWhatItHasAndTheOthersAreCalibrated) {
  auto wrong = this->references;
  wrong[0].current_a = 20;
  EXPECT_EQ(
      this->run(Step::GAIN, wrong, 0b111),
      // 9.5 A, and 0.7 mA of crosstalk.
      "L2, L3 calibrated; L1 refused: 9.501 A are shown and the reference is 20 A, more than 20 % apart: check ratio "
      "and burden in YAML");
  EXPECT_EQ(this->calibrator.calibrations()[0], Calibration{});
  EXPECT_NEAR(this->calibrator.calibrations()[1].current, 1 / 1.05, 1e-4);
}

TEST_F(CalibratorTest, EveryRefusedPhaseIsNamed) {
  EXPECT_EQ(
      this->run(Step::OFFSET),
      "L1 refused: 9.5 A are shown: switch the load off, or take the transformer off the wire; refused too: L2, L3, N");
  EXPECT_EQ(this->calibrator.changed(), 0U);
  EXPECT_FALSE(this->bench.chip.is_adjusting());
}

TEST_F(CalibratorTest, LoadThatIsSwitchedWhileMeasuringIsRefused) {
  this->calibrator.begin(Step::GAIN, 0b001, this->references);
  this->bench.run_until(this->bench.now_us + 3 * S);
  this->connect(balanced(11));
  this->bench.run_until(this->bench.now_us + 5 * S);
  this->calibrator.loop();
  EXPECT_STREQ(this->calibrator.words(), "L1 refused: the current changed while measuring: 9.501 to 10.45 A");
}

TEST_F(CalibratorTest, LoadThatWasSwitchedJustBeforeIsNotMixedIn) {
  this->connect(balanced(0));
  this->bench.run_until(this->bench.now_us + 1300 * MS);
  this->connect(balanced(10));
  EXPECT_EQ(this->run(Step::GAIN, this->references), "L1, L2, L3, N calibrated");
}

TEST_F(CalibratorTest, NoReferenceIsNothingToDo) {
  EXPECT_EQ(this->run(Step::GAIN),
            "Set a reference voltage or a reference current first: what a trusted instrument shows");
  EXPECT_FALSE(this->calibrator.is_busy());
}

TEST_F(CalibratorTest, ChipThatIsResetMeanwhileEndsTheStep) {
  this->bench.sim.brown_out_at(this->bench.now_us + 2 * S);
  EXPECT_EQ(this->run(Step::GAIN, this->references), "The chip was reset while measuring; try again");
  EXPECT_EQ(this->run(Step::GAIN, this->references).substr(0, 31), "The meter does not measure now:");
}

TEST_F(CalibratorTest, EarlierCalibrationCanBeTakenOverAgain) {
  const Calibrations before = this->calibrator.calibrations();
  this->calibrate_all();
  this->connect(balanced(10));
  this->calibrator.take_over(before, "Undone");
  while (!this->calibrator.loop())
    this->bench.run_until(this->bench.now_us + 16 * MS);
  this->bench.run_until(this->bench.now_us + 3 * S);
  EXPECT_NEAR(this->bench.get(Quantity::CURRENT, Phase::L1), std::hypot(9.5, 0.01), 0.01);
  EXPECT_STREQ(this->calibrator.words(), "Undone");
}

TEST_F(CalibratorTest, ThreeWireDeltaIsCalibratedByItsElements) {
  // Voltages against L2: 400 V between the phases, a load between L1 and L2 and one between L3 and L2, each at 60°.
  Scenario scenario;
  scenario.phases[0] = {.voltage_v = 400, .voltage_angle_deg = 0, .current_a = 10, .current_lag_deg = 60};
  scenario.phases[1] = {.voltage_v = 0};
  scenario.phases[2] = {.voltage_v = 400, .voltage_angle_deg = 60, .current_a = 10, .current_lag_deg = 60};
  ChipConfig config;
  config.wiring = Wiring::DELTA_3WIRE;
  config.nominal_voltage = 400;
  this->bench.sim.set_front_end({.ct_lead_deg = 1, .voltage_gain = {1.03, 1, 0.98}, .current_gain = {0.97, 1, 1.02}});
  this->bench.sim.set_scenario(scenario);
  this->bench.chip.configure(config);
  this->bench.chip.start(this->bench.now_us);
  this->bench.run_until(this->bench.now_us + 4 * S);
  const Reference element{.voltage_v = 400, .current_a = 10, .angle_deg = 60};
  EXPECT_EQ(this->run(Step::GAIN, {element, {}, element, {}}), "L1, L3 calibrated");
  EXPECT_EQ(this->run(Step::PHASE, {element, {}, element, {}}), "L1, L3 calibrated");
  this->bench.run_until(this->bench.now_us + 3 * S);
  EXPECT_NEAR(this->bench.get(Quantity::ACTIVE_POWER, Phase::TOTAL), 2 * 4000 * 0.5, 4);
  EXPECT_NEAR(this->bench.get(Quantity::REACTIVE_POWER, Phase::TOTAL), 2 * 4000 * std::sin(60 * DEGREE), 7);
}

}  // namespace
