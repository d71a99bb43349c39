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

  /// The largest instantaneous value: that of the densest of three searches, each 100 times finer than the one before.
  double peak() const {
    double best = 0;
    double width = std::numbers::pi;
    for (int search = 0; search < 3; search++, width /= 100) {
      const double around = best;
      for (int point = -1000; point <= 1000; point++) {
        const double x = around + width * point / 1000;
        if (std::abs(this->instant_(x)) > std::abs(this->instant_(best)))
          best = x;
      }
    }
    return std::abs(this->instant_(best));
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

 protected:
  double instant_(double x) const {
    double value = std::sin(x);
    for (const Partial &partial : this->partials)
      value += partial.ratio * std::sin(partial.order * x + partial.angle_deg * DEGREE);
    return this->rms * std::numbers::sqrt2 * value;
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

/// |Negative sequence| / |positive sequence| of the fundamentals of three waves.
template <typename Waves>
double unbalance(const Waves &waves) {
  const std::complex<double> turn = std::polar(1.0, 120 * DEGREE);
  const auto &[l1, l2, l3] = waves;
  const auto sequence = [&](std::complex<double> second, std::complex<double> third) {
    return std::abs(l1.phasor(1) + second * l2.phasor(1) + third * l3.phasor(1));
  };
  return sequence(turn * turn, turn) / sequence(turn, turn * turn);
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
