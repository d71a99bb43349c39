#include "crc16.h"

namespace esphome::three_phase_wire {

uint16_t crc16(std::span<const uint8_t> data, uint16_t before) {
  unsigned crc = before;
  for (const uint8_t byte : data) {
    crc ^= byte << 8U;
    for (int bit = 0; bit < 8; bit++)
      crc = (crc & 0x8000U) != 0 ? (crc << 1U) ^ 0x1021U : crc << 1U;
  }
  return static_cast<uint16_t>(crc);
}

}  // namespace esphome::three_phase_wire
