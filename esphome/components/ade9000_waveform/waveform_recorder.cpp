#include "waveform_recorder.h"

#include "failures.h"

#include "esphome/components/three_phase_wire/uptime.h"

#ifdef USE_ADE9000_WAVEFORM_SENDING
#include "esphome/components/three_phase_wire/boot_id.h"
#endif

#include "esphome/core/log.h"

#include <algorithm>
#include <cinttypes>
#include <memory>

namespace esphome::ade9000_waveform {

static const char *const TAG = "ade9000.waveform";

#ifdef USE_ADE9000_WAVEFORM_SENDING
static const char *const WAVEFORM_EVENT = "esphome.three_phase_waveform";
static const char *const HARMONICS_EVENT = "esphome.three_phase_harmonics";
#endif

#ifdef USE_ADE9000_WAVEFORM_SENSORS
// Each runs its filters and listeners; all 39 orders of a channel in one pass would hold up the loop.
static constexpr size_t OUTPUTS_PER_PASS = 4;
#endif

void WaveformRecorder::setup() {
  const size_t samples = this->buffer_channels_ * RESAMPLED_POINTS;
  int16_t *storage = RAMAllocator<int16_t>().allocate(samples);
  if (storage == nullptr) {
    this->mark_failed(buffer_too_large());
    return;
  }
  std::uninitialized_value_construct_n(storage, samples);
  this->capture_.begin({storage, samples});
  this->capture_.arm(this->on_event_ ? this->channels_ : WaveChannels{0});
}

void WaveformRecorder::loop() {
  this->take_outcome_();
#ifdef USE_ADE9000_WAVEFORM_HARMONICS
  this->tell_harmonics_();
#endif
}

void WaveformRecorder::dump_config() {
  ESP_LOGCONFIG(TAG,
                "Waveforms of %s:\n"
                "  Buffer: %zu channels\n"
                "  Around events: %s",
                this->name(), this->buffer_channels_, YESNO(this->on_event_));
}

void WaveformRecorder::capture(std::string_view channel) {
  const WaveChannels all = this->channels_ & this->capture_.measured();
  const char *error =
      this->capture_.request(channels_named(channel, all), WaveformCause::DEMAND, three_phase_wire::uptime_us());
  if (error != nullptr)
    this->fail_(0, error);
}

void WaveformRecorder::take_outcome_() {
  const CaptureOutcome outcome = this->capture_.take_outcome();
  const WaveformCause cause = this->capture_.outcome_cause();
  if (outcome == CaptureOutcome::NONE)
    return;
#ifdef USE_ADE9000_WAVEFORM_HARMONICS
  this->survey_.take_outcome(outcome, cause);
#endif
  if (outcome == CaptureOutcome::FAILED && cause == WaveformCause::DEMAND) {
    this->fail_(0, this->capture_.error());
  } else if (outcome == CaptureOutcome::FAILED) {
    ESP_LOGW(TAG, "%s: no waveform: %s", this->name(), this->capture_.error());
  } else if (cause != WaveformCause::HARMONICS) {
    const Waveform &waveform = this->capture_.waveform();
    ESP_LOGI(TAG, "%s: waveform %" PRIu32 " captured", this->name(), waveform.id);
#ifdef USE_ADE9000_WAVEFORM_SENDING
    this->delivery_.offer(this->capture_, this->hub_->unix_ms_at(waveform.begin_us / 1000));
#endif
    this->callbacks_.call(waveform);
  }
}

void WaveformRecorder::fail_(uint32_t id, const char *error) {
  ESP_LOGW(TAG, "%s: no waveform: %s", this->name(), error);
#ifdef USE_ADE9000_WAVEFORM_SENDING
  this->failure_ = {.error = error, .id = id, .at_us = three_phase_wire::uptime_us()};
#endif
}

#ifdef USE_ADE9000_WAVEFORM_SENDING
void WaveformRecorder::ask(std::string_view channel, std::string_view trigger) {
  if (trigger.empty() || trigger == "now") {
    this->capture(channel);
  } else if (trigger != "event") {
    this->fail_(0, unknown_trigger());
  } else if (this->on_event_) {
    this->capture_.release();
  } else {
    this->fail_(0, events_not_captured());
  }
}

void WaveformRecorder::read(uint32_t id, size_t chunk) {
  const uint32_t kept = this->delivery_.id() == this->capture_.waveform().id ? this->delivery_.id() : 0;
  if (id != 0 && id != kept) {
    this->fail_(id, waveform_gone());
  } else if (this->delivery_.request(id, chunk)) {
    this->capture_.release();
  }
}

WaveformRecorder::Unsent WaveformRecorder::next_unsent_() const {
  if (this->failure_.error != nullptr)
    return Unsent::FAILURE;
#ifdef USE_ADE9000_WAVEFORM_HARMONICS
  if (this->are_harmonics_unsent_)
    return Unsent::HARMONICS;
#endif
  return this->delivery_.is_due(this->capture_) ? Unsent::CHUNK : Unsent::NOTHING;
}

WireOrigin WaveformRecorder::origin_(uint64_t at_us, int64_t t_ms) const {
  return {.meter = this->name(),
          .boot = three_phase_wire::boot_id(),
          .at_us = at_us,
          .t_ms = t_ms,
          .now_us = three_phase_wire::uptime_us()};
}

const char *WaveformRecorder::encode_next(WaveformEvent &event) {
  this->encoded_ = this->next_unsent_();
  const auto origin_now = [this](uint64_t at_us) { return this->origin_(at_us, this->hub_->unix_ms_at(at_us / 1000)); };
  switch (this->encoded_) {
    case Unsent::FAILURE:
      event.encode_failure(origin_now(this->failure_.at_us), this->failure_.id, this->failure_.error);
      return WAVEFORM_EVENT;
    case Unsent::HARMONICS:
#ifdef USE_ADE9000_WAVEFORM_HARMONICS
      event.encode_harmonics(origin_now(this->survey_.waveform().begin_us), this->survey_.waveform(),
                             *this->harmonics_);
#endif
      return HARMONICS_EVENT;
    case Unsent::CHUNK:
      event.encode_chunk(this->origin_(this->capture_.waveform().begin_us, this->delivery_.t_ms()), this->capture_,
                         this->delivery_.next(), this->delivery_.crc());
      return WAVEFORM_EVENT;
    default:
      return nullptr;
  }
}

void WaveformRecorder::mark_sent() {
  if (this->encoded_ == Unsent::FAILURE)
    this->failure_ = {};
  if (this->encoded_ == Unsent::CHUNK)
    this->delivery_.mark_sent();
#ifdef USE_ADE9000_WAVEFORM_HARMONICS
  if (this->encoded_ == Unsent::HARMONICS)
    this->are_harmonics_unsent_ = false;
#endif
}

void WaveformRecorder::forget_unsent() {
  this->failure_ = {};
  this->delivery_.pause();
#ifdef USE_ADE9000_WAVEFORM_HARMONICS
  this->are_harmonics_unsent_ = false;
#endif
}
#endif  // USE_ADE9000_WAVEFORM_SENDING

#ifdef USE_ADE9000_WAVEFORM_HARMONICS
/// Go on with the harmonics once those before were told to everybody.
void WaveformRecorder::tell_harmonics_() {
#ifdef USE_ADE9000_WAVEFORM_SENSORS
  this->publish_some_();
#endif
  if (!this->is_told_())
    return;
  this->harmonics_ = this->survey_.advance(three_phase_wire::uptime_us());
  if (this->harmonics_ == nullptr)
    return;
  this->are_harmonics_unsent_ = this->survey_.waveform().id != 0;
#ifdef USE_ADE9000_WAVEFORM_SENSORS
  this->next_output_ = 0;
#endif
}

bool WaveformRecorder::is_told_() const {
#ifdef USE_ADE9000_WAVEFORM_SENSORS
  if (this->harmonics_ != nullptr && this->next_output_ < this->outputs_.size())
    return false;
#endif
#ifdef USE_ADE9000_WAVEFORM_SENDING
  return !this->are_harmonics_unsent_;
#else
  return true;
#endif
}
#endif  // USE_ADE9000_WAVEFORM_HARMONICS

#ifdef USE_ADE9000_WAVEFORM_SENSORS
void WaveformRecorder::publish_some_() {
  if (this->harmonics_ == nullptr)
    return;
  const size_t end = std::min(this->next_output_ + OUTPUTS_PER_PASS, this->outputs_.size());
  for (; this->next_output_ < end; this->next_output_++) {
    const Output &output = this->outputs_[this->next_output_];
    if (output.channel == this->harmonics_->channel)
      output.sensor->publish_state(this->value_of_(output));
  }
}

/// By the use of the standards: EN 50160 limits harmonic voltages in percent of the fundamental, IEC 61000-3-2 harmonic
/// currents in A.
float WaveformRecorder::value_of_(const Output &output) const {
  const float rms = this->harmonics_->rms[output.order - 1U];
  if (!is_voltage(output.channel))
    return rms;
  return std::isnan(this->harmonics_->distortion) ? NAN : 100 * rms / this->harmonics_->rms[0];
}
#endif  // USE_ADE9000_WAVEFORM_SENSORS

}  // namespace esphome::ade9000_waveform
