#pragma once

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstddef>
#include <numbers>
#include <vector>

/// Alternating current in closed form, from the physics alone: nothing here is the driver's or the chip model's.
namespace electricity {

inline constexpr double DEGREE = std::numbers::pi / 180;

/// One harmonic, against the fundamental of its wave.
struct Partial {
  unsigned order;
  double ratio;      ///< RMS over that of the fundamental.
  double angle_deg;  ///< Against the fundamental's rising zero crossing, in degrees of the harmonic.
};

/// √2·`rms`·[ sin(x + θ) + Σ r·sin(n·(x + θ) + α) ].
struct Wave {
  double rms{0};        ///< Of the fundamental.
  double angle_deg{0};  ///< θ.
  std::vector<Partial> partials{};

  /// Ratio of all harmonics together.
  double distortion() const {
    double square = 0;
    for (const Partial &partial : this->partials)
      square += partial.ratio * partial.ratio;
    return std::sqrt(square);
  }

  double total_rms() const { return this->rms * std::hypot(1, this->distortion()); }

  /// No instant is beyond this.
  double highest_peak() const {
    double ratios = 1;
    for (const Partial &partial : this->partials)
      ratios += partial.ratio;
    return this->rms * std::numbers::sqrt2 * ratios;
  }

  std::complex<double> phasor(unsigned order) const {
    if (order == 1)
      return std::polar(this->rms, this->angle_deg * DEGREE);
    std::complex<double> sum = 0;
    for (const Partial &partial : this->partials) {
      if (partial.order == order)
        sum += std::polar(this->rms * partial.ratio, (order * this->angle_deg + partial.angle_deg) * DEGREE);
    }
    return sum;
  }
};

inline constexpr unsigned HIGHEST_ORDER = 50;

/// Active power is its real part, reactive its imaginary one: the sum of those of each order.
inline std::complex<double> power(const Wave &voltage, const Wave &current, unsigned highest_order = HIGHEST_ORDER) {
  std::complex<double> sum = 0;
  for (unsigned order = 1; order <= highest_order; order++)
    sum += voltage.phasor(order) * std::conj(current.phasor(order));
  return sum;
}

/// RMS of the sum of waves with factors.
template <typename Terms>
double rms_of_sum(const Terms &terms) {
  double square = 0;
  for (unsigned order = 1; order <= HIGHEST_ORDER; order++) {
    std::complex<double> sum = 0;
    for (const auto &[wave, factor] : terms)
      sum += wave.phasor(order) * factor;
    square += std::norm(sum);
  }
  return std::sqrt(square);
}

}  // namespace electricity
