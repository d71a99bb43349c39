#pragma once

#include <cstddef>
#include <cstdint>
#include <random>

namespace fuzz {

/// Whole numbers and fractions from a seed, the same on every machine.
class Random {
 public:
  explicit Random(uint32_t seed) : engine_(seed) {}

  bool hits(double probability) { return this->fraction() < probability; }
  double fraction() { return this->engine_() / 4294967296.0; }
  double between(double low, double high) { return low + (high - low) * this->fraction(); }
  size_t below(size_t count) { return static_cast<size_t>(this->fraction() * static_cast<double>(count)); }

 protected:
  std::mt19937 engine_;
};

}  // namespace fuzz
