#pragma once

#include "wiring_check.h"

#include "esphome/components/ade9000/ade9000.h"
#include "esphome/components/text_sensor/text_sensor.h"
#include "esphome/core/component.h"

namespace esphome::ade9000_wiring_check {

/// Publishes what the wiring check says, and logs it.
class WiringCheckSensor final : public text_sensor::TextSensor, public Component {
 public:
  void set_flow(Flow flow) { this->check_.set_flow(flow); }
  /// Share the chip of a hub, before it is set up.
  void set_hub(ADE9000 *hub);

  void loop() override;
  void dump_config() override;

 protected:
  ADE9000 *hub_{nullptr};
  WiringCheck check_{};
  WiringVerdict published_{};
};

}  // namespace esphome::ade9000_wiring_check
