"""The closed form of a scenario is held against its own waveforms, sampled and averaged."""

import cmath
import math
from pathlib import Path

import pytest

from bench.rig.scenario import Scenario

YAML = """
esphome:
  name: meter
  on_boot:
    then:
      - lambda: !lambda 'return;'
ade9000_sim:
  frequency: 50Hz
  l1:
    voltage: 230V
    current: 10A
    current_lag: 25°
    voltage_harmonics:
      - {order: 5, ratio: 3%, angle: 20°}
    current_harmonics:
      - {order: 3, ratio: 0.3, angle: 170°}
      - {order: 5, ratio: 0.1, angle: -40°}
  l2: {voltage: 228V, current: 6A, current_lag: 180°}
  l3: {voltage: 232V, voltage_angle: 121°, current: 2A, current_lag: -30°}
  neutral_current: 1.5A
  neutral_angle: 75°
  chip_temperature: 31.5°C
  profile:
    - {duration: 20s}
    - {duration: 500ms, current: [2, 0.5, 1], voltage: 0.9}
    - {duration: 1min, current: 0}
"""
SAMPLES = 4096


@pytest.fixture
def scenario(tmp_path: Path) -> Scenario:
    path = tmp_path / "meter.yaml"
    path.write_text(YAML)
    return Scenario.load(path)


def sampled(rms: float, angle: float, harmonics: list[tuple[int, float, float]]) -> list[float]:
    """Return one period of a waveform; angles in degrees."""
    return [
        math.sqrt(2) * rms * sum(
            ratio * math.sin(order * (2 * math.pi * n / SAMPLES + math.radians(angle)) + math.radians(shift))
            for order, ratio, shift in [(1, 1.0, 0.0), *harmonics]
        )
        for n in range(SAMPLES)
    ]  # fmt: skip


L1_VOLTAGE = sampled(230, 0, [(5, 0.03, 20)])
L1_CURRENT = sampled(10, -25, [(3, 0.3, 170), (5, 0.1, -40)])


def mean_product(first: list[float], second: list[float]) -> float:
    return sum(a * b for a, b in zip(first, second, strict=True)) / SAMPLES


def test_rms_values_are_those_of_the_waveform(scenario: Scenario) -> None:
    values = scenario.values(1)

    assert values["voltage", "L1"] == pytest.approx(math.sqrt(mean_product(L1_VOLTAGE, L1_VOLTAGE)))
    assert values["current", "L1"] == pytest.approx(math.sqrt(mean_product(L1_CURRENT, L1_CURRENT)))


def test_active_power_is_the_mean_of_the_product(scenario: Scenario) -> None:
    assert scenario.values(1)["active_power", "L1"] == pytest.approx(mean_product(L1_VOLTAGE, L1_CURRENT))


def test_reactive_power_is_the_mean_of_the_product_with_every_harmonic_turned(scenario: Scenario) -> None:
    turned = [
        math.sqrt(2) * 230 * (
            math.sin(angle - math.pi / 2) + 0.03 * math.sin(5 * angle + math.radians(20) - math.pi / 2)
        )
        for angle in (2 * math.pi * n / SAMPLES for n in range(SAMPLES))
    ]  # fmt: skip

    assert scenario.values(1)["reactive_power", "L1"] == pytest.approx(mean_product(turned, L1_CURRENT))


def test_reactive_power_is_positive_for_an_inductive_load(scenario: Scenario) -> None:
    values = scenario.values(1)

    assert values["fundamental_reactive_power", "L1"] == pytest.approx(230 * 10 * math.sin(math.radians(25)))
    assert values["reactive_power", "L3"] == pytest.approx(-232 * 2 * math.sin(math.radians(30)))


def test_export_is_negative(scenario: Scenario) -> None:
    values = scenario.values(1)

    assert values["active_power", "L2"] == pytest.approx(-228 * 6)
    assert values["power_factor", "L2"] == pytest.approx(-1)


def test_distortion_is_of_the_fundamental(scenario: Scenario) -> None:
    values = scenario.values(1)

    assert values["voltage_thd", "L1"] == pytest.approx(0.03)
    assert values["current_thd", "L1"] == pytest.approx(math.hypot(0.3, 0.1))


def test_phase_to_phase_voltage_is_the_rms_of_the_difference(scenario: Scenario) -> None:
    l2, l3 = sampled(228, -120, []), sampled(232, 121, [])
    difference = [a - b for a, b in zip(l2, l3, strict=True)]
    with_harmonics = [a - b for a, b in zip(L1_VOLTAGE, l2, strict=True)]
    values = scenario.values(1)

    assert values["phase_to_phase_voltage", "L23"] == pytest.approx(math.sqrt(mean_product(difference, difference)))
    assert values["phase_to_phase_voltage", "L12"] == pytest.approx(math.sqrt(mean_product(with_harmonics, with_harmonics)))
    assert values["phase_to_phase_voltage", "L23"] == pytest.approx(
        abs(cmath.rect(228, math.radians(-120)) - cmath.rect(232, math.radians(121)))
    )


def test_sums_of_currents_are_the_rms_of_the_sum_of_the_waveforms(scenario: Scenario) -> None:
    l2, l3, neutral = sampled(6, -300, []), sampled(2, 151, []), sampled(1.5, 75, [])
    phases = [sum(currents) for currents in zip(L1_CURRENT, l2, l3, strict=True)]
    with_neutral = [first + second for first, second in zip(phases, neutral, strict=True)]
    values = scenario.values(1)

    assert values["current", "N"] == pytest.approx(1.5)
    assert values["calculated_current", "N"] == pytest.approx(math.sqrt(mean_product(phases, phases)))
    assert values["residual_current", "total"] == pytest.approx(math.sqrt(mean_product(with_neutral, with_neutral)))


