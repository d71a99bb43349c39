#pragma once

#include "calibration_record.h"
#include "calibrator.h"

#include "esphome/components/ade9000/ade9000.h"
#include "esphome/core/component.h"
#include "esphome/core/defines.h"
#include "esphome/core/preferences.h"

#ifdef USE_NUMBER
#include "esphome/components/number/number.h"
#endif
#ifdef USE_TEXT_SENSOR
#include "esphome/components/text_sensor/text_sensor.h"
#endif

#include <array>
#include <cstdint>

namespace esphome::ade9000_calibration {

/// What a number of the calibration says, in the order of its table.
enum class ReferenceKind : uint8_t { VOLTAGE, CURRENT, ANGLE, ACTIVE_POWER };

inline constexpr size_t REFERENCE_KINDS = 4;

/// What a button of the calibration does; the first ones are those of `Step`.
enum class CalibrationAction : uint8_t { GAIN, PHASE, OFFSET, VOLTAGE_OFFSET, UNDO, CLEAR };

/// Calibrates one meter by numbers and buttons, and keeps what was found in flash.
///
/// Of the calibration in flash and that in YAML the newer one counts: the one in flash until the one in YAML is
/// changed.
class CalibrationComponent final : public Component {
 public:
  explicit CalibrationComponent(ADE9000 *meter) : meter_(meter), calibrator_(meter->chip()) {}

#ifdef USE_NUMBER
  void set_number(number::Number *number, size_t channel, ReferenceKind kind) {
    this->numbers_[channel][static_cast<size_t>(kind)] = number;
  }
#endif
#ifdef USE_TEXT_SENSOR
  void set_words(text_sensor::TextSensor *words) { this->words_ = words; }
  void set_yaml(text_sensor::TextSensor *yaml, size_t channel) { this->yaml_[channel] = yaml; }
#endif

  void setup() override;
  void loop() override;
  void dump_config() override;
  /// Before the meter, which takes its configuration to the chip.
  float get_setup_priority() const override { return setup_priority::HARDWARE; }

  void set_reference(size_t channel, ReferenceKind kind, float value);

  /// Do what a button says, for some inputs: bit 0 for L1 to bit 3 for the neutral.
  void press(CalibrationAction action, uint8_t channels);

 protected:
  const char *restore_();
  void undo_();
  void clear_();
  void finish_();
  bool store_();
  void forget_references_();
  void tell_(const char *words);
  void log_yaml_();
  void publish_yaml_(const Calibrations &calibrations);

  ADE9000 *meter_;
  Calibrator calibrator_;
  ESPPreferenceObject preference_{};
  Calibrations configured_{};  ///< In YAML.
  bool has_previous_{false};   ///< Something was changed since the boot.
  CalibrationAction action_{CalibrationAction::GAIN};
  std::array<Reference, CHANNEL_COUNT> references_{};
#ifdef USE_NUMBER
  std::array<std::array<number::Number *, REFERENCE_KINDS>, CHANNEL_COUNT> numbers_{};
#endif
#ifdef USE_TEXT_SENSOR
  text_sensor::TextSensor *words_{nullptr};
  std::array<text_sensor::TextSensor *, CHANNEL_COUNT> yaml_{};
#endif
};

}  // namespace esphome::ade9000_calibration
