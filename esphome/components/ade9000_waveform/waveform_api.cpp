#include "waveform_api.h"

#include "esphome/components/three_phase_wire/boot_id.h"
#include "esphome/core/log.h"

#include <algorithm>

namespace esphome::ade9000_waveform {

static const char *const TAG = "ade9000.waveform";

void WaveformApi::setup() {
  three_phase_wire::api_event().setup();
  this->register_service(&WaveformApi::on_capture_waveform_, "capture_waveform", {"meter", "channel", "trigger"});
  this->register_service(&WaveformApi::on_read_waveform_, "read_waveform", {"meter", "boot", "id", "chunk"});
}

void WaveformApi::loop() {
  if (this->listeners_.empty() || this->listeners_.is_one_gone()) {
    this->stop_();
    return;
  }
  for (WaveformRecorder *recorder : this->recorders_)
    this->send_next_(recorder);
}

void WaveformApi::on_capture_waveform_(StringRef meter, StringRef channel, StringRef trigger) {
  this->listeners_.remember();
  for (WaveformRecorder *addressed : this->recorders_) {
    if (meter.empty() || meter == addressed->name())
      addressed->ask({channel.c_str(), channel.size()}, {trigger.c_str(), trigger.size()});
  }
}

void WaveformApi::on_read_waveform_(StringRef meter, StringRef boot, int32_t id, int32_t chunk) {
  this->listeners_.remember();
  const bool is_this_boot = boot == three_phase_wire::boot_id();
  for (WaveformRecorder *addressed : this->recorders_) {
    if (meter.empty() || meter == addressed->name())
      addressed->read(is_this_boot ? static_cast<uint32_t>(id) : 0, static_cast<size_t>(std::max<int32_t>(chunk, 0)));
  }
}

void WaveformApi::send_next_(WaveformRecorder *recorder) {
  if (!this->listeners_.is_ready())
    return;
  WaveformEvent wire(three_phase_wire::api_event());
  const char *event = recorder->encode_next(wire);
  if (event == nullptr)
    return;
  if (this->listeners_.send(event)) {
    recorder->mark_sent();
  } else {
    ESP_LOGW(TAG, "The caller of read_waveform has not subscribed to events; waiting for the next call");
    this->stop_();
  }
}

void WaveformApi::stop_() {
  this->listeners_.forget();
  for (WaveformRecorder *recorder : this->recorders_)
    recorder->forget_unsent();
}

}  // namespace esphome::ade9000_waveform
