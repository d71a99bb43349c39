#pragma once

#include "esphome/components/ade9000_calibration/calibration_component.h"
#include "esphome/components/number/number.h"

#include <cstddef>
#include <cstdint>

namespace esphome::ade9000_calibration {

/// What a reference instrument shows.
class ReferenceNumber final : public number::Number {
 public:
  ReferenceNumber(CalibrationComponent *calibration, size_t channel, ReferenceKind kind)
      : calibration_(calibration), channel_(channel), kind_(kind) {}

 protected:
  void control(float value) override { this->calibration_->set_reference(this->channel_, this->kind_, value); }

  CalibrationComponent *calibration_;
  size_t channel_;
  ReferenceKind kind_;
};

}  // namespace esphome::ade9000_calibration
