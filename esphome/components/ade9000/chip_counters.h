#pragma once

#include <cstdint>

namespace esphome::ade9000 {

/// What happened since the chip object was made, for diagnostics.
struct ChipCounters {
  uint32_t readings{0};
  uint32_t estimated_windows{0};   ///< Windows of one second, or parts of one, whose energy had to be estimated.
  uint32_t unmeasured_windows{0};  ///< Windows too many to estimate; their energy is not counted.
  uint32_t rejected_windows{0};    ///< Attempts to read a window that were thrown away for errors on the bus.
  uint32_t restarts{0};            ///< Times the chip had to be set up again after it had run.
};

}  // namespace esphome::ade9000
