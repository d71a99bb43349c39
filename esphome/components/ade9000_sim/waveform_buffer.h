#pragma once

#include "register_file.h"
#include "timeline.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace esphome::ade9000_sim {

/// The waveform buffer: 2048 words from 0x800 on, filled with samples at a fixed rate or resampled to 128 points per
/// line cycle.
///
/// - A resampled capture takes four cycles, once each time that WF_CAP_EN changes from 0 to 1. The data sheet states
///   80–100 ms for it at 50 Hz; here it always takes the maximum, a cycle of waiting and four of samples.
/// - At a fixed rate each source has its own full scale. On the chip, the sources before the DSP have no gain; the
/// model
///   ignores that.
/// - It implements the triggers dip, swell, over-current and TRIG_FORCE.
class WaveformBuffer {
 public:
  WaveformBuffer(RegisterFile &registers, Timeline &timeline) : registers_(registers), timeline_(timeline) {}

  /// The DSP has stopped, so the filling stops as well.
  void stop() { this->is_filling_ = false; }

  /// WFB_CFG was written; its value was `before`.
  void configured(uint32_t before, double now_s);

  /// WFB_TRG_CFG was written.
  void trigger_configured();

  /// Check for events that trigger a capture.
  void watch();

  /// Take all samples up to an instant.
  void advance(double now_s);

  bool is_waiting_for_trigger() const { return this->is_filling_ && this->waits_for_trigger_; }

  static bool contains(uint16_t address) { return address >= FIRST_ADDRESS && address < FIRST_ADDRESS + WORDS; }

  uint32_t word(uint16_t address) const { return this->words_[address - FIRST_ADDRESS]; }

  /// Whether a read proceeds from sample to sample, as BURST_CHAN says, instead of repeating one word with its CRC.
  bool is_burst() const;

  /// Fill in the words of a burst from an address on.
  void burst(uint16_t address, std::span<uint8_t> data);

 protected:
  static constexpr uint16_t FIRST_ADDRESS = 0x800;
  static constexpr size_t WORDS = 2048;
  static constexpr size_t CHANNELS = 7;

  /// Samples of one instant in the order IA, VA, IB, VB, IC, VC, IN, as fractions of full scale.
  using SampleSet = std::array<double, CHANNELS>;

  bool is_fixed_rate_() const;
  uint32_t mode_() const;
  uint32_t source_() const;
  size_t words_per_set_() const { return this->is_fixed_rate_() ? 8 : 4; }
  size_t sets_() const { return WORDS / this->words_per_set_(); }
  double interval_s_() const;
  double cycle_s_() const;
  void trigger_();
  void finish_();
  void take_set_(uint64_t number);
  void fill_page_(uint32_t page);
  SampleSet samples_at_(double time_s);
  uint32_t fixed_rate_word_(double fraction) const;
  uint32_t sample_of_(size_t set, size_t channel) const;

  RegisterFile &registers_;
  Timeline &timeline_;
  std::array<uint32_t, WORDS> words_{};
  bool is_filling_{false};
  bool waits_for_trigger_{false};
  uint32_t events_{0};  ///< In progress, as bits of WFB_TRG_CFG.
  double begin_s_{0};   ///< Of the first sample.
  uint64_t taken_{0};   ///< Sets since the beginning.
  uint64_t end_{0};     ///< Sets after which the filling stops.
};

}  // namespace esphome::ade9000_sim
