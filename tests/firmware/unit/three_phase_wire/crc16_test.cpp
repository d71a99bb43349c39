#include "three_phase_wire/crc16.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <span>

namespace esphome::three_phase_wire {
namespace {

/// The bytes of the check value of every catalogue of CRCs.
constexpr std::array<uint8_t, 9> CHECK{'1', '2', '3', '4', '5', '6', '7', '8', '9'};

TEST(Crc16, HasTheCheckValueOfCcittWithAPresetOfOnes) { EXPECT_EQ(crc16(CHECK), 0x29B1); }

TEST(Crc16, IsThePresetWhereThereIsNothing) { EXPECT_EQ(crc16({}), 0xFFFF); }

TEST(Crc16, GoesOnWhereTheFirstPartEnded) {
  const std::span<const uint8_t> whole = CHECK;
  EXPECT_EQ(crc16(whole.subspan(4), crc16(whole.first(4))), 0x29B1);
}

}  // namespace
}  // namespace esphome::three_phase_wire
