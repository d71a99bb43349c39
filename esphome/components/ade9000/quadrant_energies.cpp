#include "energy.h"

#include <cstdlib>

namespace esphome::ade9000 {

namespace {

/// In the order of the quadrants.
constexpr Quantity BY_QUADRANT[] = {Quantity::REACTIVE_ENERGY_Q1, Quantity::REACTIVE_ENERGY_Q2,
                                    Quantity::REACTIVE_ENERGY_Q3, Quantity::REACTIVE_ENERGY_Q4};

/// Counted anticlockwise, as IEC 62053-23 draws them: 0 is Q1.
size_t quadrant_of(int64_t active, int64_t reactive) {
  if (reactive >= 0)
    return active >= 0 ? 0 : 1;
  return active >= 0 ? 3 : 2;
}

}  // namespace

void QuadrantEnergies::add(const WindowEnergy &energy, const Summation &summation) {
  const auto count = [](Counters &counters, int64_t active, int64_t reactive) {
    counters[quadrant_of(active, reactive)].add(std::llabs(reactive));
  };
  for (const size_t line : summation.lines)
    count(this->lines_[line], energy.at(Kind::ACTIVE, line), energy.at(Kind::REACTIVE, line));
  count(this->net_, energy.total(Kind::ACTIVE, summation), energy.total(Kind::REACTIVE, summation));
}

void QuadrantEnergies::put(const Summation &summation, Reading::Counters &counters) const {
  for (size_t quadrant = 0; quadrant < QUADRANTS; quadrant++) {
    int64_t total = 0;
    for (const size_t line : summation.lines) {
      const int64_t counted = this->lines_[line][quadrant].milliwatthours();
      set_counter(counters, BY_QUADRANT[quadrant], LINES[line], counted);
      total += counted;
    }
    set_counter(counters, BY_QUADRANT[quadrant], Phase::TOTAL, total);
    set_counter(counters, BY_QUADRANT[quadrant], Phase::NET, this->net_[quadrant].milliwatthours());
  }
}

}  // namespace esphome::ade9000
