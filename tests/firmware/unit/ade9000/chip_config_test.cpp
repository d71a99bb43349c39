#include "bench.h"

#include "ade9000/chip_config.h"
#include "ade9000/registers.h"
#include "ade9000/settings.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace {

using namespace bench;

uint32_t setting(const ChipConfig &config, uint16_t address) {
  const Settings settings = settings_of(config);
  const auto *found = std::find_if(settings.begin(), settings.end(),
                                   [address](const Setting &setting) { return setting.address() == address; });
  EXPECT_NE(found, settings.end()) << "register " << address << " is not set";
  return found == settings.end() ? 0 : found->value();
}

int32_t signed_setting(const ChipConfig &config, uint16_t address) {
  return static_cast<int32_t>(setting(config, address));
}

/// Analog Devices' evaluation board: 10.2 Ω on a transformer of 2500:1, and a divider of 800:1.
ChipConfig evaluation_board() {
  ChipConfig config;
  config.voltage_divider = 800;
  return config;
}

TEST(Scales, OfTheEvaluationBoardAreThoseOfAnalogDevices) {
  const Scales scales = scales_of(evaluation_board());
  EXPECT_NEAR(scales.volt, 10.73364e-6, 1e-11);
  EXPECT_NEAR(scales.ampere, 3.28849e-6, 1e-11);
  EXPECT_NEAR(scales.watt, 4.73755e-3, 1e-8);
  // Energy is given per code of the high register, of 2¹³ units.
  EXPECT_NEAR(scales.picowatthour * 8192 * 1e-12, 1.34757e-6, 1e-11);
}

TEST(Scales, ShrinkWithTheAmplification) {
  ChipConfig config = evaluation_board();
  const Scales plain = scales_of(config);
  config.voltage_pga_gain = 2;
  config.current.pga_gain = 4;
  const Scales amplified = scales_of(config);
  EXPECT_DOUBLE_EQ(amplified.volt, plain.volt / 2);
  EXPECT_DOUBLE_EQ(amplified.ampere, plain.ampere / 4);
  EXPECT_DOUBLE_EQ(amplified.watt, plain.watt / 8);
  // The neutral's transformer and amplification are its own.
  EXPECT_DOUBLE_EQ(amplified.neutral_ampere * amplified.neutral_gain, plain.neutral_ampere * plain.neutral_gain);
}

TEST(Scales, OfTheNeutralAreMadeThoseOfThePhasesByItsGain) {
  ChipConfig config;
  config.neutral = {.ratio = 1000, .burden_ohm = 5.1};
  const Scales scales = scales_of(config);
  EXPECT_DOUBLE_EQ(scales.neutral_ampere, scales.ampere);
  EXPECT_NEAR(scales.neutral_ampere * scales.neutral_gain, 0.70710678 / 52702092 / (5.1 / 1000), 1e-12);
}

TEST(Settings, VoltageLevelIsThatOfTheDataSheet) {
  EXPECT_NEAR(setting(ChipConfig{}, reg::VLEVEL), 2'817'407, 2'817'407 * 1e-5);
}

TEST(Settings, PhaseCalibrationIsThatOfTheDataSheet) {
  ChipConfig config;
  const auto code = [&](double degrees) {
    config.current.phase_shift_deg = degrees;
    return signed_setting(config, reg::APHCAL0);
  };
  EXPECT_EQ(code(0), 0);
  EXPECT_EQ(code(-1), -24'412'285);
  EXPECT_EQ(code(-0.1), -2'918'560);
  EXPECT_EQ(code(0.1), 3'051'152);
  EXPECT_EQ(code(2.25), 1 << 27);
  config.line_frequency_hz = 60;
  EXPECT_EQ(code(2.7), 1 << 27);
}

TEST(Settings, TrimsAreGainsOfTheirPhase) {
  ChipConfig config;
  config.phases[1].calibration.current = 1.01F;
  config.phases[2].calibration.voltage = 0.99F;
  // A float resolves 8 codes of 2²⁷.
  EXPECT_NEAR(signed_setting(config, reg::AIGAIN + 0x20), 0.01 * 134217728, 8);
  EXPECT_NEAR(signed_setting(config, reg::AVGAIN + 0x40), -0.01 * 134217728, 8);
  EXPECT_EQ(setting(config, reg::AIGAIN), 0U);
  EXPECT_EQ(setting(config, reg::AVGAIN + 0x20), 0U);
}

/// Codes of 1 V, 1 A and 1 W of the evaluation board, by Analog Devices' 10.73364 µV, 3.28849 µA and 4.73755 mW.
constexpr double VOLT = 1 / 10.73364e-6;
constexpr double AMPERE = 1 / 3.28849e-6;
constexpr double WATT = 1 / 4.73755e-3;

