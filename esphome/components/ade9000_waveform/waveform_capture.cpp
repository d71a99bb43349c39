#include "waveform_capture.h"

#include "esphome/components/ade9000/chip_figures.h"
#include "esphome/components/ade9000/register_codes.h"
#include "esphome/components/ade9000/registers.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace esphome::ade9000_waveform {

namespace {

/// Four cycles at 40 Hz, and one of waiting, are 125 ms.
constexpr uint64_t FILLING_TIMEOUT_US = 500 * MILLISECOND_US;

/// A bus that gives no word for so long is broken; the driver itself gives the chip up after 3 s.
constexpr uint64_t READING_TIMEOUT_US = 2 * SECOND_US;

/// Long enough for Home Assistant to start, short enough not to miss the events of a night for want of a receiver.
constexpr uint64_t KEPT_US = 600 * SECOND_US;

/// Words in one pass: 64 × 8 bytes are 0.82 ms at 5 MHz, so that all seven channels take 32 passes.
constexpr size_t WORDS_PER_LOOK = 64;

/// The chip can resample up to there: 128 points in 8000 samples per second.
constexpr float HIGHEST_FREQUENCY_HZ = 62.5f;

constexpr uint64_t HISTORY_US = FIXED_RATE_POINTS / 2 * SECOND_US / FIXED_RATE_HZ;

/// Samples at a fixed rate have 5.27 bits; without the last 12 their full scale is that of the resampled ones.
constexpr unsigned FIXED_RATE_SHIFT = 12;

// What EN 50160 calls a dip and a swell, seen in the first half cycle.
constexpr double DIP = 0.9;
constexpr double SWELL = 1.1;
constexpr uint32_t EVENT_HALF_CYCLES = 1;

/// How the chip fills its buffer, by `WaveformKind`.
struct Mode {
  uint32_t config;  ///< WFB_CFG.
  uint32_t done;    ///< The flag of STATUS0 that the buffer is full.
  uint32_t flags;   ///< All flags that a capture sets.
  size_t sets;      ///< Samples of each channel.
  size_t words;     ///< Of a set: pairs of channels when resampled, else channels; the last one is not used or half.
};

constexpr uint32_t WITH_NEUTRAL_SINGLY = reg::WFB_CFG_WF_IN_EN | reg::WFB_CFG_SINGLE_WORDS;
constexpr Mode MODES[] = {
    {WITH_NEUTRAL_SINGLY, reg::STATUS0_COH_WFB_FULL, reg::STATUS0_COH_WFB_FULL, RESAMPLED_POINTS, 4},
    {WITH_NEUTRAL_SINGLY | reg::WFB_CFG_PCF_8_KSPS | reg::WFB_CFG_CENTRE_ON_TRIGGER | reg::WFB_CFG_FIXED_RATE,
     reg::STATUS0_WFB_TRIG_IRQ, reg::STATUS0_WFB_TRIG_IRQ | reg::STATUS0_WFB_TRIG, FIXED_RATE_POINTS, 8},
};

const Mode &mode_of(WaveformKind kind) { return MODES[static_cast<size_t>(kind)]; }

/// Samples of channel after channel are kept, without those that were not captured.
size_t place_of(size_t channel, WaveChannels channels) {
  return static_cast<size_t>(std::popcount(channels & ((1U << channel) - 1U)));
}

}  // namespace

const char *WaveformCapture::request(WaveChannels channels, WaveformCause cause, uint64_t now_us) {
  if (channels == 0 || (channels & ~this->measured_) != 0)
    return "No such channel is measured";
  if (static_cast<size_t>(std::popcount(channels)) * RESAMPLED_POINTS > this->storage_.size())
    return "There is no memory for so many channels: name one";
  if (now_us < this->settled_us_)
    return "The chip does not measure yet";
  if (this->frequency_hz_ > HIGHEST_FREQUENCY_HZ)
    return "The chip resamples up to 62.5 Hz only";
  if (cause == WaveformCause::DEMAND ? this->is_on_demand_() : !this->is_free(now_us))
    return "Another waveform has to be finished or fetched first";
  if (this->is_demanded_())
    this->state_ = State::IDLE;  // what harmonics are waiting for
  this->demanded_channels_ = channels;
  this->demanded_for_ = cause;
  return nullptr;
}

