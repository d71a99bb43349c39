#pragma once

#include "esphome/core/log.h"

namespace esphome::ade9000_waveform {

// Why the component cannot work (see `ade9000/failures.h`).
const LogString *buffer_too_large();

// Why there is no waveform, where the capture itself does not say it.
const char *unknown_trigger();
const char *events_not_captured();
const char *waveform_gone();

}  // namespace esphome::ade9000_waveform
