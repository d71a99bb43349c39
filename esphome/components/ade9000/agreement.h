#pragma once

#include "register_bus.h"

#include <cstdint>
#include <optional>
#include <span>

namespace esphome::ade9000 {

/// Read registers that are `stride` apart, all of them and again, until two passes in a row agree.
///
/// The CRC of an answer says nothing of the question: a bit that flips on MOSI reads another register. Two passes that
/// agree have both read what they were to, and no refresh came between any two of the words.
bool read_agreed(RegisterBus &bus, uint16_t first, uint16_t stride, std::span<uint32_t> codes);

std::optional<uint32_t> read_agreed(RegisterBus &bus, uint16_t address);

/// Read a register that moves with every sample until two reads in a row are within 1/1024 of each other, or within
/// 1/65536 of full scale where there is next to nothing.
std::optional<uint32_t> read_moving(RegisterBus &bus, uint16_t address);

}  // namespace esphome::ade9000
