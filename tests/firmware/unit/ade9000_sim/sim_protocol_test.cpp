#include "simulated.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

namespace {

using namespace simulated;

using Bytes = std::vector<uint8_t>;

TEST_F(Simulated, AnswersWithOnesUntil46MillisecondsAfterPowerUp) {
  this->now_us = 46 * MS;
  EXPECT_EQ(this->read(address::PART_ID), 0xFFFFFFFFU);
  this->now_us = 47 * MS;
  EXPECT_EQ(this->read(address::PART_ID) >> 20U & 1U, 1U);
  EXPECT_EQ(this->read(address::STATUS1), 0x00010000U);
  EXPECT_EQ(this->read(address::VERSION), 0x00FEU);
}

TEST_F(Simulated, AnswersWithOnesWhenItIsAbsent) {
  this->sim.set_absent(true);
  EXPECT_EQ(this->read_bytes(address::PART_ID, 6), Bytes(6, 0xFF));
}

TEST_F(Simulated, AppendsTheCrcToReadsOf16And32Bits) {
  EXPECT_EQ(this->read_bytes(address::VERSION, 4), (Bytes{0x00, 0xFE, 0x13, 0xDE}));
  EXPECT_EQ(this->read_bytes(address::APERIOD, 6), (Bytes{0x00, 0xA0, 0x00, 0x00, 0x39, 0x5C}));
}

TEST_F(Simulated, AThirtyTwoBitReadOfA16BitRegisterGivesItsCrc) {
  EXPECT_EQ(this->read_bytes(address::RUN, 4), (Bytes{0x00, 0x00, 0x1D, 0x0F}));
}

TEST_F(Simulated, BurstsGoOnWithTheNextRegisterAndWrapToTheFirst) {
  this->run();
  this->wait(2 * S);
  const uint32_t first = this->read(0x63B);
  const uint32_t last = this->read(0x63C);
  this->write(address::CONFIG1, 0x0800);
  const Bytes burst = this->read_bytes(0x63B, 12);
  const auto word = [&](size_t index) {
    return static_cast<uint32_t>(burst[index] << 24U | burst[index + 1] << 16U | burst[index + 2] << 8U |
                                 burst[index + 3]);
  };
  EXPECT_EQ(word(0), first);
  EXPECT_EQ(word(4), last);
  EXPECT_EQ(word(8), first);
  EXPECT_NEAR(first * VOLT, 230, 1e-3);
}

TEST_F(Simulated, WithBurstsOnOtherReadsRepeatTheirDataInsteadOfTheCrc) {
  this->write(address::CONFIG1, 0x0800);
  EXPECT_EQ(this->read_bytes(address::VERSION, 4), (Bytes{0x00, 0xFE, 0x00, 0xFE}));
  EXPECT_EQ(this->read_bytes(address::VLEVEL, 8), (Bytes{0x00, 0x04, 0x5D, 0x45, 0x00, 0x04, 0x5D, 0x45}));
}

TEST_F(Simulated, BothBurstBlocksAreCopiesOfTheResults) {
  for (size_t phase = 0; phase < 3; phase++)
    this->scenario.phases[phase].current_a = 1.0 + static_cast<double>(phase);
  this->run();
  this->wait(2 * S);
  for (uint16_t phase = 0; phase < 3; phase++) {
    const auto irms = static_cast<uint16_t>(0x20C + 0x20 * phase);
    EXPECT_NEAR(this->read(irms) * AMPERE, 1 + phase, 1e-5);
    EXPECT_EQ(this->read(static_cast<uint16_t>(0x607 + phase)), this->read(irms));
    EXPECT_EQ(this->read(static_cast<uint16_t>(0x682 + 19 * phase)), this->read(irms));
    EXPECT_EQ(this->read(static_cast<uint16_t>(0x60E + phase)),
              this->read(static_cast<uint16_t>(0x210 + 0x20 * phase)));
    EXPECT_EQ(this->read(static_cast<uint16_t>(0x639 + phase)), this->read(static_cast<uint16_t>(0x692 + 19 * phase)));
  }
  EXPECT_EQ(this->read(0x6BC), this->read(0x63C));
}

TEST_F(Simulated, RemembersTheLastCommandAndItsData) {
  this->write(address::VLEVEL, 0x0322EA28);
  EXPECT_EQ(this->read(address::LAST_CMD), command(address::VLEVEL, false));
  EXPECT_EQ(this->read(address::LAST_DATA_32), 0x0322EA28U);
  this->read(address::VERSION);
  EXPECT_EQ(this->read(address::LAST_CMD), command(address::VERSION, true));
  EXPECT_EQ(this->read(address::LAST_DATA_16), 0x00FEU);
}

TEST_F(Simulated, FlagsAreClearedByWritingOnes) {
  this->write(address::STATUS1, 0x00000001);
  EXPECT_EQ(this->read(address::STATUS1), 0x00010000U);
  this->write(address::STATUS1, 0x00010000);
  EXPECT_EQ(this->read(address::STATUS1), 0U);
}

TEST_F(Simulated, TheLockKeepsRegistersFromBeingWritten) {
  this->write(address::WR_LOCK, 0x3C64);
  EXPECT_EQ(this->read(address::WR_LOCK), 1U);
  this->write(address::VLEVEL, 1);
  this->write(address::IGAIN, 1);
  EXPECT_EQ(this->read(address::VLEVEL), 0x00045D45U);
  EXPECT_EQ(this->read(address::IGAIN), 0U);
  this->write(address::WR_LOCK, 0x4AD1);
  this->write(address::VLEVEL, 1);
  EXPECT_EQ(this->read(address::VLEVEL), 1U);
}

TEST_F(Simulated, ResultsCannotBeWritten) {
  this->write(address::PART_ID, 0);
  this->write(address::VERSION, 0);
  this->write(address::TEMP_RSLT, 1);
  EXPECT_EQ(this->read(address::PART_ID), 0x00100000U);
  EXPECT_EQ(this->read(address::VERSION), 0x00FEU);
  EXPECT_EQ(this->read(address::TEMP_RSLT), 0U);
}

TEST_F(Simulated, AnAbortedWriteHasNoEffect) {
  this->exchange({0x40, 0xF0, 0x01, 0x02, 0x03});
  this->exchange({0x40});
  EXPECT_EQ(this->read(address::VLEVEL), 0x00045D45U);
}

TEST_F(Simulated, ASoftwareResetTakes46MillisecondsAndForgetsEverything) {
  this->run();
  this->write(address::VLEVEL, 1);
  this->write(address::CONFIG1, 0x0001);
  EXPECT_EQ(this->read(address::RUN), 0xFFFFU);
  this->wait(47 * MS);
  EXPECT_EQ(this->read(address::RUN), 0U);
  EXPECT_EQ(this->read(address::VLEVEL), 0x00045D45U);
  EXPECT_EQ(this->read(address::STATUS1), 0x00010000U);
}

TEST_F(Simulated, ABrownOutDoesTheSame) {
  this->run();
  this->sim.brown_out_at(this->now_us + S);
  this->wait(S + 20 * MS);
  EXPECT_EQ(this->read(address::RUN), 0xFFFFU);
  this->wait(30 * MS);
  EXPECT_EQ(this->read(address::RUN), 0U);
  EXPECT_EQ(this->read(address::STATUS1), 0x00010000U);
}

TEST_F(Simulated, CrcOfTheLastReadCanBeReadToo) {
  this->read(address::VERSION);
  EXPECT_EQ(this->read(address::CRC_SPI), 0x13DEU);
}

TEST_F(Simulated, TheChecksumOfTheConfigurationTakes10800MicrosecondsAndFollowsItsRegisters) {
  constexpr uint16_t CRC_RSLT = 0x4A8, CRC_FORCE = 0x4B4, VGAIN_A = 0x00B;
  constexpr uint32_t CRC_CHG = 1U << 26, CRC_DONE = 1U << 27;
  this->write(CRC_FORCE, 1);
  this->wait(10'700);
  EXPECT_EQ(this->read(address::STATUS1) & CRC_DONE, 0U);
  this->wait(200);
  EXPECT_EQ(this->read(address::STATUS1) & (CRC_DONE | CRC_CHG), CRC_DONE);
  const uint32_t before = this->read(CRC_RSLT);
  this->write(VGAIN_A, 1);
  this->wait(11 * MS);
  EXPECT_EQ(this->read(address::STATUS1) & CRC_CHG, CRC_CHG);
  EXPECT_NE(this->read(CRC_RSLT), before);
  this->write(VGAIN_A, 0);
  this->wait(11 * MS);
  EXPECT_EQ(this->read(CRC_RSLT), before);
}

TEST_F(Simulated, OptionalRegistersJoinTheChecksumWhenTheyAreSelected) {
  constexpr uint16_t CRC_RSLT = 0x4A8, CRC_FORCE = 0x4B4, CRC_OPTEN = 0x4B5;
  for (const bool is_selected : {false, true}) {
    this->write(CRC_OPTEN, is_selected ? 1U << 10 : 0);
    this->write(CRC_FORCE, 1);
    this->wait(11 * MS);
    const uint32_t before = this->read(CRC_RSLT);
    this->write(address::ZXTOUT, is_selected ? 0x1111 : 0x2222);
    this->wait(11 * MS);
    EXPECT_EQ(this->read(CRC_RSLT) != before, is_selected);
  }
}

}  // namespace
