#pragma once

#include "calibration_steps.h"
#include "calibration_text.h"
#include "steady_measurement.h"

#include "esphome/components/ade9000/calibration.h"
#include "esphome/components/ade9000/chip.h"

#include <array>
#include <cstdint>

namespace esphome::ade9000_calibration {

/// Makes the steps of a calibration on a running chip: measures, finds the new values, has the chip take them over, and
/// tells in words what became of it.
///
/// Each input stands for itself: one that is refused keeps what it has, and the others are calibrated.
class Calibrator {
 public:
  static constexpr uint8_t ALL_CHANNELS = (1U << CHANNEL_COUNT) - 1;

  explicit Calibrator(Chip &chip) : chip_(chip) {}

  /// What has to share the chip, see `Chip::extend`.
  ChipExtension &extension() { return this->measurement_; }

  /// Return what the chip has, or will have once `is_busy` is over.
  Calibrations calibrations() const { return calibrations_of(this->chip_.config()); }

  bool is_busy() const { return this->state_ != State::IDLE; }

  /// Begin a step for some inputs, bit 0 for L1 to bit 3 for the neutral. `words` then tell what is going on, or why it
  /// did not begin.
  void begin(Step step, uint8_t channels, const std::array<Reference, CHANNEL_COUNT> &references);

  /// Have the chip take over a calibration, such as an earlier one. `words` will tell `done`, a literal.
  void take_over(const Calibrations &calibrations, const char *done);

  /// Do what is due. Return true when what was begun has come to its end, with or without a change.
  bool loop();

  const char *words() const { return this->words_.c_str(); }

  /// Return what the chip had before the last change.
  const Calibrations &before() const { return this->before_; }

  /// Inputs that the last step has changed.
  uint8_t changed() const { return this->changed_; }

 protected:
  enum class State : uint8_t { IDLE, MEASURING, APPLYING };

  bool finish_(const char *words);
  void evaluate_();
  void summarize_(uint8_t refused, size_t first_refused, const char *reason);
  void apply_(const Calibrations &calibrations);

  Chip &chip_;
  SteadyMeasurement measurement_{};
  State state_{State::IDLE};
  Step step_{Step::GAIN};
  uint8_t channels_{0};
  uint8_t changed_{0};
  std::array<Reference, CHANNEL_COUNT> references_{};
  Calibrations before_{};
  Words words_{};
};

}  // namespace esphome::ade9000_calibration
