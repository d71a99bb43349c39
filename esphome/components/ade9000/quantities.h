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

/// Everything that a reading can hold, in the order of the wire. The twin of quantities.py, held against it by a test.
enum class Quantity : uint8_t {
  VOLTAGE,
  PHASE_TO_PHASE_VOLTAGE,
  CURRENT,
  CALCULATED_CURRENT,
  RESIDUAL_CURRENT,
  VOLTAGE_PEAK,
  CURRENT_PEAK,
  VOLTAGE_UNBALANCE,
  CURRENT_UNBALANCE,
  ACTIVE_POWER,
  REACTIVE_POWER,
  APPARENT_POWER,
  POWER_FACTOR,
  DISPLACEMENT_POWER_FACTOR,
  FUNDAMENTAL_ACTIVE_POWER,
  FUNDAMENTAL_REACTIVE_POWER,
  FUNDAMENTAL_APPARENT_POWER,
  VOLTAGE_THD,
  CURRENT_THD,
  FREQUENCY,
  VOLTAGE_ANGLE,
  PHASE_ANGLE,
  CHIP_TEMPERATURE,
  ACTIVE_ENERGY_IMPORT,
  ACTIVE_ENERGY_EXPORT,
  REACTIVE_ENERGY_IMPORT,
  REACTIVE_ENERGY_EXPORT,
  APPARENT_ENERGY_IMPORT,
  APPARENT_ENERGY_EXPORT,
  REACTIVE_ENERGY_Q1,
  REACTIVE_ENERGY_Q2,
  REACTIVE_ENERGY_Q3,
  REACTIVE_ENERGY_Q4,
  FUNDAMENTAL_ACTIVE_ENERGY_IMPORT,
  FUNDAMENTAL_ACTIVE_ENERGY_EXPORT,
  FUNDAMENTAL_REACTIVE_ENERGY_IMPORT,
  FUNDAMENTAL_REACTIVE_ENERGY_EXPORT,
  FUNDAMENTAL_APPARENT_ENERGY_IMPORT,
  FUNDAMENTAL_APPARENT_ENERGY_EXPORT,
};

inline constexpr size_t QUANTITY_COUNT = 39;

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

/// One row of the table.
struct QuantityRow {
  Quantity quantity;
  const char *key;   ///< Name in YAML and in quantities.py.
  const char *wire;  ///< Key of its group in the event `esphome.three_phase_reading`.
  PhaseList phases;  ///< Empty where the row is not built, so that it has no slots and no place on the wire.
  bool is_counter;   ///< Whole mWh, mvarh or mVAh that only grow, instead of a float.
  uint8_t decimals;  ///< Digits after the point on the wire: enough for every digit that the chip gives.
  BuildGroup group{BuildGroup::ALWAYS};  ///< What it is built with.
  uint8_t first_slot{};                  ///< Index of its first phase in `Reading::values` or `Reading::counters`.
};

namespace detail {

inline constexpr PhaseList THREE_LINES{Phase::L1, Phase::L2, Phase::L3};
inline constexpr PhaseList LINES_AND_NEUTRAL{Phase::L1, Phase::L2, Phase::L3, Phase::N};
inline constexpr PhaseList LINES_AND_TOTAL{Phase::L1, Phase::L2, Phase::L3, Phase::TOTAL};
inline constexpr PhaseList THREE_PAIRS{Phase::L12, Phase::L23, Phase::L31};
inline constexpr PhaseList COUNTED{Phase::L1, Phase::L2, Phase::L3, Phase::TOTAL, Phase::NET};
inline constexpr PhaseList WHOLE{Phase::TOTAL};
inline constexpr PhaseList NEUTRAL{Phase::N};

using Table = std::array<QuantityRow, QUANTITY_COUNT>;

/// Empty the rows that are not built, and number the slots: one run for the values, one for the counters.
constexpr Table numbered(Table rows) {
  uint8_t next_value = 0;
  uint8_t next_counter = 0;
  for (QuantityRow &row : rows) {
    if (!is_built(row.group))
      row.phases = {};
    uint8_t &next = row.is_counter ? next_counter : next_value;
    row.first_slot = next;
    next = static_cast<uint8_t>(next + row.phases.size());
  }
  return rows;
}

constexpr size_t slots(const Table &rows, bool counters) {
  size_t count = 0;
  for (const QuantityRow &row : rows)
    count += row.is_counter == counters ? row.phases.size() : 0;
  return count;
}

constexpr size_t built(const Table &rows) {
  size_t count = 0;
  for (const QuantityRow &row : rows)
    count += row.phases.size() == 0 ? 0 : 1;
  return count;
}

}  // namespace detail

