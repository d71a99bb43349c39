#pragma once

#include "register_file.h"

#include <cstdint>
#include <limits>

namespace esphome::ade9000_sim {

/// The chip's checksum over its configuration registers. CRC_FORCE requests it, and it is ready 10.8 ms later. From
/// then on the chip keeps it up to date, with a flag for each change.
///
/// The manual lists its registers only in part. The model includes the signal path, CONFIG0…3 with BURST_EN, the
/// modes and levels, and the optional registers that CRC_OPTEN selects. The factory trims, which make the value unique
/// to one chip, are a constant.
class ConfigurationCrc {
 public:
  explicit ConfigurationCrc(RegisterFile &registers) : registers_(registers) {}

  /// Forget everything, as after a reset.
  void stop();

  /// A register has changed, by a write or by a disturbance.
  void changed() { this->is_stale_ = true; }

  /// CRC_FORCE was written.
  void force(uint64_t now_us);

  /// Update result and flags to an instant.
  void advance(uint64_t now_us);

 protected:
  uint16_t compute_() const;
  bool is_included_(uint16_t address) const;

  RegisterFile &registers_;
  uint64_t ready_us_{std::numeric_limits<uint64_t>::max()};  ///< When the requested checksum is ready.
  uint64_t next_us_{std::numeric_limits<uint64_t>::max()};   ///< When the background task completes its next round.
  bool is_stale_{false};
};

}  // namespace esphome::ade9000_sim
