#pragma once

#include "chip_config.h"
#include "reading.h"
#include "register_bus.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace esphome::ade9000 {

/// A voltage and a current.
using PeakValues = ValueList<2>;

/// The largest instantaneous voltage and current of any phase since the last reading.
///
/// The chip clears its registers when they are read. So each is read once at the end of a window and kept until the
/// window is reported; what was lost on the bus makes the peak of that window unknown.
class Peaks {
 public:
  /// Take over what the chip holds, at the end of each window.
  void read(RegisterBus &bus);

  /// Return the peaks of everything that was read since `forget`.
  PeakValues values(const Scales &scales) const;

  /// Start over.
  void forget() { this->peaks_ = {}; }

 protected:
  static constexpr size_t COUNT = 2;

  struct Peak {
    uint32_t code{0};
    bool is_lost{false};
  };

  std::array<Peak, COUNT> peaks_{};
};

}  // namespace esphome::ade9000
