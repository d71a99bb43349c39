#include "waveform_buffer.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace esphome::ade9000_sim {

namespace {

constexpr double SAMPLE_RATE_HZ = 8000;
constexpr double POINTS_PER_CYCLE = 128;
constexpr double RESAMPLED_FULL_SCALE = 18196;

constexpr uint32_t BURST_CHAN = 0xF;
constexpr uint32_t WF_CAP_EN = 1U << 4;
constexpr uint32_t WF_CAP_SEL_FIXED_RATE = 1U << 5;
constexpr unsigned WF_MODE_SHIFT = 6;
constexpr unsigned WF_SRC_SHIFT = 8;
constexpr uint32_t WF_IN_EN = 1U << 12;

constexpr uint32_t STOP_WHEN_FULL = 0;
constexpr uint32_t STOP_ON_TRIGGER = 1;
constexpr uint32_t CENTRE_ON_TRIGGER = 2;
constexpr uint64_t NEVER = std::numeric_limits<uint64_t>::max();

constexpr uint32_t DIP = 1U << 0;
constexpr uint32_t SWELL = 1U << 1;
constexpr uint32_t OVER_CURRENT = 1U << 2;
constexpr uint32_t TRIG_FORCE = 1U << 10;
constexpr uint32_t EVENT_STATUS_DIP = 0b111U << 0;
constexpr uint32_t EVENT_STATUS_SWELL = 0b111U << 3;
constexpr uint32_t STATUS1_OI = 1U << 17;

constexpr uint32_t WFB_TRIG_IRQ = 1U << 16;
constexpr uint32_t PAGE_FULL = 1U << 17;
constexpr uint32_t WFB_TRIG = 1U << 22;
constexpr uint32_t COH_WFB_FULL = 1U << 23;

constexpr size_t WORDS_PER_PAGE = 128;
constexpr uint32_t TRIGGER_ADDRESS = 0x07FF;
constexpr unsigned LAST_PAGE_SHIFT = 12;

constexpr size_t NEUTRAL = 6;
constexpr uint32_t ALL_CHANNELS = 0b0111'1111;
constexpr uint32_t ALL_BUT_NEUTRAL = 0b0011'1111;

/// A source of samples at a fixed rate, by WF_SRC.
struct Source {
  double rate_hz;
  double full_scale;
  uint32_t mask;  ///< Bits of a sample: 24 shifted by 4, or the whole 5.27 number of the DSP.
};

constexpr Source SOURCES[] = {
    {4 * SAMPLE_RATE_HZ, 67107786, 0xFFFFFFF0},  // after the sinc4 filter
    {4 * SAMPLE_RATE_HZ, 67107786, 0xFFFFFFF0},
    {SAMPLE_RATE_HZ, 74518668, 0xFFFFFFF0},  // after the low-pass
    {SAMPLE_RATE_HZ, 74532013, 0xFFFFFFFF},  // xI_PCF, xV_PCF
};

/// The channels of a burst as bits, by BURST_CHAN, in the order IA, VA, IB, VB, IC, VC, IN.
constexpr uint32_t CHANNELS_OF_BURST[] = {
    ALL_CHANNELS, 0b11,   0b11 << 2, 0b11 << 4,    0, 0, 0, 0, 1 << 0, 1 << 1, 1 << 2,
    1 << 3,       1 << 4, 1 << 5,    1 << NEUTRAL, 0,
};

uint32_t resampled(double fraction) {
  const double code = std::clamp(std::round(fraction * RESAMPLED_FULL_SCALE), -32768.0, 32767.0);
  return static_cast<uint16_t>(static_cast<int16_t>(code));
}

}  // namespace

bool WaveformBuffer::is_burst() const { return (this->registers_.get(address::WFB_CFG) & BURST_CHAN) != BURST_CHAN; }

bool WaveformBuffer::is_fixed_rate_() const {
  return (this->registers_.get(address::WFB_CFG) & WF_CAP_SEL_FIXED_RATE) != 0;
}

uint32_t WaveformBuffer::mode_() const { return this->registers_.get(address::WFB_CFG) >> WF_MODE_SHIFT & 0b11U; }

