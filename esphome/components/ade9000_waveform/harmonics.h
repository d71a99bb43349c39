#pragma once

#include "waveform.h"

#include <array>
#include <cmath>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <span>

namespace esphome::ade9000_waveform {

inline constexpr size_t HARMONIC_ORDERS = 40;

/// Return one harmonic of the 512 samples of four line cycles, as a phasor of RMS in codes: a sine that rises through
/// zero at the first sample has the angle 0.
///
/// Four whole cycles let harmonic h fall on the frequency 4h of the discrete Fourier transform exactly, so that one sum
/// with a sine and one with a cosine give it without a window. They are in whole numbers, because ESP8266 has no FPU:
/// 31 instructions a sample on rv32imc, so 16,000 an order, or 0.2 ms at 80 MHz. A Goertzel filter would save one of
/// the two multiplications, but its state does not fit 32 bits, and it loses digits at low orders.
std::complex<float> harmonic_of(std::span<const int16_t> samples, size_t order);

/// The harmonics of one channel up to the 40th; index 0 is the fundamental.
///
/// The resampling of the chip attenuates high orders: by 0.1 % of the harmonic at the 9th and 1.25 % at the 31st. That
/// is not corrected, because the data sheet gives neither its sign nor its course.
struct Harmonics {
  WaveChannel channel{WaveChannel::L1_VOLTAGE};
  std::array<float, HARMONIC_ORDERS> rms{};  ///< V or A.
  /// Of a harmonic: of its sine against the rising zero crossing of the channel's own fundamental, in degrees of the
  /// harmonic, so that it does not depend on the instant of the capture. Of the fundamental: against that of the
  /// voltage of L1, NAN where that was not captured. −180 < angle ≤ 180.
  std::array<float, HARMONIC_ORDERS> angle_deg{};
  float distortion{NAN};  ///< √Σ RMS² of the orders 2–40 over the RMS of the fundamental, as a ratio.
};

/// Computes the harmonics of a channel, one order in each call, so that no pass of the loop is long.
class HarmonicAnalysis final {
 public:
  /// Take the samples of a channel and of the voltage of L1, which may be none, and what a code of the channel is
  /// worth.
  void begin(WaveChannel channel, std::span<const int16_t> samples, std::span<const int16_t> reference, float scale);

  /// Take notice that there are no samples of a channel: nothing of its harmonics is known.
  void begin_unknown(WaveChannel channel);

  /// Compute the next order. True when that was the last one.
  bool advance();

  /// The harmonics, complete once `advance` was true. Distortion and angles are NAN where there is no fundamental, and
  /// angles where the harmonic is lost in noise.
  const Harmonics &result() const { return this->result_; }

 protected:
  bool has_fundamental_() const;
  float angle_of_(std::complex<float> phasor, size_t order) const;
  void conclude_();

  std::span<const int16_t> samples_{};
  std::span<const int16_t> reference_{};
  float scale_{1};
  size_t order_{1};
  std::complex<float> fundamental_{};
  Harmonics result_{};
};

}  // namespace esphome::ade9000_waveform
