#include "ade9000/energy.h"
#include "ade9000/record_log.h"
#include "ade9000/wire.h"

#include "../unit/written.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <initializer_list>
#include <string>

/// The core as a device has it that is built without the counters of `energy:`.

namespace {

using namespace esphome::ade9000;

constexpr Summation THREE_PHASES{.lines = 0b111, .is_three_wire = false};

/// An energy of 1 mWh or mvarh in each kind and phase.
WindowEnergy one_of_each() {
  WindowEnergy energy;
  for (size_t kind = 0; kind < KIND_COUNT; kind++) {
    for (size_t line = 0; line < LINE_COUNT; line++)
      energy.at(static_cast<Kind>(kind), line) = 1'000'000'000;
  }
  return energy;
}

Reading counted() {
  Energies energies;
  energies.add(one_of_each(), THREE_PHASES);
  Reading reading;
  energies.report(THREE_PHASES, reading);
  return reading;
}

TEST(WithoutOptions, ARowThatIsNotBuiltHasNoSlots) {
  EXPECT_EQ(COUNTER_SLOTS, 28U);
  EXPECT_EQ(BUILT_QUANTITIES, QUANTITY_COUNT - 10);
  EXPECT_FALSE(slot_of(Quantity::REACTIVE_ENERGY_Q1, Phase::L1));
  EXPECT_FALSE(slot_of(Quantity::FUNDAMENTAL_APPARENT_ENERGY_EXPORT, Phase::TOTAL));
}

TEST(WithoutOptions, ARecordHasTheSizeThatTheConfigurationReckonsWith) { EXPECT_EQ(sizeof(Record), 520U); }

TEST(WithoutOptions, TheOtherCountersCountAsEver) {
  const Reading reading = counted();
  EXPECT_EQ(reading.counter(Quantity::ACTIVE_ENERGY_IMPORT, Phase::L1), 1);
  EXPECT_EQ(reading.counter(Quantity::REACTIVE_ENERGY_IMPORT, Phase::NET), 3);
  EXPECT_EQ(reading.counter(Quantity::APPARENT_ENERGY_IMPORT, Phase::TOTAL), 3);
  EXPECT_EQ(reading.counter(Quantity::REACTIVE_ENERGY_Q1, Phase::L1), Reading::NOT_COUNTED);
}

TEST(WithoutOptions, TheWireHasNoKeysOfWhatIsNotBuilt) {
  Record record;
  record.reading = counted();
  esphome::three_phase_wire::Written<WireRecord::CAPACITY> written;
  WireRecord(written).encode("meter", "0123abcd", record, 0);
  const auto &keys = written.fields;
  for (const char *key : {"rq1", "rq2", "rq3", "rq4", "e1i", "e1e", "r1i", "r1e", "s1i", "s1e"})
    EXPECT_FALSE(keys.contains(key)) << key;
  EXPECT_TRUE(keys.contains("se"));
  EXPECT_EQ(keys.size(), WireRecord::MAX_FIELDS);
}

TEST(WithoutOptions, ValuesAreMergedAsEver) {
  MergedReading merged;
  Reading reading = counted();
  reading.span_ms = 1000;
  reading.set(Quantity::CURRENT_PEAK, Phase::TOTAL, 7);
  merged.begin(reading);
  Reading whole = reading;
  reading.set(Quantity::CURRENT_PEAK, Phase::TOTAL, 5);
  merged.absorb(reading, whole.values);
  EXPECT_EQ(whole.get(Quantity::CURRENT_PEAK, Phase::TOTAL), 7);
}

}  // namespace
