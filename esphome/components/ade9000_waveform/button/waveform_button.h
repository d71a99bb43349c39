#pragma once

#include "esphome/components/ade9000_waveform/waveform_recorder.h"
#include "esphome/components/button/button.h"
#include "esphome/core/helpers.h"

namespace esphome::ade9000_waveform {

/// Captures a waveform of the configured channels.
class CaptureWaveformButton final : public button::Button, public Parented<WaveformRecorder> {
 protected:
  void press_action() override { this->parent_->capture(); }
};

}  // namespace esphome::ade9000_waveform
