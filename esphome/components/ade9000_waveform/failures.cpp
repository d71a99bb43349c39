#include "failures.h"

namespace esphome::ade9000_waveform {

const LogString *buffer_too_large() { return LOG_STR("Not enough memory for waveforms: set `buffer: single`"); }

const char *unknown_trigger() { return "A trigger is now or event"; }

const char *events_not_captured() { return "Events are not captured: set `on_event: true` under `ade9000_waveform:`"; }

const char *waveform_gone() { return "This waveform is not kept any more"; }

}  // namespace esphome::ade9000_waveform