uint32_t WaveformBuffer::source_() const { return this->registers_.get(address::WFB_CFG) >> WF_SRC_SHIFT & 0b11U; }

/// The cycle length that the chip measured, from the phase or the combination that LP_SEL names.
double WaveformBuffer::cycle_s_() const {
  const uint32_t selected = this->registers_.get(address::ZX_LP_SEL) >> 3U & 0b11U;
  const uint32_t period = this->registers_.get(static_cast<uint16_t>(address::APERIOD + selected));
  return (period + 1.0) / 65536 / SAMPLE_RATE_HZ;
}

double WaveformBuffer::interval_s_() const {
  return this->is_fixed_rate_() ? 1 / SOURCES[this->source_()].rate_hz : this->cycle_s_() / POINTS_PER_CYCLE;
}

void WaveformBuffer::configured(uint32_t before, double now_s) {
  const uint32_t config = this->registers_.get(address::WFB_CFG);
  if ((config & WF_CAP_EN) == 0) {
    this->stop();
  } else if ((before & WF_CAP_EN) == 0) {
    this->is_filling_ = true;
    this->taken_ = 0;
    this->begin_s_ = now_s + (this->is_fixed_rate_() ? 0 : this->cycle_s_());
    this->waits_for_trigger_ = this->is_fixed_rate_() && this->mode_() != STOP_WHEN_FULL;
    this->end_ = this->waits_for_trigger_ ? NEVER : this->sets_();
  }
}

void WaveformBuffer::trigger_configured() {
  if (this->is_waiting_for_trigger() && (this->registers_.get(address::WFB_TRG_CFG) & TRIG_FORCE) != 0)
    this->trigger_();
}

void WaveformBuffer::watch() {
  const uint32_t levels = this->registers_.get(address::EVENT_STATUS);
  const uint32_t before = this->events_;
  this->events_ = ((levels & EVENT_STATUS_DIP) != 0 ? DIP : 0) | ((levels & EVENT_STATUS_SWELL) != 0 ? SWELL : 0) |
                  ((this->registers_.get(address::STATUS1) & STATUS1_OI) != 0 ? OVER_CURRENT : 0);
  const uint32_t begun = this->events_ & ~before;
  if (this->is_waiting_for_trigger() && (begun & this->registers_.get(address::WFB_TRG_CFG)) != 0)
    this->trigger_();
}

/// Note the address of the newest sample. The next action depends on the mode; continuous filling with a saved address
/// does not wait for another trigger.
void WaveformBuffer::trigger_() {
  const size_t newest = (this->taken_ + this->sets_() - 1) % this->sets_() * this->words_per_set_();
  const uint32_t page = this->registers_.get(address::WFB_TRG_STAT) & ~TRIGGER_ADDRESS;
  this->registers_.set(address::WFB_TRG_STAT, page | static_cast<uint32_t>(newest));
  this->registers_.set_bits(address::STATUS0, WFB_TRIG);
  this->waits_for_trigger_ = false;
  if (this->mode_() == CENTRE_ON_TRIGGER) {
    this->end_ = this->taken_ + this->sets_() / 2;
  } else {
    this->registers_.set_bits(address::STATUS0, WFB_TRIG_IRQ);
    if (this->mode_() == STOP_ON_TRIGGER)
      this->stop();
  }
}

void WaveformBuffer::advance(double now_s) {
  if (!this->is_filling_ || now_s < this->begin_s_)
    return;
  const auto due = static_cast<uint64_t>((now_s - this->begin_s_) / this->interval_s_()) + 1;
  const uint64_t last = std::min(due, this->end_);
  // Only the newest sets of a long span remain in the buffer.
  this->taken_ = std::max(this->taken_, last - std::min<uint64_t>(last, this->sets_()));
  while (this->taken_ < last)
    this->take_set_(this->taken_++);
  if (this->taken_ == this->end_)
    this->finish_();
}

void WaveformBuffer::finish_() {
  this->stop();
  if (!this->is_fixed_rate_()) {
    this->registers_.set_bits(address::STATUS0, COH_WFB_FULL);
  } else if (this->mode_() == CENTRE_ON_TRIGGER) {
    this->registers_.set_bits(address::STATUS0, WFB_TRIG_IRQ);
  }
}

