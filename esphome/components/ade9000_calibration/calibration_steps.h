#pragma once

#include "steady_measurement.h"

#include "esphome/components/ade9000/calibration.h"
#include "esphome/components/ade9000/chip_config.h"

#include <array>
#include <cstdint>

namespace esphome::ade9000_calibration {

/// The steps of a calibration, in the order in which they are made.
enum class Step : uint8_t {
  GAIN,            ///< With a load, by a reference voltage and current.
  PHASE,           ///< With a load of a known angle.
  OFFSET,          ///< With the voltage on and no load.
  VOLTAGE_OFFSET,  ///< With the voltage off.
};

inline constexpr size_t STEP_COUNT = 4;

/// What a reference instrument shows of one input; 0 where it was not looked at.
struct Reference {
  float voltage_v{0};
  float current_a{0};
  float angle_deg{0};       ///< By which the current of the load lags: 0 is a kettle.
  float active_power_w{0};  ///< Instead of the angle.
};

/// What a step gave for one input: its new calibration, or the reason why there is none, in words for the user.
class StepResult {
 public:
  explicit StepResult(const Calibration &calibration) : calibration_(calibration) {}
  __attribute__((format(printf, 1, 2))) static StepResult refused(const char *format, ...);

  bool is_refused() const { return this->refusal_[0] != '\0'; }
  const Calibration &calibration() const { return this->calibration_; }
  const char *refusal() const { return this->refusal_.data(); }

 protected:
  StepResult() = default;

  Calibration calibration_{};
  std::array<char, 200> refusal_{};
};

/// Tell whether a step has something to do for an input.
bool is_for(Step step, const ChipConfig &config, size_t channel, const Reference &reference);

/// Find the calibration with which the meter would have shown the reference.
///
/// `config` has the calibration with which it showed what it did. Nothing is changed that the step is not about.
StepResult calibrate(Step step, const Shown &shown, const Reference &reference, const ChipConfig &config,
                     size_t channel);

}  // namespace esphome::ade9000_calibration
