#include "bench.h"

#include "three_phase_wire/crc16.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <initializer_list>
#include <vector>

namespace {

using namespace bench;

constexpr uint16_t VLEVEL = 0x40F;
constexpr uint16_t RUN = 0x480;
constexpr uint16_t CONFIG1 = 0x481;
constexpr uint16_t VERSION = 0x4FE;
constexpr uint16_t STATUS1 = 0x403;
constexpr uint16_t WR_LOCK = 0x4BF;
constexpr uint32_t BURST_EN = 0x0800;

/// A bus on a chip that has come out of reset.
class SpiBus : public testing::Test {
 protected:
  SpiBus() { this->wires.now_us = 50 * MS; }

  SimChip sim;
  Wires wires{sim};
  SpiRegisterBus bus{wires};
};

uint16_t crc(std::initializer_list<uint8_t> bytes) {
  return esphome::three_phase_wire::crc16(std::vector<uint8_t>(bytes));
}

TEST(Crc, HasTheVectorsOfTheDataSheet) {
  EXPECT_EQ(crc({'1', '2', '3', '4', '5', '6', '7', '8', '9'}), 0x29B1);
  EXPECT_EQ(crc({0x00, 0xFE}), 0x13DE);
  EXPECT_EQ(crc({0x00, 0x00}), 0x1D0F);
  EXPECT_EQ(crc({0x00, 0x01}), 0x0D2E);
  EXPECT_EQ(crc({0x00, 0x63}), 0x41CA);
  EXPECT_EQ(crc({0x00, 0x00, 0x00, 0x00}), 0x84C0);
  EXPECT_EQ(crc({0xFF, 0xFF, 0xFF, 0xFF}), 0x1D0F);
  EXPECT_EQ(crc({0x00, 0x10, 0x00, 0x00}), 0xC7A3);
  EXPECT_EQ(crc({0x00, 0xA0, 0x00, 0x00}), 0x395C);
  EXPECT_EQ(crc({0x03, 0x22, 0xEA, 0x28}), 0xADA9);
}

TEST_F(SpiBus, ReadsA32BitRegisterInEightBytes) {
  EXPECT_EQ(this->bus.read(VLEVEL), 0x00045D45U);
  EXPECT_EQ(this->wires.sent, (std::vector<std::vector<uint8_t>>{{0x40, 0xF8, 0, 0, 0, 0, 0, 0}}));
}

TEST_F(SpiBus, ReadsA16BitRegisterInSixBytes) {
  EXPECT_EQ(this->bus.read(VERSION), 0x00FEU);
  EXPECT_EQ(this->wires.sent, (std::vector<std::vector<uint8_t>>{{0x4F, 0xE8, 0, 0, 0, 0}}));
}

TEST_F(SpiBus, WritesMostSignificantByteFirstAndReadsBack) {
  EXPECT_TRUE(this->bus.write(VLEVEL, 0x0322EA28));
  ASSERT_EQ(this->wires.sent.size(), 2U);
  EXPECT_EQ(this->wires.sent[0], (std::vector<uint8_t>{0x40, 0xF0, 0x03, 0x22, 0xEA, 0x28}));
  EXPECT_EQ(this->bus.read(VLEVEL), 0x0322EA28U);
}

TEST_F(SpiBus, RetriesAReadWhoseCrcIsWrong) {
  this->sim.flip_miso_bit(0, 16 + 31);
  EXPECT_EQ(this->bus.read(VLEVEL), 0x00045D45U);
  EXPECT_EQ(this->bus.counters().crc_errors, 1U);
}

TEST_F(SpiBus, DoesNotRepeatAReadThatClearsWhatItReads) {
  constexpr uint16_t VPEAK = 0x401;
  this->sim.corrupt(VPEAK, 0x01234567);
  this->sim.flip_miso_bit(0, 16 + 31);
  EXPECT_FALSE(this->bus.read_once(VPEAK));
  EXPECT_EQ(this->wires.sent.size(), 1U);
  EXPECT_EQ(this->bus.fault(), BusFault::CRC);
  this->sim.corrupt(VPEAK, 0x01234567);
  EXPECT_EQ(this->bus.read_once(VPEAK), 0x01234567U);
  EXPECT_EQ(this->bus.read_once(VPEAK), 0U);
}

TEST_F(SpiBus, FindsEverySingleFlippedBitOfA32BitAnswer) {
  for (size_t bit = 16; bit < 64; bit++) {
    this->sim.flip_miso_bit(0, bit);
    EXPECT_EQ(this->bus.read(VLEVEL), 0x00045D45U) << "bit " << bit;
  }
  EXPECT_EQ(this->bus.counters().crc_errors, 48U);
}

TEST_F(SpiBus, TellsAnAbsentChipFromStuckLinesAndFromNoise) {
  this->sim.set_absent(true);
  EXPECT_FALSE(this->bus.read(VLEVEL));
  EXPECT_EQ(this->bus.fault(), BusFault::STUCK_HIGH);
  EXPECT_FALSE(this->bus.write(VLEVEL, 1));

  this->sim.set_absent(false);
  this->sim.set_miso_fault(MisoFault::STUCK_LOW);
  EXPECT_FALSE(this->bus.read(VLEVEL));
  EXPECT_EQ(this->bus.fault(), BusFault::STUCK_LOW);

  this->sim.set_miso_fault(MisoFault::NONE);
  this->sim.flip_miso_bits(0.5, 7);
  EXPECT_FALSE(this->bus.read(VLEVEL));
  EXPECT_EQ(this->bus.fault(), BusFault::CRC);

  EXPECT_EQ(this->bus.counters().unanswered, 15U);
  EXPECT_EQ(this->bus.counters().crc_errors, 3U);
}

TEST_F(SpiBus, RepeatsAWriteThatWasLost) {
  this->sim.lose_frame(0);
  EXPECT_TRUE(this->bus.write(VLEVEL, 42));
  EXPECT_EQ(this->bus.read(VLEVEL), 42U);
  EXPECT_EQ(this->bus.counters().write_mismatches, 1U);
}

TEST_F(SpiBus, ReportsARegisterThatDoesNotTakeAValue) {
  constexpr uint16_t PART_ID = 0x472;
  EXPECT_FALSE(this->bus.write(PART_ID, 0));
  EXPECT_EQ(this->bus.fault(), BusFault::READ_BACK);
  EXPECT_EQ(this->bus.counters().write_mismatches, 3U);
}

TEST_F(SpiBus, DoesNotExpectFlagsAndCommandsToReadBack) {
  EXPECT_TRUE(this->bus.write(STATUS1, 0x00010000));
  EXPECT_EQ(this->bus.read(STATUS1), 0U);
  EXPECT_TRUE(this->bus.write(WR_LOCK, 0x3C64));
  EXPECT_TRUE(this->bus.write(WR_LOCK, 0x4AD1));
  EXPECT_TRUE(this->bus.write(CONFIG1, 0x0420));
  EXPECT_EQ(this->bus.read(CONFIG1), 0x0400U);
  EXPECT_TRUE(this->bus.write(CONFIG1, 0x0001));
  EXPECT_EQ(this->bus.counters().write_mismatches, 0U);
}

}  // namespace
