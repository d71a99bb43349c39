#include "ade9000/reading.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

namespace {

using namespace esphome::ade9000;

TEST(QuantityTable, GivesEachQuantityAndPhaseASlotOfItsOwn) {
  std::set<size_t> values;
  std::set<size_t> counters;
  for (const QuantityRow &row : QUANTITIES) {
    for (const Phase phase : row.phases) {
      const size_t slot = slot_of(row.quantity, phase).value();
      EXPECT_TRUE((row.is_counter ? counters : values).insert(slot).second) << row.key;
    }
  }
  EXPECT_EQ(values.size(), VALUE_SLOTS);
  EXPECT_EQ(*values.rbegin(), VALUE_SLOTS - 1);
  EXPECT_EQ(counters.size(), COUNTER_SLOTS);
  EXPECT_EQ(*counters.rbegin(), COUNTER_SLOTS - 1);
}

TEST(QuantityTable, HasNoSlotForAPhaseWithoutTheQuantity) {
  EXPECT_FALSE(slot_of(Quantity::VOLTAGE, Phase::N));
  EXPECT_FALSE(slot_of(Quantity::APPARENT_ENERGY_IMPORT, Phase::NET));
}

TEST(Reading, HoldsNothingValidAtFirst) {
  const Reading reading;
  for (const float value : reading.values)
    EXPECT_TRUE(std::isnan(value));
  EXPECT_EQ(reading.counter(Quantity::ACTIVE_ENERGY_IMPORT, Phase::NET), Reading::NOT_COUNTED);
}

TEST(Reading, GivesBackWhatWasSet) {
  Reading reading;
  reading.set(Quantity::CURRENT, Phase::N, 1.5F);
  set_counter(reading.counters, Quantity::REACTIVE_ENERGY_EXPORT, Phase::L3, 1LL << 40);
  EXPECT_EQ(reading.get(Quantity::CURRENT, Phase::N), 1.5F);
  EXPECT_EQ(reading.counter(Quantity::REACTIVE_ENERGY_EXPORT, Phase::L3), 1LL << 40);
  EXPECT_TRUE(std::isnan(reading.get(Quantity::CURRENT, Phase::L3)));
}

TEST(Reading, KeepsValuesAndCountersApart) {
  Reading reading;
  reading.set(Quantity::ACTIVE_ENERGY_IMPORT, Phase::L1, 7);
  set_counter(reading.counters, Quantity::VOLTAGE, Phase::L1, 7);
  EXPECT_TRUE(std::isnan(reading.get(Quantity::ACTIVE_ENERGY_IMPORT, Phase::L1)));
  EXPECT_EQ(reading.counter(Quantity::VOLTAGE, Phase::L1), Reading::NOT_COUNTED);
  EXPECT_TRUE(std::isnan(reading.get(Quantity::VOLTAGE, Phase::L1)));
}

TEST(Reading, HasANameForEachFlag) {
  EXPECT_EQ(1U << (READING_FLAG_NAMES.size() - 1), static_cast<unsigned>(FLAG_LOGGED));
  EXPECT_STREQ(READING_FLAG_NAMES[0], "estimated");
  EXPECT_STREQ(READING_FLAG_NAMES[5], "saturated");
}

}  // namespace
