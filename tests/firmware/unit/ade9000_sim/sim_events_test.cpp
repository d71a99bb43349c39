#include "simulated.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <utility>

namespace {

using namespace simulated;

constexpr uint16_t AIRMSONE = 0x219;
constexpr uint16_t AVRMSONE = 0x21A;
constexpr uint16_t ISUMRMS = 0x269;
constexpr uint32_t DIPA_FLAG = 1U << 23;
constexpr uint32_t SWELLB_FLAG = 1U << 21;
constexpr uint32_t OI_FLAG = 1U << 17;
constexpr uint32_t SEQERR_FLAG = 1U << 18;
constexpr uint32_t MISMTCH_FLAG = 1U << 24;

/// The chip runs from 50 ms on, so that half cycles end at 60, 70, 80 … ms; L1 crosses zero then.
class SimulatedEvents : public Simulated {
 protected:
  void watch_levels(uint16_t cycles = 1) {
    this->write(address::DIP_LVL, static_cast<uint32_t>(207 / VOLT / 32));
    this->write(address::SWELL_LVL, static_cast<uint32_t>(253 / VOLT / 32));
    this->write(address::OILVL, static_cast<uint32_t>(25 / AMPERE / 32));
    this->write(address::DIP_CYC, cycles);
    this->write(address::SWELL_CYC, cycles);
    this->write(address::CONFIG1, 0x0400);
    this->write(address::SEQ_CYC, 1);
  }

  void go_to(uint64_t now_us) {
    this->now_us = now_us;
    this->sim.advance(now_us);
  }

  void clear_flags() {
    this->write(address::STATUS0, 0xFFFFFFFF);
    this->write(address::STATUS1, 0xFFFFFFFF);
  }

