#include "ade9000/merged_reading.h"

#include <gtest/gtest.h>

#include <cmath>

namespace esphome::ade9000 {
namespace {

constexpr Phase L1 = Phase::L1;

Reading reading_of(uint32_t span_ms, float volts, float angle_deg = NAN) {
  Reading reading;
  reading.span_ms = span_ms;
  reading.set(Quantity::VOLTAGE, L1, volts);
  reading.set(Quantity::PHASE_ANGLE, L1, angle_deg);
  return reading;
}

/// Merge a reading into the whole of those before it.
void absorb(MergedReading &merged, const Reading &newer, Reading &whole) {
  merged.absorb(newer, whole.values);
  whole.span_ms = merged.span_ms();
  whole.flags = merged.flags();
}

/// Merge readings in the order of time and return the whole.
Reading merge(std::initializer_list<Reading> readings) {
  MergedReading merged;
  Reading whole = *readings.begin();
  merged.begin(whole);
  for (const Reading *newer = readings.begin() + 1; newer != readings.end(); newer++)
    absorb(merged, *newer, whole);
  return whole;
}

TEST(MergedReading, AMeanIsWeightedByItsSpan) {
  const Reading whole = merge({reading_of(1000, 220), reading_of(3000, 240)});
  EXPECT_FLOAT_EQ(whole.get(Quantity::VOLTAGE, L1), 235);
  EXPECT_EQ(whole.span_ms, 4000);
}

TEST(MergedReading, ASpanWithoutAValidValueHasNoWeight) {
  const Reading whole = merge({reading_of(60'000, NAN), reading_of(1000, 230), reading_of(1000, 232)});
  EXPECT_FLOAT_EQ(whole.get(Quantity::VOLTAGE, L1), 231);
  EXPECT_FLOAT_EQ(merge({reading_of(1000, 230), reading_of(1000, NAN)}).get(Quantity::VOLTAGE, L1), 230);
}

TEST(MergedReading, AValueThatWasNeverValidStaysSo) {
  EXPECT_TRUE(std::isnan(merge({reading_of(1000, NAN), reading_of(1000, NAN)}).get(Quantity::VOLTAGE, L1)));
}

TEST(MergedReading, OfAnAngleTheLastValidOneCounts) {
  EXPECT_EQ(merge({reading_of(1000, 230, 179), reading_of(1000, 230, -179)}).get(Quantity::PHASE_ANGLE, L1), -179);
  EXPECT_EQ(merge({reading_of(1000, 230, 12), reading_of(1000, 230)}).get(Quantity::PHASE_ANGLE, L1), 12);
}

TEST(MergedReading, OfAPeakTheLargestCounts) {
  const auto peak = [](uint32_t span_ms, float volts) {
    Reading reading = reading_of(span_ms, 230);
    reading.set(Quantity::VOLTAGE_PEAK, Phase::TOTAL, volts);
    return reading;
  };
  const auto merged = [&](std::initializer_list<Reading> readings) {
    return merge(readings).get(Quantity::VOLTAGE_PEAK, Phase::TOTAL);
  };
  EXPECT_EQ(merged({peak(1000, 325), peak(1000, 411), peak(60'000, 324)}), 411);
  EXPECT_EQ(merged({peak(1000, NAN), peak(1000, 325), peak(1000, NAN)}), 325);
  EXPECT_TRUE(std::isnan(merged({peak(1000, NAN), peak(1000, NAN)})));
}

TEST(MergedReading, AFlagOfOneReadingIsAFlagOfTheWhole) {
  Reading estimated = reading_of(1000, 230);
  estimated.flags = FLAG_ESTIMATED;
  EXPECT_EQ(merge({estimated, reading_of(1000, 230), reading_of(1000, 230)}).flags, FLAG_ESTIMATED);
}

TEST(MergedReading, TheMeanOfDaysStillMoves) {
  // Two days at 230 V, then one at 227 V. A float would round the share of each of the last day's seconds.
  constexpr uint32_t DAY_S = 86'400;
  MergedReading merged;
  Reading whole = reading_of(1000, 230);
  merged.begin(whole);
  for (uint32_t second = 1; second < 3 * DAY_S; second++) {
    absorb(merged, reading_of(1000, second < 2 * DAY_S ? 230.0F : 227.0F), whole);
  }
  EXPECT_FLOAT_EQ(whole.get(Quantity::VOLTAGE, L1), 229);
  EXPECT_EQ(whole.span_ms, 3 * DAY_S * 1000);
}

TEST(MergedReading, ASpanBeyondTheWiresMillisecondsSaturates) {
  EXPECT_EQ(merge({reading_of(4'000'000'000, 230), reading_of(400'000'000, 230)}).span_ms, 4'294'967'295);
}

}  // namespace
}  // namespace esphome::ade9000