bool WaveformCapture::is_free(uint64_t now_us) const { return !this->is_busy_() && this->may_overwrite_(now_us); }

CaptureOutcome WaveformCapture::take_outcome() {
  const CaptureOutcome outcome = this->outcome_;
  this->outcome_ = CaptureOutcome::NONE;
  return outcome;
}

std::span<const int16_t> WaveformCapture::samples(WaveChannel channel) const {
  if ((this->waveform_.channels & channel_bit(channel)) == 0)
    return {};
  const size_t place = place_of(static_cast<size_t>(channel), this->waveform_.channels);
  return this->storage_.subspan(place * this->waveform_.points, this->waveform_.points);
}

/// Events are found by the thresholds here unless another part of the driver sets its own.
void WaveformCapture::add_settings(const ChipConfig &config, Settings &settings) {
  this->scales_ = scales_of(config);
  this->measured_ = measured_channels(config);
  this->nominal_frequency_hz_ = config.line_frequency_hz;
  this->armed_channels_ = this->wanted_channels_ & this->measured_;
  this->inverted_ = 0;
  for (size_t line = 0; line < LINE_COUNT; line++)
    this->inverted_ |= static_cast<WaveChannels>(config.phases[line].invert_current ? 1U << 2 * line : 0U);
  this->inverted_ |= static_cast<WaveChannels>(config.invert_neutral ? 1U << 2 * LINE_COUNT : 0U);
  if (this->armed_channels_ == 0)
    return;
  settings.set(reg::WFB_TRG_CFG, reg::WFB_TRG_CFG_DIP | reg::WFB_TRG_CFG_SWELL | reg::WFB_TRG_CFG_OI);
  const auto level = [&](double part) {
    return level_code(part * config.nominal_voltage, this->scales_.volt) >> reg::LEVEL_SHIFT;
  };
  settings.set_default(reg::DIP_LVL, level(DIP));
  settings.set_default(reg::DIP_CYC, EVENT_HALF_CYCLES);
  settings.set_default(reg::SWELL_LVL, level(SWELL));
  settings.set_default(reg::SWELL_CYC, EVENT_HALF_CYCLES);
}

/// Until the filters have settled the chip sees dips that are none.
void WaveformCapture::start(uint64_t now_us) { this->settled_us_ = now_us + SETTLING_US; }

void WaveformCapture::stop(uint64_t /*now_us*/) {
  this->settled_us_ = UINT64_MAX;
  this->frequency_hz_ = NAN;
  const bool is_lost = this->is_busy_();
  if (this->is_demanded_())
    this->state_ = State::IDLE;  // Who asked is told of it, even where an event was being read first.
  if (is_lost)
    this->fail_("The chip was restarted during the capture");
  this->state_ = State::IDLE;
}

void WaveformCapture::take_window(const Window & /*window*/, const WindowState & /*state*/, const Reading &reading) {
  this->frequency_hz_ = reading.get(Quantity::FREQUENCY, Phase::TOTAL);
}

bool WaveformCapture::wants_look(uint64_t now_us) const {
  return this->state_ != State::IDLE || this->is_demanded_() ||
         (this->armed_channels_ != 0 && this->may_overwrite_(now_us));
}

void WaveformCapture::look(RegisterBus &bus, const Look &look) {
  switch (this->state_) {
    case State::IDLE:
      if (this->is_demanded_()) {
        this->begin_demanded_(bus, look);
      } else if (this->armed_channels_ != 0 && look.now_us >= this->settled_us_ && this->may_overwrite_(look.now_us)) {
        this->begin_armed_(bus, look);
      }
      break;
    case State::ARMED:
      this->wait_for_event_(bus, look);
      break;
    case State::FILLING:
      this->wait_for_cycles_(look);
      break;
    case State::READING:
      this->read_some_(bus, look);
      break;
  }
}

bool WaveformCapture::is_demanded_() const { return this->demanded_channels_ != 0; }

bool WaveformCapture::is_on_demand_() const {
  return this->is_demanded_() && this->demanded_for_ == WaveformCause::DEMAND;
}

