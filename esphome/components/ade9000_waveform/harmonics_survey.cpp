#include "harmonics_survey.h"

#include <algorithm>
#include <bit>

namespace esphome::ade9000_waveform {

namespace {

/// By then the chip has settled and the frequency is known.
constexpr uint64_t FIRST_ROUND_US = 5'000'000;

WaveChannel first_of(WaveChannels channels) {
  return static_cast<WaveChannel>(std::countr_zero(static_cast<unsigned>(channels)));
}

WaveChannels without(WaveChannels channels, WaveChannels others) {
  return channels & static_cast<WaveChannels>(~others);
}

}  // namespace

void HarmonicsSurvey::configure(WaveChannels channels, uint64_t interval_us, bool captures_together) {
  this->channels_ = channels;
  this->interval_us_ = interval_us;
  this->captures_together_ = captures_together;
  this->due_us_ = std::min(interval_us, FIRST_ROUND_US);
}

/// Without a frequency the chip has not resampled to whole cycles, and there are no harmonics.
void HarmonicsSurvey::take_outcome(CaptureOutcome outcome, WaveformCause cause) {
  const Waveform &waveform = this->capture_.waveform();
  if (cause != WaveformCause::EVENT)
    this->is_asked_ = false;  // A capture on demand takes the place of one for harmonics.
  if (outcome == CaptureOutcome::CAPTURED && waveform.kind == WaveformKind::RESAMPLED) {
    const WaveChannels surveyed = waveform.channels & this->channels_;
    this->waveform_ = waveform;
    this->is_begun_ = false;
    this->analysed_ = std::isnan(waveform.frequency_hz) ? WaveChannels{0} : surveyed;
    this->unknown_ |= without(surveyed, this->analysed_);
    if (this->analysed_ == 0 && cause == WaveformCause::HARMONICS)
      this->capture_.release();
  } else if (outcome == CaptureOutcome::FAILED && cause == WaveformCause::HARMONICS) {
    this->unknown_ |= this->pending_;
  }
  this->pending_ = without(this->pending_, this->unknown_);
}

const Harmonics *HarmonicsSurvey::advance(uint64_t now_us) {
  if (this->analysed_ != 0)
    return this->analyse_();
  if (this->unknown_ != 0)
    return this->give_up_();
  this->ask_(now_us);
  return nullptr;
}

/// A waveform that was overwritten meanwhile is left; its channels are still pending.
const Harmonics *HarmonicsSurvey::analyse_() {
  if (this->capture_.waveform().id != this->waveform_.id) {
    this->analysed_ = 0;
    return nullptr;
  }
  const WaveChannel channel = first_of(this->analysed_);
  if (!this->is_begun_) {
    this->analysis_.begin(channel, this->capture_.samples(channel), this->capture_.samples(WaveChannel::L1_VOLTAGE),
                          this->capture_.scale(channel));
    this->is_begun_ = true;
  }
  if (!this->analysis_.advance())
    return nullptr;
  this->is_begun_ = false;
  this->analysed_ = without(this->analysed_, channel_bit(channel));
  this->pending_ = without(this->pending_, channel_bit(channel));
  if (this->analysed_ == 0 && this->waveform_.cause == WaveformCause::HARMONICS)
    this->capture_.release();
  return &this->analysis_.result();
}

const Harmonics *HarmonicsSurvey::give_up_() {
  const WaveChannel channel = first_of(this->unknown_);
  this->unknown_ = without(this->unknown_, channel_bit(channel));
  this->waveform_ = {};
  this->analysis_.begin_unknown(channel);
  return &this->analysis_.result();
}

void HarmonicsSurvey::ask_(uint64_t now_us) {
  if (now_us >= this->due_us_)
    this->begin_round_(now_us);
  if (this->pending_ == 0 || this->is_asked_ || !this->capture_.is_free(now_us))
    return;
  // The voltage of L1 gives the fundamentals their angles.
  const WaveChannels reference = channel_bit(WaveChannel::L1_VOLTAGE) & this->capture_.measured();
  const WaveChannels channels =
      this->captures_together_ ? this->pending_ | reference : channel_bit(first_of(this->pending_));
  if (this->capture_.request(channels, WaveformCause::HARMONICS, now_us) == nullptr) {
    this->is_asked_ = true;
  } else {
    this->unknown_ = this->pending_;
    this->pending_ = 0;
  }
}

/// What the round before did not come to, because another waveform was kept all the time, would be stale now.
void HarmonicsSurvey::begin_round_(uint64_t now_us) {
  this->unknown_ = this->pending_;
  this->pending_ = this->channels_ & this->capture_.measured();
  this->due_us_ = now_us + this->interval_us_;
}

}  // namespace esphome::ade9000_waveform
