#pragma once

#include <cstdint>

namespace esphome::ade9000_sim {

/// Return the register of which a word of the burst blocks 0x600–0x63C and 0x680–0x6BC is a copy; any other address is
/// returned as it is.
uint16_t original_of(uint16_t address);

/// Return the address that follows in a burst, or the same address where bursts repeat it.
uint16_t next_in_burst(uint16_t address, uint16_t first);

}  // namespace esphome::ade9000_sim
