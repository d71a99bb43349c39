#include "bench.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace {

using namespace bench;

constexpr uint64_t BOOT_US = 46'500;

bool is_write(const std::vector<uint8_t> &frame) { return (frame[1] & 0x08U) == 0; }

uint16_t address_of(const std::vector<uint8_t> &frame) {
  return static_cast<uint16_t>(frame[0] << 4U | frame[1] >> 4U);
}

TEST(ChipStart, DoesNothingUntilItIsStarted) {
  Bench bench;
  bench.run_until(1 * S);
  EXPECT_EQ(bench.chip.state(), ChipState::STOPPED);
  EXPECT_EQ(bench.wires.bytes, 0U);
}

TEST(ChipStart, WritesNoSettingBeforeTheResetIsDone) {
  // A reset takes 46.5 ms, not the 90 µs or 10 ms of other drivers.
  Bench bench(balanced(10));
  while (bench.now_us < BOOT_US) {
    bench.run_until(bench.now_us + 1 * MS, 1 * MS);
    for (const auto &frame : bench.wires.sent)
      EXPECT_FALSE(is_write(frame)) << "at " << bench.now_us << " µs to " << address_of(frame);
  }
  EXPECT_EQ(bench.chip.state(), ChipState::RESETTING);
}

TEST(ChipStart, PollsTheResetEveryFiveMilliseconds) {
  Bench bench(balanced(10));
  size_t polls = 0;
  while (bench.now_us < 40 * MS) {
    bench.run_until(bench.now_us + 1 * MS, 1 * MS);
    polls += bench.wires.sent.empty() ? 0 : 1;
  }
  EXPECT_EQ(polls, 8U);
}

TEST(ChipStart, IsReadyToMeasureSoonAfterTheReset) {
  Bench bench(balanced(10));
  bench.run_until(150 * MS);
  EXPECT_EQ(bench.chip.state(), ChipState::SETTLING);
  EXPECT_STREQ(bench.chip.error(), "");
  bench.run_until(2300 * MS);
  EXPECT_EQ(bench.chip.state(), ChipState::RUNNING);
}

TEST(ChipStart, ReportsNoValuesWhileFiltersSettleButCountsTheEnergy) {
  Bench bench(balanced(10));
  bench.run_until(1300 * MS);
  ASSERT_EQ(bench.readings.size(), 1U);
  for (const float value : bench.last().values)
    EXPECT_TRUE(std::isnan(value));
  // 2300 W for 1 s.
  EXPECT_EQ(bench.counter(Quantity::ACTIVE_ENERGY_IMPORT, Phase::L1), 638);
}

TEST(ChipStart, EachCallOfLoopIsShort) {
  Bench bench(balanced(10));
  bench.run_until(5 * S);
  // 2.4 ms at 5 MHz.
  EXPECT_LT(bench.most_bytes, 2.4 * 5000 / 8);
}

TEST(ChipStart, TellsThatNoChipAnswersAndLooksForItEveryHalfSecond) {
  Bench bench(balanced(10));
  bench.sim.set_absent(true);
  std::vector<uint64_t> waits_ms;
  uint64_t since_us = 0;
  for (ChipState before = ChipState::RESETTING; bench.now_us < 20 * S; before = bench.chip.state()) {
    bench.call();
    if (before == ChipState::RESETTING && bench.chip.state() == ChipState::WAITING)
      since_us = bench.now_us;
    if (before == ChipState::WAITING && bench.chip.state() == ChipState::RESETTING)
      waits_ms.push_back((bench.now_us - since_us) / MS);
    bench.now_us += 10 * MS;
  }
  EXPECT_EQ(waits_ms.size(), 26U) << "each try takes 250 ms";
  EXPECT_EQ(waits_ms, std::vector<uint64_t>(waits_ms.size(), 500));
  EXPECT_EQ(std::string(bench.chip.error()), "No chip answers: check its supply and the wires of CS and MISO");
  EXPECT_TRUE(bench.readings.empty());
}

