#pragma once

#include "line_set.h"
#include "quantities.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace esphome::ade9000 {

/// Tells the frequencies that the chip has measured from those that it has not.
///
/// Outside 40–70 Hz the chip shows the code of exactly 50 or 60 Hz. A grid of that very frequency comes upon the same
/// code now and then, on one phase or on all. It is believed where another phase, or the window before, shows a
/// frequency that is 0.1 Hz from nominal at most: no grid gets from there out of the range in a second. A phase that
/// has just died shows the code as well, so that a frequency farther from nominal is no reason to believe it.
class Frequencies {
 public:
  /// Forget the window before, because the next one does not follow it.
  void forget() { this->was_nominal_ = false; }

  /// Return the frequency of each line in Hz; NAN where it was not measured. `lines` have zero crossings.
  std::array<double, LINE_COUNT> measure(const std::array<uint32_t, LINE_COUNT> &periods, LineSet lines,
                                         uint8_t line_frequency_hz);

 protected:
  bool was_nominal_{false};  ///< The window before had a frequency within 0.1 Hz of the nominal one.
};

}  // namespace esphome::ade9000
