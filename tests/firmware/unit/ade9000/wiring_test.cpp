#include "bench.h"

#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <initializer_list>
#include <numbers>
#include <utility>

namespace {

using namespace bench;
using Phasor = std::complex<double>;

constexpr double DEGREE = std::numbers::pi / 180;
constexpr double SQRT3 = std::numbers::sqrt3;

struct Installation {
  Wiring wiring;
  Scenario scenario;
  FrontEnd front_end{};
  ChipConfig config{};
};

/// Run an installation until it has settled.
class Service : public testing::Test {
 protected:
  void run(Installation installation) {
    installation.config.wiring = installation.wiring;
    this->bench.chip.configure(installation.config);
    this->bench.sim.set_scenario(installation.scenario);
    this->bench.sim.set_front_end(installation.front_end);
    this->bench.chip.start(0);
    this->bench.run_until(5 * S);
    ASSERT_EQ(this->bench.chip.state(), ChipState::RUNNING);
  }

  void expect(Quantity quantity, Phase phase, double value, double tolerance) {
    EXPECT_NEAR(this->bench.get(quantity, phase), value, tolerance) << row_of(quantity).key;
  }

  void expect_none(Quantity quantity, Phase phase) {
    EXPECT_TRUE(std::isnan(this->bench.get(quantity, phase))) << row_of(quantity).key;
  }

