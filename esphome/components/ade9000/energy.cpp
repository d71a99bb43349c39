#include "energy.h"

#include <cmath>
#include <cstdlib>

namespace esphome::ade9000 {

namespace {

constexpr int64_t PICO_PER_MILLI = 1'000'000'000;

/// One kind of energy that is counted, by whose sign, and into which quantities.
struct CounterRow {
  Kind kind;
  Kind sign;
  Quantity imported;
  Quantity exported;
};

constexpr CounterRow COUNTERS[] = {
    {Kind::ACTIVE, Kind::ACTIVE, Quantity::ACTIVE_ENERGY_IMPORT, Quantity::ACTIVE_ENERGY_EXPORT},
    {Kind::REACTIVE, Kind::REACTIVE, Quantity::REACTIVE_ENERGY_IMPORT, Quantity::REACTIVE_ENERGY_EXPORT},
    {Kind::APPARENT, Kind::ACTIVE, Quantity::APPARENT_ENERGY_IMPORT, Quantity::APPARENT_ENERGY_EXPORT},
    {Kind::FUNDAMENTAL_ACTIVE, Kind::FUNDAMENTAL_ACTIVE, Quantity::FUNDAMENTAL_ACTIVE_ENERGY_IMPORT,
     Quantity::FUNDAMENTAL_ACTIVE_ENERGY_EXPORT},
    {Kind::FUNDAMENTAL_REACTIVE, Kind::FUNDAMENTAL_REACTIVE, Quantity::FUNDAMENTAL_REACTIVE_ENERGY_IMPORT,
     Quantity::FUNDAMENTAL_REACTIVE_ENERGY_EXPORT},
    {Kind::FUNDAMENTAL_APPARENT, Kind::FUNDAMENTAL_ACTIVE, Quantity::FUNDAMENTAL_APPARENT_ENERGY_IMPORT,
     Quantity::FUNDAMENTAL_APPARENT_ENERGY_EXPORT},
};

bool is_apparent(Kind kind) { return kind == Kind::APPARENT || kind == Kind::FUNDAMENTAL_APPARENT; }

double squared(int64_t energy) { return static_cast<double>(energy) * static_cast<double>(energy); }

}  // namespace

int64_t WindowEnergy::total(Kind kind, const Summation &summation) const {
  if (summation.is_three_wire && is_apparent(kind)) {
    const bool is_total = kind == Kind::APPARENT;
    const int64_t active = this->total(is_total ? Kind::ACTIVE : Kind::FUNDAMENTAL_ACTIVE, summation);
    const int64_t reactive = this->total(is_total ? Kind::REACTIVE : Kind::FUNDAMENTAL_REACTIVE, summation);
    return std::llround(std::sqrt(squared(active) + squared(reactive)));
  }
  int64_t sum = 0;
  for (const size_t line : summation.lines)
    sum += this->at(kind, line);
  return sum;
}

WindowEnergy &WindowEnergy::operator+=(const WindowEnergy &other) {
  for (size_t kind = 0; kind < KIND_COUNT; kind++) {
    for (size_t line = 0; line < LINE_COUNT; line++)
      this->energy_[kind][line] += other.energy_[kind][line];
  }
  return *this;
}

WindowEnergy WindowEnergy::mean_with(const WindowEnergy &other, double ratio) const {
  WindowEnergy mean;
  for (size_t kind = 0; kind < KIND_COUNT; kind++) {
    for (size_t line = 0; line < LINE_COUNT; line++) {
      const auto sum = static_cast<double>(this->energy_[kind][line] + other.energy_[kind][line]);
      mean.energy_[kind][line] = std::llround(sum / 2 * ratio);
    }
  }
  return mean;
}

void EnergyCounter::add(int64_t picowatthours) {
  this->rest_ += picowatthours;
  this->whole_ += this->rest_ / PICO_PER_MILLI;
  this->rest_ %= PICO_PER_MILLI;
}

void EnergyPair::add(int64_t sign, int64_t picowatthours) {
  EnergyCounter &counter = sign < 0 ? this->exported : this->imported;
  counter.add(std::llabs(picowatthours));
}

void Energies::add(const WindowEnergy &energy, const Summation &summation) {
  for (size_t index = 0; index < COUNTED_KINDS; index++) {
    const CounterRow &row = COUNTERS[index];
    for (const size_t line : summation.lines)
      this->lines_[index][line].add(energy.at(row.sign, line), energy.at(row.kind, line));
    this->net_[index].add(energy.total(row.sign, summation), energy.total(row.kind, summation));
  }
#ifdef USE_ADE9000_QUADRANT_ENERGY
  this->quadrants_.add(energy, summation);
#endif
}

Reading::Counters Energies::counters(const Summation &summation) const {
  Reading::Counters counters = Reading::no_counters();
  for (size_t kind = 0; kind < COUNTED_KINDS; kind++)
    this->put_kind_(kind, summation, counters);
#ifdef USE_ADE9000_QUADRANT_ENERGY
  this->quadrants_.put(summation, counters);
#endif
  return counters;
}

/// Call `visit(counter)` for every counter, always in the same order.
template <typename Visit>
void Energies::for_each_(Visit visit) {
  const auto visit_pair = [&visit](EnergyPair &pair) {
    visit(pair.imported);
    visit(pair.exported);
  };
  for (auto &pairs : this->lines_)
    std::for_each(pairs.begin(), pairs.end(), visit_pair);
  std::for_each(this->net_.begin(), this->net_.end(), visit_pair);
#ifdef USE_ADE9000_QUADRANT_ENERGY
  this->quadrants_.for_each(visit);
#endif
}

Energies::Stored Energies::stored() {
  Stored stored{};
  auto next = stored.begin();
  this->for_each_([&next](const EnergyCounter &counter) { *next++ = counter.milliwatthours(); });
  return stored;
}

void Energies::restore(const Stored &stored) {
  auto next = stored.begin();
  this->for_each_([&next](EnergyCounter &counter) { counter.restore(*next++); });
}

void Energies::put_kind_(size_t kind, const Summation &summation, Reading::Counters &counters) const {
  const CounterRow &row = COUNTERS[kind];
  const EnergyPair &net = this->net_[kind];
  int64_t imported = 0;
  int64_t exported = 0;
  for (const size_t line : summation.lines) {
    const EnergyPair &pair = this->lines_[kind][line];
    set_counter(counters, row.imported, LINES[line], pair.imported.milliwatthours());
    set_counter(counters, row.exported, LINES[line], pair.exported.milliwatthours());
    imported += pair.imported.milliwatthours();
    exported += pair.exported.milliwatthours();
  }
  const bool adds_up = !(summation.is_three_wire && is_apparent(row.kind));
  set_counter(counters, row.imported, Phase::TOTAL, adds_up ? imported : net.imported.milliwatthours());
  set_counter(counters, row.exported, Phase::TOTAL, adds_up ? exported : net.exported.milliwatthours());
  set_counter(counters, row.imported, Phase::NET, net.imported.milliwatthours());
  set_counter(counters, row.exported, Phase::NET, net.exported.milliwatthours());
}

}  // namespace esphome::ade9000
