#pragma once

#include "waveform_capture.h"

#include "esphome/components/ade9000/ade9000.h"
#include "esphome/core/automation.h"
#include "esphome/core/component.h"
#include "esphome/core/defines.h"
#include "esphome/core/helpers.h"

#ifdef USE_ADE9000_WAVEFORM_SENDING
#include "waveform_wire.h"
#endif
#ifdef USE_ADE9000_WAVEFORM_HARMONICS
#include "harmonics_survey.h"
#endif
#ifdef USE_ADE9000_WAVEFORM_SENSORS
#include "esphome/components/sensor/sensor.h"
#endif

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace esphome::ade9000_waveform {

/// The waveforms and harmonics of one meter: joins the capture to its chip, and has ready what goes to automations,
/// sensors and the API.
class WaveformRecorder final : public Component {
 public:
  explicit WaveformRecorder(ADE9000 *hub) : hub_(hub) { hub->chip().extend(this->capture_); }

  /// Give memory for so many channels.
  void set_buffer(size_t channels) { this->buffer_channels_ = channels; }

  /// Choose what is captured where no channel is named: on demand, and around events.
  void set_channels(WaveChannels channels) { this->channels_ = channels; }

  void set_on_event(bool on_event) { this->on_event_ = on_event; }

  /// Call with each waveform that was captured on demand or around an event.
  template <typename F>
  void add_on_waveform_callback(F &&callback) {
    this->callbacks_.add(std::forward<F>(callback));
  }

#ifdef USE_ADE9000_WAVEFORM_HARMONICS
  void set_harmonics(WaveChannels channels, uint32_t interval_ms) {
    this->survey_.configure(channels, uint64_t{interval_ms} * 1000, this->buffer_channels_ == WAVE_CHANNEL_COUNT);
  }
#endif
#ifdef USE_ADE9000_WAVEFORM_SENSORS
  void set_sensor_count(size_t count) { this->outputs_.init(count); }

  /// Publish one order of a channel, of a voltage in percent of its fundamental, of a current in A.
  void add_sensor(sensor::Sensor *sensor, WaveChannel channel, uint8_t order) {
    this->outputs_.push_back({sensor, channel, order});
  }
#endif

  /// Before the hub, whose driver takes over what is configured here.
  float get_setup_priority() const override { return setup_priority::HARDWARE; }
  void setup() override;
  void loop() override;
  void dump_config() override;

  /// Begin to capture the channel of a name, or all that are configured. What became of it is told later.
  void capture(std::string_view channel = {});

  const WaveformCapture &captured() const { return this->capture_; }

  /// Id of the meter in the configuration.
  const char *name() const { return this->hub_->name(); }

#ifdef USE_ADE9000_WAVEFORM_SENDING
  /// Capture now, or give up the waveform that is kept so that the next event is captured.
  void ask(std::string_view channel, std::string_view trigger);

  /// The receiver has the chunks before `chunk` of a waveform, 0 for any, and wants the others.
  void read(uint32_t id, size_t chunk);

  /// Write the next event that waits to be sent, and return its name; nullptr when none waits.
  const char *encode_next(WaveformEvent &event);

  /// The event that was written last was sent.
  void mark_sent();

  /// There is nobody to send anything to.
  void forget_unsent();
#endif

 protected:
  void take_outcome_();
  void fail_(uint32_t id, const char *error);

  ADE9000 *hub_;
  WaveformCapture capture_{};
  size_t buffer_channels_{WAVE_CHANNEL_COUNT};
  WaveChannels channels_{0};
  bool on_event_{false};
  LazyCallbackManager<void(const Waveform &)> callbacks_{};

#ifdef USE_ADE9000_WAVEFORM_SENDING
  enum class Unsent : uint8_t { NOTHING, FAILURE, HARMONICS, CHUNK };

  /// Why there is no waveform that was asked for.
  struct Failure {
    const char *error;  ///< nullptr is none.
    uint32_t id;
    uint64_t at_us;
  };

  Unsent next_unsent_() const;
  WireOrigin origin_(uint64_t at_us, int64_t t_ms) const;

  WaveformDelivery delivery_{};
  Failure failure_{};
  Unsent encoded_{Unsent::NOTHING};
#endif

#ifdef USE_ADE9000_WAVEFORM_HARMONICS
  void tell_harmonics_();
  bool is_told_() const;

  HarmonicsSurvey survey_{this->capture_};
  const Harmonics *harmonics_{nullptr};  ///< That are being told.
  bool are_harmonics_unsent_{false};
#endif

#ifdef USE_ADE9000_WAVEFORM_SENSORS
  struct Output {
    sensor::Sensor *sensor;
    WaveChannel channel;
    uint8_t order;
  };

  void publish_some_();
  float value_of_(const Output &output) const;

  FixedVector<Output> outputs_{};
  size_t next_output_{0};
#endif
};

/// Triggers an automation with a waveform.
struct WaveformForwarder {
  Automation<Waveform> *automation;
  void operator()(const Waveform &waveform) const { this->automation->trigger(waveform); }
};

}  // namespace esphome::ade9000_waveform
