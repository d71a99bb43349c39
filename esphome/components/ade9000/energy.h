#pragma once

#include "line_set.h"
#include "quantities.h"
#include "reading.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace esphome::ade9000 {

/// What the chip accumulates for each phase, in the order of its registers.
enum class Kind : uint8_t {
  ACTIVE,
  REACTIVE,
  APPARENT,
  FUNDAMENTAL_ACTIVE,
  FUNDAMENTAL_REACTIVE,
  FUNDAMENTAL_APPARENT,
};

inline constexpr size_t KIND_COUNT = 6;

/// How the phases add up to the installation.
struct Summation {
  LineSet lines;       ///< The phases that count.
  bool is_three_wire;  ///< Two elements measure three phases, so their apparent powers do not add up.
};

/// Energy of one span in pWh, pvarh or pVAh by kind and phase, import positive. A picowatthour is so small that a
/// second at 1 W is rounded by 2 parts in 10⁹, and so large that int64 holds 9 MWh in one span.
class WindowEnergy {
 public:
  int64_t &at(Kind kind, size_t line) { return this->energy_[static_cast<size_t>(kind)][line]; }
  int64_t at(Kind kind, size_t line) const { return this->energy_[static_cast<size_t>(kind)][line]; }

  /// Return the energy of the installation. Apparent energy of three wires is √(P² + Q²): the sum over the two elements
  /// would be 2/√3 times too high with a balanced load.
  int64_t total(Kind kind, const Summation &summation) const;

  WindowEnergy &operator+=(const WindowEnergy &other);

  /// Return the energy of a span `ratio` times as long with the mean power of this one and `other`.
  WindowEnergy mean_with(const WindowEnergy &other, double ratio) const;

 protected:
  std::array<std::array<int64_t, LINE_COUNT>, KIND_COUNT> energy_{};
};

/// A counter of mWh that carries what is less than one.
class EnergyCounter {
 public:
  void add(int64_t picowatthours);
  void restore(int64_t milliwatthours) { this->whole_ = milliwatthours; }
  int64_t milliwatthours() const { return this->whole_; }

 protected:
  int64_t whole_{0};
  int64_t rest_{0};  ///< pWh, less than one mWh.
};

/// Import and export of one energy.
struct EnergyPair {
  EnergyCounter imported;
  EnergyCounter exported;

  /// Count the amount in the direction that the sign tells.
  void add(int64_t sign, int64_t picowatthours);
};

/// Counters of reactive energy by the signs of active and reactive power in each span: Q1 where both are imported, Q2
/// where reactive energy is imported while active is exported, Q3 where both are exported, Q4 the remaining one.
class QuadrantEnergies {
 public:
  void add(const WindowEnergy &energy, const Summation &summation);
  void put(const Summation &summation, Reading::Counters &counters) const;

  static constexpr size_t QUADRANTS = 4;
  static constexpr size_t COUNTER_COUNT = QUADRANTS * (LINE_COUNT + 1);

  /// Call `visit(counter)` for every counter, always in the same order.
  template <typename Visit>
  void for_each(Visit visit) {
    for (Counters &counters : this->lines_)
      std::for_each(counters.begin(), counters.end(), visit);
    std::for_each(this->net_.begin(), this->net_.end(), visit);
  }

 protected:
  using Counters = std::array<EnergyCounter, QUADRANTS>;

  std::array<Counters, LINE_COUNT> lines_;
  Counters net_;  ///< By the signs of the sums over the phases.
};

/// All counters of a meter: active and reactive energy by their own sign, apparent energy by that of the active.
class Energies {
 public:
  void add(const WindowEnergy &energy, const Summation &summation);
  Reading::Counters counters(const Summation &summation) const;

  static constexpr size_t COUNTED_KINDS = is_built(BuildGroup::FUNDAMENTAL) ? 6 : 3;
  static constexpr size_t COUNTER_COUNT =
      2 * COUNTED_KINDS * (LINE_COUNT + 1) + (is_built(BuildGroup::QUADRANTS) ? QuadrantEnergies::COUNTER_COUNT : 0);

  /// Every counter in whole mWh, mvarh and mVAh: what outlives a restart.
  using Stored = std::array<int64_t, COUNTER_COUNT>;

  Stored stored();
  void restore(const Stored &stored);

 protected:
  template <typename Visit>
  void for_each_(Visit visit);
  void put_kind_(size_t kind, const Summation &summation, Reading::Counters &counters) const;

  std::array<std::array<EnergyPair, LINE_COUNT>, COUNTED_KINDS> lines_;
  std::array<EnergyPair, COUNTED_KINDS> net_;  ///< Balanced over the phases in each span.
#ifdef USE_ADE9000_QUADRANT_ENERGY
  QuadrantEnergies quadrants_;
#endif
};

}  // namespace esphome::ade9000