void WaveformBuffer::take_set_(uint64_t number) {
  SampleSet set = this->samples_at_(this->begin_s_ + static_cast<double>(number) * this->interval_s_());
  if ((this->registers_.get(address::WFB_CFG) & WF_IN_EN) == 0)
    set[NEUTRAL] = 0;
  const size_t first = number % this->sets_() * this->words_per_set_();
  if (this->is_fixed_rate_()) {
    for (size_t channel = 0; channel < CHANNELS; channel++)
      this->words_[first + channel] = this->fixed_rate_word_(set[channel]);
    if (const size_t end = first + this->words_per_set_(); end % WORDS_PER_PAGE == 0)
      this->fill_page_(static_cast<uint32_t>(end / WORDS_PER_PAGE - 1));
  } else {
    for (size_t phase = 0; phase < PHASE_COUNT; phase++)
      this->words_[first + phase] = resampled(set[2 * phase + 1]) << 16U | resampled(set[2 * phase]);
    this->words_[first + PHASE_COUNT] = resampled(set[NEUTRAL]);
  }
}

void WaveformBuffer::fill_page_(uint32_t page) {
  const uint32_t trigger = this->registers_.get(address::WFB_TRG_STAT) & TRIGGER_ADDRESS;
  this->registers_.set(address::WFB_TRG_STAT, page << LAST_PAGE_SHIFT | trigger);
  if ((this->registers_.get(address::WFB_PG_IRQEN) >> page & 1U) != 0)
    this->registers_.set_bits(address::STATUS0, PAGE_FULL);
}

/// Each component is an RMS phasor against the RMS of a full-scale sine, so its sine is a fraction of full scale.
WaveformBuffer::SampleSet WaveformBuffer::samples_at_(double time_s) {
  const Codes &codes = this->timeline_.at(time_s);
  const double omega = 2 * std::numbers::pi * this->timeline_.scenario().frequency_hz;
  const auto fundamental = std::polar(1.0, std::remainder(omega * time_s, 2 * std::numbers::pi));
  auto turn = fundamental;
  SampleSet set{};
  for (size_t order = 1; order <= MAX_ORDER; order++, turn *= fundamental) {
    for (size_t phase = 0; phase < PHASE_COUNT; phase++) {
      set[2 * phase] += (codes[phase].current_wave[order] * turn).imag();
      set[2 * phase + 1] += (codes[phase].voltage_wave[order] * turn).imag();
    }
    set[NEUTRAL] += (codes.neutral_wave[order] * turn).imag();
  }
  return set;
}

uint32_t WaveformBuffer::fixed_rate_word_(double fraction) const {
  const Source &source = SOURCES[this->source_()];
  return static_cast<uint32_t>(static_cast<int32_t>(std::lround(fraction * source.full_scale))) & source.mask;
}

/// A sample of the buffer, in the low 16 bits if resampled.
uint32_t WaveformBuffer::sample_of_(size_t set, size_t channel) const {
  const uint32_t *words = this->words_.data() + set * this->words_per_set_();
  return this->is_fixed_rate_() ? words[channel] : words[channel / 2] >> (channel % 2 == 0 ? 0U : 16U) & 0xFFFFU;
}

void WaveformBuffer::burst(uint16_t address, std::span<uint8_t> data) {
  const uint32_t config = this->registers_.get(address::WFB_CFG);
  const uint32_t channels =
      CHANNELS_OF_BURST[config & BURST_CHAN] & ((config & WF_IN_EN) != 0 ? ALL_CHANNELS : ALL_BUT_NEUTRAL);
  const size_t width = this->is_fixed_rate_() ? 4 : 2;
  size_t set = (address - FIRST_ADDRESS) / this->words_per_set_();
  std::fill(data.begin(), data.end(), 0);
  for (size_t at = 0; at < data.size() && channels != 0; set = (set + 1) % this->sets_()) {
    for (size_t channel = 0; channel < CHANNELS; channel++) {
      for (size_t byte = 0; byte < width && (channels >> channel & 1U) != 0 && at < data.size(); byte++)
        data[at++] = static_cast<uint8_t>(this->sample_of_(set, channel) >> 8 * (width - 1 - byte));
    }
  }
}

}  // namespace esphome::ade9000_sim
