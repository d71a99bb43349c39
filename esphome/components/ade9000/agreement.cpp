#include "agreement.h"

#include "chip_config.h"

#include <algorithm>
#include <array>

namespace esphome::ade9000 {

namespace {

/// What is refreshed in every cycle of the line differs in one of 50 pairs of passes.
constexpr int MOST_PASSES = 5;

constexpr size_t MOST_WORDS = 7;

constexpr uint32_t PARTS_OF_VALUE = 1024;
constexpr uint32_t LEAST_TOLERANCE = FULL_SCALE_RMS_CODE / 65536;

bool read_pass(RegisterBus &bus, uint16_t first, uint16_t stride, std::span<uint32_t> codes) {
  uint16_t address = first;
  for (uint32_t &code : codes) {
    const auto word = bus.read(address);
    if (!word)
      return false;
    code = *word;
    address = static_cast<uint16_t>(address + stride);
  }
  return true;
}

bool is_close(uint32_t one, uint32_t other) {
  const uint32_t larger = std::max(one, other);
  return larger - std::min(one, other) <= std::max(larger / PARTS_OF_VALUE, LEAST_TOLERANCE);
}

}  // namespace

bool read_agreed(RegisterBus &bus, uint16_t first, uint16_t stride, std::span<uint32_t> codes) {
  std::array<uint32_t, MOST_WORDS> memory;
  const auto before = std::span(memory).first(codes.size());
  if (!read_pass(bus, first, stride, codes))
    return false;
  for (int pass = 1; pass < MOST_PASSES; pass++) {
    std::copy(codes.begin(), codes.end(), before.begin());
    if (!read_pass(bus, first, stride, codes))
      return false;
    if (std::equal(codes.begin(), codes.end(), before.begin()))
      return true;
  }
  return false;
}

std::optional<uint32_t> read_agreed(RegisterBus &bus, uint16_t address) {
  uint32_t code;
  return read_agreed(bus, address, 0, {&code, 1}) ? std::optional(code) : std::nullopt;
}

std::optional<uint32_t> read_moving(RegisterBus &bus, uint16_t address) {
  auto before = bus.read(address);
  for (int pass = 1; before && pass < MOST_PASSES; pass++) {
    const auto now = bus.read(address);
    if (now && is_close(*now, *before))
      return now;
    before = now;
  }
  return std::nullopt;
}

}  // namespace esphome::ade9000
