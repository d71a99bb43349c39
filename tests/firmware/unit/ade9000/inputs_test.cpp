#include "bench.h"

#include "ade9000/registers.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>

namespace {

using namespace bench;

constexpr double DEGREE = std::numbers::pi / 180;

uint32_t setting(const ChipConfig &config, uint16_t address, uint32_t after_reset = 0) {
  const Settings settings = settings_of(config);
  const auto *found = std::find_if(settings.begin(), settings.end(),
                                   [address](const Setting &setting) { return setting.address() == address; });
  return found == settings.end() ? after_reset : found->value();
}

CurrentSensor coil(double volts_per_ampere) {
  return {.type = CurrentSensorType::ROGOWSKI, .coil_volts_per_ampere = volts_per_ampere};
}

TEST(Coils, TakeTheIntegratorOfThePhasesOrOfTheNeutral) {
  ChipConfig config;
  config.current = coil(0.5e-3);
  EXPECT_EQ(setting(config, reg::CONFIG0), 0x0020U);
  EXPECT_EQ(setting(config, reg::DICOEFF), 0xFFFFE000U);
  config.neutral_fitted = true;
  config.neutral = coil(0.5e-3);
  EXPECT_EQ(setting(config, reg::CONFIG0), 0x0821U);
  config.current = {};
  EXPECT_EQ(setting(config, reg::CONFIG0), 0x0801U);
  EXPECT_EQ(setting(config, reg::DICOEFF), 0xFFFFE000U);
}

TEST(Coils, OfANeutralThatIsNotFittedNeedNoIntegrator) {
  ChipConfig config;
  config.neutral = coil(0.5e-3);
  EXPECT_EQ(setting(config, reg::CONFIG0), 0U);
  EXPECT_EQ(setting(config, reg::DICOEFF), 0U);
}

TEST(Coils, AreMeasuredWithTheHighPassOfTheDataSheetsAccuracy) {
  ChipConfig config;
  EXPECT_EQ(setting(config, reg::CONFIG2), 0x0C00U);
  config.current = coil(0.5e-3);
  EXPECT_EQ(setting(config, reg::CONFIG2), 0x0800U);
}

TEST(Coils, ScaleWithTheirSensitivity) {
  ChipConfig config;
  config.current = coil(0.5e-3);
  config.current.pga_gain = 4;
  // Full scale is 0.7071 V / 4 / 0.5 mV/A = 353.6 A.
  EXPECT_NEAR(scales_of(config).ampere * 52'702'092, 353.553, 1e-3);
}

struct CoilCase {
  const char *name;
  double frequency_hz;
};

class ThroughACoil : public testing::TestWithParam<CoilCase> {
 protected:
  static Scenario scenario() {
    Scenario scenario = balanced(50, 37, GetParam().frequency_hz);
    for (auto &phase : scenario.phases) {
      phase.current_harmonics.add({.order = 3, .ratio = 0.3, .angle_deg = 40});
      phase.current_harmonics.add({.order = 25, .ratio = 0.05, .angle_deg = 0});
    }
    scenario.neutral_current_a = 12;
    return scenario;
  }

