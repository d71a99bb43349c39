#pragma once

#include <cstdint>
#include <span>

namespace esphome::three_phase_wire {

inline constexpr uint16_t CRC_PRESET = 0xFFFF;

/// CRC-16/CCITT (polynomial 0x1021), by which a receiver proves what came in parts. Give the CRC of what went before to
/// go on with it.
uint16_t crc16(std::span<const uint8_t> data, uint16_t before = CRC_PRESET);

}  // namespace esphome::three_phase_wire
