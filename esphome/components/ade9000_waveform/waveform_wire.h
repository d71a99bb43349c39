#pragma once

#include "harmonics.h"
#include "waveform_capture.h"

#include "esphome/components/three_phase_wire/wire_text.h"

#include <cstddef>
#include <cstdint>
#include <span>

namespace esphome::ade9000_waveform {

/// What an event says of its sender and its instant.
struct WireOrigin {
  const char *meter;  ///< Both have to outlive the event.
  const char *boot;
  uint64_t at_us;  ///< Since boot.
  int64_t t_ms;    ///< The same instant in Unix time, 0 while the clock was never set.
  uint64_t now_us;
};

/// Samples in one event: one cycle of a resampled channel, 16 ms of one at a fixed rate.
inline constexpr size_t CHUNK_POINTS = 128;

/// Return in how many events a waveform goes.
size_t chunks_of(const Waveform &waveform);

/// Return the CRC-16/CCITT over all samples in the order of the chunks, the high byte of each first.
uint16_t crc_of(const WaveformCapture &capture);

/// An event of the waveform's part of the wire, contract version 1 (docs/architecture.md). Its texts are 1 KB at most,
/// because ESP8266's API has little memory.
class WaveformEvent final : public three_phase_wire::WireText {
 public:
  explicit WaveformEvent(three_phase_wire::WireSheet &sheet) : WireText(sheet) {}

  /// Write one chunk of what was captured.
  void encode_chunk(const WireOrigin &origin, const WaveformCapture &capture, size_t chunk, uint16_t crc);

  /// Write that there is no waveform, and why. The id is that of the one that was asked for, 0 for a capture.
  void encode_failure(const WireOrigin &origin, uint32_t id, const char *error);

  /// Write the harmonics of one channel of a waveform.
  void encode_harmonics(const WireOrigin &origin, const Waveform &waveform, const Harmonics &harmonics);

  static constexpr size_t MAX_FIELDS = 20;

  /// The greatest are the harmonics: 40 magnitudes below 1 MV, as many angles, and ten numbers more.
  static constexpr size_t CAPACITY =
      HARMONIC_ORDERS * (6 + 1 + 3 + 1) + HARMONIC_ORDERS * (1 + 3 + 1 + 1 + 1) + 10 * 20;

 protected:
  void begin_(const WireOrigin &origin);
  void add_list_(const char *key, std::span<const float> values, uint8_t decimals);
  void add_channel_(WaveChannel channel);
  void add_samples_(const char *key, std::span<const int16_t> samples);
};

/// Which chunk of which waveform goes out next. A receiver that lost one asks again from it; asking for the number
/// behind the last one says that all are there.
class WaveformDelivery final {
 public:
  /// There is a new waveform to be sent from the start.
  void offer(const WaveformCapture &capture, int64_t t_ms);

  /// Send what is offered from a chunk on; of another waveform, from the start. True when the receiver has all of it.
  bool request(uint32_t id, size_t chunk);

  /// Send nothing until the next request.
  void pause() { this->next_ = this->chunks_; }

  /// Tell whether `next` is to be sent. A waveform that was overwritten is not.
  bool is_due(const WaveformCapture &capture) const;

  uint32_t id() const { return this->id_; }
  int64_t t_ms() const { return this->t_ms_; }
  uint16_t crc() const { return this->crc_; }
  size_t next() const { return this->next_; }
  void mark_sent() { this->next_++; }

 protected:
  uint32_t id_{0};
  int64_t t_ms_{0};
  uint16_t crc_{0};
  size_t chunks_{0};
  size_t next_{0};
};

}  // namespace esphome::ade9000_waveform
