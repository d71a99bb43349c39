#include "bench.h"

#include "ade9000_calibration/calibration_steps.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>
#include <string>

namespace {

using namespace bench;
using namespace esphome::ade9000_calibration;

constexpr double DEGREE = std::numbers::pi / 180;
constexpr float NOT_A_NUMBER = std::numeric_limits<float>::quiet_NaN();

Mean constant(double value) {
  Mean mean;
  mean.add(static_cast<float>(value));
  return mean;
}

Mean between(double first, double second) {
  Mean mean = constant(first);
  mean.add(static_cast<float>(second));
  return mean;
}

/// What a meter shows of a load without harmonics.
Shown load(double voltage_v, double current_a, double lag_deg = 0) {
  return {.voltage_v = constant(voltage_v),
          .current_a = constant(current_a),
          .active_w = constant(voltage_v * current_a * std::cos(lag_deg * DEGREE)),
          .reactive_var = constant(voltage_v * current_a * std::sin(lag_deg * DEGREE))};
}

/// What a meter shows of a voltage without a load.
Shown no_load(double current_a, double active_w, double reactive_var) {
  Shown shown = load(230, current_a);
  shown.idle_w = constant(active_w);
  shown.idle_var = constant(reactive_var);
  return shown;
}

std::string refusal(Step step, const Shown &shown, const Reference &reference, const ChipConfig &config = {},
                    size_t channel = 0) {
  const StepResult result = calibrate(step, shown, reference, config, channel);
  EXPECT_TRUE(result.is_refused());
  return result.refusal();
}

Calibration found(Step step, const Shown &shown, const Reference &reference, const ChipConfig &config = {},
                  size_t channel = 0) {
  const StepResult result = calibrate(step, shown, reference, config, channel);
  EXPECT_FALSE(result.is_refused()) << result.refusal();
  return result.calibration();
}

TEST(GainStep, GainIsTheReferenceOverWhatIsShown) {
  const Calibration calibration = found(Step::GAIN, load(225, 10.5), {.voltage_v = 230, .current_a = 10});
  EXPECT_NEAR(calibration.voltage, 230.0 / 225, 1e-6);
  EXPECT_NEAR(calibration.current, 10 / 10.5, 1e-6);
}

TEST(GainStep, GainIsMadeOfTheOneBefore) {
  ChipConfig config;
  config.phases[1].calibration = {.voltage = 1.01F, .current = 0.98F, .phase_deg = -0.5F};
  const Calibration calibration = found(Step::GAIN, load(231, 10), {.voltage_v = 230}, config, 1);
  EXPECT_NEAR(calibration.voltage, 1.01 * 230 / 231, 1e-6);
  EXPECT_EQ(calibration.current, 0.98F) << "no reference, no change";
  EXPECT_EQ(calibration.phase_deg, -0.5F);
}

TEST(GainStep, OffsetsGoThroughTheSameGain) {
  ChipConfig config;
  config.phases[0].calibration = {.current_offset = 0.02F, .active_power_offset = 0.5F};
  const Calibration calibration = found(Step::GAIN, load(230, 8), {.current_a = 8.4F}, config);
  EXPECT_NEAR(calibration.current_offset, 0.021, 1e-6);
  EXPECT_NEAR(calibration.active_power_offset, 0.525, 1e-6);
  EXPECT_EQ(calibration.voltage_offset, 0);
}

TEST(GainStep, NeutralHasAGainOfItsCurrent) {
  ChipConfig config;
  config.neutral_fitted = true;
  EXPECT_NEAR(found(Step::GAIN, load(0, 5), {.current_a = 5.1F}, config, NEUTRAL).current, 1.02, 1e-6);
}

TEST(GainStep, ReferenceThatIsNoValueIsRefused) {
  for (const float reference : {-230.0F, NOT_A_NUMBER, std::numeric_limits<float>::infinity(), 600.0F})
    EXPECT_EQ(refusal(Step::GAIN, load(230, 10), {.voltage_v = reference}),
              "the reference voltage has to be between 0 and 566 V, which is full scale");
}

TEST(GainStep, NothingToCompareWithIsRefused) {
  EXPECT_EQ(refusal(Step::GAIN, load(0.31, 10), {.voltage_v = 230}), "0.31 V are shown, and 23 V at least are needed");
  EXPECT_EQ(refusal(Step::GAIN, load(230, 0.04), {.current_a = 10}),
            "0.04 A are shown, and 0.347 A at least are needed");
}

TEST(GainStep, LoadThatChangesIsRefused) {
  Shown shown = load(230, 10);
  shown.current_a = between(8.12, 9.4);
  EXPECT_EQ(refusal(Step::GAIN, shown, {.current_a = 9}), "the current changed while measuring: 8.12 to 9.4 A");
  shown.current_a = between(9.96, 10.05);
  EXPECT_NEAR(found(Step::GAIN, shown, {.current_a = 10.1F}).current, 10.1 / 10.005, 1e-5);
}

TEST(GainStep, ChangeThatNoPartExplainsIsRefused) {
  EXPECT_EQ(refusal(Step::GAIN, load(230, 6), {.current_a = 12}),
            "6 A are shown and the reference is 12 A, more than 20 % apart: check ratio and burden in YAML");
  EXPECT_EQ(refusal(Step::GAIN, load(115, 6), {.voltage_v = 230}),
            "115 V are shown and the reference is 230 V, more than 10 % apart: check divider in YAML");
}

TEST(GainStep, GainThatGrewStepByStepIsRefusedToo) {
  ChipConfig config;
  config.phases[0].calibration.current = 1.9F;
  EXPECT_EQ(refusal(Step::GAIN, load(230, 10), {.current_a = 11}, config),
            "the current would be multiplied by 2.09: check ratio and burden in YAML");
}

TEST(GainStep, SaturatedInputIsRefused) {
  Shown shown = load(230, 10);
  shown.is_saturated = true;
  EXPECT_EQ(refusal(Step::GAIN, shown, {.current_a = 10}),
            "it is beyond full scale, so that less is shown than there is");
}

TEST(GainStep, VoltageThatTheChipComputesIsRefused) {
  ChipConfig config;
  config.wiring = Wiring::WYE_4WIRE_2VT;
  EXPECT_EQ(refusal(Step::GAIN, load(230, 10), {.voltage_v = 230}, config, 1),
            "its voltage is no input of its own in this wiring, so only the current has a gain");
  config.wiring = Wiring::DELTA_3WIRE_ISOLATED;
  refusal(Step::GAIN, load(400, 10), {.voltage_v = 400}, config, 0);
}

TEST(PhaseStep, KettleShowsHowFarTheCurrentLeads) {
  // A transformer that leads by 1.5° makes a resistive load look capacitive.
  EXPECT_NEAR(found(Step::PHASE, load(230, 8, -1.5), {}).phase_deg, -1.5, 1e-4);
}

TEST(PhaseStep, AngleOfTheLoadMayBeAnything) {
  for (const float angle_deg : {-60.0F, 36.87F, 60.0F, 90.0F, 179.5F, -120.0F}) {
    const Calibration calibration = found(Step::PHASE, load(230, 8, angle_deg - 0.8), {.angle_deg = angle_deg});
    EXPECT_NEAR(calibration.phase_deg, -0.8, 1e-3) << angle_deg;
  }
}

TEST(PhaseStep, ShiftIsAddedToTheOneBefore) {
  ChipConfig config;
  config.phases[0].calibration.phase_deg = -1;
  EXPECT_NEAR(found(Step::PHASE, load(230, 8, 0.25), {}, config).phase_deg, -0.75, 1e-4);
}

TEST(PhaseStep, PowerOfAReferenceMeterIsAsGoodAsTheAngle) {
  const auto power_w = static_cast<float>(230 * 8 * 0.5);
  EXPECT_NEAR(found(Step::PHASE, load(230, 8, 59), {.active_power_w = power_w}).phase_deg, -1, 1e-3);
  EXPECT_NEAR(found(Step::PHASE, load(230, 8, -61), {.active_power_w = power_w}).phase_deg, -1, 1e-3);
}

TEST(PhaseStep, PowerNearUnityIsRefused) {
  EXPECT_EQ(
      refusal(Step::PHASE, load(230, 8), {.active_power_w = 1800}),
      "1800 W of 1840 VA say too little about the angle: use a load with a power factor of about 0.5, or give the "
      "angle");
  refusal(Step::PHASE, load(230, 8), {.active_power_w = NOT_A_NUMBER});
}

TEST(PhaseStep, AngleThatIsNoTransformersIsRefusedWithItsCause) {
  EXPECT_EQ(refusal(Step::PHASE, load(230, 8, 12), {}),
            "the angle is 12.0 deg off: no transformer is so wrong: check the angle of the load");
  EXPECT_EQ(refusal(Step::PHASE, load(230, 8, 120), {}),
            "the angle is 120.0 deg off: the transformer is on another phase than the voltage");
  EXPECT_EQ(
      refusal(Step::PHASE, load(230, 8, -178), {}),
      "the angle is -178.0 deg off: the transformer is the wrong way round: turn it, or set `invert_current: true`");
  EXPECT_EQ(refusal(Step::PHASE, load(230, 8), {.angle_deg = NOT_A_NUMBER}), "the reference angle is not a number");
}

TEST(PhaseStep, ShiftThatTheChipCannotDoIsRefused) {
  ChipConfig config;
  config.current.phase_shift_deg = 2;
  EXPECT_EQ(refusal(Step::PHASE, load(230, 8, 1), {}, config),
            "a shift of 3.00 deg is needed, and the chip does -15 to 2.25 deg");
}

TEST(PhaseStep, LoadThatIsSmallOrChangesIsRefused) {
  EXPECT_EQ(refusal(Step::PHASE, load(230, 0.1), {}), "0.1 A are shown, and a load of 0.347 A at least is needed");
  Shown shown = load(230, 8);
  shown.reactive_var = between(-20, 20);
  EXPECT_EQ(refusal(Step::PHASE, shown, {}), "the load changed while measuring: 1840 to 1840 W, -20 to 20 var");
  shown.is_saturated = true;
  EXPECT_EQ(refusal(Step::PHASE, shown, {}), "it is beyond full scale, so that its angle is not known");
}

TEST(OffsetStep, WhatIsShownWithoutALoadIsTheOffset) {
  const Calibration calibration = found(Step::OFFSET, no_load(0.012, 0.25, -0.4), {});
  EXPECT_NEAR(calibration.current_offset, 0.012, 1e-6);
  EXPECT_NEAR(calibration.active_power_offset, 0.25, 1e-6);
  EXPECT_NEAR(calibration.reactive_power_offset, -0.4, 1e-6);
}

TEST(OffsetStep, WhatIsLeftJoinsTheOffsetBefore) {
  ChipConfig config;
  config.phases[0].calibration = {.current_offset = 0.003F, .active_power_offset = 0.1F};
  const Calibration calibration = found(Step::OFFSET, no_load(0.004, -0.02, 0), {}, config);
  EXPECT_NEAR(calibration.current_offset, 0.005, 1e-6) << "noises add up in squares";
  EXPECT_NEAR(calibration.active_power_offset, 0.08, 1e-6);
}

TEST(OffsetStep, NothingShownLeavesTheOffset) {
  ChipConfig config;
  config.phases[0].calibration.current_offset = 0.003F;
  EXPECT_NEAR(found(Step::OFFSET, no_load(0, 0, 0), {}, config).current_offset, 0.003, 1e-8);
}

TEST(OffsetStep, LoadIsNotTakenForAnOffset) {
  EXPECT_EQ(refusal(Step::OFFSET, no_load(0.5, 100, 0), {}),
            "0.5 A are shown: switch the load off, or take the transformer off the wire");
  EXPECT_EQ(refusal(Step::OFFSET, no_load(0.05, 11, 0.3), {}), "11 W and 0.3 var are shown: that is a load");
}

TEST(OffsetStep, CrosstalkIsThereOnlyWithTheVoltage) {
  Shown shown = no_load(0.01, 0, 0);
  shown.voltage_v = constant(0.1);
  EXPECT_EQ(refusal(Step::OFFSET, shown, {}), "the voltage is off, and it has to be on");
}

TEST(OffsetStep, NeutralNeedsNoVoltage) {
  ChipConfig config;
  config.neutral_fitted = true;
  EXPECT_NEAR(found(Step::OFFSET, load(0, 0.01), {}, config, NEUTRAL).current_offset, 0.01, 1e-6);
}

TEST(VoltageOffsetStep, WhatIsShownWithoutAVoltageIsTheOffset) {
  EXPECT_NEAR(found(Step::VOLTAGE_OFFSET, load(0.08, 0), {}).voltage_offset, 0.08, 1e-6);
}

TEST(VoltageOffsetStep, VoltageIsRefused) {
  EXPECT_EQ(refusal(Step::VOLTAGE_OFFSET, load(231, 0), {}), "231 V are shown: switch the voltage off");
}

TEST(Steps, AreForWhatIsFitted) {
  ChipConfig config;
  config.phases[2].fitted = false;
  EXPECT_TRUE(is_for(Step::PHASE, config, 0, {}));
  EXPECT_FALSE(is_for(Step::PHASE, config, 2, {}));
  EXPECT_FALSE(is_for(Step::PHASE, config, NEUTRAL, {}));
  EXPECT_FALSE(is_for(Step::OFFSET, config, NEUTRAL, {}));
  config.neutral_fitted = true;
  EXPECT_TRUE(is_for(Step::OFFSET, config, NEUTRAL, {}));
  EXPECT_FALSE(is_for(Step::GAIN, config, 0, {})) << "without a reference";
  EXPECT_TRUE(is_for(Step::GAIN, config, 0, {.current_a = 5}));
  config.wiring = Wiring::DELTA_3WIRE;
  EXPECT_FALSE(is_for(Step::PHASE, config, 1, {})) << "L2 of a delta is no element";
  EXPECT_FALSE(is_for(Step::VOLTAGE_OFFSET, config, 1, {}));
}

}  // namespace
