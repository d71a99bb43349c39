#include "bench.h"

#include "ade9000/registers.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <span>
#include <string>

namespace {

using namespace bench;

constexpr double WATT = 2300;
constexpr double MWH_PER_SECOND = WATT / 3.6;

double imported(const Reading &reading, Phase phase = Phase::L1) {
  return static_cast<double>(reading.counter(Quantity::ACTIVE_ENERGY_IMPORT, phase));
}

/// The load of 2300 W is constant: every second from the first reading to the last is counted once.
void expect_every_second_counted_once(const Bench &bench) {
  const Reading &first = bench.readings.front();
  const Reading &last = bench.last();
  const double seconds = static_cast<double>(last.uptime_us - first.uptime_us) / S;
  EXPECT_NEAR(imported(last) - imported(first), MWH_PER_SECOND * std::round(seconds), 1.5)
      << "of " << seconds << " s, " << bench.chip.counters().estimated_windows << " estimated";
}

/// Spans follow on each other without gap or overlap, and counters never fall.
void expect_seamless(const Bench &bench) {
  for (size_t index = 1; index < bench.readings.size(); index++) {
    const Reading &before = bench.readings[index - 1];
    const Reading &reading = bench.readings[index];
    EXPECT_NEAR(static_cast<double>(reading.uptime_us - before.uptime_us), reading.span_ms * 1e3, 17e3)
        << "reading " << index;
    EXPECT_GE(imported(reading), imported(before));
  }
}

/// Every value that is reported is that of the scenario; while filters settle none is. After windows that nobody read
/// the angle of a load is not known, because it may just have come.
void expect_true_values(std::span<const Reading> readings) {
  for (const Reading &reading : readings) {
    if (std::isnan(reading.get(Quantity::VOLTAGE, Phase::L1)))
      continue;
    for (const Phase phase : LINES) {
      EXPECT_NEAR(reading.get(Quantity::VOLTAGE, phase), 230, 0.001);
      EXPECT_NEAR(reading.get(Quantity::CURRENT, phase), 10, 0.0001);
      EXPECT_NEAR(reading.get(Quantity::ACTIVE_POWER, phase), WATT, 0.01);
      EXPECT_NEAR(reading.get(Quantity::REACTIVE_POWER, phase), 0, 0.01);
      EXPECT_NEAR(reading.get(Quantity::FREQUENCY, phase), 50, 1e-4);
      if ((reading.flags & FLAG_ESTIMATED) != 0) {
        EXPECT_TRUE(std::isnan(reading.get(Quantity::PHASE_ANGLE, phase)));
      } else {
        EXPECT_NEAR(reading.get(Quantity::PHASE_ANGLE, phase), 0, 0.01);
      }
    }
    EXPECT_NEAR(reading.get(Quantity::PHASE_TO_PHASE_VOLTAGE, Phase::L23), 398.4, 0.05);
    EXPECT_NEAR(reading.get(Quantity::CALCULATED_CURRENT, Phase::N), 0, 0.001);
    EXPECT_NEAR(reading.get(Quantity::VOLTAGE_UNBALANCE, Phase::TOTAL), 0, 3e-4);
    // A peak that was lost on the bus is not valid.
    if (const float peak = reading.get(Quantity::VOLTAGE_PEAK, Phase::TOTAL); !std::isnan(peak)) {
      EXPECT_NEAR(peak, 325.27, 0.01);
    }
  }
}

TEST(MissedWindows, AreEstimatedAndSaidSo) {
  Bench bench(balanced(10));
  bench.run_until(4500 * MS);
  const double before = imported(bench.last());
  bench.be_busy(3500 * MS);
  ASSERT_TRUE(bench.call());
  EXPECT_EQ(bench.last().flags, FLAG_ESTIMATED);
  EXPECT_EQ(bench.last().span_ms, 3000U);
  EXPECT_NEAR(imported(bench.last()) - before, 3 * MWH_PER_SECOND, 1);
  EXPECT_NEAR(bench.get(Quantity::ACTIVE_POWER, Phase::L1), WATT, 0.01);
  EXPECT_EQ(bench.chip.counters().estimated_windows, 2U);
}

TEST(MissedWindows, HaveTheMeanPowerOfBeforeAndAfter) {
  Scenario scenario = balanced(10);
  scenario.add_step({.duration_s = 6});
  scenario.add_step({.duration_s = 100, .current_factor = {3, 3, 3}});
  Bench bench(scenario);
  bench.run_until(4500 * MS);
  const double before = imported(bench.last());
  bench.be_busy(4 * S);
  ASSERT_TRUE(bench.call());
  // Three windows at the mean of 2300 W and 6900 W, and the last one measured.
  EXPECT_NEAR(imported(bench.last()) - before, (3 * 2 + 3) * MWH_PER_SECOND, 1);
}

TEST(MissedWindows, AreNeverMissedTwiceNorCountedTwice) {
  for (uint64_t busy_ms = 900; busy_ms <= 5000; busy_ms += 19) {
    Bench bench(balanced(10));
    bench.run_until(4 * S);
    bench.be_busy(busy_ms * MS);
    bench.run_until(bench.now_us + 3 * S);
    SCOPED_TRACE(busy_ms);
    expect_every_second_counted_once(bench);
    expect_seamless(bench);
  }
}

TEST(MissedWindows, AreNotInventedForLongAbsences) {
  Bench bench(balanced(10));
  bench.run_until(4500 * MS);
  const double before = imported(bench.last());
  bench.be_busy(100 * S);
  ASSERT_TRUE(bench.call());
  EXPECT_EQ(bench.last().flags, 0);
  EXPECT_EQ(bench.last().span_ms, 1000U);
  EXPECT_NEAR(imported(bench.last()) - before, MWH_PER_SECOND, 1);
  EXPECT_EQ(bench.chip.counters().unmeasured_windows, 99U);
}

TEST(MissedWindows, RightAfterTheStartAreEstimatedFromTheFirstOneRead) {
  Bench bench(balanced(10));
  bench.run_until(150 * MS);
  bench.be_busy(2500 * MS);
  ASSERT_TRUE(bench.call());
  EXPECT_EQ(bench.last().flags, FLAG_ESTIMATED);
  EXPECT_NEAR(imported(bench.last()), 2 * MWH_PER_SECOND, 1);
}

class LoopInterval : public testing::TestWithParam<uint64_t> {};

TEST_P(LoopInterval, MakesNoDifference) {
  Bench bench(balanced(10));
  bench.run_until(60 * S, GetParam() * MS);
  EXPECT_EQ(bench.chip.counters().estimated_windows, 0U);
  expect_every_second_counted_once(bench);
}

INSTANTIATE_TEST_SUITE_P(Milliseconds, LoopInterval, testing::Values(1, 7, 16, 60, 333, 700, 930));

class CrystalError : public testing::TestWithParam<double> {};

TEST_P(CrystalError, DoesNotAddOrLoseAWindow) {
  Bench bench(balanced(10));
  bench.wires.chip_speed = 1 + GetParam() * 1e-6;
  bench.run_until(1000 * S, 50 * MS);
  EXPECT_EQ(bench.chip.counters().estimated_windows, 0U);
  // The chip's own second is the measure.
  const double windows = static_cast<double>(bench.readings.size() - 1);
  EXPECT_NEAR(imported(bench.last()) - imported(bench.readings.front()), MWH_PER_SECOND * windows, 2);
  EXPECT_NEAR(windows, 998.9, 1);
}

INSTANTIATE_TEST_SUITE_P(PartsPerMillion, CrystalError, testing::Values(-200, -50, 0, 50, 200));

TEST(BrownOut, SetsTheChipUpAgainAndKeepsTheCounters) {
  Bench bench(balanced(10));
  bench.run_until(5 * S);
  const Reading before = bench.last();
  bench.sim.brown_out_at(5500 * MS);
  bench.run_until(12 * S);
  EXPECT_EQ(bench.chip.counters().restarts, 1U);
  EXPECT_EQ(bench.chip.state(), ChipState::RUNNING);
  EXPECT_STREQ(bench.chip.error(), "");
  EXPECT_EQ(bench.chip.counters().estimated_windows, 1U);
  const double seconds = static_cast<double>(bench.last().uptime_us - before.uptime_us) / S;
  EXPECT_NEAR(imported(bench.last()) - imported(before), MWH_PER_SECOND * seconds, 0.02 * MWH_PER_SECOND);
  expect_seamless(bench);
  expect_true_values(bench.readings);
}

TEST(BrownOut, AtAnyMomentLosesAndDoublesNothing) {
  for (uint64_t at_ms = 4000; at_ms < 6200; at_ms += 23) {
    Bench bench(balanced(10));
    bench.sim.brown_out_at(at_ms * MS);
    bench.run_until(10 * S);
    SCOPED_TRACE(at_ms);
    const double seconds = static_cast<double>(bench.last().uptime_us - bench.readings.front().uptime_us) / S;
    EXPECT_NEAR(imported(bench.last()) - imported(bench.readings.front()), MWH_PER_SECOND * seconds,
                0.02 * MWH_PER_SECOND);
    expect_seamless(bench);
    expect_true_values(bench.readings);
  }
}

TEST(BrownOut, OfAnyLengthIsOverWithinOneSecondOfTheSupplysReturn) {
  for (const uint64_t absent_ms : {30, 300, 2'000, 20'000, 200'000}) {
    Bench bench(balanced(10));
    bench.run_until(4 * S);
    bench.sim.set_absent(true);
    bench.run_until(4 * S + absent_ms * MS);
    const uint64_t back_us = bench.now_us;
    bench.sim.set_absent(false);
    bench.sim.brown_out_at(back_us);
    while (bench.chip.state() != ChipState::SETTLING && bench.now_us < back_us + 5 * S)
      bench.run_until(bench.now_us + 16 * MS);
    EXPECT_LT(bench.now_us - back_us, S) << absent_ms << " ms";
  }
}

TEST(BrownOut, BetweenAWindowAndItsProofDoesNotHideAChipThatStopsLater) {
  constexpr uint16_t EP_CFG = 0x4B0;
  for (uint64_t at_ms = 4150; at_ms < 4230; at_ms += 4) {
    Bench bench(balanced(10));
    bench.sim.brown_out_at(at_ms * MS);
    bench.run_until(4800 * MS);
    std::vector<uint8_t> stop{EP_CFG >> 4, (EP_CFG & 0xF) << 4, 0, 0};
    bench.wires.transfer(stop.data(), stop.size());
    bench.run_until(12 * S);
    EXPECT_EQ(bench.chip.counters().restarts, 2U) << at_ms << " ms";
  }
}

class LostSetting : public testing::TestWithParam<uint16_t> {};

TEST_P(LostSetting, IsFoundBeforeAReadingIsMadeWithIt) {
  Bench bench(balanced(10));
  bench.run_until(5 * S);
  bench.sim.corrupt(GetParam(), 0x1234);
  bench.run_until(6 * S);
  EXPECT_EQ(bench.chip.counters().restarts, 1U);
  bench.run_until(12 * S);
  EXPECT_EQ(bench.chip.state(), ChipState::RUNNING);
  expect_seamless(bench);
  expect_true_values(bench.readings);
}

// VLEVEL, BIGAIN, CAPHCAL0, ACT_NL_LVL, ACCMODE, PGA_GAIN.
INSTANTIATE_TEST_SUITE_P(Registers, LostSetting,
                         testing::Values(0x40F, 0x020, 0x046, 0x060, 0x06D, 0x41C, 0x492, 0x493, 0x4B9));

class ForeignRegister : public testing::TestWithParam<uint16_t> {};

TEST_P(ForeignRegister, ThatChangesByItselfIsFoundByTheChecksum) {
  Bench bench(balanced(10));
  bench.run_until(5 * S);
  bench.sim.corrupt(GetParam(), 0x1234);
  bench.run_until(7500 * MS);
  EXPECT_EQ(bench.chip.counters().restarts, 1U);
  bench.run_until(12 * S);
  EXPECT_EQ(bench.chip.state(), ChipState::RUNNING);
  expect_true_values({bench.readings.end() - 3, bench.readings.end()});
}

// AIGAIN4, CVGAIN's neighbours IRMSOS and WATTOS, MTTHR_L0, ADC_REDIRECT, CHNL_DIS, VAR_DIS: the driver writes none.
INSTANTIATE_TEST_SUITE_P(Registers, ForeignRegister, testing::Values(0x005, 0x04C, 0x04F, 0x061, 0x424, 0x4BA, 0x4E0));

TEST(Checksum, StaysQuietWhileNothingChanges) {
  Bench bench(balanced(10));
  bench.run_until(120 * S, 7 * MS);
  EXPECT_EQ(bench.chip.counters().restarts, 0U);
}

TEST(Checksum, OfAChipThatIsSetUpAgainIsANewOne) {
  Bench bench(balanced(10));
  bench.run_until(5 * S);
  ChipConfig config;
  config.phases[0].calibration.voltage = 1.01f;
  bench.chip.configure(config);
  bench.chip.start(bench.now_us);
  bench.run_until(15 * S);
  EXPECT_EQ(bench.chip.counters().restarts, 0U);
}

TEST(StoppedChip, IsStartedAgain) {
  Bench bench(balanced(10));
  constexpr uint16_t EP_CFG = 0x4B0;
  bench.run_until(5 * S);
  std::vector<uint8_t> stop{EP_CFG >> 4, (EP_CFG & 0xF) << 4, 0, 0};
  bench.wires.transfer(stop.data(), stop.size());
  bench.run_until(8500 * MS);
  EXPECT_EQ(bench.chip.counters().restarts, 1U);
  bench.run_until(14 * S);
  EXPECT_EQ(bench.chip.state(), ChipState::RUNNING);
  expect_seamless(bench);
}

TEST(ChipError, ThatNeedsAResetGetsOne) {
  for (const unsigned bit : {28U, 29U, 31U}) {
    Bench bench(balanced(10));
    constexpr uint16_t STATUS1 = 0x403;
    bench.run_until(5 * S);
    bench.sim.corrupt(STATUS1, 1U << bit);
    bench.run_until(5300 * MS);
    EXPECT_EQ(bench.chip.counters().restarts, 1U);
    EXPECT_EQ(std::string(bench.chip.error()), "The chip was reset or reports an error: check its supply");
  }
}

TEST(LostFrame, AnyOfThemNeitherLosesNorDoublesAWindow) {
  for (uint32_t frame = 0; frame < 260; frame++) {
    Bench bench(balanced(10));
    bench.run_until(3100 * MS);
    bench.sim.lose_frame(frame);
    bench.run_until(7 * S);
    SCOPED_TRACE(frame);
    EXPECT_EQ(bench.chip.counters().restarts, 0U);
    EXPECT_EQ(bench.chip.counters().estimated_windows, 0U);
    expect_every_second_counted_once(bench);
    expect_true_values(bench.readings);
  }
}

TEST(FlippedBit, AnyOfThemLeavesTheReadingsAsTheyAre) {
  for (uint32_t frame = 0; frame < 260; frame++) {
    Bench bench(balanced(10));
    bench.run_until(3100 * MS);
    bench.sim.flip_miso_bit(frame, 16 + frame * 37 % 1024 % (frame % 3 == 0 ? 32 : 1024));
    bench.run_until(7 * S);
    SCOPED_TRACE(frame);
    EXPECT_EQ(bench.chip.counters().restarts, 0U);
    expect_every_second_counted_once(bench);
    expect_true_values(bench.readings);
  }
}

class Noise : public testing::TestWithParam<double> {};

TEST_P(Noise, NeverReachesAReading) {
  for (uint32_t seed = 1; seed <= 3; seed++) {
    Bench bench(balanced(10));
    bench.run_until(3 * S);
    bench.sim.flip_miso_bits(GetParam(), seed * 7919);
    bench.run_until(40 * S);
    SCOPED_TRACE(seed);
    EXPECT_GT(bench.bus.counters().crc_errors, 10U);
    EXPECT_GT(bench.readings.size(), 35U);
    expect_every_second_counted_once(bench);
    expect_true_values(bench.readings);
  }
}

INSTANTIATE_TEST_SUITE_P(BitErrorRates, Noise, testing::Values(1e-4, 5e-4, 1e-3));

TEST(HeavyNoise, ThatLetsNoWindowThroughIsAnError) {
  Bench bench(balanced(10));
  bench.run_until(3 * S);
  bench.sim.flip_miso_bits(0.02, 5);
  bench.run_until(8 * S);
  EXPECT_GT(bench.chip.counters().rejected_windows, 0U);
  EXPECT_GT(bench.chip.counters().restarts, 0U);
  EXPECT_EQ(std::string(bench.chip.error()), "Bits are lost on the SPI bus: shorten the wires or lower data_rate");
}

TEST(StuckMiso, ForAMomentCostsNoEnergy) {
  Bench bench(balanced(10));
  bench.run_until(5 * S);
  bench.sim.set_miso_fault(MisoFault::STUCK_HIGH);
  bench.run_until(7 * S);
  bench.sim.set_miso_fault(MisoFault::NONE);
  bench.run_until(12 * S);
  EXPECT_EQ(bench.chip.counters().restarts, 0U);
  EXPECT_GT(bench.chip.counters().estimated_windows, 0U);
  expect_every_second_counted_once(bench);
  expect_true_values(bench.readings);
}

TEST(StuckMiso, ForLongIsAnErrorAndTheGapIsEstimated) {
  Bench bench(balanced(10));
  bench.run_until(5 * S);
  bench.sim.set_miso_fault(MisoFault::STUCK_LOW);
  bench.run_until(9 * S);
  EXPECT_NE(bench.chip.state(), ChipState::RUNNING);
  EXPECT_EQ(std::string(bench.chip.error()), "MISO is always low: check its wire and the chip's supply");
  const size_t readings = bench.readings.size();
  bench.sim.set_miso_fault(MisoFault::NONE);
  bench.run_until(30 * S);
  EXPECT_EQ(bench.chip.state(), ChipState::RUNNING);
  EXPECT_EQ(bench.readings[readings].flags, FLAG_ESTIMATED);
  const double seconds = static_cast<double>(bench.last().uptime_us - bench.readings.front().uptime_us) / S;
  EXPECT_NEAR(imported(bench.last()) - imported(bench.readings.front()), MWH_PER_SECOND * seconds,
              0.02 * MWH_PER_SECOND);
  expect_seamless(bench);
}

class Outage : public testing::TestWithParam<uint64_t> {};

TEST_P(Outage, IsNotMeasuredRatherThanInvented) {
  Bench bench(balanced(10));
  bench.run_until(5 * S);
  const double before = imported(bench.last());
  bench.sim.set_absent(true);
  bench.run_until(5 * S + GetParam() * S, 100 * MS);
  EXPECT_EQ(imported(bench.last()), before);
  bench.sim.set_absent(false);
  bench.sim.brown_out_at(bench.now_us);
  const uint64_t back_us = bench.now_us;
  bench.run_until(back_us + 70 * S, 100 * MS);
  const double lost = bench.chip.counters().unmeasured_windows;
  const double seconds = static_cast<double>(bench.last().uptime_us - bench.readings.front().uptime_us) / S;
  EXPECT_GE(lost, static_cast<double>(GetParam()));
  EXPECT_NEAR(imported(bench.last()) - imported(bench.readings.front()), MWH_PER_SECOND * (seconds - lost),
              1.2 * MWH_PER_SECOND);
  EXPECT_EQ(bench.chip.counters().estimated_windows, 0U);
}

INSTANTIATE_TEST_SUITE_P(Seconds, Outage, testing::Values(15, 40, 3600));

TEST(SlowRead, AcrossTheEndOfAWindowIsThrownAway) {
  size_t rejected = 0;
  for (uint64_t at_us = 4170 * MS; at_us < 4180 * MS; at_us += 250) {
    Bench bench(balanced(10));
    bench.run_until(3 * S);
    // The window that ends between 3.17 and 3.18 s is only read about when the next one ends.
    bench.be_busy(at_us - bench.now_us);
    bench.call();
    bench.run_until(bench.now_us + 3 * S, 10 * MS);
    rejected += bench.chip.counters().rejected_windows;
    expect_every_second_counted_once(bench);
    expect_true_values(bench.readings);
  }
  EXPECT_GT(rejected, 0U);
}

}  // namespace
