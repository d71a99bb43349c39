#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>

namespace esphome::ade9000 {

/// Where a value was measured: a phase, a pair of phases, the neutral, or the installation as a whole.
enum class Phase : uint8_t { L1, L2, L3, N, L12, L23, L31, TOTAL, NET };

inline constexpr size_t LINE_COUNT = 3;
inline constexpr std::array<Phase, LINE_COUNT> LINES{Phase::L1, Phase::L2, Phase::L3};
inline constexpr std::array<Phase, LINE_COUNT> PAIRS{Phase::L12, Phase::L23, Phase::L31};

/// Rows of the table that a device may be built without, by the build flags of `energy:` in the configuration.
enum class BuildGroup : uint8_t { ALWAYS, QUADRANTS, FUNDAMENTAL };

constexpr bool is_built(BuildGroup group) {
  switch (group) {
    case BuildGroup::QUADRANTS:
#ifdef USE_ADE9000_QUADRANT_ENERGY
      return true;
#else
      return false;
#endif
    case BuildGroup::FUNDAMENTAL:
#ifdef USE_ADE9000_FUNDAMENTAL_ENERGY
      return true;
#else
      return false;
#endif
    default:
      return true;
  }
}

/// The phases of one group, in the order of the wire.
class PhaseList {
 public:
  constexpr PhaseList() = default;
  constexpr PhaseList(std::initializer_list<Phase> phases) {
    for (const Phase phase : phases)
      this->phases_[this->count_++] = phase;
  }

  constexpr const Phase *begin() const { return this->phases_.data(); }
  constexpr const Phase *end() const { return this->phases_.data() + this->count_; }
  constexpr size_t size() const { return this->count_; }

  /// Return the place of a phase in the group, or nothing where the quantity does not exist for it.
  constexpr std::optional<size_t> find(Phase phase) const {
    for (size_t index = 0; index < this->count_; index++) {
      if (this->phases_[index] == phase)
        return index;
    }
    return std::nullopt;
  }

 protected:
  std::array<Phase, 5> phases_{};
  uint8_t count_{0};
};

/// How a value is carried over a span longer than one reading: a mean of peaks would hide the peak, and +179° and −179°
/// have no mean of 0°.
enum class Aggregation : uint8_t { MEAN, LAST, MAX };

/// What is measured; quantity_table.h has the names.
enum class Quantity : uint8_t;

/// One row of the table.
struct QuantityRow {
  Quantity quantity;
  const char *key;     ///< Name in YAML and in quantities.py.
  const char *wire;    ///< Key of its group in the event `esphome.three_phase_reading`.
  PhaseList phases;    ///< Empty where the row is not built, so that it has no slots and no place on the wire.
  bool is_counter{};   ///< Whole mWh, mvarh or mVAh that only grow, instead of a float.
  uint8_t decimals{};  ///< Digits after the point on the wire: enough for every digit that the chip gives.
  Aggregation aggregation{Aggregation::MEAN};  ///< Of values; counters are of the newest reading.
  BuildGroup group{BuildGroup::ALWAYS};        ///< What it is built with.
  uint8_t first_slot{};  ///< Index of its first phase in `Reading::values` or `Reading::counters`.
};

}  // namespace esphome::ade9000
