#include "wiring_check_sensor.h"

#include "esphome/core/log.h"

namespace esphome::ade9000_wiring_check {

static const char *const TAG = "ade9000.wiring";

/// In the order of `Flow`, named as in the configuration.
static constexpr std::array<const char *, 3> FLOW_NAMES{"import", "export", "any"};

void WiringCheckSensor::set_hub(ADE9000 *hub) {
  this->hub_ = hub;
  hub->chip().extend(this->check_);
}

void WiringCheckSensor::loop() {
  if (this->check_.verdict() == this->published_)
    return;
  this->published_ = this->check_.verdict();
  std::array<char, LONGEST_VERDICT> buffer;
  const char *text = describe(this->published_, this->check_.flow(), buffer);
  ESP_LOGI(TAG, "%s: %s", this->hub_->name(), text);
  this->publish_state(text);
}

void WiringCheckSensor::dump_config() {
  LOG_TEXT_SENSOR("", "Wiring check", this);
  ESP_LOGCONFIG(TAG, "  Flow: %s", FLOW_NAMES[static_cast<size_t>(this->check_.flow())]);
}

}  // namespace esphome::ade9000_wiring_check
