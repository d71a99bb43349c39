#pragma once

#include "register_file.h"

#include <cstdint>
#include <limits>

namespace esphome::ade9000_sim {

/// The chip's checksum over its configuration registers: asked for by CRC_FORCE, there 10.8 ms later, and kept up to
/// date from then on, with a flag for each change.
///
/// Which registers belong to it the manual lists only in part; taken here are the signal path, CONFIG0…3 with BURST_EN,
/// the modes and levels, and of the optional ones those that CRC_OPTEN selects. The trims of the factory, which make
/// the value that of one chip, are a constant.
class ConfigurationCrc {
 public:
  explicit ConfigurationCrc(RegisterFile &registers) : registers_(registers) {}

  /// Forget everything, as by a reset.
  void stop();

  /// A register has changed, by a write or by a disturbance.
  void changed() { this->is_stale_ = true; }

  /// CRC_FORCE was written.
  void force(uint64_t now_us);

  /// Bring result and flags up to an instant.
  void advance(uint64_t now_us);

 protected:
  uint16_t compute_() const;
  bool is_included_(uint16_t address) const;

  RegisterFile &registers_;
  uint64_t ready_us_{std::numeric_limits<uint64_t>::max()};  ///< When the checksum that was asked for is there.
  uint64_t next_us_{std::numeric_limits<uint64_t>::max()};   ///< When the background task is through again.
  bool is_stale_{false};
};

}  // namespace esphome::ade9000_sim
