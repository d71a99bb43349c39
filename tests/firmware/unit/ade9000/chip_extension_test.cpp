#include "bench.h"

#include "ade9000/registers.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace {

using namespace bench;

constexpr uint32_t DIP_LEVEL = 123'456;

/// Notes what the chip tells it.
class Notes : public ChipExtension {
 public:
  void add_settings(const ChipConfig & /*config*/, Settings &settings) override {
    settings.set(0x410, DIP_LEVEL);
    settings.set_bits(reg::CONFIG1, 1U << 10);
  }
  void start(uint64_t now_us) override { this->started_us.push_back(now_us); }
  void stop(uint64_t now_us) override { this->stopped_us.push_back(now_us); }
  bool wants_look(uint64_t /*now_us*/) const override { return this->wants_every_pass; }
  void look(RegisterBus &bus, const Look &look) override {
    this->looks.push_back(look);
    this->dip_level = bus.read(0x410).value_or(0);
    this->config1 = bus.read(reg::CONFIG1).value_or(0);
  }
  void take_window(const Window &window, const WindowState &state, const Reading &reading) override {
    this->windows++;
    this->crossing_lines = state.crossing_lines;
    this->voltage_code = window.voltage_rms[0];
    this->voltage = reading.get(Quantity::VOLTAGE, Phase::L1);
  }

  bool wants_every_pass{true};
  std::vector<uint64_t> started_us;
  std::vector<uint64_t> stopped_us;
  std::vector<Look> looks;
  uint32_t dip_level{0};
  uint32_t config1{0};
  size_t windows{0};
  LineSet crossing_lines{};
  uint32_t voltage_code{0};
  float voltage{0};
};

class ChipExtensionTest : public testing::Test {
 protected:
  ChipExtensionTest() {
    this->bench.sim.set_scenario(balanced(10));
    this->bench.chip.extend(this->notes);
    this->bench.chip.configure({});
    this->bench.chip.start(0);
  }

  Notes notes;
  Bench bench;
};

TEST_F(ChipExtensionTest, ItsSettingsAreWrittenBeforeTheChipRuns) {
  this->bench.run_until(2 * S);
  EXPECT_EQ(this->notes.dip_level, DIP_LEVEL);
  EXPECT_EQ(this->notes.config1, 1U << 10);
}

TEST_F(ChipExtensionTest, ItLooksFourTimesASecondAndAboutTheEndOfAWindowUnlessItWantsMore) {
  this->notes.wants_every_pass = false;
  this->bench.run_until(3 * S);
  this->notes.looks.clear();
  this->bench.run_until(13 * S);
  // Three in the first 900 ms of each window, seven to eight passes of 16 ms from then to its end, and one to prove it.
  EXPECT_GE(this->notes.looks.size(), 10U * (3 + 8) - 3);
  EXPECT_LE(this->notes.looks.size(), 10U * (3 + 9) + 3);
}

TEST_F(ChipExtensionTest, ItLooksInEveryPassWhileTheChipMeasuresIfItWants) {
  this->bench.run_until(2 * S);
  const auto &looks = this->notes.looks;
  ASSERT_EQ(this->notes.started_us.size(), 1U);
  EXPECT_EQ(looks.front().before_us, this->notes.started_us[0]);
  for (size_t index = 1; index < looks.size(); index++)
    EXPECT_EQ(looks[index].before_us, looks[index - 1].now_us);
  EXPECT_NEAR(static_cast<double>(looks.size()), (2 * S - this->notes.started_us[0]) / (16.0 * MS), 1);
}

TEST_F(ChipExtensionTest, ItGetsEveryWindowFromTheFirstOn) {
  this->bench.run_until(1500 * MS);
  EXPECT_EQ(this->notes.windows, 1U);
  EXPECT_GT(this->notes.voltage_code, 20'000'000U);
  EXPECT_TRUE(std::isnan(this->notes.voltage)) << "the filters have not settled";
  this->bench.run_until(6 * S);
  EXPECT_EQ(this->notes.windows, 5U);
  EXPECT_EQ(this->notes.crossing_lines, ALL_LINES);
  EXPECT_NEAR(this->notes.voltage, 230, 0.1);
}

TEST_F(ChipExtensionTest, ItIsToldWhenTheChipIsLostAndWhenItIsBack) {
  this->bench.run_until(3 * S);
  this->bench.sim.brown_out_at(3500 * MS);
  this->bench.run_until(5 * S);
  ASSERT_EQ(this->notes.stopped_us.size(), 2U) << "at the start, and when the chip was reset";
  ASSERT_EQ(this->notes.started_us.size(), 2U);
  EXPECT_GE(this->notes.stopped_us[1], 3500 * MS);
  EXPECT_GT(this->notes.started_us[1], this->notes.stopped_us[1]);
}

/// A part that needs nothing.
class Idle final : public ChipExtension {
 public:
  void add_settings(const ChipConfig & /*config*/, Settings & /*settings*/) override {}
  void start(uint64_t /*now_us*/) override {}
  void stop(uint64_t /*now_us*/) override {}
  void look(RegisterBus & /*bus*/, const Look & /*look*/) override {}
  void take_window(const Window & /*window*/, const WindowState & /*state*/, const Reading & /*reading*/) override {}
};

TEST(ChipExtensions, SixShareAChip) {
  Bench bench(balanced(10));
  std::array<Idle, 6> parts;
  for (Idle &part : parts)
    EXPECT_TRUE(bench.chip.extend(part));
  bench.chip.start(0);
  bench.run_until(4 * S);
  EXPECT_EQ(bench.chip.state(), ChipState::RUNNING);
}

TEST(ChipExtensions, ASeventhIsRefusedAndTheStatusSaysSo) {
  Bench bench(balanced(10));
  std::array<Idle, 7> parts;
  for (size_t index = 0; index < 6; index++)
    bench.chip.extend(parts[index]);
  EXPECT_FALSE(bench.chip.extend(parts[6]));
  bench.chip.start(0);
  bench.run_until(4 * S);
  EXPECT_EQ(bench.chip.state(), ChipState::STOPPED);
  EXPECT_STREQ(bench.chip.error(), "More parts of the driver share the chip than it can serve: leave one out");
  EXPECT_TRUE(bench.readings.empty());
}

/// A part that wants DIP_LVL to be something else than `Notes` do.
class OtherLevel final : public Notes {
 public:
  void add_settings(const ChipConfig & /*config*/, Settings &settings) override { settings.set(0x410, DIP_LEVEL + 1); }
};

TEST(ChipExtensions, TwoThatSetTheSameRegisterAreAMistakeThatTheStatusTells) {
  Bench bench(balanced(10));
  Notes first;
  OtherLevel second;
  bench.chip.extend(first);
  bench.chip.extend(second);
  bench.chip.start(0);
  EXPECT_EQ(bench.chip.state(), ChipState::STOPPED);
  EXPECT_STREQ(bench.chip.error(), "Two parts of the driver set the same register: leave one of them out");
}

}  // namespace