  static ChipConfig config() {
    ChipConfig config;
    config.line_frequency_hz = static_cast<uint8_t>(GetParam().frequency_hz);
    config.current = coil(0.5e-3);
    config.neutral_fitted = true;
    config.neutral = coil(0.2e-3);
    return config;
  }
};

TEST_P(ThroughACoil, CurrentAndPowerAreThoseOfTheWire) {
  const FrontEnd front_end{.coil_volts_per_ampere = 0.5e-3, .neutral_coil_volts_per_ampere = 0.2e-3};
  Bench bench(scenario(), config(), front_end);
  bench.run_until(5 * S);
  // A coil gives the derivative, so that the harmonics tell whether it is integrated, and how.
  const double rms = 50 * std::sqrt(1 + 0.3 * 0.3 + 0.05 * 0.05);
  // The integrator is the same for 50 and 60 Hz, and so is what a coil and it make together.
  for (const Phase line : LINES) {
    EXPECT_NEAR(bench.get(Quantity::CURRENT, line), rms, 1e-3);
    EXPECT_NEAR(bench.get(Quantity::CURRENT_THD, line), std::sqrt(0.3 * 0.3 + 0.05 * 0.05), 1e-5);
    EXPECT_NEAR(bench.get(Quantity::ACTIVE_POWER, line), 230 * 50 * std::cos(37 * DEGREE), 0.05);
    EXPECT_NEAR(bench.get(Quantity::REACTIVE_POWER, line), 230 * 50 * std::sin(37 * DEGREE), 0.05);
    EXPECT_NEAR(bench.get(Quantity::APPARENT_POWER, line), 230 * rms, 0.05);
    EXPECT_NEAR(bench.get(Quantity::PHASE_ANGLE, line), 37, 0.02);
  }
  EXPECT_NEAR(bench.get(Quantity::CURRENT, Phase::N), 12, 1e-3);
}

INSTANTIATE_TEST_SUITE_P(Grids, ThroughACoil, testing::Values(CoilCase{"At50Hz", 50}, CoilCase{"At60Hz", 60}),
                         [](const auto &info) { return info.param.name; });

TEST(Coils, OfThePhasesGoWithATransformerOfTheNeutral) {
  Scenario scenario = balanced(50, 0);
  scenario.neutral_current_a = 3;
  ChipConfig config;
  config.current = coil(1e-3);
  config.neutral_fitted = true;
  Bench bench(scenario, config, {.coil_volts_per_ampere = 1e-3});
  bench.run_until(5 * S);
  EXPECT_NEAR(bench.get(Quantity::CURRENT, Phase::L2), 50, 1e-3);
  EXPECT_NEAR(bench.get(Quantity::CURRENT, Phase::N), 3, 1e-4);
}

TEST(Redirection, IsThatOfAResetWhereEverySensorIsAtItsOwnInput) {
  EXPECT_EQ(setting(ChipConfig{}, reg::ADC_REDIRECT), 0x001F'FFFFU);
  ChipConfig config;
  config.phases[0].voltage_input = Input::VA;
  config.neutral_input = Input::IN;
  EXPECT_EQ(setting(config, reg::ADC_REDIRECT), 0x001F'FFFFU);
}

TEST(Redirection, GivesEachPathTheCodeOfItsInput) {
  ChipConfig config;
  config.phases[0].current_input = Input::IC;
  config.phases[1].current_input = Input::IN;
  config.phases[2].current_input = Input::IA;
  config.neutral_fitted = true;
  config.neutral_input = Input::IB;
  config.phases[0].voltage_input = Input::VB;
  config.phases[1].voltage_input = Input::VA;
  // VC VB VA, IN, IC IB IA
  EXPECT_EQ(setting(config, reg::ADC_REDIRECT), 0b111'100'101'001'000'011'010U);
}

TEST(Redirection, TakesTheAmplificationAlong) {
  ChipConfig config;
  config.current.pga_gain = 2;
  config.neutral.pga_gain = 4;
  config.neutral_fitted = true;
  config.phases[1].current_input = Input::IN;
  config.neutral_input = Input::IB;
  // IB is amplified four times for the neutral, and IN twice for L2.
  EXPECT_EQ(setting(config, reg::PGA_GAIN), 0b00'00'00'01'01'10'01U);
  config.neutral_fitted = false;
  config.neutral_input = Input::OWN;
  EXPECT_EQ(setting(config, reg::PGA_GAIN) >> 6 & 0b11U, 0b01U) << "IN is that of L2 only";
}

TEST(Redirection, PutsSwappedSensorsRight) {
  Scenario scenario = balanced(10, 30);
  for (size_t line = 0; line < LINE_COUNT; line++) {
    scenario.phases[line].voltage_v = 220.0 + 10.0 * static_cast<double>(line);
    scenario.phases[line].current_a = 5.0 + 5.0 * static_cast<double>(line);
  }
  scenario.neutral_current_a = 7;
  FrontEnd front_end;
  front_end.voltage_source = {1, 0, 2};
  // L1 is at the input of L3, L3 at that of the neutral, and the neutral at that of L1.
  front_end.current_source = {3, 1, 0, 2};
  ChipConfig config;
  config.neutral_fitted = true;
  config.phases[0] = {.voltage_input = Input::VB, .current_input = Input::IC};
  config.phases[1] = {.voltage_input = Input::VA};
  config.phases[2] = {.current_input = Input::IN};
  config.neutral_input = Input::IA;
  Bench bench(scenario, config, front_end);
  bench.run_until(5 * S);
  for (size_t line = 0; line < LINE_COUNT; line++) {
    const auto &phase = scenario.phases[line];
    EXPECT_NEAR(bench.get(Quantity::VOLTAGE, LINES[line]), phase.voltage_v, 1e-3);
    EXPECT_NEAR(bench.get(Quantity::CURRENT, LINES[line]), phase.current_a, 1e-4);
    EXPECT_NEAR(bench.get(Quantity::PHASE_ANGLE, LINES[line]), 30, 0.02);
    EXPECT_NEAR(bench.get(Quantity::ACTIVE_POWER, LINES[line]),
                phase.voltage_v * phase.current_a * std::cos(30 * DEGREE), 0.02);
  }
  EXPECT_NEAR(bench.get(Quantity::VOLTAGE_ANGLE, Phase::L2), -120, 0.02);
  EXPECT_NEAR(bench.get(Quantity::CURRENT, Phase::N), 7, 1e-4);
}

TEST(Redirection, LetsSeveralCircuitsShareOneVoltage) {
  Scenario scenario = balanced(10, 0);
  for (auto &phase : scenario.phases)
    phase.voltage_angle_deg = 0;
  FrontEnd front_end;
  front_end.voltage_fitted = {true, false, false};
  ChipConfig config;
  config.wiring = Wiring::SINGLE_PHASES;
  config.phases[1].voltage_input = Input::VA;
  config.phases[2].voltage_input = Input::VA;
  Bench bench(scenario, config, front_end);
  bench.run_until(5 * S);
  for (const Phase line : LINES)
    EXPECT_NEAR(bench.get(Quantity::ACTIVE_POWER, line), 2300, 0.02);
}

/// Every value of a meter whose CTs are turned round in the configuration.
class InvertedCurrent : public testing::Test {
 protected:
  static Reading measured(bool is_reversed) {
    Scenario scenario = balanced(10, 50);
    scenario.phases[1].current_lag_deg = -130;  // export
    scenario.phases[2].current_lag_deg = 175;
    scenario.phases[0].current_harmonics.add({.order = 5, .ratio = 0.2, .angle_deg = 10});
    scenario.phases[0].voltage_harmonics.add({.order = 5, .ratio = 0.05, .angle_deg = 0});
    FrontEnd front_end;
    front_end.ct_reversed = {is_reversed, is_reversed, is_reversed};
    ChipConfig config;
    for (PhaseConfig &phase : config.phases)
      phase.invert_current = is_reversed;
    Bench bench(scenario, config, front_end);
    bench.run_until(6 * S);
    return bench.last();
  }
};

TEST_F(InvertedCurrent, MakesOfReversedCtsEveryValueThatTheyWouldHaveRightly) {
  const Reading right = measured(false);
  const Reading reversed = measured(true);
  for (size_t slot = 0; slot < VALUE_SLOTS; slot++) {
    if (std::isnan(right.values[slot])) {
      EXPECT_TRUE(std::isnan(reversed.values[slot])) << slot;
    } else {
      EXPECT_NEAR(reversed.values[slot], right.values[slot], 1e-6 + 1e-6 * std::abs(right.values[slot])) << slot;
    }
  }
  for (size_t slot = 0; slot < COUNTER_SLOTS; slot++)
    EXPECT_NEAR(static_cast<double>(reversed.counters[slot]), static_cast<double>(right.counters[slot]), 1) << slot;
}

TEST_F(InvertedCurrent, IsNeededForReversedCts) {
  const Reading right = measured(false);
  EXPECT_GT(right.get(Quantity::ACTIVE_POWER, Phase::L1), 0);
  EXPECT_LT(right.get(Quantity::ACTIVE_POWER, Phase::L2), 0);
  EXPECT_GT(right.counter(Quantity::ACTIVE_ENERGY_EXPORT, Phase::L2), 0);
}

}  // namespace
