#include "calibration_settings.h"

#include "register_codes.h"
#include "registers.h"

namespace esphome::ade9000 {

namespace {

struct RmsOffsetRow {
  uint16_t address;
  float Calibration::*offset;
  double Scales::*scale;
};

/// The filtered RMS, which makes the apparent power, and the RMS of one and of 10 or 12 cycles. Not the RMS of the
/// fundamental: noise of a wide band does not pass its filter, and what does pass adds to the power instead.
constexpr RmsOffsetRow RMS_OFFSETS[] = {
    {reg::AVRMSOS, &Calibration::voltage_offset, &Scales::volt},
    {reg::AIRMSOS, &Calibration::current_offset, &Scales::ampere},
    {reg::AVRMSONEOS, &Calibration::voltage_offset, &Scales::volt},
    {reg::AIRMSONEOS, &Calibration::current_offset, &Scales::ampere},
    {reg::AVRMS1012OS, &Calibration::voltage_offset, &Scales::volt},
    {reg::AIRMS1012OS, &Calibration::current_offset, &Scales::ampere},
};

constexpr uint16_t NEUTRAL_RMS_OFFSETS[] = {reg::NIRMSOS, reg::NIRMSONEOS, reg::NIRMS1012OS};

struct PowerOffsetRow {
  uint16_t address;
  float Calibration::*offset;
};

constexpr PowerOffsetRow POWER_OFFSETS[] = {
    {reg::AWATTOS, &Calibration::active_power_offset},
    {reg::AVAROS, &Calibration::reactive_power_offset},
    {reg::AFWATTOS, &Calibration::active_power_offset},
    {reg::AFVAROS, &Calibration::reactive_power_offset},
};

/// A meter that has no offsets is not to read their registers back in every window: they are 0 after a reset.
void set_unless_zero(uint16_t address, uint32_t value, Settings &settings) {
  if (value != 0)
    settings.set(address, value);
}

void add_phase(const ChipConfig &config, const Scales &scales, size_t line, Settings &settings) {
  const PhaseConfig &phase = config.phases[line];
  const Calibration &calibration = phase.calibration;
  const auto address = [line](uint16_t phase_a) { return reg::of_phase(phase_a, line, reg::SIGNAL_PATH_STRIDE); };
  settings.set(address(reg::AIGAIN), gain_code(calibration.current));
  settings.set(address(reg::AVGAIN), gain_code(calibration.voltage));
  settings.set_default(address(reg::APHCAL0),
                       phase_code(config.current.phase_shift_deg + calibration.phase_deg, config.line_frequency_hz));
  for (const RmsOffsetRow &row : RMS_OFFSETS)
    set_unless_zero(address(row.address), rms_offset_code(calibration.*row.offset, scales.*row.scale), settings);
  // The chip sees the power of an inverted transformer with the other sign.
  const double watt = phase.invert_current ? -scales.watt : scales.watt;
  for (const PowerOffsetRow &row : POWER_OFFSETS)
    set_unless_zero(address(row.address), rounded(-(calibration.*row.offset) / watt), settings);
}

}  // namespace

void add_calibration(const ChipConfig &config, Settings &settings) {
  const Scales scales = scales_of(config);
  for (size_t line = 0; line < LINE_COUNT; line++)
    add_phase(config, scales, line, settings);
  if (config.neutral_fitted)
    settings.set(reg::NIGAIN, gain_code(scales.neutral_gain * config.neutral_calibration.current));
  for (const uint16_t address : NEUTRAL_RMS_OFFSETS)
    set_unless_zero(address, rms_offset_code(config.neutral_calibration.current_offset, scales.neutral_ampere),
                    settings);
}

}  // namespace esphome::ade9000