TEST(ChipStart, RecoversWhenTheChipIsConnectedLater) {
  Bench bench(balanced(10));
  bench.sim.set_absent(true);
  bench.run_until(5 * S);
  EXPECT_EQ(bench.chip.state(), ChipState::WAITING);
  bench.sim.set_absent(false);
  bench.run_until(12 * S);
  EXPECT_EQ(bench.chip.state(), ChipState::RUNNING);
  EXPECT_STREQ(bench.chip.error(), "");
}

TEST(ChipStart, TellsThatMisoIsStuckLow) {
  Bench bench(balanced(10));
  bench.sim.set_miso_fault(MisoFault::STUCK_LOW);
  bench.run_until(1 * S);
  EXPECT_EQ(std::string(bench.chip.error()), "MISO is always low: check its wire and the chip's supply");
}

TEST(ChipStart, TellsThatBitsAreLost) {
  Bench bench(balanced(10));
  bench.sim.flip_miso_bits(0.1, 3);
  bench.run_until(1 * S);
  EXPECT_EQ(std::string(bench.chip.error()), "Bits are lost on the SPI bus: shorten the wires or lower data_rate");
}

TEST(ChipStart, RefusesAChipThatIsNotAnAde9000) {
  Bench bench(balanced(10));
  constexpr uint16_t PART_ID = 0x472;
  bench.run_until(48 * MS, 1 * MS);
  bench.sim.corrupt(PART_ID, 0);
  bench.run_until(200 * MS);
  EXPECT_EQ(bench.chip.state(), ChipState::WAITING);
  EXPECT_EQ(std::string(bench.chip.error()), "The chip is not an ADE9000");
}

TEST(ChipStart, RefusesAChipThatDidNotTakeTheReset) {
  Bench bench(balanced(10));
  constexpr uint16_t RUN = 0x480;
  bench.run_until(48 * MS, 1 * MS);
  bench.sim.corrupt(RUN, 1);
  bench.run_until(200 * MS);
  EXPECT_EQ(std::string(bench.chip.error()), "The chip ignores its reset: check MOSI and CS");
}

TEST(ChipStart, NoticesAChipThatDoesNotKeepItsSettings) {
  Bench bench(balanced(10));
  constexpr uint16_t WR_LOCK = 0x4BF;
  bench.run_until(48 * MS, 1 * MS);
  bench.sim.corrupt(WR_LOCK, 1);
  bench.run_until(200 * MS);
  EXPECT_EQ(bench.chip.state(), ChipState::WAITING);
  EXPECT_EQ(std::string(bench.chip.error()), "The chip does not keep its settings: check MOSI and the supply");
}

TEST(ChipStart, SurvivesTheLossOfAnySingleFrameOfTheSetUp) {
  for (uint32_t frame = 0; frame < 80; frame++) {
    Bench bench(balanced(10));
    bench.run_until(45 * MS, 1 * MS);
    bench.sim.lose_frame(frame);
    bench.run_until(5 * S);
    EXPECT_EQ(bench.chip.state(), ChipState::RUNNING) << "frame " << frame;
    EXPECT_NEAR(bench.get(Quantity::VOLTAGE, Phase::L1), 230, 0.01) << "frame " << frame;
    EXPECT_NEAR(bench.get(Quantity::ACTIVE_POWER, Phase::L3), 2300, 0.1) << "frame " << frame;
  }
}

TEST(ChipStart, ANewConfigurationIsTakenOverAndTheCountersGoOn) {
  Bench bench(balanced(10));
  bench.run_until(5 * S);
  const int64_t before = bench.counter(Quantity::ACTIVE_ENERGY_IMPORT, Phase::L1);
  ChipConfig config;
  config.phases[0].calibration.voltage = 1.01;
  bench.chip.configure(config);
  bench.chip.start(bench.now_us);
  bench.run_until(9 * S);
  EXPECT_NEAR(bench.get(Quantity::VOLTAGE, Phase::L1), 232.3, 0.01);
  EXPECT_GT(bench.counter(Quantity::ACTIVE_ENERGY_IMPORT, Phase::L1), before);
}

}  // namespace
