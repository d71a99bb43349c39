#pragma once

#include "chip_figures.h"

#include <cstdint>

namespace esphome::ade9000 {

/// Samples in one window of energy.
inline constexpr uint32_t WINDOW_SAMPLES = SAMPLE_RATE_HZ;
inline constexpr uint64_t WINDOW_US = SECOND_US;

/// When windows end. The chip raises one flag for any number of them, and the host sees it some time later: so the end
/// of each window is foretold from the one before, and put right by what was seen.
class WindowClock {
 public:
  /// A window that was counted.
  struct Span {
    uint64_t end_us;
    uint64_t missing_us;  ///< Between the window counted before and this one; 0 as a rule.
    bool is_after_restart;
  };

  /// The chip begins its windows anew.
  void restart(uint64_t begin_us);

  /// No window has ended since the last call.
  void idle(uint64_t now_us) { this->seen_us_ = now_us; }

  /// A window has ended since the last call, perhaps several.
  void ended(uint64_t now_us);

  /// Count the window that ended last.
  Span take();

  /// Tell when the window that is being measured began.
  uint64_t begin_us() const { return this->begin_us_; }

 protected:
  uint64_t seen_us_{0};      ///< When the flag was last looked at.
  uint64_t earliest_us_{0};  ///< The window that ended last did so not before …
  uint64_t latest_us_{0};    ///< … and not after.
  uint64_t begin_us_{0};     ///< End of the window that was counted last, or start of the chip.
  uint64_t counted_us_{0};   ///< End of the window that was counted last.
  bool has_counted_{false};
  bool is_first_{true};  ///< No window was counted since the start of the chip.
};

}  // namespace esphome::ade9000