  bool has_flag(uint32_t flag) { return (this->read(address::STATUS1) & flag) != 0; }
  double volts(uint16_t address) { return this->read(address) * VOLT; }
};

TEST_F(SimulatedEvents, HalfCycleRmsCoversTheLastCycle) {
  this->scenario.add_step({.duration_s = 0.205});
  this->scenario.add_step({.duration_s = 10, .current_factor = {3, 1, 1}, .voltage_factor = {0, 1, 1}});
  this->run();
  this->go_to(209 * MS);
  EXPECT_NEAR(this->volts(AVRMSONE), 230, 1e-3);
  // From a crest of L1 on: a quarter of its energy is missing at 210 ms, three quarters at 220 ms.
  this->go_to(211 * MS);
  EXPECT_NEAR(this->volts(AVRMSONE), 230 * std::sqrt(0.75), 1e-3);
  EXPECT_NEAR(this->read(AIRMSONE) * AMPERE, 10 * std::sqrt(0.75 + 9 * 0.25), 1e-4);
  this->go_to(219 * MS);
  EXPECT_NEAR(this->volts(AVRMSONE), 230 * std::sqrt(0.75), 1e-3) << "refreshed every half cycle only";
  this->go_to(221 * MS);
  EXPECT_NEAR(this->volts(AVRMSONE), 115, 1e-3);
  this->go_to(231 * MS);
  EXPECT_EQ(this->read(AVRMSONE), 0U);
  EXPECT_NEAR(this->volts(AVRMSONE + 0x20), 230, 1e-3);
}

TEST_F(SimulatedEvents, HalfCycleRmsDependsOnThePointOnTheWave) {
  this->scenario.add_step({.duration_s = 0.2025});
  this->scenario.add_step({.duration_s = 10, .voltage_factor = {0, 1, 1}});
  this->run();
  this->go_to(211 * MS);
  // From 45° to 180°: (3π/4 + 1/2) / 2π of the energy of a cycle.
  constexpr double MISSING = 3.0 / 8 + 1 / (4 * 3.14159265358979);
  EXPECT_NEAR(this->volts(AVRMSONE), 230 * std::sqrt(1 - MISSING), 1e-3);
}

TEST_F(SimulatedEvents, HalfCycleRmsRisesFromNothingAfterRun) {
  this->run();
  this->go_to(55 * MS);
  EXPECT_EQ(this->read(AVRMSONE), 0U);
  this->go_to(61 * MS);
  EXPECT_NEAR(this->volts(AVRMSONE), 230 * std::sqrt(0.5), 1e-3);
  this->go_to(71 * MS);
  EXPECT_NEAR(this->volts(AVRMSONE), 230, 1e-3);
}

TEST_F(SimulatedEvents, TheWorstValuesOfADipAndASwellAreKept) {
  this->scenario.add_step({.duration_s = 0.2});
  this->scenario.add_step({.duration_s = 0.1, .voltage_factor = {0.4, 1.3, 1}});
  this->scenario.add_step({.duration_s = 0.1, .voltage_factor = {0.6, 1.2, 1}});
  this->scenario.add_step({.duration_s = 100});
  this->watch_levels();
  EXPECT_EQ(this->read(address::DIPA), 0x007FFFFFU);
  this->run();
  this->go_to(600 * MS);
  EXPECT_NEAR(this->read(address::DIPA) * 32 * VOLT, 92, 1e-3);
  EXPECT_NEAR(this->read(address::SWELLA + 1) * 32 * VOLT, 299, 1e-3);
  EXPECT_EQ(this->read(address::SWELLA), 0U);
}

TEST_F(SimulatedEvents, ADipIsFlaggedAtItsEntryAndTwiceAtItsExit) {
  this->scenario.add_step({.duration_s = 0.2});
  this->scenario.add_step({.duration_s = 0.1, .voltage_factor = {0.5, 1, 1}});
  this->scenario.add_step({.duration_s = 100});
  this->watch_levels();
  this->run();
  this->go_to(209 * MS);
  this->clear_flags();
  this->go_to(211 * MS);
  EXPECT_TRUE(this->has_flag(DIPA_FLAG));
  this->clear_flags();
  this->go_to(319 * MS);
  EXPECT_FALSE(this->has_flag(DIPA_FLAG));
  this->go_to(321 * MS);
  EXPECT_TRUE(this->has_flag(DIPA_FLAG)) << "the first value that is not below";
  this->clear_flags();
  this->go_to(331 * MS);
  EXPECT_TRUE(this->has_flag(DIPA_FLAG)) << "once more, as with a single half cycle";
  this->clear_flags();
  this->go_to(900 * MS);
  EXPECT_FALSE(this->has_flag(DIPA_FLAG));
}

TEST_F(SimulatedEvents, ADipHasToLastForItsNumberOfHalfCycles) {
  this->scenario.add_step({.duration_s = 0.2});
  this->scenario.add_step({.duration_s = 10, .voltage_factor = {0.5, 1, 1}});
  this->watch_levels(3);
  this->run();
  this->go_to(229 * MS);
  this->clear_flags();
  EXPECT_FALSE(this->has_flag(DIPA_FLAG));
  this->go_to(231 * MS);
  EXPECT_TRUE(this->has_flag(DIPA_FLAG));
}

TEST_F(SimulatedEvents, OverCurrentIsFlaggedWhenAPhaseRisesAboveTheLevel) {
  this->scenario.add_step({.duration_s = 0.2});
  this->scenario.add_step({.duration_s = 0.2, .current_factor = {1, 3, 1}});
  this->scenario.add_step({.duration_s = 0.2, .current_factor = {1, 3, 4}});
  this->scenario.add_step({.duration_s = 100});
  this->watch_levels();
  this->run();
  this->go_to(300 * MS);
  EXPECT_TRUE(this->has_flag(OI_FLAG));
  EXPECT_EQ(this->read(address::OISTATUS), 0b010U);
  EXPECT_NEAR(this->read(address::OIA + 1) * 32 * AMPERE, 30, 1e-3);
  this->clear_flags();
  this->go_to(390 * MS);
  EXPECT_FALSE(this->has_flag(OI_FLAG));
  this->go_to(500 * MS);
  EXPECT_TRUE(this->has_flag(OI_FLAG));
  EXPECT_EQ(this->read(address::OISTATUS), 0b110U);
  this->go_to(700 * MS);
  EXPECT_EQ(this->read(address::OISTATUS), 0U);
}

TEST_F(SimulatedEvents, OverCurrentIsNotWatchedUnlessItIsEnabled) {
  this->scenario.phases[0].current_a = 100;
  this->watch_levels();
  this->write(address::CONFIG3, 0);
  this->run();
  this->go_to(500 * MS);
  EXPECT_FALSE(this->has_flag(OI_FLAG));
}

TEST_F(SimulatedEvents, SequenceErrorIsAWrongOrderOrALostPhase) {
  this->watch_levels();
  this->run();
  this->go_to(500 * MS);
  EXPECT_FALSE(this->has_flag(SEQERR_FLAG));
  std::swap(this->scenario.phases[1].voltage_angle_deg, this->scenario.phases[2].voltage_angle_deg);
  this->sim.set_scenario(this->scenario);
  this->go_to(525 * MS);
  EXPECT_TRUE(this->has_flag(SEQERR_FLAG));
  std::swap(this->scenario.phases[1].voltage_angle_deg, this->scenario.phases[2].voltage_angle_deg);
  this->sim.set_scenario(this->scenario);
  this->go_to(550 * MS);
  this->clear_flags();
  this->go_to(600 * MS);
  EXPECT_FALSE(this->has_flag(SEQERR_FLAG));
  this->scenario.phases[1].voltage_v = 0;
  this->sim.set_scenario(this->scenario);
  this->go_to(625 * MS);
  EXPECT_TRUE(this->has_flag(SEQERR_FLAG));
}

TEST_F(SimulatedEvents, SumOfTheCurrentsIsComparedWithItsLevel) {
  this->scenario.add_step({.duration_s = 0.2});
  this->scenario.add_step({.duration_s = 0.2, .current_factor = {1.5, 1, 1}});
  this->scenario.add_step({.duration_s = 100});
  this->write(address::ISUMLVL, static_cast<uint32_t>(3 / AMPERE));
  this->run();
  this->go_to(100 * MS);
  EXPECT_NEAR(this->read(ISUMRMS) * AMPERE, 0, 1e-3);
  EXPECT_EQ(this->read(address::STATUS0) & MISMTCH_FLAG, 0U);
  this->go_to(300 * MS);
  EXPECT_NEAR(this->read(ISUMRMS) * AMPERE, 5, 1e-3);
  EXPECT_NE(this->read(address::STATUS0) & MISMTCH_FLAG, 0U);
  this->clear_flags();
  this->go_to(500 * MS);
  EXPECT_NE(this->read(address::STATUS0) & MISMTCH_FLAG, 0U) << "when it falls below, too";
}

TEST_F(SimulatedEvents, SumOfTheCurrentsMayHoldTheNeutral) {
  this->scenario.phases[0].current_a = 15;
  this->scenario.neutral_current_a = 4;
  this->scenario.neutral_angle_deg = 180;
  this->write(address::CONFIG0, 1);
  this->run();
  this->go_to(100 * MS);
  EXPECT_NEAR(this->read(ISUMRMS) * AMPERE, 1, 1e-3);
}

class InterruptPins : public SimulatedEvents {
 protected:
  InterruptPins() {
    this->scenario.add_step({.duration_s = 0.205});
    this->scenario.add_step({.duration_s = 10, .voltage_factor = {0.5, 1.2, 1}});
    this->sim.advance(50 * MS);
    this->watch_levels();
    this->write(address::MASK1, DIPA_FLAG | SWELLB_FLAG);
    this->run();
    this->go_to(100 * MS);
    this->clear_flags();
  }
};

TEST_F(InterruptPins, FallWhenAFlagIsRaisedThatTheMaskLetsThrough) {
  EXPECT_FALSE(this->sim.interrupt_fell_us(1).has_value());
  this->go_to(500 * MS);
  ASSERT_TRUE(this->sim.interrupt_fell_us(1).has_value());
  // After a quarter of the cycle is below: 230 · √(1 − 0.75 / 4) is 207.3 V, just above; at 220 ms it is below.
  EXPECT_NEAR(*this->sim.interrupt_fell_us(1), 220e3, 1) << "to the microsecond, though it was looked at much later";
}

TEST_F(InterruptPins, StayLowUntilAllFlagsAreCleared) {
  this->go_to(500 * MS);
  this->write(address::STATUS1, DIPA_FLAG);
  EXPECT_TRUE(this->sim.interrupt_fell_us(1).has_value());
  this->write(address::STATUS1, SWELLB_FLAG);
  EXPECT_FALSE(this->sim.interrupt_fell_us(1).has_value());
}

TEST_F(InterruptPins, AreHighForFlagsThatAreMasked) {
  this->write(address::MASK1, 0);
  this->go_to(500 * MS);
  EXPECT_FALSE(this->sim.interrupt_fell_us(1).has_value());
}

TEST_F(InterruptPins, AreTwoUnlessTheyAreMerged) {
  constexpr uint32_t RMSONERDY = 1U << 19;
  this->write(address::MASK0, RMSONERDY);
  this->go_to(150 * MS);
  EXPECT_TRUE(this->sim.interrupt_fell_us(0).has_value());
  EXPECT_FALSE(this->sim.interrupt_fell_us(1).has_value());
  this->write(address::CONFIG1, 0x1400);
  EXPECT_FALSE(this->sim.interrupt_fell_us(0).has_value());
  EXPECT_TRUE(this->sim.interrupt_fell_us(1).has_value());
}

TEST(InterruptPin, TellsOfAReset) {
  SimChip sim;
  sim.advance(10 * MS);
  EXPECT_FALSE(sim.interrupt_fell_us(1).has_value());
  sim.advance(47 * MS);
  EXPECT_TRUE(sim.interrupt_fell_us(1).has_value());
}

}  // namespace
