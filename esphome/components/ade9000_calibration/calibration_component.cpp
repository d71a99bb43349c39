#include "calibration_component.h"

#include "esphome/core/helpers.h"
#include "esphome/core/log.h"

#include <cstring>

namespace esphome::ade9000_calibration {

static const char *const TAG = "ade9000.calibration";

/// In the order of `ReferenceKind`.
static constexpr float Reference::*REFERENCE_VALUES[REFERENCE_KINDS] = {
    &Reference::voltage_v, &Reference::current_a, &Reference::angle_deg, &Reference::active_power_w};

/// The step that uses a reference up, in the order of `ReferenceKind`.
static constexpr CalibrationAction USED_BY[REFERENCE_KINDS] = {CalibrationAction::GAIN, CalibrationAction::GAIN,
                                                               CalibrationAction::PHASE, CalibrationAction::PHASE};

static constexpr const char *IN_YAML = "The calibration in YAML is in effect";
static constexpr const char *NONE = "Not calibrated";

void CalibrationComponent::setup() {
  const uint32_t key = fnv1_hash("ade9000_calibration") ^ fnv1_hash(this->meter_->name());
  this->preference_ = global_preferences->make_preference<CalibrationRecord>(key, true);
  this->meter_->chip().extend(this->calibrator_.extension());
  this->configured_ = calibrations_of(this->meter_->config());
  const char *words = this->restore_();
#ifdef USE_NUMBER
  for (const auto &numbers : this->numbers_) {
    for (number::Number *number : numbers) {
      if (number != nullptr)
        number->publish_state(0);
    }
  }
#endif
  this->publish_yaml_(calibrations_of(this->meter_->config()));
  this->tell_(words);
}

/// Take over what is in flash, unless that in YAML is newer. Tell the user which of both it is.
const char *CalibrationComponent::restore_() {
  const char *in_yaml = this->configured_ == Calibrations{} ? NONE : IN_YAML;
  CalibrationRecord record;
  if (!this->preference_.load(&record))
    return in_yaml;
  switch (state_of(record, this->configured_)) {
    case RecordState::VALID: {
      ChipConfig config = this->meter_->config();
      set_calibrations(calibrations_of(record), config);
      this->meter_->set_config(config);
      return "The stored calibration is in effect";
    }
    case RecordState::STALE:
      record = empty_record();
      this->preference_.save(&record);
      return "The calibration in YAML was changed and is in effect; the stored one is dropped";
    case RecordState::DAMAGED:
      return "The stored calibration is damaged, so that in YAML is in effect";
    default:
      return in_yaml;
  }
}

void CalibrationComponent::loop() {
  if (this->calibrator_.loop())
    this->finish_();
}

void CalibrationComponent::set_reference(size_t channel, ReferenceKind kind, float value) {
  const auto index = static_cast<size_t>(kind);
  this->references_[channel].*REFERENCE_VALUES[index] = value;
#ifdef USE_NUMBER
  if (number::Number *number = this->numbers_[channel][index]; number != nullptr)
    number->publish_state(value);
#endif
}

void CalibrationComponent::press(CalibrationAction action, uint8_t channels) {
  if (this->calibrator_.is_busy()) {
    ESP_LOGW(TAG, "%s: a step is still running", this->meter_->name());
    return;
  }
  this->action_ = action;
  switch (action) {
    case CalibrationAction::UNDO:
      this->undo_();
      break;
    case CalibrationAction::CLEAR:
      this->clear_();
      break;
    default:
      this->calibrator_.begin(static_cast<Step>(action), channels, this->references_);
      this->tell_(this->calibrator_.words());
      break;
  }
}

void CalibrationComponent::undo_() {
  if (!this->has_previous_)
    return this->tell_("There is nothing to undo");
  const Calibrations previous = this->calibrator_.before();
  this->calibrator_.take_over(previous, "The last change is undone");
}

void CalibrationComponent::clear_() {
  this->calibrator_.take_over(this->configured_, this->configured_ == Calibrations{} ? NONE : IN_YAML);
}

void CalibrationComponent::finish_() {
  if (this->calibrator_.changed() == 0)
    return this->tell_(this->calibrator_.words());
  this->has_previous_ = true;
  Words words;
  if (!this->store_())
    words.append("NOT STORED, so it ends with the next reboot: keep the YAML. ");
  words.append("%s", this->calibrator_.words());
  this->forget_references_();
  this->tell_(words.c_str());
  ESP_LOGI(TAG, "%s: to keep the calibration, put into YAML under `ade9000:`", this->meter_->name());
  this->log_yaml_();
  this->publish_yaml_(this->calibrator_.calibrations());
}

/// Store what is in effect, and read it back. What YAML says anyway is not stored.
bool CalibrationComponent::store_() {
  const Calibrations calibrations = this->calibrator_.calibrations();
  const bool is_configured = calibrations == this->configured_;
  const CalibrationRecord record = is_configured ? empty_record() : record_of(calibrations, this->configured_);
  CalibrationRecord stored;
  return this->preference_.save(&record) && global_preferences->sync() && this->preference_.load(&stored) &&
         std::memcmp(&stored, &record, sizeof(record)) == 0;
}

/// A reference is for one time: the next day the instrument shows something else.
void CalibrationComponent::forget_references_() {
  for (size_t channel = 0; channel < CHANNEL_COUNT; channel++) {
    for (size_t kind = 0; kind < REFERENCE_KINDS; kind++) {
      if ((this->calibrator_.changed() >> channel & 1U) != 0 && USED_BY[kind] == this->action_)
        this->set_reference(channel, static_cast<ReferenceKind>(kind), 0);
    }
  }
}

void CalibrationComponent::tell_(const char *words) {
  ESP_LOGI(TAG, "%s: %s", this->meter_->name(), words);
#ifdef USE_TEXT_SENSOR
  if (this->words_ != nullptr)
    this->words_->publish_state(words);
#endif
}

void CalibrationComponent::log_yaml_() {
  const ChipConfig &config = this->meter_->chip().config();
  const Calibrations calibrations = calibrations_of(config);
  for (size_t channel = 0; channel < CHANNEL_COUNT; channel++) {
    Words yaml;
    append_yaml(calibrations[channel], channel, yaml);
    if (channel != NEUTRAL || config.neutral_fitted)
      ESP_LOGI(TAG, "  %s", yaml.c_str());
  }
}

void CalibrationComponent::publish_yaml_(const Calibrations &calibrations) {
#ifdef USE_TEXT_SENSOR
  for (size_t channel = 0; channel < CHANNEL_COUNT; channel++) {
    Words yaml;
    append_yaml(calibrations[channel], channel, yaml);
    if (this->yaml_[channel] != nullptr)
      this->yaml_[channel]->publish_state(yaml.c_str());
  }
#endif
}

void CalibrationComponent::dump_config() {
  ESP_LOGCONFIG(TAG, "Calibration of %s, as YAML under `ade9000:`", this->meter_->name());
  this->log_yaml_();
}

}  // namespace esphome::ade9000_calibration