bool WaveformCapture::is_busy_() const { return this->is_demanded_() || this->state_ == State::READING; }

bool WaveformCapture::may_overwrite_(uint64_t now_us) const {
  return !this->is_kept_ || now_us >= this->kept_until_us_;
}

/// Let the chip fill its buffer anew. The flags of an earlier capture are gone for sure before this one begins.
bool WaveformCapture::start_filling_(RegisterBus &bus, const Look &look, WaveformKind kind) {
  const Mode &mode = mode_of(kind);
  if (!bus.write(reg::WFB_CFG, mode.config))
    return false;
  bus.write(reg::STATUS0, mode.flags);
  const auto status0 = bus.read(reg::STATUS0);
  if (!status0 || (*status0 & mode.flags) != 0 || !bus.write(reg::WFB_CFG, mode.config | reg::WFB_CFG_WF_CAP_EN))
    return false;
  this->begun_us_ = look.now_us;
  this->next_ = {.kind = kind, .points = static_cast<uint16_t>(mode.sets)};
  return true;
}

void WaveformCapture::begin_demanded_(RegisterBus &bus, const Look &look) {
  if (!this->start_filling_(bus, look, WaveformKind::RESAMPLED))
    return this->fail_("The capture could not be started: check the SPI bus");
  this->next_.channels = this->demanded_channels_;
  this->next_.cause = this->demanded_for_;
  this->deadline_us_ = look.now_us + FILLING_TIMEOUT_US;
  this->state_ = State::FILLING;
}

void WaveformCapture::begin_armed_(RegisterBus &bus, const Look &look) {
  if (!this->start_filling_(bus, look, WaveformKind::FIXED_RATE))
    return;
  this->next_.channels = this->armed_channels_;
  this->next_.cause = WaveformCause::EVENT;
  this->has_history_ = false;
  this->state_ = State::ARMED;
}

/// An event that came too soon after the arming has old samples before it, and is let go.
void WaveformCapture::wait_for_event_(RegisterBus &bus, const Look &look) {
  if (this->is_demanded_()) {
    this->state_ = State::IDLE;
  } else if ((look.status0 & reg::STATUS0_WFB_TRIG_IRQ) != 0) {
    const auto trigger = bus.read(reg::WFB_TRG_STAT);
    if (!this->has_history_) {
      this->state_ = State::IDLE;
    } else if (trigger) {
      const size_t newest = (*trigger & reg::WFB_TRG_STAT_ADDRESS) / mode_of(WaveformKind::FIXED_RATE).words;
      this->first_set_ = newest + 1 + FIXED_RATE_POINTS / 2;
      const uint64_t end_us = look.before_us + (look.now_us - look.before_us) / 2;
      this->begin_reading_(end_us - 2 * HISTORY_US, look.now_us);
    }
  } else if ((look.status0 & reg::STATUS0_WFB_TRIG) == 0 && look.now_us >= this->begun_us_ + HISTORY_US) {
    this->has_history_ = true;
  }
}

/// The chip needs four cycles, and up to one more until it begins: so much is known of their end even after a long
/// pass.
void WaveformCapture::wait_for_cycles_(const Look &look) {
  if ((look.status0 & reg::STATUS0_COH_WFB_FULL) != 0) {
    const float frequency_hz =
        std::isnan(this->frequency_hz_) ? static_cast<float>(this->nominal_frequency_hz_) : this->frequency_hz_;
    const auto cycle_us = static_cast<uint64_t>(static_cast<float>(SECOND_US) / frequency_hz);
    const uint64_t earliest_us = std::max(look.before_us, this->begun_us_ + RESAMPLED_CYCLES * cycle_us);
    const uint64_t latest_us = std::min(look.now_us, this->begun_us_ + (RESAMPLED_CYCLES + 1) * cycle_us);
    this->first_set_ = 0;
    this->begin_reading_(earliest_us / 2 + latest_us / 2 - RESAMPLED_CYCLES * cycle_us, look.now_us);
  } else if (look.now_us >= this->deadline_us_) {
    this->fail_("The chip did not fill its buffer of waveforms");
  }
}

