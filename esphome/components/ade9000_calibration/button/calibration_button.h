#pragma once

#include "esphome/components/ade9000_calibration/calibration_component.h"
#include "esphome/components/button/button.h"

#include <cstddef>
#include <cstdint>

namespace esphome::ade9000_calibration {

/// Does one step for some inputs.
class CalibrationButton final : public button::Button {
 public:
  CalibrationButton(CalibrationComponent *calibration, CalibrationAction action, uint8_t channels)
      : calibration_(calibration), action_(action), channels_(channels) {}

 protected:
  void press_action() override { this->calibration_->press(this->action_, this->channels_); }

  CalibrationComponent *calibration_;
  CalibrationAction action_;
  uint8_t channels_;
};

}  // namespace esphome::ade9000_calibration
