#include "ade9000/agreement.h"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <vector>

namespace esphome::ade9000 {
namespace {

/// A chip on a bus where one read of a register may hear another one.
class MisheardBus final : public RegisterBus {
 public:
  std::optional<uint32_t> read(uint16_t address) override {
    const size_t number = this->reads_++;
    if (number == this->silent_read)
      return std::nullopt;
    return this->misheard.contains(number) ? this->misheard[number] : this->registers[address];
  }
  std::optional<uint32_t> read_once(uint16_t address) override { return this->read(address); }
  bool write(uint16_t /*address*/, uint32_t /*value*/) override { return true; }
  BusFault fault() const override { return BusFault::NONE; }

  size_t reads() const { return this->reads_; }

  std::map<uint16_t, uint32_t> registers{{0x100, 1'000'000}, {0x102, 20}, {0x104, 30}};
  std::map<size_t, uint32_t> misheard;  ///< What a read gives instead, by its number from 0.
  size_t silent_read{SIZE_MAX};

 protected:
  size_t reads_{0};
};

class Agreement : public testing::Test {
 protected:
  MisheardBus bus;
  std::array<uint32_t, 3> codes{};
};

TEST_F(Agreement, OfTwoPassesIsEnough) {
  ASSERT_TRUE(read_agreed(this->bus, 0x100, 2, this->codes));
  EXPECT_EQ(this->codes, (std::array<uint32_t, 3>{1'000'000, 20, 30}));
  EXPECT_EQ(this->bus.reads(), 6U);
}

TEST_F(Agreement, IsNotReachedWithAReadThatHeardAnotherAddress) {
  for (size_t read = 0; read < 6; read++) {
    MisheardBus misheard;
    misheard.misheard[read] = 77;
    ASSERT_TRUE(read_agreed(misheard, 0x100, 2, this->codes));
    EXPECT_EQ(this->codes, (std::array<uint32_t, 3>{1'000'000, 20, 30})) << "read " << read;
    EXPECT_GT(misheard.reads(), 6U);
  }
}

TEST_F(Agreement, IsNotWaitedForForEver) {
  for (size_t read = 0; read < 100; read++)
    this->bus.misheard[read] = static_cast<uint32_t>(read);
  EXPECT_FALSE(read_agreed(this->bus, 0x100, 2, this->codes));
  EXPECT_LE(this->bus.reads(), 15U);
}

TEST_F(Agreement, NeedsEveryRead) {
  this->bus.silent_read = 4;
  EXPECT_FALSE(read_agreed(this->bus, 0x100, 2, this->codes));
}

TEST_F(Agreement, OfAValueThatMovesIsWithinAThousandth) {
  this->bus.misheard = {{0, 1'000'900}, {1, 1'000'000}};
  EXPECT_EQ(read_moving(this->bus, 0x100), 1'000'000U);
  EXPECT_EQ(this->bus.reads(), 2U);
}

TEST_F(Agreement, OfAValueThatMovesIsNotReachedWithAnotherOne) {
  this->bus.misheard = {{0, 990'000}};
  EXPECT_EQ(read_moving(this->bus, 0x100), 1'000'000U);
  EXPECT_EQ(this->bus.reads(), 3U);
}

TEST_F(Agreement, OfNoiseIsWithinAFewCodes) {
  this->bus.misheard = {{0, 700}};
  EXPECT_EQ(read_moving(this->bus, 0x102), 20U);
  EXPECT_EQ(this->bus.reads(), 2U);
}

TEST_F(Agreement, OfAValueThatMovesNeedsEveryRead) {
  this->bus.silent_read = 1;
  EXPECT_FALSE(read_moving(this->bus, 0x100));
}

}  // namespace
}  // namespace esphome::ade9000
