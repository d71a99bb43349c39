#pragma once

#include "esphome/core/defines.h"
#ifdef USE_ADE9000_WAVEFORM_BUTTON

#include "waveform_recorder.h"

#include "esphome/components/button/button.h"
#include "esphome/core/helpers.h"

namespace esphome::ade9000 {

/// Captures a waveform of the configured channels.
class CaptureWaveformButton final : public button::Button, public Parented<WaveformRecorder> {
 protected:
  void press_action() override { this->parent_->capture(); }
};

}  // namespace esphome::ade9000

#endif  // USE_ADE9000_WAVEFORM_BUTTON
