#pragma once

#include "quantity_table.h"

namespace esphome::ade9000 {

namespace detail {

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

inline constexpr detail::Table QUANTITIES = detail::numbered(detail::ROWS);
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
