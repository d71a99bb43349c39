#pragma once

#include "harmonics.h"
#include "waveform_capture.h"

#include <cstdint>

namespace esphome::ade9000_waveform {

/// Keeps the harmonics of some channels up to date: has them captured at an interval, and computes them from these and
/// all other waveforms that fit.
///
/// Channels are captured together where the memory allows it, else one after the other.
class HarmonicsSurvey final {
 public:
  explicit HarmonicsSurvey(WaveformCapture &capture) : capture_(capture) {}

  /// Take the channels, of which only those are surveyed that are measured.
  void configure(WaveChannels channels, uint64_t interval_us, bool captures_together);

  /// Take notice of what became of a capture.
  void take_outcome(CaptureOutcome outcome, WaveformCause cause);

  /// Do the next piece of work. Return the harmonics of a channel when they are complete, else nullptr. They stay until
  /// the next call; where the channel could not be captured, all of them are NAN.
  const Harmonics *advance(uint64_t now_us);

  /// Return the waveform of which the harmonics are that `advance` returned last; its id is 0 where they are unknown.
  const Waveform &waveform() const { return this->waveform_; }

 protected:
  const Harmonics *analyse_();
  const Harmonics *give_up_();
  void ask_(uint64_t now_us);
  void begin_round_(uint64_t now_us);

  WaveformCapture &capture_;
  WaveChannels channels_{0};
  uint64_t interval_us_{0};
  bool captures_together_{true};

  uint64_t due_us_{0};        ///< When the next round begins.
  WaveChannels pending_{0};   ///< Of this round, still without harmonics.
  WaveChannels analysed_{0};  ///< Of the waveform at hand, still to be analysed.
  WaveChannels unknown_{0};   ///< To be told as unknown.
  bool is_asked_{false};      ///< A capture is under way.
  bool is_begun_{false};      ///< The analysis of a channel has begun.
  Waveform waveform_{};
  HarmonicAnalysis analysis_{};
};

}  // namespace esphome::ade9000_waveform
