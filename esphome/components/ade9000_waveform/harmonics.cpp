#include "harmonics.h"

#include <numbers>

namespace esphome::ade9000_waveform {

namespace {

constexpr float DEGREE = std::numbers::pi_v<float> / 180;

/// A fundamental of less than 4 codes RMS, 0.03 % of full scale, has no angle to speak of: noise is of its size.
constexpr float LEAST_FUNDAMENTAL_CODES = 4;

/// Noise of a harmonic is 0.02 codes from the rounding of the samples alone, which makes 2° of this.
constexpr float LEAST_HARMONIC_CODES = 0.5f;

constexpr int32_t UNITY = 32767;

/// The sine of each of the 128 points of a cycle, by turning a pointer, as the standard library has no constant sine.
constexpr std::array<int16_t, POINTS_PER_CYCLE> sines() {
  constexpr double STEP_COS = 0.99879545620517239271;  // of 360°/128
  constexpr double STEP_SIN = 0.04906767432741801426;
  std::array<int16_t, POINTS_PER_CYCLE> table{};
  double cosine = 1;
  double sine = 0;
  for (int16_t &entry : table) {
    entry = static_cast<int16_t>(sine * UNITY + (sine < 0 ? -0.5 : 0.5));
    const double turned = cosine * STEP_COS - sine * STEP_SIN;
    sine = sine * STEP_COS + cosine * STEP_SIN;
    cosine = turned;
  }
  return table;
}

constexpr std::array<int16_t, POINTS_PER_CYCLE> SINES = sines();
constexpr size_t QUARTER = POINTS_PER_CYCLE / 4;

float wrapped(float degrees) {
  const float rest = std::remainder(degrees, 360.0f);
  return rest == -180 ? 180 : rest;
}

}  // namespace

std::complex<float> harmonic_of(std::span<const int16_t> samples, size_t order) {
  int64_t in_phase = 0;
  int64_t quadrature = 0;
  size_t point = 0;
  for (const int32_t sample : samples) {
    in_phase += sample * SINES[point];
    quadrature += sample * SINES[(point + QUARTER) % POINTS_PER_CYCLE];
    point = (point + order) % POINTS_PER_CYCLE;
  }
  // Σ √2·R·sin(x + φ)·sin x over whole cycles is √2·R·N/2·cos φ, and with cos x it has sin φ.
  const float factor = std::numbers::sqrt2_v<float> / static_cast<float>(samples.size()) / UNITY;
  return {static_cast<float>(in_phase) * factor, static_cast<float>(quadrature) * factor};
}

void HarmonicAnalysis::begin(WaveChannel channel, std::span<const int16_t> samples, std::span<const int16_t> reference,
                             float scale) {
  this->samples_ = samples;
  this->reference_ = reference;
  this->scale_ = scale;
  this->order_ = 1;
  this->result_ = {.channel = channel};
}

void HarmonicAnalysis::begin_unknown(WaveChannel channel) {
  this->result_ = {.channel = channel};
  this->result_.rms.fill(NAN);
  this->result_.angle_deg.fill(NAN);
}

bool HarmonicAnalysis::advance() {
  const std::complex<float> phasor = harmonic_of(this->samples_, this->order_);
  if (this->order_ == 1)
    this->fundamental_ = phasor;
  this->result_.rms[this->order_ - 1] = std::abs(phasor) * this->scale_;
  this->result_.angle_deg[this->order_ - 1] = this->angle_of_(phasor, this->order_);
  if (this->order_ < HARMONIC_ORDERS) {
    this->order_++;
    return false;
  }
  this->conclude_();
  return true;
}

bool HarmonicAnalysis::has_fundamental_() const { return std::abs(this->fundamental_) >= LEAST_FUNDAMENTAL_CODES; }

float HarmonicAnalysis::angle_of_(std::complex<float> phasor, size_t order) const {
  if (!this->has_fundamental_() || std::abs(phasor) < LEAST_HARMONIC_CODES)
    return NAN;
  if (order > 1)
    return wrapped((std::arg(phasor) - static_cast<float>(order) * std::arg(this->fundamental_)) / DEGREE);
  const std::complex<float> reference =
      this->reference_.empty() ? std::complex<float>{} : harmonic_of(this->reference_, 1);
  if (std::abs(reference) < LEAST_FUNDAMENTAL_CODES)
    return NAN;
  return wrapped((std::arg(phasor) - std::arg(reference)) / DEGREE);
}

void HarmonicAnalysis::conclude_() {
  if (!this->has_fundamental_())
    return;
  float sum = 0;
  for (size_t index = 1; index < HARMONIC_ORDERS; index++)
    sum += this->result_.rms[index] * this->result_.rms[index];
  this->result_.distortion = std::sqrt(sum) / this->result_.rms[0];
}

}  // namespace esphome::ade9000_waveform