TEST(Settings, RmsOffsetIsTakenOffInSquares) {
  ChipConfig config = evaluation_board();
  config.phases[1].calibration = {.voltage_offset = 0.5F, .current_offset = -0.02F};
  for (const uint16_t address : {reg::AVRMSOS, reg::AVRMSONEOS, reg::AVRMS1012OS})
    EXPECT_NEAR(signed_setting(config, address + 0x20), -0.25 * VOLT * VOLT / 32768, 3);
  for (const uint16_t address : {reg::AIRMSOS, reg::AIRMSONEOS, reg::AIRMS1012OS})
    EXPECT_NEAR(signed_setting(config, address + 0x20), 0.0004 * AMPERE * AMPERE / 32768, 1)
        << "a negative one is added";
}

TEST(Settings, PowerOffsetIsThatOfTotalAndFundamental) {
  ChipConfig config = evaluation_board();
  config.phases[2].calibration = {.active_power_offset = 2, .reactive_power_offset = -3};
  for (const uint16_t address : {reg::AWATTOS, reg::AFWATTOS})
    EXPECT_NEAR(signed_setting(config, address + 0x40), -2 * WATT, 1);
  for (const uint16_t address : {reg::AVAROS, reg::AFVAROS})
    EXPECT_NEAR(signed_setting(config, address + 0x40), 3 * WATT, 1);
  config.phases[2].invert_current = true;
  EXPECT_NEAR(signed_setting(config, reg::AWATTOS + 0x40), 2 * WATT, 1) << "the chip has the other sign";
}

TEST(Settings, PhaseOfTheCalibrationIsAddedToThatOfTheTransformers) {
  ChipConfig config;
  config.current.phase_shift_deg = -0.4;
  config.phases[0].calibration.phase_deg = -0.6F;
  EXPECT_NEAR(signed_setting(config, reg::APHCAL0), -24'412'285, 8) << "-1 degree";
}

TEST(Settings, NeutralHasItsOwnGainAndOffset) {
  ChipConfig config = evaluation_board();
  config.neutral_fitted = true;
  config.neutral_calibration = {.current = 1.25F, .current_offset = 0.02F};
  EXPECT_EQ(signed_setting(config, reg::NIGAIN), 1 << 25);
  for (const uint16_t address : {reg::NIRMSOS, reg::NIRMSONEOS, reg::NIRMS1012OS})
    EXPECT_NEAR(signed_setting(config, address), -0.0004 * AMPERE * AMPERE / 32768, 1);
}

TEST(Settings, MeterWithoutOffsetsDoesNotHaveTheirRegisters) {
  const Settings settings = settings_of({});
  for (const uint16_t address : {reg::AVRMSOS, reg::AIRMS1012OS, reg::AWATTOS, reg::NIGAIN, reg::NIRMSOS})
    EXPECT_FALSE(settings.has(address)) << address;
}

