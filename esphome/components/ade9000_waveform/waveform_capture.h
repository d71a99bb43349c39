#pragma once

#include "waveform.h"

#include "esphome/components/ade9000/chip_extension.h"

#include <cstddef>
#include <cstdint>
#include <span>

namespace esphome::ade9000_waveform {

/// What became of a capture.
enum class CaptureOutcome : uint8_t { NONE, CAPTURED, FAILED };

/// Captures waveforms in the chip's buffer and fetches them from there, a few words in each pass of the loop.
///
/// - On demand: four line cycles. Around an event, once armed: 16 ms before a dip, swell or over-current and 16 ms
///   behind it.
/// - Each word is read singly and carries a CRC, so a sample is what the chip captured, or there is no waveform.
/// - There is memory for one waveform. It is kept until it is released, ten minutes at most; only a capture on demand
///   takes its place earlier.
class WaveformCapture final : public ChipExtension {
 public:
  /// Take the memory: 512 samples for each channel that a capture may have.
  void begin(std::span<int16_t> storage) { this->storage_ = storage; }

  /// Capture these channels around events as well; none stops that. Call it before `Chip::configure`.
  void arm(WaveChannels channels) { this->wanted_channels_ = channels; }

  /// Begin to capture four cycles, on demand before any other capture, else once nothing is kept. Return nullptr, or
  /// why that is not possible now.
  const char *request(WaveChannels channels, WaveformCause cause, uint64_t now_us);

  /// Tell whether a capture that is not urgent would get the chip and the memory.
  bool is_free(uint64_t now_us) const;

  /// Tell once what became of a capture that was asked for, or that an event has triggered.
  CaptureOutcome take_outcome();

  /// Tell what the capture was for whose outcome was taken last.
  WaveformCause outcome_cause() const { return this->outcome_cause_; }

  /// Tell why the last capture failed.
  const char *error() const { return this->error_; }

  /// Return what is captured; its id is 0 while nothing is.
  const Waveform &waveform() const { return this->waveform_; }

  /// Return the samples of a channel of the waveform, oldest first.
  std::span<const int16_t> samples(WaveChannel channel) const;

  /// Return what one code of a sample is worth, in V or A.
  float scale(WaveChannel channel) const { return static_cast<float>(sample_scale(channel, this->scales_)); }

  /// Return the channels that the chip measures, known since `Chip::configure`.
  WaveChannels measured() const { return this->measured_; }

  /// The waveform is not needed any more.
  void release() { this->is_kept_ = false; }

  void add_settings(const ChipConfig &config, Settings &settings) override;
  void start(uint64_t now_us) override;
  void stop(uint64_t now_us) override;
  bool wants_look(uint64_t now_us) const override;
  void look(RegisterBus &bus, const Look &look) override;
  void take_window(const Window &window, const WindowState &state, const Reading &reading) override;

 protected:
  enum class State : uint8_t {
    IDLE,
    ARMED,    ///< The chip fills its buffer over and over, until an event.
    FILLING,  ///< The chip takes four cycles.
    READING,
  };

  bool is_demanded_() const;
  bool is_on_demand_() const;
  bool is_busy_() const;
  bool may_overwrite_(uint64_t now_us) const;
  bool start_filling_(RegisterBus &bus, const Look &look, WaveformKind kind);
  void begin_demanded_(RegisterBus &bus, const Look &look);
  void begin_armed_(RegisterBus &bus, const Look &look);
  void wait_for_event_(RegisterBus &bus, const Look &look);
  void wait_for_cycles_(const Look &look);
  void begin_reading_(uint64_t begin_us, uint64_t now_us);
  void read_some_(RegisterBus &bus, const Look &look);
  bool is_wanted_(size_t word) const;
  uint16_t next_address_() const;
  void keep_(uint32_t word);
  void put_(size_t channel, int32_t sample);
  void finish_(RegisterBus &bus, const Look &look);
  void end_(CaptureOutcome outcome);
  void fail_(const char *error);

  std::span<int16_t> storage_{};
  Scales scales_{};
  WaveChannels measured_{0};
  WaveChannels inverted_{0};
  WaveChannels wanted_channels_{0};  ///< Around events, whether they are measured or not.
  WaveChannels armed_channels_{0};   ///< Around events.
  WaveChannels demanded_channels_{0};
  WaveformCause demanded_for_{WaveformCause::DEMAND};
  uint8_t nominal_frequency_hz_{50};
  float frequency_hz_{NAN};
  uint64_t settled_us_{UINT64_MAX};  ///< When the chip measures and its filters have settled.

  State state_{State::IDLE};
  bool has_history_{false};  ///< While armed: the buffer holds what an event needs to have before it.
  uint64_t begun_us_{0};     ///< When the chip began to fill its buffer.
  uint64_t deadline_us_{0};  ///< When to give up, unless there is progress.
  Waveform next_{};          ///< The one that is being captured.
  size_t first_set_{0};      ///< Place of its oldest samples in the buffer.
  size_t set_{0};            ///< Sets of samples that were read.
  size_t word_{0};           ///< The next word within the set.

  Waveform waveform_{};
  uint64_t kept_until_us_{0};
  bool is_kept_{false};
  uint32_t last_id_{0};
  CaptureOutcome outcome_{CaptureOutcome::NONE};
  WaveformCause outcome_cause_{WaveformCause::DEMAND};
  const char *error_{""};
};

}  // namespace esphome::ade9000_waveform