  Bench bench;
};

Scenario voltages(std::initializer_list<std::pair<double, double>> volts_and_degrees) {
  Scenario scenario;
  size_t phase = 0;
  for (const auto &[volts, degrees] : volts_and_degrees) {
    scenario.phases[phase].voltage_v = volts;
    scenario.phases[phase].voltage_angle_deg = degrees;
    scenario.phases[phase].current_a = 10;
    phase++;
  }
  return scenario;
}

/// The current of a phase as a phasor against the voltage of L1.
void set_current(Scenario &scenario, size_t phase, Phasor current) {
  scenario.phases[phase].current_a = std::abs(current);
  scenario.phases[phase].current_lag_deg = scenario.phases[phase].voltage_angle_deg - std::arg(current) / DEGREE;
}

/// An unbalanced load without neutral, and its complex power.
Scenario unbalanced_three_wires(Phasor &power) {
  Scenario scenario = voltages({{230, 0}, {225, -118}, {235, 121}});
  const Phasor l1 = std::polar(10.0, -20 * DEGREE);
  const Phasor l2 = std::polar(6.0, -140 * DEGREE);
  const Phasor currents[] = {l1, l2, -l1 - l2};
  power = 0;
  for (size_t phase = 0; phase < 3; phase++) {
    set_current(scenario, phase, currents[phase]);
    power += std::polar(scenario.phases[phase].voltage_v, scenario.phases[phase].voltage_angle_deg * DEGREE) *
             std::conj(currents[phase]);
  }
  return scenario;
}

TEST_F(Service, SplitPhaseIsL1AndL2) {
  this->run({.wiring = Wiring::SPLIT_PHASE, .scenario = voltages({{120, 0}, {120, 180}, {0, 0}})});
  this->expect(Quantity::VOLTAGE, Phase::L2, 120, 1e-3);
  this->expect(Quantity::PHASE_TO_PHASE_VOLTAGE, Phase::L12, 240, 1e-2);
  this->expect(Quantity::VOLTAGE_ANGLE, Phase::L2, 180, 0.02);
  this->expect(Quantity::ACTIVE_POWER, Phase::TOTAL, 2400, 0.1);
  this->expect(Quantity::FREQUENCY, Phase::TOTAL, 50, 1e-4);
  for (const Quantity quantity : {Quantity::VOLTAGE, Quantity::CURRENT, Quantity::ACTIVE_POWER, Quantity::FREQUENCY})
    this->expect_none(quantity, Phase::L3);
  this->expect_none(Quantity::PHASE_TO_PHASE_VOLTAGE, Phase::L23);
  EXPECT_EQ(this->bench.counter(Quantity::ACTIVE_ENERGY_IMPORT, Phase::L3), Reading::NOT_COUNTED);
}

TEST_F(Service, NetworkHasTwoPhasesOfThree) {
  this->run({.wiring = Wiring::NETWORK_3WIRE, .scenario = voltages({{120, 0}, {120, -120}, {120, 120}})});
  this->expect(Quantity::PHASE_TO_PHASE_VOLTAGE, Phase::L12, 120 * SQRT3, 0.02);
  this->expect(Quantity::ACTIVE_POWER, Phase::TOTAL, 2400, 0.1);
  this->expect_none(Quantity::VOLTAGE, Phase::L3);
}

TEST_F(Service, SinglePhasesMayBeOnOneConductorAndMayBeAbsent) {
  Installation installation{.wiring = Wiring::SINGLE_PHASES, .scenario = voltages({{230, 0}, {230, 0}, {230, 0}})};
  installation.config.phases[1].fitted = false;
  this->run(installation);
  this->expect(Quantity::PHASE_TO_PHASE_VOLTAGE, Phase::L31, 0, 0.01);
  this->expect(Quantity::ACTIVE_POWER, Phase::TOTAL, 4600, 0.1);
  this->expect_none(Quantity::CURRENT, Phase::L2);
  this->expect_none(Quantity::PHASE_TO_PHASE_VOLTAGE, Phase::L12);
}

TEST_F(Service, HighLegDeltaWithThreeSensors) {
  this->run({.wiring = Wiring::DELTA_4WIRE, .scenario = voltages({{120, 0}, {207.846, -90}, {120, 180}})});
  this->expect(Quantity::PHASE_TO_PHASE_VOLTAGE, Phase::L12, 240, 0.03);
  this->expect(Quantity::PHASE_TO_PHASE_VOLTAGE, Phase::L23, 240, 0.03);
  this->expect(Quantity::PHASE_TO_PHASE_VOLTAGE, Phase::L31, 240, 0.03);
  this->expect(Quantity::ACTIVE_POWER, Phase::TOTAL, 10 * (120 + 207.846 + 120), 0.1);
}

TEST_F(Service, WyeWithTwoSensorsComputesTheVoltageOfL2) {
  Installation installation{.wiring = Wiring::WYE_4WIRE_2VT, .scenario = balanced(10, 30)};
  installation.front_end.voltage_fitted[1] = false;
  this->run(installation);
  this->expect(Quantity::VOLTAGE, Phase::L2, 230, 1e-3);
  this->expect(Quantity::VOLTAGE_ANGLE, Phase::L2, -120, 0.02);
  this->expect(Quantity::ACTIVE_POWER, Phase::TOTAL, 6900 * std::cos(30 * DEGREE), 0.1);
}

TEST_F(Service, HighLegDeltaWithTwoSensorsComputesTheVoltageOfL2) {
  Installation installation{.wiring = Wiring::DELTA_4WIRE_2VT,
                            .scenario = voltages({{120, 0}, {120, 180}, {207.846, 90}})};
  installation.front_end.voltage_fitted[1] = false;
  this->run(installation);
  this->expect(Quantity::VOLTAGE, Phase::L2, 120, 1e-3);
  this->expect(Quantity::ACTIVE_POWER, Phase::TOTAL, 10 * (120 + 120 + 207.846), 0.1);
}

TEST_F(Service, HighLegDeltaWithTwoTransformersComputesTheCurrentOfL2) {
  Installation installation{.wiring = Wiring::DELTA_4WIRE_2VT,
                            .scenario = voltages({{120, 0}, {120, 180}, {207.846, 90}})};
  // Without a current in the neutral those of the phases are 0 together.
  set_current(installation.scenario, 0, std::polar(10.0, -30 * DEGREE));
  set_current(installation.scenario, 2, std::polar(6.0, 60 * DEGREE));
  const Phasor l2 = -std::polar(10.0, -30 * DEGREE) - std::polar(6.0, 60 * DEGREE);
  set_current(installation.scenario, 1, l2);
  installation.front_end.voltage_fitted[1] = false;
  installation.front_end.current_fitted[1] = false;
  installation.config.l2_current_fitted = false;
  this->run(installation);
  this->expect(Quantity::CURRENT, Phase::L2, std::abs(l2), 1e-4);
  const double l2_watts = (-120.0 * std::conj(l2)).real();
  this->expect(Quantity::ACTIVE_POWER, Phase::TOTAL,
               120 * 10 * std::cos(30 * DEGREE) + l2_watts + 207.846 * 6 * std::cos(30 * DEGREE), 0.1);
}

struct DeltaCase {
  const char *name;
  Wiring wiring;
  bool is_against_l2;
  bool l2_current_fitted;
};

/// Three wires without neutral: the sum of two elements is the power of all three phases (Blondel, Aron).
class ThreeWires : public Service, public testing::WithParamInterface<DeltaCase> {
 protected:
  void run_delta(const Scenario &scenario) {
    Installation installation{.wiring = GetParam().wiring, .scenario = scenario};
    installation.front_end.is_against_l2 = GetParam().is_against_l2;
    installation.front_end.current_fitted[1] = GetParam().l2_current_fitted;
    installation.config.l2_current_fitted = GetParam().l2_current_fitted;
    installation.config.nominal_voltage = 400;
    this->run(installation);
  }
};

TEST_P(ThreeWires, TotalsAreThoseOfTheTwoElements) {
  Phasor power;
  this->run_delta(unbalanced_three_wires(power));
  this->expect(Quantity::ACTIVE_POWER, Phase::TOTAL, power.real(), 0.1);
  this->expect(Quantity::REACTIVE_POWER, Phase::TOTAL, power.imag(), 0.1);
  this->expect(Quantity::APPARENT_POWER, Phase::TOTAL, std::abs(power), 0.1);
  this->expect(Quantity::POWER_FACTOR, Phase::TOTAL, power.real() / std::abs(power), 1e-5);
  this->expect(Quantity::DISPLACEMENT_POWER_FACTOR, Phase::TOTAL, power.real() / std::abs(power), 1e-5);
  this->expect_none(Quantity::ACTIVE_POWER, Phase::L2);
}

TEST_P(ThreeWires, ABalancedResistiveLoadHasPowerFactorOne) {
  this->run_delta(balanced(10));
  this->expect(Quantity::ACTIVE_POWER, Phase::TOTAL, 6900, 0.1);
  this->expect(Quantity::APPARENT_POWER, Phase::TOTAL, 6900, 0.1);
  this->expect(Quantity::POWER_FACTOR, Phase::TOTAL, 1, 1e-5);
}

TEST_P(ThreeWires, VoltagesAreBetweenThePhases) {
  Phasor power;
  this->run_delta(unbalanced_three_wires(power));
  const auto between = [](double first, double second, double degrees) {
    return std::abs(first - std::polar(second, degrees * DEGREE));
  };
  this->expect(Quantity::PHASE_TO_PHASE_VOLTAGE, Phase::L12, between(230, 225, 118), 1e-3);
  this->expect(Quantity::PHASE_TO_PHASE_VOLTAGE, Phase::L23, between(225, 235, 121 + 118), 1e-3);
  this->expect(Quantity::PHASE_TO_PHASE_VOLTAGE, Phase::L31, between(235, 230, 121), 1e-3);
  for (const Phase phase : LINES) {
    this->expect_none(Quantity::VOLTAGE, phase);
    this->expect_none(Quantity::VOLTAGE_ANGLE, phase);
    this->expect_none(Quantity::PHASE_ANGLE, phase);
    this->expect_none(Quantity::POWER_FACTOR, phase);
  }
}

TEST_P(ThreeWires, CurrentOfL2IsThere) {
  Phasor power;
  this->run_delta(unbalanced_three_wires(power));
  this->expect(Quantity::CURRENT, Phase::L1, 10, 1e-4);
  this->expect(Quantity::CURRENT, Phase::L2, 6, 1e-4);
}

TEST_P(ThreeWires, EnergyOfL2IsNotCounted) {
  this->run_delta(balanced(10));
  EXPECT_EQ(this->bench.counter(Quantity::ACTIVE_ENERGY_IMPORT, Phase::L2), Reading::NOT_COUNTED);
  EXPECT_EQ(this->bench.counter(Quantity::ACTIVE_ENERGY_IMPORT, Phase::TOTAL),
            this->bench.counter(Quantity::ACTIVE_ENERGY_IMPORT, Phase::L1) +
                this->bench.counter(Quantity::ACTIVE_ENERGY_IMPORT, Phase::L3));
}

INSTANTIATE_TEST_SUITE_P(Delta, ThreeWires,
                         testing::Values(DeltaCase{"AgainstL2", Wiring::DELTA_3WIRE, true, true},
                                         DeltaCase{"AgainstL2TwoTransformers", Wiring::DELTA_3WIRE, true, false},
                                         DeltaCase{"Isolated", Wiring::DELTA_3WIRE_ISOLATED, false, true},
                                         DeltaCase{"IsolatedTwoTransformers", Wiring::DELTA_3WIRE_ISOLATED, false,
                                                   false}),
                         [](const auto &info) { return info.param.name; });

}  // namespace
