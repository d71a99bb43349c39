#include "calibration_steps.h"

#include "esphome/components/ade9000/units.h"

#include <cmath>
#include <cstdarg>
#include <cstdio>

namespace esphome::ade9000_calibration {

namespace {

/// Highest less lowest value of the windows over their mean. Mains voltage changes by about 0.3 % in 5 s.
constexpr float STEADY = 0.01F;
/// The same for a power over the apparent power: 0.3° of the angle in one window, less in the mean.
constexpr float STEADY_ANGLE = 0.005F;

/// Dividers are made of parts of 1 %, transformers and burdens of 1 to 5 %. More is a mistake in the configuration.
constexpr float MOST_VOLTAGE_CHANGE = 0.1F;
constexpr float MOST_CURRENT_CHANGE = 0.2F;
constexpr float LEAST_GAIN = 0.5F;
constexpr float LARGEST_GAIN = 2;

/// Split transformers with a low burden lead by 1 to 3°.
constexpr double MOST_PHASE_CHANGE_DEG = 5;
constexpr double REVERSED_DEG = 150;    ///< Beyond, the current is the wrong way round.
constexpr double OTHER_PHASE_DEG = 90;  ///< Beyond, it is that of another phase.
/// What PHCAL can do at 50 Hz.
constexpr double LEAST_SHIFT_DEG = -15;
constexpr double LARGEST_SHIFT_DEG = 2.25;
/// At this power factor 0.1 % of the power are 0.1° of the angle, at 1 they are 2.6°.
constexpr double MOST_POWER_FACTOR = 0.9;

constexpr double LEAST_VOLTAGE = 0.1;   ///< Of the nominal voltage, below which there is none.
constexpr double NO_VOLTAGE = 0.01;     ///< Of the nominal voltage, up to which it is off.
constexpr double LEAST_CURRENT = 2e-3;  ///< Of full scale, to calibrate a gain or an angle with.
constexpr double NO_CURRENT = 5e-4;     ///< Of full scale, up to which it may be noise.
constexpr double NO_POWER = 2e-5;       ///< Of full scale, up to which it may be crosstalk.

/// Lines whose voltage is that of one input.
LineSet lines_with_voltage(const ChipConfig &config) {
  return measured_lines(config) & traits_of(config.wiring).voltage_inputs;
}

double full_scale_v(const ChipConfig &config) { return scales_of(config).volt * FULL_SCALE_RMS_CODE; }

double full_scale_a(const ChipConfig &config, size_t channel) {
  const Scales scales = scales_of(config);
  return (channel == NEUTRAL ? scales.neutral_ampere : scales.ampere) * FULL_SCALE_RMS_CODE;
}

const Calibration &calibration_of(const ChipConfig &config, size_t channel) {
  return channel == NEUTRAL ? config.neutral_calibration : config.phases[channel].calibration;
}

bool is_steady(const Mean &mean) { return mean.spread() <= STEADY * mean.mean(); }

/// A number with its sign, squared.
double signed_square(double value) { return value * std::abs(value); }

/// Return the offset which, with what is shown still, makes up the noise.
float whole_offset(float shown, float offset) {
  const double square = signed_square(shown) + signed_square(offset);
  return static_cast<float>(std::copysign(std::sqrt(std::abs(square)), square));
}

/// One of the two gains, and what belongs to it.
struct Gain {
  const char *name;
  const char *unit;
  float Calibration::*value;
  float Calibration::*offset;
  float Reference::*reference;
  Mean Shown::*shown;
  float most_change;
  const char *cause;
};

constexpr Gain VOLTAGE{"voltage",
                       "V",
                       &Calibration::voltage,
                       &Calibration::voltage_offset,
                       &Reference::voltage_v,
                       &Shown::voltage_v,
                       MOST_VOLTAGE_CHANGE,
                       "divider"};
constexpr Gain CURRENT{"current",
                       "A",
                       &Calibration::current,
                       &Calibration::current_offset,
                       &Reference::current_a,
                       &Shown::current_a,
                       MOST_CURRENT_CHANGE,
                       "ratio and burden"};

StepResult calibrate_one_gain(const Gain &gain, const Shown &shown, float reference, double least, double full_scale,
                              Calibration calibration) {
  const Mean &mean = shown.*gain.shown;
  if (!(std::isfinite(reference) && reference > 0 && reference <= full_scale))
    return StepResult::refused("the reference %s has to be between 0 and %.0f %s, which is full scale", gain.name,
                               full_scale, gain.unit);
  if (shown.is_saturated)
    return StepResult::refused("it is beyond full scale, so that less is shown than there is");
  if (mean.mean() < least)
    return StepResult::refused("%.3g %s are shown, and %.3g %s at least are needed", mean.mean(), gain.unit, least,
                               gain.unit);
  if (!is_steady(mean))
    return StepResult::refused("the %s changed while measuring: %.4g to %.4g %s", gain.name, mean.lowest(),
                               mean.highest(), gain.unit);
  const float change = reference / mean.mean();
  if (std::abs(change - 1) > gain.most_change)
    return StepResult::refused(
        "%.4g %s are shown and the reference is %.4g %s, more than %.0f %% apart: check %s in YAML", mean.mean(),
        gain.unit, reference, gain.unit, gain.most_change * 100, gain.cause);
  calibration.*gain.value *= change;
  // What an input makes by itself goes through the same gain.
  calibration.*gain.offset *= change;
  calibration.active_power_offset *= change;
  calibration.reactive_power_offset *= change;
  if (calibration.*gain.value < LEAST_GAIN || calibration.*gain.value > LARGEST_GAIN)
    return StepResult::refused("the %s would be multiplied by %.3g: check %s in YAML", gain.name,
                               calibration.*gain.value, gain.cause);
  return StepResult(calibration);
}

StepResult calibrate_gain(const Shown &shown, const Reference &reference, const ChipConfig &config, size_t channel) {
  StepResult result(calibration_of(config, channel));
  if (reference.voltage_v != 0) {
    if (!lines_with_voltage(config).contains(channel))
      return StepResult::refused("its voltage is no input of its own in this wiring, so only the current has a gain");
    result = calibrate_one_gain(VOLTAGE, shown, reference.voltage_v, LEAST_VOLTAGE * config.nominal_voltage,
                                full_scale_v(config), result.calibration());
  }
  if (reference.current_a != 0 && !result.is_refused()) {
    const double full_scale = full_scale_a(config, channel);
    result = calibrate_one_gain(CURRENT, shown, reference.current_a, LEAST_CURRENT * full_scale, full_scale,
                                result.calibration());
  }
  return result;
}

/// Tell what is wrong with the wiring when the angle is that far off.
const char *cause_of(double change_deg) {
  const double size = std::abs(change_deg);
  if (size > REVERSED_DEG)
    return "the transformer is the wrong way round: turn it, or set `invert_current: true`";
  if (size > OTHER_PHASE_DEG)
    return "the transformer is on another phase than the voltage";
  return "no transformer is so wrong: check the angle of the load";
}

/// Return why what is shown says nothing about the angle; what is not refused does.
StepResult refuse_unclear_angle(const Shown &shown, double apparent, double least_a) {
  if (shown.is_saturated)
    return StepResult::refused("it is beyond full scale, so that its angle is not known");
  if (shown.current_a.mean() < least_a || apparent == 0)
    return StepResult::refused("%.3g A are shown, and a load of %.3g A at least is needed", shown.current_a.mean(),
                               least_a);
  if (std::max(shown.active_w.spread(), shown.reactive_var.spread()) > STEADY_ANGLE * apparent)
    return StepResult::refused("the load changed while measuring: %.4g to %.4g W, %.4g to %.4g var",
                               shown.active_w.lowest(), shown.active_w.highest(), shown.reactive_var.lowest(),
                               shown.reactive_var.highest());
  return StepResult(Calibration{});
}

/// Return by how many degrees the load lags; NAN where the power of the reference is not clear enough. A power does not
/// tell which of current and voltage is first, but what is shown does.
double angle_of(const Reference &reference, double reactive, double apparent) {
  if (reference.active_power_w == 0)
    return reference.angle_deg;
  const double factor = reference.active_power_w / apparent;
  if (!(std::abs(factor) <= MOST_POWER_FACTOR))
    return NAN;
  return std::copysign(std::acos(factor), reactive) / RADIANS_PER_DEGREE;
}

StepResult refuse_reference_angle(const Reference &reference, double apparent) {
  if (reference.active_power_w == 0)
    return StepResult::refused("the reference angle is not a number");
  return StepResult::refused(
      "%.4g W of %.4g VA say too little about the angle: use a load with a power factor of about "
      "0.5, or give the angle",
      reference.active_power_w, apparent);
}

StepResult calibrate_phase(const Shown &shown, const Reference &reference, const ChipConfig &config, size_t channel) {
  const double active = shown.active_w.mean();
  const double reactive = shown.reactive_var.mean();
  const double apparent = std::hypot(active, reactive);
  const StepResult unclear = refuse_unclear_angle(shown, apparent, LEAST_CURRENT * full_scale_a(config, channel));
  if (unclear.is_refused())
    return unclear;
  const double angle_deg = angle_of(reference, reactive, apparent);
  if (!std::isfinite(angle_deg))
    return refuse_reference_angle(reference, apparent);
  const double change_deg = std::remainder(std::atan2(reactive, active) / RADIANS_PER_DEGREE - angle_deg, 360);
  if (std::abs(change_deg) > MOST_PHASE_CHANGE_DEG)
    return StepResult::refused("the angle is %.1f deg off: %s", change_deg, cause_of(change_deg));
  Calibration calibration = calibration_of(config, channel);
  calibration.phase_deg += static_cast<float>(change_deg);
  const double whole_deg = config.current.phase_shift_deg + calibration.phase_deg;
  if (whole_deg < LEAST_SHIFT_DEG || whole_deg > LARGEST_SHIFT_DEG)
    return StepResult::refused("a shift of %.2f deg is needed, and the chip does -15 to 2.25 deg", whole_deg);
  return StepResult(calibration);
}

StepResult calibrate_offset(const Shown &shown, const Reference & /*reference*/, const ChipConfig &config,
                            size_t channel) {
  const float current = shown.current_a.highest();
  if (current > NO_CURRENT * full_scale_a(config, channel))
    return StepResult::refused("%.3g A are shown: switch the load off, or take the transformer off the wire", current);
  Calibration calibration = calibration_of(config, channel);
  calibration.current_offset = whole_offset(shown.current_a.mean(), calibration.current_offset);
  if (!counted_lines(config).contains(channel))
    return StepResult(calibration);

  const double most_w = NO_POWER * full_scale_v(config) * full_scale_a(config, channel);
  const float largest = std::max(std::abs(shown.idle_w.mean()), std::abs(shown.idle_var.mean()));
  if (shown.voltage_v.lowest() < LEAST_VOLTAGE * config.nominal_voltage)
    return StepResult::refused("the voltage is off, and it has to be on");
  if (largest > most_w)
    return StepResult::refused("%.3g W and %.3g var are shown: that is a load", shown.idle_w.mean(),
                               shown.idle_var.mean());
  calibration.active_power_offset += shown.idle_w.mean();
  calibration.reactive_power_offset += shown.idle_var.mean();
  return StepResult(calibration);
}

StepResult calibrate_voltage_offset(const Shown &shown, const Reference & /*reference*/, const ChipConfig &config,
                                    size_t channel) {
  if (shown.voltage_v.highest() > NO_VOLTAGE * config.nominal_voltage)
    return StepResult::refused("%.3g V are shown: switch the voltage off", shown.voltage_v.highest());
  Calibration calibration = calibration_of(config, channel);
  calibration.voltage_offset = whole_offset(shown.voltage_v.mean(), calibration.voltage_offset);
  return StepResult(calibration);
}

using Procedure = StepResult (*)(const Shown &, const Reference &, const ChipConfig &, size_t);

/// In the order of `Step`.
constexpr Procedure PROCEDURES[STEP_COUNT] = {calibrate_gain, calibrate_phase, calibrate_offset,
                                              calibrate_voltage_offset};

}  // namespace

StepResult StepResult::refused(const char *format, ...) {
  StepResult result;
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(result.refusal_.data(), result.refusal_.size(), format, arguments);
  va_end(arguments);
  return result;
}

bool is_for(Step step, const ChipConfig &config, size_t channel, const Reference &reference) {
  const bool is_measured = channel == NEUTRAL ? config.neutral_fitted : measured_lines(config).contains(channel);
  switch (step) {
    case Step::GAIN:
      return is_measured && (reference.voltage_v != 0 || reference.current_a != 0);
    case Step::PHASE:
      return counted_lines(config).contains(channel);
    case Step::OFFSET:
      return is_measured;
    case Step::VOLTAGE_OFFSET:
      return lines_with_voltage(config).contains(channel);
  }
  return false;
}

StepResult calibrate(Step step, const Shown &shown, const Reference &reference, const ChipConfig &config,
                     size_t channel) {
  return PROCEDURES[static_cast<size_t>(step)](shown, reference, config, channel);
}

}  // namespace esphome::ade9000_calibration
