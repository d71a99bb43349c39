#pragma once

#include "chip_config.h"
#include "frequencies.h"
#include "line_set.h"
#include "window.h"

#include <cstdint>

namespace esphome::ade9000 {

/// What the chip tells about a window besides its codes.
struct WindowFlags {
  uint32_t status0;    ///< STATUS0.
  uint32_t status1;    ///< STATUS1.
  uint32_t temp_trim;  ///< TEMP_TRIM.
};

/// Lines of which something has been true for three windows in a row. Before the first window all are taken to be.
class Streak {
 public:
  LineSet extend(LineSet lines) {
    const LineSet all = lines & this->last_ & this->before_;
    this->before_ = this->last_;
    this->last_ = lines;
    return all;
  }

  /// Return the lines of which it was true in the last window.
  LineSet last() const { return this->last_; }

  /// Windows are missing, and nobody knows what was true in them.
  void interrupt() { this->last_ = this->before_ = {}; }

 protected:
  LineSet last_{ALL_LINES};
  LineSet before_{ALL_LINES};
};

/// Remembers of the windows before what tells which values of the next one are valid.
class WindowHistory {
 public:
  /// The chip was reset.
  void reset() { this->frequencies_.forget(); }

  /// The chip measures from now on, and no voltage was seen to cross zero.
  void start() { this->lost_lines_ = ALL_LINES; }

  /// Windows are missing. A load may have been away in the meantime; a zero crossing that was away has left its flag.
  void interrupt();

  /// Return what is known about the next window.
  WindowState extend(const Window &window, const WindowEnergy &energy, const WindowFlags &flags,
                     const ChipConfig &config);

 protected:
  LineSet crossing_lines_(uint32_t status1);

  LineSet lost_lines_{};  ///< Without zero crossings.
  Streak crossing_;
  Streak loaded_;
  Frequencies frequencies_;
};

}  // namespace esphome::ade9000
