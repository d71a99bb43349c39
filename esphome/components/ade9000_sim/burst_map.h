#pragma once

#include <cstdint>

namespace esphome::ade9000_sim {

/// Return the source register of a word in the burst blocks 0x600–0x63C and 0x680–0x6BC; any other address stays
/// unchanged.
uint16_t original_of(uint16_t address);

/// Return the next address in a burst, or the same address if bursts repeat it.
uint16_t next_in_burst(uint16_t address, uint16_t first);

}  // namespace esphome::ade9000_sim
