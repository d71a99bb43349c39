#include "ade9000/energy.h"
#include "ade9000/powers.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace {

using namespace esphome::ade9000;

constexpr int64_t PWH_PER_WATT_SECOND = 1'000'000'000'000 / 3600;
constexpr Summation THREE_PHASES{.lines = ALL_LINES, .is_three_wire = false};
constexpr Summation THREE_WIRES{.lines = LineSet(0b101), .is_three_wire = true};

/// One second with these powers, in W, var or VA.
void set_watt(WindowEnergy &energy, Kind kind, int64_t l1, int64_t l2, int64_t l3) {
  energy.at(kind, 0) = l1 * PWH_PER_WATT_SECOND;
  energy.at(kind, 1) = l2 * PWH_PER_WATT_SECOND;
  energy.at(kind, 2) = l3 * PWH_PER_WATT_SECOND;
}

Reading after_an_hour(const WindowEnergy &second, const Summation &summation) {
  Energies energies;
  for (int count = 0; count < 3600; count++)
    energies.add(second, summation);
  Reading reading;
  reading.counters = energies.counters(summation);
  return reading;
}

TEST(EnergyCounter, CarriesWhatIsLessThanOneMilliwatthour) {
  EnergyCounter counter;
  for (int count = 0; count < 3; count++)
    counter.add(999'999'999);
  EXPECT_EQ(counter.milliwatthours(), 2);
  counter.add(3);
  EXPECT_EQ(counter.milliwatthours(), 3);
}

