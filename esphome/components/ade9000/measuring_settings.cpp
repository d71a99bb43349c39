#include "measuring_settings.h"

#include "angles.h"
#include "calibration_settings.h"
#include "chip_figures.h"
#include "input_settings.h"
#include "register_codes.h"
#include "registers.h"
#include "window_clock.h"

#include <algorithm>

namespace esphome::ade9000 {

namespace {

/// VLEVEL where the nominal voltage is full scale; it lets the chip's fundamental estimator scale its input.
constexpr double VLEVEL_AT_FULL_SCALE = 1'144'084;

constexpr double ZERO_CROSSING_RANGE = 100;  ///< Voltages below 1/100 of full scale have no zero crossing.
constexpr uint32_t ZERO_CROSSING_TIMEOUT = SAMPLE_RATE_HZ * ZERO_CROSSING_TIMEOUT_US / SECOND_US - 1;  ///< In samples.

/// An energy window is read before the next one ends. Never read-with-reset (EP_CFG.RD_RST_EN): it loses energy by an
/// erratum of the silicon.
constexpr uint32_t LATCHED_WINDOWS = reg::EP_CFG_EGY_PWR_EN | reg::EP_CFG_EGY_LD_ACCUM;

uint32_t accumulation_mode(const ChipConfig &config) {
  const WiringTraits &wiring = traits_of(config.wiring);
  return (config.line_frequency_hz == 60 ? reg::ACCMODE_SELFREQ_60HZ : 0) |
         (wiring.computes_l2_current && !config.l2_current_fitted ? reg::ACCMODE_ICONSEL : 0) |
         static_cast<uint32_t>(wiring.vconsel) << reg::ACCMODE_VCONSEL_SHIFT;
}

uint32_t zero_crossing_threshold(const ChipConfig &config) {
  const double attenuation = config.line_frequency_hz == 60 ? 0.81 : 0.86;
  return rounded(FULL_SCALE_PCF_CODE * attenuation / (ZERO_CROSSING_RANGE * 32 * 256));
}

/// The neutral joins the sum of currents in the direction of the phases, which all have the same where there is a sum.
uint32_t summed_channels(const ChipConfig &config) {
  if (!sums_neutral(config))
    return 0;
  const bool is_same_way = !inverted_lines(config).is_empty() == config.invert_neutral;
  return is_same_way ? reg::CONFIG0_ISUM_ADDS_NEUTRAL : reg::CONFIG0_ISUM_SUBTRACTS_NEUTRAL;
}

/// Both formulas of the data sheet, 20,694,066 · 64 / X with X = full scale / threshold, in codes of power.
uint32_t no_load_level(const ChipConfig &config, const Scales &scales) {
  return rounded(std::min(config.no_load_va / scales.watt * 64, 2147483647.0));
}

}  // namespace

uint32_t nominal_period(uint8_t line_frequency_hz) {
  return static_cast<uint32_t>(PERIODS_PER_SECOND / line_frequency_hz);
}

void add_measuring(const ChipConfig &config, Settings &settings) {
  const Scales scales = scales_of(config);
  const double full_scale_v = scales.volt * FULL_SCALE_RMS_CODE;
  const uint32_t no_load = no_load_level(config, scales);

  settings.set_bits(reg::CONFIG0, summed_channels(config));
  settings.set(reg::NPHCAL, phase_code(config.neutral.phase_shift_deg, config.line_frequency_hz));
  settings.set_bits(reg::CONFIG1, 0);
  settings.set_default(reg::CONFIG2, reg::CONFIG2_HPF_1_25HZ);
  add_inputs(config, settings);
  settings.set_bits(reg::CONFIG3, measured_lines(config).bits() << reg::CONFIG3_PEAKSEL_SHIFT);
  settings.set(reg::ACCMODE, accumulation_mode(config));
  settings.set(reg::ZX_LP_SEL,
               traits_of(config.wiring).combined_crossing ? reg::ZX_LP_SEL_COMBINED : reg::ZX_LP_SEL_PHASE_A);
  settings.set(reg::ZXTHRSH, zero_crossing_threshold(config));
  settings.set(reg::ZXTOUT, ZERO_CROSSING_TIMEOUT);
  settings.set(reg::VLEVEL, rounded(full_scale_v / config.nominal_voltage * VLEVEL_AT_FULL_SCALE));
  settings.set(reg::USER_PERIOD, nominal_period(config.line_frequency_hz));
  settings.set(reg::ACT_NL_LVL, no_load);
  settings.set(reg::REACT_NL_LVL, no_load);
  settings.set(reg::APP_NL_LVL, no_load);
  add_calibration(config, settings);
}

void add_start(Settings &settings) {
  settings.set(reg::EGY_TIME, WINDOW_SAMPLES - 1);
  settings.set(reg::RUN, 1);
  settings.set(reg::EP_CFG, LATCHED_WINDOWS);
}

}  // namespace esphome::ade9000