// clang-format off
inline constexpr std::array<QuantityRow, QUANTITY_COUNT> QUANTITIES = detail::numbered({{
    {Quantity::VOLTAGE, "voltage", "u", detail::THREE_LINES, false, 3},
    {Quantity::PHASE_TO_PHASE_VOLTAGE, "phase_to_phase_voltage", "uu", detail::THREE_PAIRS, false, 3},
    {Quantity::CURRENT, "current", "i", detail::LINES_AND_NEUTRAL, false, 4},
    {Quantity::CALCULATED_CURRENT, "calculated_current", "ic", detail::NEUTRAL, false, 4},
    {Quantity::RESIDUAL_CURRENT, "residual_current", "ir", detail::WHOLE, false, 4},
    {Quantity::VOLTAGE_PEAK, "voltage_peak", "upk", detail::WHOLE, false, 2},
    {Quantity::CURRENT_PEAK, "current_peak", "ipk", detail::WHOLE, false, 3},
    {Quantity::VOLTAGE_UNBALANCE, "voltage_unbalance", "ubu", detail::WHOLE, false, 5},
    {Quantity::CURRENT_UNBALANCE, "current_unbalance", "ubi", detail::WHOLE, false, 5},
    {Quantity::ACTIVE_POWER, "active_power", "p", detail::LINES_AND_TOTAL, false, 3},
    {Quantity::REACTIVE_POWER, "reactive_power", "q", detail::LINES_AND_TOTAL, false, 3},
    {Quantity::APPARENT_POWER, "apparent_power", "s", detail::LINES_AND_TOTAL, false, 3},
    {Quantity::POWER_FACTOR, "power_factor", "pf", detail::LINES_AND_TOTAL, false, 5},
    {Quantity::DISPLACEMENT_POWER_FACTOR, "displacement_power_factor", "dpf", detail::LINES_AND_TOTAL, false, 5},
    {Quantity::FUNDAMENTAL_ACTIVE_POWER, "fundamental_active_power", "p1", detail::LINES_AND_TOTAL, false, 3},
    {Quantity::FUNDAMENTAL_REACTIVE_POWER, "fundamental_reactive_power", "q1", detail::LINES_AND_TOTAL, false, 3},
    {Quantity::FUNDAMENTAL_APPARENT_POWER, "fundamental_apparent_power", "s1", detail::LINES_AND_TOTAL, false, 3},
    {Quantity::VOLTAGE_THD, "voltage_thd", "thdu", detail::THREE_LINES, false, 5},
    {Quantity::CURRENT_THD, "current_thd", "thdi", detail::THREE_LINES, false, 5},
    {Quantity::FREQUENCY, "frequency", "f", detail::LINES_AND_TOTAL, false, 4},
    {Quantity::VOLTAGE_ANGLE, "voltage_angle", "au", detail::THREE_LINES, false, 3},
    {Quantity::PHASE_ANGLE, "phase_angle", "ai", detail::THREE_LINES, false, 3},
    {Quantity::CHIP_TEMPERATURE, "chip_temperature", "tc", detail::WHOLE, false, 1},
    {Quantity::ACTIVE_ENERGY_IMPORT, "active_energy_import", "ei", detail::COUNTED, true, 0},
    {Quantity::ACTIVE_ENERGY_EXPORT, "active_energy_export", "ee", detail::COUNTED, true, 0},
    {Quantity::REACTIVE_ENERGY_IMPORT, "reactive_energy_import", "ri", detail::COUNTED, true, 0},
    {Quantity::REACTIVE_ENERGY_EXPORT, "reactive_energy_export", "re", detail::COUNTED, true, 0},
    {Quantity::APPARENT_ENERGY_IMPORT, "apparent_energy_import", "si", detail::LINES_AND_TOTAL, true, 0},
    {Quantity::APPARENT_ENERGY_EXPORT, "apparent_energy_export", "se", detail::LINES_AND_TOTAL, true, 0},
    {Quantity::REACTIVE_ENERGY_Q1, "reactive_energy_q1", "rq1", detail::COUNTED, true, 0, BuildGroup::QUADRANTS},
    {Quantity::REACTIVE_ENERGY_Q2, "reactive_energy_q2", "rq2", detail::COUNTED, true, 0, BuildGroup::QUADRANTS},
    {Quantity::REACTIVE_ENERGY_Q3, "reactive_energy_q3", "rq3", detail::COUNTED, true, 0, BuildGroup::QUADRANTS},
    {Quantity::REACTIVE_ENERGY_Q4, "reactive_energy_q4", "rq4", detail::COUNTED, true, 0, BuildGroup::QUADRANTS},
    {Quantity::FUNDAMENTAL_ACTIVE_ENERGY_IMPORT, "fundamental_active_energy_import", "e1i", detail::COUNTED, true, 0, BuildGroup::FUNDAMENTAL},
    {Quantity::FUNDAMENTAL_ACTIVE_ENERGY_EXPORT, "fundamental_active_energy_export", "e1e", detail::COUNTED, true, 0, BuildGroup::FUNDAMENTAL},
    {Quantity::FUNDAMENTAL_REACTIVE_ENERGY_IMPORT, "fundamental_reactive_energy_import", "r1i", detail::COUNTED, true, 0, BuildGroup::FUNDAMENTAL},
    {Quantity::FUNDAMENTAL_REACTIVE_ENERGY_EXPORT, "fundamental_reactive_energy_export", "r1e", detail::COUNTED, true, 0, BuildGroup::FUNDAMENTAL},
    {Quantity::FUNDAMENTAL_APPARENT_ENERGY_IMPORT, "fundamental_apparent_energy_import", "s1i", detail::LINES_AND_TOTAL, true, 0, BuildGroup::FUNDAMENTAL},
    {Quantity::FUNDAMENTAL_APPARENT_ENERGY_EXPORT, "fundamental_apparent_energy_export", "s1e", detail::LINES_AND_TOTAL, true, 0, BuildGroup::FUNDAMENTAL},
}});
// clang-format on

inline constexpr size_t VALUE_SLOTS = detail::slots(QUANTITIES, false);
inline constexpr size_t COUNTER_SLOTS = detail::slots(QUANTITIES, true);
inline constexpr size_t BUILT_QUANTITIES = detail::built(QUANTITIES);

constexpr const QuantityRow &row_of(Quantity quantity) { return QUANTITIES[static_cast<size_t>(quantity)]; }

/// Return the slot of a quantity and phase in its array, or nothing where the quantity does not exist for the phase.
constexpr std::optional<size_t> slot_of(Quantity quantity, Phase phase) {
  const QuantityRow &row = row_of(quantity);
  const std::optional<size_t> place = row.phases.find(phase);
  return place ? std::optional<size_t>(row.first_slot + *place) : std::nullopt;
}

}  // namespace esphome::ade9000
