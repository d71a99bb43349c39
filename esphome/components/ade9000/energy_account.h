#pragma once

#include "chip_counters.h"
#include "energy.h"
#include "window_clock.h"

#include <cstdint>

namespace esphome::ade9000 {

/// The energy that a reading covers: that of its window, and of the time before it that nobody read.
struct CoveredEnergy {
  WindowEnergy energy;
  uint32_t span_ms;
  bool is_estimated;  ///< A part of it was not read.
};

/// Counts the energy of every window, and estimates that of windows which nobody read from the power before and after.
class EnergyAccount {
 public:
  explicit EnergyAccount(ChipCounters &counters) : counters_(counters) {}

  /// Count a window and the time that is missing before it.
  CoveredEnergy count(const WindowEnergy &energy, const WindowClock::Span &span, const Summation &summation);

  /// The window before says nothing about the time until the next one.
  void forget_window() { this->has_previous_ = false; }

  Energies &energies() { return this->energies_; }

 protected:
  ChipCounters &counters_;
  bool has_previous_{false};
  WindowEnergy previous_;
  Energies energies_;
};

}  // namespace esphome::ade9000
