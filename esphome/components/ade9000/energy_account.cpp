#include "energy_account.h"

#include "units.h"

namespace esphome::ade9000 {

namespace {

/// The mean of the powers before and after says little about a longer time than this. A chip that had to be set up
/// again may have lost its supply together with the load, so that less is believed of it.
constexpr uint64_t LONGEST_ESTIMATE_US = 60 * SECOND_US;
constexpr uint64_t LONGEST_ESTIMATE_OF_RESTART_US = 10 * SECOND_US;

constexpr uint32_t WINDOW_MS = WINDOW_US / MILLISECOND_US;

}  // namespace

CoveredEnergy EnergyAccount::count(const WindowEnergy &energy, const WindowClock::Span &span,
                                   const Summation &summation) {
  CoveredEnergy covered{.energy = energy, .span_ms = WINDOW_MS, .is_estimated = false};
  const auto missing_windows = static_cast<uint32_t>((span.missing_us + WINDOW_US - 1) / WINDOW_US);
  if (span.missing_us > (span.is_after_restart ? LONGEST_ESTIMATE_OF_RESTART_US : LONGEST_ESTIMATE_US)) {
    this->counters_.unmeasured_windows += missing_windows;
  } else if (span.missing_us > 0) {
    const auto missing_ms = static_cast<uint32_t>(span.missing_us / MILLISECOND_US);
    const WindowEnergy &before = this->has_previous_ ? this->previous_ : energy;
    const WindowEnergy estimate = energy.mean_with(before, static_cast<double>(missing_ms) / WINDOW_MS);
    this->energies_.add(estimate, summation);
    this->counters_.estimated_windows += missing_windows;
    covered.energy += estimate;
    covered.span_ms += missing_ms;
    covered.is_estimated = true;
  }
  this->energies_.add(energy, summation);
  this->previous_ = energy;
  this->has_previous_ = true;
  return covered;
}

}  // namespace esphome::ade9000