/// From here on the memory holds neither the waveform before nor this one.
void WaveformCapture::begin_reading_(uint64_t begin_us, uint64_t now_us) {
  this->next_.begin_us = begin_us;
  this->next_.frequency_hz = this->frequency_hz_;
  this->waveform_ = {};
  this->is_kept_ = false;
  this->set_ = 0;
  this->word_ = 0;
  this->deadline_us_ = now_us + READING_TIMEOUT_US;
  this->state_ = State::READING;
}

void WaveformCapture::read_some_(RegisterBus &bus, const Look &look) {
  const Mode &mode = mode_of(this->next_.kind);
  for (size_t count = 0; count < WORDS_PER_LOOK && this->set_ < mode.sets;) {
    if (this->is_wanted_(this->word_)) {
      const auto word = bus.read(this->next_address_());
      if (!word)
        break;
      this->keep_(*word);
      this->deadline_us_ = look.now_us + READING_TIMEOUT_US;
      count++;
    }
    if (++this->word_ == mode.words) {
      this->word_ = 0;
      this->set_++;
    }
  }
  if (this->set_ == mode.sets) {
    this->finish_(bus, look);
  } else if (look.now_us >= this->deadline_us_) {
    this->fail_("The waveform could not be read: check the SPI bus");
  }
}

bool WaveformCapture::is_wanted_(size_t word) const {
  return this->next_.kind == WaveformKind::RESAMPLED ? (this->next_.channels >> 2 * word & 0b11U) != 0
                                                     : (this->next_.channels >> word & 1U) != 0;
}

uint16_t WaveformCapture::next_address_() const {
  const Mode &mode = mode_of(this->next_.kind);
  return static_cast<uint16_t>(reg::WFB + (this->first_set_ + this->set_) % mode.sets * mode.words + this->word_);
}

/// A resampled word has a current in its low half and the voltage of the phase in its high half.
void WaveformCapture::keep_(uint32_t word) {
  if (this->next_.kind == WaveformKind::RESAMPLED) {
    this->put_(2 * this->word_, static_cast<int16_t>(word));
    this->put_(2 * this->word_ + 1, static_cast<int16_t>(word >> 16U));
  } else {
    constexpr int64_t HALF = 1 << (FIXED_RATE_SHIFT - 1);
    this->put_(this->word_, static_cast<int32_t>((static_cast<int32_t>(word) + HALF) >> FIXED_RATE_SHIFT));
  }
}

void WaveformCapture::put_(size_t channel, int32_t sample) {
  if ((this->next_.channels >> channel & 1U) == 0)
    return;
  const int32_t signed_sample = (this->inverted_ >> channel & 1U) != 0 ? -sample : sample;
  this->storage_[place_of(channel, this->next_.channels) * this->next_.points + this->set_] =
      static_cast<int16_t>(std::clamp<int32_t>(signed_sample, INT16_MIN, INT16_MAX));
}

/// The samples are those of this capture if the chip was in its mode up to the last of them.
void WaveformCapture::finish_(RegisterBus &bus, const Look &look) {
  const auto config = bus.read(reg::WFB_CFG);
  if (!config)
    return;
  if ((*config & ~reg::WFB_CFG_WF_CAP_EN) != mode_of(this->next_.kind).config)
    return this->fail_("The chip lost its settings during the capture");
  this->waveform_ = this->next_;
  this->waveform_.id = ++this->last_id_;
  this->is_kept_ = true;
  this->kept_until_us_ = look.now_us + KEPT_US;
  this->end_(CaptureOutcome::CAPTURED);
}

void WaveformCapture::fail_(const char *error) {
  this->error_ = error;
  this->end_(CaptureOutcome::FAILED);
}

/// A capture on demand that came while an event was being read is next.
void WaveformCapture::end_(CaptureOutcome outcome) {
  const bool is_event = this->state_ == State::READING && this->next_.cause == WaveformCause::EVENT;
  this->outcome_ = outcome;
  this->outcome_cause_ = is_event ? WaveformCause::EVENT : this->demanded_for_;
  if (!is_event)
    this->demanded_channels_ = 0;
  this->state_ = State::IDLE;
}

}  // namespace esphome::ade9000_waveform
