#include "burst_map.h"

#include <cstddef>
#include <iterator>

namespace esphome::ade9000_sim {

namespace {

constexpr uint16_t RESULT_STRIDE = 0x020;
constexpr uint16_t PHASES = 3;

/// The registers of phase A, or of the neutral, in the order of the first block; a phase is followed by the other two.
constexpr uint16_t BY_QUANTITY[] = {
    0x20B,                       // V_PCF
    0x265,                       // NI_PCF
    0x20A,                       // I_PCF
    0x20C, 0x20D,                // IRMS, VRMS
    0x266,                       // NIRMS
    0x210, 0x212, 0x211, 0x214,  // WATT, VA, VAR, FVAR
    0x216, 0x217, 0x218,         // PF, VTHD, ITHD
    0x213, 0x215, 0x20E, 0x20F,  // FWATT, FVA, IFRMS, VFRMS
    0x219, 0x21A,                // IRMSONE, VRMSONE
    0x267,                       // NIRMSONE
    0x21B, 0x21C,                // IRMS1012, VRMS1012
    0x268,                       // NIRMS1012
};

/// The registers of phase A in the order of the second block, which holds phase after phase and then the neutral.
constexpr uint16_t BY_PHASE[] = {0x20B, 0x20A, 0x20C, 0x20D, 0x210, 0x212, 0x211, 0x214, 0x216, 0x217,
                                 0x218, 0x213, 0x215, 0x20E, 0x20F, 0x219, 0x21A, 0x21B, 0x21C};

constexpr uint16_t FIRST_NEUTRAL = 0x265;

struct Block {
  uint16_t first;
  uint16_t last;
};

constexpr Block BLOCKS[] = {{0x500, 0x516}, {0x600, 0x63C}, {0x680, 0x6BC}};

uint16_t in_first_block(uint16_t offset) {
  for (const uint16_t original : BY_QUANTITY) {
    const uint16_t words = original < FIRST_NEUTRAL ? PHASES : 1;
    if (offset < words)
      return static_cast<uint16_t>(original + offset * RESULT_STRIDE);
    offset = static_cast<uint16_t>(offset - words);
  }
  return 0;
}

uint16_t in_second_block(uint16_t offset) {
  constexpr uint16_t WORDS = std::size(BY_PHASE);
  if (offset >= PHASES * WORDS)
    return static_cast<uint16_t>(FIRST_NEUTRAL + offset - PHASES * WORDS);
  return static_cast<uint16_t>(BY_PHASE[offset % WORDS] + offset / WORDS * RESULT_STRIDE);
}

}  // namespace

uint16_t original_of(uint16_t address) {
  if (address >= BLOCKS[1].first && address <= BLOCKS[1].last)
    return in_first_block(static_cast<uint16_t>(address - BLOCKS[1].first));
  if (address >= BLOCKS[2].first && address <= BLOCKS[2].last)
    return in_second_block(static_cast<uint16_t>(address - BLOCKS[2].first));
  return address;
}

uint16_t next_in_burst(uint16_t address, uint16_t first) {
  for (const Block &block : BLOCKS) {
    if (address >= block.first && address <= block.last)
      return address == block.last ? first : static_cast<uint16_t>(address + 1);
  }
  return address;
}

}  // namespace esphome::ade9000_sim