TEST(EnergyCounter, IsExactAfterAYearOfSecondsAtOneWatt) {
  // The chip gives 45-bit units; the nearest to 1 W on the evaluation board is 1,688,635 of 4.73755 mW / 8000 s.
  Window window{};
  window.energy[0][0] = 1'688'635;
  const ChipConfig config;
  const Scales scales = scales_of(config);
  const WindowEnergy second = energy_of(window, config, scales);
  EnergyCounter counter;
  constexpr int64_t SECONDS = 365 * 24 * 3600;
  for (int64_t count = 0; count < SECONDS; count++)
    counter.add(second.at(Kind::ACTIVE, 0));
  const double expected = 1'688'635 * scales.watt / 8000 / 3600 * 1000 * SECONDS;
  EXPECT_NEAR(expected, 8'760'000, 20'000);
  EXPECT_NEAR(static_cast<double>(counter.milliwatthours()), expected, expected * 1e-8 + 1);
}

TEST(Energies, KeepImportAndExportOfEachPhaseApart) {
  WindowEnergy second;
  set_watt(second, Kind::ACTIVE, 1000, -400, 50);
  const Reading reading = after_an_hour(second, THREE_PHASES);
  EXPECT_EQ(reading.counter(Quantity::ACTIVE_ENERGY_IMPORT, Phase::L1), 999'999);
  EXPECT_EQ(reading.counter(Quantity::ACTIVE_ENERGY_EXPORT, Phase::L1), 0);
  EXPECT_EQ(reading.counter(Quantity::ACTIVE_ENERGY_IMPORT, Phase::L2), 0);
  EXPECT_EQ(reading.counter(Quantity::ACTIVE_ENERGY_EXPORT, Phase::L2), 399'999);
  EXPECT_EQ(reading.counter(Quantity::ACTIVE_ENERGY_IMPORT, Phase::L3), 49'999);
}

TEST(Energies, TotalIsTheSumOfThePhasesAndNetIsTheirBalance) {
  WindowEnergy second;
  set_watt(second, Kind::ACTIVE, 1000, -400, 50);
  const Reading reading = after_an_hour(second, THREE_PHASES);
  EXPECT_EQ(reading.counter(Quantity::ACTIVE_ENERGY_IMPORT, Phase::TOTAL), 999'999 + 49'999);
  EXPECT_EQ(reading.counter(Quantity::ACTIVE_ENERGY_EXPORT, Phase::TOTAL), 399'999);
  EXPECT_EQ(reading.counter(Quantity::ACTIVE_ENERGY_IMPORT, Phase::NET), 649'999);
  EXPECT_EQ(reading.counter(Quantity::ACTIVE_ENERGY_EXPORT, Phase::NET), 0);
}

TEST(Energies, ReactiveGoesByItsOwnSignAndApparentByThatOfTheActive) {
  WindowEnergy second;
  set_watt(second, Kind::ACTIVE, 1000, -400, 0);
  set_watt(second, Kind::REACTIVE, -300, 200, 100);
  set_watt(second, Kind::APPARENT, 1044, 447, 100);
  const Reading reading = after_an_hour(second, THREE_PHASES);
  EXPECT_EQ(reading.counter(Quantity::REACTIVE_ENERGY_EXPORT, Phase::L1), 299'999);
  EXPECT_EQ(reading.counter(Quantity::REACTIVE_ENERGY_IMPORT, Phase::L2), 199'999);
  EXPECT_EQ(reading.counter(Quantity::APPARENT_ENERGY_IMPORT, Phase::L1), 1'043'999);
  EXPECT_EQ(reading.counter(Quantity::APPARENT_ENERGY_EXPORT, Phase::L2), 446'999);
  EXPECT_EQ(reading.counter(Quantity::APPARENT_ENERGY_IMPORT, Phase::L3), 99'999);
  EXPECT_EQ(reading.counter(Quantity::APPARENT_ENERGY_IMPORT, Phase::TOTAL), 1'043'999 + 99'999);
}

TEST(Energies, LeaveOutPhasesThatDoNotCount) {
  WindowEnergy second;
  set_watt(second, Kind::ACTIVE, 100, 100, 100);
  const Reading reading = after_an_hour(second, {.lines = LineSet(0b011), .is_three_wire = false});
  EXPECT_EQ(reading.counter(Quantity::ACTIVE_ENERGY_IMPORT, Phase::L3), Reading::NOT_COUNTED);
  EXPECT_EQ(reading.counter(Quantity::ACTIVE_ENERGY_IMPORT, Phase::NET), 199'999);
  EXPECT_EQ(reading.counter(Quantity::REACTIVE_ENERGY_Q1, Phase::L3), Reading::NOT_COUNTED);
}

constexpr Quantity QUADRANTS[] = {Quantity::REACTIVE_ENERGY_Q1, Quantity::REACTIVE_ENERGY_Q2,
                                  Quantity::REACTIVE_ENERGY_Q3, Quantity::REACTIVE_ENERGY_Q4};

struct QuadrantCase {
  const char *name;
  int64_t active;
  int64_t reactive;
  size_t quadrant;  ///< 0 is Q1.
};

class Quadrant : public testing::TestWithParam<QuadrantCase> {};

TEST_P(Quadrant, IsToldByTheSignsOfActiveAndReactivePower) {
  WindowEnergy second;
  set_watt(second, Kind::ACTIVE, GetParam().active, 0, 0);
  set_watt(second, Kind::REACTIVE, GetParam().reactive, 0, 0);
  const Reading reading = after_an_hour(second, THREE_PHASES);
  for (size_t quadrant = 0; quadrant < 4; quadrant++) {
    const int64_t expected = quadrant == GetParam().quadrant ? 299'999 : 0;
    for (const Phase phase : {Phase::L1, Phase::TOTAL, Phase::NET})
      EXPECT_EQ(reading.counter(QUADRANTS[quadrant], phase), expected) << "Q" << quadrant + 1;
  }
}

INSTANTIATE_TEST_SUITE_P(Signs, Quadrant,
                         testing::Values(QuadrantCase{"InductiveImport", 1000, 300, 0},
                                         QuadrantCase{"NoActivePower", 0, 300, 0},
                                         QuadrantCase{"InductiveExport", -1000, 300, 1},
                                         QuadrantCase{"CapacitiveExport", -1000, -300, 2},
                                         QuadrantCase{"CapacitiveImport", 1000, -300, 3}),
                         [](const auto &info) { return info.param.name; });

TEST(Energies, QuadrantsOfThePhasesAddUpAndThoseOfTheNetAreOfTheSums) {
  WindowEnergy second;
  set_watt(second, Kind::ACTIVE, 1000, -400, 50);
  set_watt(second, Kind::REACTIVE, 300, -500, 100);
  const Reading reading = after_an_hour(second, THREE_PHASES);
  EXPECT_EQ(reading.counter(Quantity::REACTIVE_ENERGY_Q1, Phase::TOTAL), 299'999 + 99'999);
  EXPECT_EQ(reading.counter(Quantity::REACTIVE_ENERGY_Q3, Phase::TOTAL), 499'999);
  EXPECT_EQ(reading.counter(Quantity::REACTIVE_ENERGY_Q4, Phase::TOTAL), 0);
  // 650 W and −100 var together.
  EXPECT_EQ(reading.counter(Quantity::REACTIVE_ENERGY_Q4, Phase::NET), 99'999);
  EXPECT_EQ(reading.counter(Quantity::REACTIVE_ENERGY_Q1, Phase::NET), 0);
}

TEST(Energies, FundamentalEnergiesGoByTheirOwnSignsAndApparentOnesByThatOfTheActive) {
  WindowEnergy second;
  set_watt(second, Kind::FUNDAMENTAL_ACTIVE, 1000, -400, 50);
  set_watt(second, Kind::FUNDAMENTAL_REACTIVE, -300, 200, 100);
  set_watt(second, Kind::FUNDAMENTAL_APPARENT, 1044, 447, 112);
  const Reading reading = after_an_hour(second, THREE_PHASES);
  EXPECT_EQ(reading.counter(Quantity::FUNDAMENTAL_ACTIVE_ENERGY_IMPORT, Phase::L1), 999'999);
  EXPECT_EQ(reading.counter(Quantity::FUNDAMENTAL_ACTIVE_ENERGY_EXPORT, Phase::L2), 399'999);
  EXPECT_EQ(reading.counter(Quantity::FUNDAMENTAL_ACTIVE_ENERGY_IMPORT, Phase::NET), 649'999);
  EXPECT_EQ(reading.counter(Quantity::FUNDAMENTAL_REACTIVE_ENERGY_EXPORT, Phase::L1), 299'999);
  EXPECT_EQ(reading.counter(Quantity::FUNDAMENTAL_REACTIVE_ENERGY_IMPORT, Phase::TOTAL), 199'999 + 99'999);
  EXPECT_EQ(reading.counter(Quantity::FUNDAMENTAL_APPARENT_ENERGY_IMPORT, Phase::TOTAL), 1'043'999 + 111'999);
  EXPECT_EQ(reading.counter(Quantity::FUNDAMENTAL_APPARENT_ENERGY_EXPORT, Phase::L2), 446'999);
  EXPECT_EQ(reading.counter(Quantity::ACTIVE_ENERGY_IMPORT, Phase::L1), 0) << "not mixed with the total energy";
}

TEST(Energies, ApparentOfThreeWiresIsNotTheSumOfTheElements) {
  // A balanced resistive load of 400 V and 10 A: two elements of 400 V · 10 A at ±30°.
  WindowEnergy second;
  set_watt(second, Kind::ACTIVE, 3464, 0, 3464);
  set_watt(second, Kind::REACTIVE, -2000, 0, 2000);
  set_watt(second, Kind::APPARENT, 4000, 4000, 4000);
  const Reading reading = after_an_hour(second, THREE_WIRES);
  EXPECT_NEAR(static_cast<double>(reading.counter(Quantity::APPARENT_ENERGY_IMPORT, Phase::TOTAL)), 6'928'000, 1);
  EXPECT_NEAR(static_cast<double>(reading.counter(Quantity::REACTIVE_ENERGY_IMPORT, Phase::NET)), 0, 1);
}

TEST(WindowEnergy, IsEstimatedFromTheMeanPower) {
  WindowEnergy before;
  WindowEnergy after;
  set_watt(before, Kind::ACTIVE, 1000, -200, 0);
  set_watt(after, Kind::ACTIVE, 3000, -400, 10);
  const WindowEnergy estimate = after.mean_with(before, 2.5);
  EXPECT_EQ(estimate.at(Kind::ACTIVE, 0), 5000 * PWH_PER_WATT_SECOND);
  EXPECT_EQ(estimate.at(Kind::ACTIVE, 1), -750 * PWH_PER_WATT_SECOND);
}

TEST(EnergyOf, InvertedCurrentTurnsTheSignsButNotTheApparentEnergy) {
  Window window{};
  for (auto &kind : window.energy)
    kind = {1000, 1000, 1000};
  ChipConfig config;
  config.phases[1].invert_current = true;
  const WindowEnergy energy =
      energy_of(window, config, {.volt = 1, .ampere = 1, .neutral_ampere = 1, .watt = 1, .picowatthour = 2});
  EXPECT_EQ(energy.at(Kind::ACTIVE, 0), 2000);
  EXPECT_EQ(energy.at(Kind::ACTIVE, 1), -2000);
  EXPECT_EQ(energy.at(Kind::REACTIVE, 1), -2000);
  EXPECT_EQ(energy.at(Kind::APPARENT, 1), 2000);
  EXPECT_EQ(energy.at(Kind::FUNDAMENTAL_ACTIVE, 1), -2000);
}

TEST(Energies, GoOnFromWhatWasStored) {
  const Summation all{.lines = ALL_LINES, .is_three_wire = false};
  WindowEnergy energy;
  for (size_t kind = 0; kind < KIND_COUNT; kind++) {
    for (size_t line = 0; line < LINE_COUNT; line++)
      energy.at(static_cast<Kind>(kind), line) = (kind + 1) * (line + 1) * 7'000'000'000 * (line == 2 ? -1 : 1);
  }
  Energies before;
  before.add(energy, all);
  Energies after;
  after.restore(before.stored());
  Reading stored;
  stored.counters = before.counters(all);
  Reading restored;
  restored.counters = after.counters(all);
  EXPECT_EQ(stored.counters, restored.counters);
  EXPECT_EQ(restored.counter(Quantity::ACTIVE_ENERGY_IMPORT, Phase::L2), 14);
  EXPECT_EQ(restored.counter(Quantity::ACTIVE_ENERGY_EXPORT, Phase::L3), 21);
  EXPECT_EQ(restored.counter(Quantity::REACTIVE_ENERGY_Q3, Phase::L3), 42);
  after.add(energy, all);
  restored.counters = after.counters(all);
  EXPECT_EQ(restored.counter(Quantity::ACTIVE_ENERGY_IMPORT, Phase::L2), 28);
}

}  // namespace