TEST(Settings, NoLoadThresholdIsThatOfTheDataSheet) {
  ChipConfig config;
  // X = full scale / threshold = 20,000 gives 66,221.
  config.no_load_va = scales_of(config).watt * 20'694'066 / 20'000;
  EXPECT_EQ(setting(config, reg::ACT_NL_LVL), 66'221U);
  EXPECT_EQ(setting(config, reg::REACT_NL_LVL), 66'221U);
  EXPECT_EQ(setting(config, reg::APP_NL_LVL), 66'221U);
}

TEST(Settings, AmplificationIsTwoBitsForEachChannel) {
  ChipConfig config;
  config.current.pga_gain = 2;
  config.neutral.pga_gain = 4;
  config.voltage_pga_gain = 1;
  EXPECT_EQ(setting(config, reg::PGA_GAIN), 0b00'00'00'10'01'01'01U);
  config.voltage_pga_gain = 4;
  EXPECT_EQ(setting(config, reg::PGA_GAIN), 0b10'10'10'10'01'01'01U);
}

TEST(Settings, ZeroCrossingThresholdFollowsTheFrequency) {
  ChipConfig config;
  EXPECT_EQ(setting(config, reg::ZXTHRSH), 78U);
  config.line_frequency_hz = 60;
  EXPECT_EQ(setting(config, reg::ZXTHRSH), 74U);
  EXPECT_EQ(setting(config, reg::ZXTOUT), 0x031FU);
}

TEST(Settings, NeutralJoinsTheSumOfCurrentsWhereItIsFitted) {
  ChipConfig config;
  EXPECT_EQ(setting(config, reg::CONFIG0), 0U);
  config.neutral_fitted = true;
  EXPECT_EQ(setting(config, reg::CONFIG0), 1U);
  config.preferred_sum = SummedCurrent::NEUTRAL;
  EXPECT_EQ(setting(config, reg::CONFIG0), 0U);
}

TEST(Settings, NeutralIsSubtractedWhereItsTransformerIsTheOtherWayRoundThanThoseOfThePhases) {
  ChipConfig config;
  config.neutral_fitted = true;
  config.invert_neutral = true;
  EXPECT_EQ(setting(config, reg::CONFIG0), 2U);
  for (PhaseConfig &phase : config.phases)
    phase.invert_current = true;
  EXPECT_EQ(setting(config, reg::CONFIG0), 1U);
  config.invert_neutral = false;
  EXPECT_EQ(setting(config, reg::CONFIG0), 2U);
}

TEST(Settings, NeutralGetsTheGainAndThePhaseOfItsTransformer) {
  ChipConfig config;
  config.neutral_fitted = true;
  EXPECT_EQ(signed_setting(config, reg::NIGAIN), 0);
  // Half the burden needs twice the gain, a fourfold amplification a quarter of it: 1 + code / 2²⁷.
  config.neutral.burden_ohm = config.current.burden_ohm / 2;
  EXPECT_EQ(signed_setting(config, reg::NIGAIN), 1 << 27);
  config.neutral.pga_gain = 4;
  EXPECT_EQ(signed_setting(config, reg::NIGAIN), -(1 << 26));
  config.neutral.phase_shift_deg = -1;
  EXPECT_EQ(signed_setting(config, reg::NPHCAL), -24'412'285);
}

TEST(Settings, PeaksAreTakenOfThePhasesThatAreMeasured) {
  ChipConfig config;
  EXPECT_EQ(setting(config, reg::CONFIG3) >> 2U & 0b111U, 0b111U);
  config.wiring = Wiring::SPLIT_PHASE;
  EXPECT_EQ(setting(config, reg::CONFIG3) >> 2U & 0b111U, 0b011U);
}

/// What ACCMODE and ZX_LP_SEL have to be for each service (data sheet, tables of VCONSEL and ICONSEL).
struct WiringCase {
  const char *name;
  Wiring wiring;
  uint32_t accmode;
  uint32_t accmode_without_l2_current;
  uint32_t zx_lp_sel;
};

class WiringSettings : public testing::TestWithParam<WiringCase> {};

TEST_P(WiringSettings, AreThoseOfTheDataSheet) {
  ChipConfig config;
  config.wiring = GetParam().wiring;
  EXPECT_EQ(setting(config, reg::ACCMODE), GetParam().accmode);
  EXPECT_EQ(setting(config, reg::ZX_LP_SEL), GetParam().zx_lp_sel);
  config.l2_current_fitted = false;
  EXPECT_EQ(setting(config, reg::ACCMODE), GetParam().accmode_without_l2_current);
}

INSTANTIATE_TEST_SUITE_P(Services, WiringSettings,
                         testing::Values(WiringCase{"Wye4Wire", Wiring::WYE_4WIRE, 0x000, 0x000, 0x1E},
                                         WiringCase{"SinglePhases", Wiring::SINGLE_PHASES, 0x000, 0x000, 0x00},
                                         WiringCase{"SplitPhase", Wiring::SPLIT_PHASE, 0x000, 0x000, 0x00},
                                         WiringCase{"Network3Wire", Wiring::NETWORK_3WIRE, 0x000, 0x000, 0x00},
                                         WiringCase{"Delta3Wire", Wiring::DELTA_3WIRE, 0x010, 0x090, 0x1E},
                                         WiringCase{"Delta3WireIsolated", Wiring::DELTA_3WIRE_ISOLATED, 0x040, 0x0C0,
                                                    0x1E},
                                         WiringCase{"Delta4Wire", Wiring::DELTA_4WIRE, 0x000, 0x000, 0x1E},
                                         WiringCase{"Wye4Wire2Vt", Wiring::WYE_4WIRE_2VT, 0x020, 0x020, 0x1E},
                                         WiringCase{"Delta4Wire2Vt", Wiring::DELTA_4WIRE_2VT, 0x030, 0x0B0, 0x1E}),
                         [](const auto &info) { return info.param.name; });

TEST(Lines, ThatAreNotFittedAreNotMeasured) {
  ChipConfig config;
  config.wiring = Wiring::SINGLE_PHASES;
  config.phases[1].fitted = false;
  EXPECT_EQ(measured_lines(config), LineSet(0b101));
  EXPECT_EQ(counted_lines(config), LineSet(0b101));
}

TEST(Lines, OfThreeWiresAreMeasuredButOnlyTwoElementsCount) {
  ChipConfig config;
  config.wiring = Wiring::DELTA_3WIRE;
  EXPECT_EQ(measured_lines(config), ALL_LINES);
  EXPECT_EQ(counted_lines(config), LineSet(0b101));
}

}  // namespace