def test_balanced_neutral_leaves_what_is_added_to_it(tmp_path: Path) -> None:
    path = tmp_path / "meter.yaml"
    path.write_text(YAML.replace("  neutral_angle", "  neutral_balanced: true\n  neutral_angle"))
    values = Scenario.load(path).values(1)
    neutral = [leak - l1 - l2 - l3 for leak, l1, l2, l3 in zip(
        sampled(1.5, 75, []), L1_CURRENT, sampled(6, -300, []), sampled(2, 151, []), strict=True
    )]  # fmt: skip

    assert values["residual_current", "total"] == pytest.approx(1.5)
    assert values["current", "N"] == pytest.approx(math.sqrt(mean_product(neutral, neutral)))


def test_peaks_are_the_largest_values_of_the_waveforms(scenario: Scenario) -> None:
    values = scenario.values(1)

    assert values["voltage_peak", "total"] == pytest.approx(max(*map(abs, L1_VOLTAGE), math.sqrt(2) * 232), rel=1e-5)
    assert values["current_peak", "total"] == pytest.approx(max(map(abs, L1_CURRENT)), rel=1e-5)


def test_unbalance_is_the_ratio_of_the_sequences(scenario: Scenario) -> None:
    turn = cmath.rect(1, math.radians(120))
    phasors = [cmath.rect(230, 0), cmath.rect(228, math.radians(-120)), cmath.rect(232, math.radians(121))]
    zero = sum(phasors) / 3
    positive = (phasors[0] + turn * phasors[1] + turn**2 * phasors[2]) / 3
    # The three sequences add up to the phasor of L1.
    assert scenario.values(1)["voltage_unbalance", "total"] == pytest.approx(abs(phasors[0] - zero - positive) / abs(positive))


def test_angles_are_between_minus_180_and_180_degrees(scenario: Scenario) -> None:
    values = scenario.values(1)

    assert [values["voltage_angle", line] for line in ("L1", "L2", "L3")] == pytest.approx([0, -120, 121])
    assert [values["phase_angle", line] for line in ("L1", "L2", "L3")] == pytest.approx([25, 180, -30])


def test_profile_scales_the_load_and_repeats(scenario: Scenario) -> None:
    assert scenario.values(20.1)["fundamental_active_power", "L2"] == pytest.approx(-228 * 6 * 0.9 * 0.5)
    assert scenario.values(60)["current", "L1"] == 0
    assert scenario.values(81)["current", "L2"] == pytest.approx(6)


def test_what_is_not_defined_without_load_is_left_out(scenario: Scenario) -> None:
    values = scenario.values(60)

    assert ("voltage", "L1") in values
    assert not {("power_factor", "L1"), ("power_factor", "total"), ("current_thd", "L1"), ("phase_angle", "L1")} & values.keys()
    assert ("current_unbalance", "total") not in values


def test_span_is_steady_only_within_one_step(scenario: Scenario) -> None:
    assert scenario.is_steady(16, 19)
    assert not scenario.is_steady(19, 20.2)
    assert not scenario.is_steady(19, 81)


def test_energies_are_the_integral_over_the_steps(scenario: Scenario) -> None:
    gains = scenario.energies(19, 25)
    joule = 232 * 2 * math.cos(math.radians(30)) * (1.0 + 0.5 * 0.9)

    assert gains["active_energy_import", "L3"] == pytest.approx(joule / 3600 * 1000)
    assert gains["active_energy_export", "L2"] == pytest.approx(228 * 6 * (1.0 + 0.5 * 0.9 * 0.5) / 3600 * 1000)
    assert gains["active_energy_import", "L2"] == 0


def test_reactive_energy_is_counted_in_the_quadrant_of_its_powers(scenario: Scenario) -> None:
    gains = scenario.energies(0, 10)

    assert gains["reactive_energy_q4", "L3"] == pytest.approx(232 * 2 * 0.5 / 3600 * 1000 * 10)
    assert [gains[f"reactive_energy_q{number}", "L3"] for number in (1, 2, 3)] == [0, 0, 0]
    assert gains["reactive_energy_q1", "L1"] == pytest.approx(gains["reactive_energy_import", "L1"])
    for phase in ("L1", "L2", "L3", "total", "net"):
        halves = (gains["reactive_energy_q1", phase] + gains["reactive_energy_q2", phase], gains["reactive_energy_import", phase])
        assert halves[0] == pytest.approx(halves[1])


def test_fundamental_energies_leave_the_harmonics_out(scenario: Scenario) -> None:
    gains = scenario.energies(0, 10)

    assert gains["fundamental_active_energy_import", "L1"] == pytest.approx(230 * 10 * math.cos(math.radians(25)) / 0.36)
    assert gains["fundamental_apparent_energy_import", "L1"] == pytest.approx(230 * 10 / 0.36)
    assert gains["fundamental_active_energy_export", "total"] == pytest.approx(228 * 6 / 0.36)


def test_net_balances_the_phases_before_counting(scenario: Scenario) -> None:
    gains = scenario.energies(0, 10)

    assert gains["active_energy_import", "net"] == pytest.approx(
        gains["active_energy_import", "total"] - gains["active_energy_export", "total"]
    )
    assert gains["active_energy_export", "net"] == 0
