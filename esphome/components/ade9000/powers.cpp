#include "powers.h"

#include <algorithm>
#include <cmath>

namespace esphome::ade9000 {

namespace {

constexpr double WATT_SECONDS_PER_PICOWATTHOUR = 3600e-12;

struct PowerRow {
  Kind kind;
  Quantity quantity;
};

constexpr PowerRow POWERS[] = {
    {Kind::ACTIVE, Quantity::ACTIVE_POWER},
    {Kind::REACTIVE, Quantity::REACTIVE_POWER},
    {Kind::APPARENT, Quantity::APPARENT_POWER},
    {Kind::FUNDAMENTAL_ACTIVE, Quantity::FUNDAMENTAL_ACTIVE_POWER},
    {Kind::FUNDAMENTAL_REACTIVE, Quantity::FUNDAMENTAL_REACTIVE_POWER},
    {Kind::FUNDAMENTAL_APPARENT, Quantity::FUNDAMENTAL_APPARENT_POWER},
};

struct FactorRow {
  Kind active;
  Kind apparent;
  Quantity quantity;
};

constexpr FactorRow FACTORS[] = {
    {Kind::ACTIVE, Kind::APPARENT, Quantity::POWER_FACTOR},
    {Kind::FUNDAMENTAL_ACTIVE, Kind::FUNDAMENTAL_APPARENT, Quantity::DISPLACEMENT_POWER_FACTOR},
};

bool is_signed(Kind kind) { return kind != Kind::APPARENT && kind != Kind::FUNDAMENTAL_APPARENT; }

double factor_of(int64_t active, int64_t apparent) {
  if (apparent == 0)
    return NAN;
  return std::clamp(static_cast<double>(active) / static_cast<double>(apparent), -1.0, 1.0);
}

}  // namespace

Summation summation_of(const ChipConfig &config) {
  return {.lines = counted_lines(config), .is_three_wire = traits_of(config.wiring).is_three_wire};
}

WindowEnergy energy_of(const Window &window, const ChipConfig &config, const Scales &scales) {
  WindowEnergy energy;
  for (size_t line = 0; line < LINE_COUNT; line++) {
    for (size_t index = 0; index < KIND_COUNT; index++) {
      const auto kind = static_cast<Kind>(index);
      const double sign = config.phases[line].invert_current && is_signed(kind) ? -1 : 1;
      energy.at(kind, line) =
          std::llround(sign * static_cast<double>(window.energy[index][line]) * scales.picowatthour);
    }
  }
  return energy;
}

PowerValues powers(const WindowEnergy &energy, double span_s, const Summation &summation) {
  PowerValues values;
  const double watt = WATT_SECONDS_PER_PICOWATTHOUR / span_s;
  for (const PowerRow &row : POWERS) {
    for (const size_t line : summation.lines)
      values.add(row.quantity, LINES[line], static_cast<double>(energy.at(row.kind, line)) * watt);
    values.add(row.quantity, Phase::TOTAL, static_cast<double>(energy.total(row.kind, summation)) * watt);
  }
  for (const FactorRow &row : FACTORS) {
    // One of the two elements of three wires has no power factor of its own.
    for (const size_t line : summation.is_three_wire ? LineSet() : summation.lines)
      values.add(row.quantity, LINES[line], factor_of(energy.at(row.active, line), energy.at(row.apparent, line)));
    values.add(row.quantity, Phase::TOTAL,
               factor_of(energy.total(row.active, summation), energy.total(row.apparent, summation)));
  }
  return values;
}

}  // namespace esphome::ade9000
