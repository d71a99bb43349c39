#include "waveform_wire.h"

#include "esphome/components/three_phase_wire/crc16.h"

#include <algorithm>
#include <bit>

namespace esphome::ade9000_waveform {

namespace {

constexpr const char *CONTRACT_VERSION = "1";

/// In the order of `WaveformKind`, with the samples of a cycle or of a second.
struct KindNames {
  const char *name;
  uint32_t rate;
};

constexpr KindNames KINDS[] = {{"resampled", POINTS_PER_CYCLE}, {"fixed_rate", FIXED_RATE_HZ}};

/// In the order of `WaveformCause`.
constexpr const char *CAUSES[] = {"demand", "event", "harmonics"};

// A code is 44 mV or 13 mA on a usual board, and harmonics resolve a fiftieth of one.
constexpr uint8_t RMS_DECIMALS = 3;
constexpr uint8_t ANGLE_DECIMALS = 1;
constexpr uint8_t RATIO_DECIMALS = 5;
constexpr uint8_t FREQUENCY_DECIMALS = 4;
constexpr uint8_t SCALE_DECIMALS = 5;
constexpr float SCALE_CODE = 32768;  ///< The scale is that of so many codes, to have enough digits.

constexpr char BASE64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr unsigned BITS_PER_DIGIT = 6;
constexpr size_t DIGITS_PER_GROUP = 4;

size_t chunks_per_channel(const Waveform &waveform) { return waveform.points / CHUNK_POINTS; }

/// Return the channel of which a chunk is: chunks go channel after channel.
WaveChannel channel_of(const Waveform &waveform, size_t chunk) {
  unsigned left = waveform.channels;
  for (size_t before = chunk / chunks_per_channel(waveform); before > 0; before--)
    left &= left - 1;
  return static_cast<WaveChannel>(std::countr_zero(left));
}

}  // namespace

size_t chunks_of(const Waveform &waveform) {
  return static_cast<size_t>(std::popcount(waveform.channels)) * chunks_per_channel(waveform);
}

uint16_t crc_of(const WaveformCapture &capture) {
  uint16_t crc = three_phase_wire::CRC_PRESET;
  for (size_t channel = 0; channel < WAVE_CHANNEL_COUNT; channel++) {
    for (const int16_t sample : capture.samples(static_cast<WaveChannel>(channel))) {
      const auto bits = static_cast<uint16_t>(sample);
      const std::array<uint8_t, 2> bytes{static_cast<uint8_t>(bits >> 8U), static_cast<uint8_t>(bits)};
      crc = three_phase_wire::crc16(bytes, crc);
    }
  }
  return crc;
}

void WaveformEvent::encode_chunk(const WireOrigin &origin, const WaveformCapture &capture, size_t chunk, uint16_t crc) {
  const Waveform &waveform = capture.waveform();
  const WaveChannel channel = channel_of(waveform, chunk);
  const size_t first = chunk % chunks_per_channel(waveform) * CHUNK_POINTS;
  const KindNames &kind = KINDS[static_cast<size_t>(waveform.kind)];
  this->begin_(origin);
  this->add_whole_("id", waveform.id);
  this->add_field_("cause", CAUSES[static_cast<size_t>(waveform.cause)]);
  this->add_field_("kind", kind.name);
  this->add_whole_("rate", kind.rate);
  this->add_fixed_("f", waveform.frequency_hz, FREQUENCY_DECIMALS);
  this->add_channel_(channel);
  this->add_fixed_("scale", capture.scale(channel) * SCALE_CODE, SCALE_DECIMALS);
  this->add_whole_("chunk", chunk);
  this->add_whole_("chunks", chunks_of(waveform));
  this->add_whole_("first", first);
  this->add_whole_("crc", crc);
  this->add_samples_("data", capture.samples(channel).subspan(first, CHUNK_POINTS));
}

void WaveformEvent::encode_failure(const WireOrigin &origin, uint32_t id, const char *error) {
  this->begin_(origin);
  this->add_whole_("id", id);
  this->add_whole_("chunks", 0);
  this->add_field_("error", error);
}

void WaveformEvent::encode_harmonics(const WireOrigin &origin, const Waveform &waveform, const Harmonics &harmonics) {
  this->begin_(origin);
  this->add_whole_("id", waveform.id);
  this->add_fixed_("f", waveform.frequency_hz, FREQUENCY_DECIMALS);
  this->add_channel_(harmonics.channel);
  this->add_fixed_("thd", harmonics.distortion, RATIO_DECIMALS);
  this->add_list_("rms", harmonics.rms, RMS_DECIMALS);
  this->add_list_("angle", harmonics.angle_deg, ANGLE_DECIMALS);
}

void WaveformEvent::begin_(const WireOrigin &origin) {
  this->start_over_();
  this->add_field_("v", CONTRACT_VERSION);
  this->add_field_("meter", origin.meter);
  this->add_field_("boot", origin.boot);
  this->add_instant_(origin.t_ms != 0, origin.t_ms, origin.at_us / 1000, origin.now_us / 1000);
}

void WaveformEvent::add_list_(const char *key, std::span<const float> values, uint8_t decimals) {
  const size_t start = this->length_so_far_();
  for (const float &value : values) {
    if (&value != values.data())
      this->append_(",");
    this->append_fixed_(value, decimals);
  }
  this->add_field_(key, this->text_since_(start));
}

void WaveformEvent::add_channel_(WaveChannel channel) {
  this->add_field_("channel", WAVE_CHANNEL_NAMES[static_cast<size_t>(channel)]);
  this->add_field_("unit", is_voltage(channel) ? "V" : "A");
}

/// As base64 of two bytes each, the high one first.
void WaveformEvent::add_samples_(const char *key, std::span<const int16_t> samples) {
  const size_t start = this->length_so_far_();
  uint32_t waiting = 0;
  unsigned bits = 0;
  for (const int16_t sample : samples) {
    waiting = waiting << 16U | static_cast<uint16_t>(sample);
    for (bits += 16; bits >= BITS_PER_DIGIT; bits -= BITS_PER_DIGIT)
      this->append_({&BASE64[waiting >> (bits - BITS_PER_DIGIT) & 0x3FU], 1});
  }
  if (bits > 0)
    this->append_({&BASE64[waiting << (BITS_PER_DIGIT - bits) & 0x3FU], 1});
  while ((this->length_so_far_() - start) % DIGITS_PER_GROUP != 0)
    this->append_("=");
  this->add_field_(key, this->text_since_(start));
}

void WaveformDelivery::offer(const WaveformCapture &capture, int64_t t_ms) {
  this->id_ = capture.waveform().id;
  this->t_ms_ = t_ms;
  this->crc_ = crc_of(capture);
  this->chunks_ = chunks_of(capture.waveform());
  this->next_ = 0;
}

bool WaveformDelivery::request(uint32_t id, size_t chunk) {
  this->next_ = id == this->id_ ? std::min(chunk, this->chunks_) : 0;
  return id != 0 && this->next_ == this->chunks_;
}

bool WaveformDelivery::is_due(const WaveformCapture &capture) const {
  return this->id_ != 0 && this->id_ == capture.waveform().id && this->next_ < this->chunks_;
}

}  // namespace esphome::ade9000_waveform
