#pragma once

#include "excursion.h"

#include "esphome/components/ade9000/register_bus.h"

#include <cstdint>
#include <optional>

namespace esphome::ade9000_power_quality {

using namespace ade9000;

/// What the watch for events sees in one pass of the loop, and the way to see more.
struct Sight {
  RegisterBus &bus;
  uint64_t now_us;
  Moment pass;        ///< Since the pass before.
  Moment flagged;     ///< When the flags of this pass were raised: `pass`, or better where an interrupt told.
  bool is_refreshed;  ///< The half-cycle values were refreshed since they were read last.
  bool is_first;      ///< The first pass since the chip measures: what is beyond may have been so before.

  /// Read a value that decides on an event: twice, because a CRC of 16 bits lets one of 65536 faults through. Nothing
  /// when the two do not agree, as between two refreshes.
  std::optional<uint32_t> read(uint16_t address) const {
    for (int attempt = 0; attempt < 2; attempt++) {
      const auto first = this->bus.read(address);
      const auto second = first ? this->bus.read(address) : std::nullopt;
      if (second && *first == *second)
        return second;
    }
    return std::nullopt;
  }
};

}  // namespace esphome::ade9000_power_quality
