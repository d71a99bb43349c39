#pragma once

#include "waveform_recorder.h"

#include "esphome/components/api/custom_api_device.h"
#include "esphome/components/three_phase_wire/listeners.h"
#include "esphome/core/component.h"
#include "esphome/core/helpers.h"
#include "esphome/core/string_ref.h"

namespace esphome::ade9000_waveform {

/// The waveforms on ESPHome's native API, once for all chips of a device: the actions `capture_waveform` and
/// `read_waveform` ask for them, the events `esphome.three_phase_waveform` and `esphome.three_phase_harmonics` carry
/// them (docs/architecture.md).
///
/// As with the readings, a connection gets nothing before its first call; when one of those that a call stands for
/// ends, sending stops until the next call.
class WaveformApi final : public Component, public api::CustomAPIDevice {
 public:
  WaveformApi() { three_phase_wire::api_event().reserve(WaveformEvent::MAX_FIELDS, WaveformEvent::CAPACITY); }

  void add_recorder(WaveformRecorder *recorder) { this->recorders_.push_back(recorder); }

  void setup() override;
  void loop() override;

 protected:
  void on_capture_waveform_(StringRef meter, StringRef channel, StringRef trigger);
  void on_read_waveform_(StringRef meter, StringRef boot, int32_t id, int32_t chunk);
  void send_next_(WaveformRecorder *recorder);
  void stop_();

  StaticVector<WaveformRecorder *, ADE9000_WAVEFORM_COUNT> recorders_{};
  three_phase_wire::Listeners listeners_{};
};

}  // namespace esphome::ade9000_waveform
