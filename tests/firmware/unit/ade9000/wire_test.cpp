#include "ade9000/wire.h"

#include "written.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>
#include <string>

namespace esphome::ade9000 {
namespace {

constexpr uint8_t ALL_FLAGS = 0x7F;

/// Encode a record and return its keys with their values.
std::map<std::string, std::string> encoded(const Record &record, uint64_t now_ms = 0) {
  three_phase_wire::Written<WireRecord::CAPACITY> written;
  WireRecord(written).encode("meter", "0123abcd", record, now_ms);
  return written.fields;
}

std::string voltage_of(float volts) {
  Record record;
  record.reading.set(Quantity::VOLTAGE, Phase::L1, volts);
  return encoded(record)["u"];
}

TEST(Wire, TellsWhichRecordItIs) {
  Record record;
  record.seq = 4'294'967'295;
  record.first = 17;
  record.t_ms = 1'793'620'800'123;
  record.reading.uptime_us = 7'200'000'999;
  record.reading.span_ms = 1024;
  auto fields = encoded(record);
  EXPECT_EQ(fields["v"], "1");
  EXPECT_EQ(fields["meter"], "meter");
  EXPECT_EQ(fields["boot"], "0123abcd");
  EXPECT_EQ(fields["seq"], "4294967295");
  EXPECT_EQ(fields["first"], "17");
  EXPECT_EQ(fields["t"], "1793620800123");
  EXPECT_EQ(fields["up"], "7200000");
  EXPECT_EQ(fields["span"], "1024");
  EXPECT_EQ(fields["flags"], "");
  EXPECT_FALSE(fields.contains("age"));
}

TEST(Wire, AnUndatedRecordHasAnAgeInsteadOfATime) {
  Record record;
  record.reading.uptime_us = 5'000'000;
  auto fields = encoded(record, 5'432);
  EXPECT_EQ(fields["t"], "");
  EXPECT_EQ(fields["age"], "432");
}

TEST(Wire, FlagsAreACommaList) {
  Record record;
  record.reading.flags = FLAG_MERGED;
  EXPECT_EQ(encoded(record)["flags"], "merged");
  record.reading.flags = ALL_FLAGS;
  EXPECT_EQ(encoded(record)["flags"], "estimated,merged,clock,rebooted,calibrated,saturated,logged");
}

TEST(Wire, AGroupIsACommaListWithEmptyFieldsForWhatIsNotValid) {
  Record record;
  record.reading.set(Quantity::CURRENT, Phase::L1, 6.25F);
  record.reading.set(Quantity::CURRENT, Phase::N, 0.5F);
  auto fields = encoded(record);
  EXPECT_EQ(fields["i"], "6.2500,,,0.5000");
  EXPECT_EQ(fields["u"], ",,");
}

TEST(Wire, AValueHasTheDecimalsOfTheTable) {
  EXPECT_EQ(voltage_of(230.0625F), "230.063,,");
  EXPECT_EQ(voltage_of(0.0F), "0.000,,");
  EXPECT_EQ(voltage_of(0.001F), "0.001,,");
  EXPECT_EQ(voltage_of(-0.5F), "-0.500,,");
  EXPECT_EQ(voltage_of(-0.0001F), "0.000,,") << "there is no negative zero";
}

TEST(Wire, AValueHasNoMoreDigitsThanAFloatKnows) {
  EXPECT_EQ(voltage_of(999'999.9375F), "999999.938,,");
  EXPECT_EQ(voltage_of(-1'234'567.875F), "-1234567.88,,");
  EXPECT_EQ(voltage_of(2'147'483'648.0F), "2147483648,,");
}

TEST(Wire, WhatDoesNotFitIsAnEmptyFieldAndTheOthersAreComplete) {
  Record record;
  record.reading.values.fill(12.0F);
  three_phase_wire::Written<120> written;
  WireRecord(written).encode("meter", "0123abcd", record, 0);
  EXPECT_EQ(written.fields.size(), WireRecord::MAX_FIELDS);
  EXPECT_EQ(written.fields["u"], "12.000,12.000,12.000");
  EXPECT_EQ(written.fields["p"], "");
}

TEST(Wire, WhatNoMeterCanMeasureIsNotValid) {
  EXPECT_EQ(voltage_of(std::numeric_limits<float>::infinity()), ",,");
  EXPECT_EQ(voltage_of(-1e30F), ",,");
}

TEST(Wire, CountersAreWholeAndExact) {
  Record record;
  set_counter(record.reading.counters, Quantity::ACTIVE_ENERGY_IMPORT, Phase::L1, 9'007'199'254'740'993);  // 2⁵³ + 1
  set_counter(record.reading.counters, Quantity::ACTIVE_ENERGY_IMPORT, Phase::NET, 42);
  set_counter(record.reading.counters, Quantity::ACTIVE_ENERGY_IMPORT, Phase::TOTAL, 0);
  EXPECT_EQ(encoded(record)["ei"], "9007199254740993,,,0,42") << "what is not counted is not 0";
}

TEST(Wire, HasAKeyForEveryQuantityAndRoomForTheLongestNumbers) {
  Record record;
  record.seq = record.first = 4'294'967'295;
  record.reading.values.fill(-9.9999e9F);
  record.reading.counters.fill(std::numeric_limits<int64_t>::max());
  record.reading.flags = ALL_FLAGS;
  auto fields = encoded(record, std::numeric_limits<uint64_t>::max());
  EXPECT_EQ(fields.size(), WireRecord::MAX_FIELDS);
  EXPECT_EQ(fields["tc"], "-9999899648");
  EXPECT_EQ(fields["se"], "9223372036854775807,9223372036854775807,9223372036854775807,9223372036854775807");
}

}  // namespace
}  // namespace esphome::ade9000
