"""The electrical truth of a simulated meter, in closed form from the scenario in its YAML.

It follows from the physics alone and shares nothing with the firmware, so that tests can compare the meter's reports with it.
For phase k with fundamental RMS values U and I, harmonics of order h with ratios r_h and angles α_h,

    u(t) = √2 U Σ_h r_h sin(h (ωt + θ) + α_h),   i(t) = √2 I Σ_h s_h sin(h (ωt + θ − φ) + β_h),   r_1 = s_1 = 1, α_1 = β_1 = 0

so that harmonic h contributes U I r_h s_h cos(h φ + α_h − β_h) to the active and the same with sin to the reactive power
(IEEE 1459, non-sinusoidal single-phase definitions; the total reactive power is Budeanu's, as the ADE9000 measures it).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
import math
from pathlib import Path
import re
from typing import Any

import yaml

LINES = ("L1", "L2", "L3")
NATURAL_ANGLES_DEG = (0.0, -120.0, 120.0)

type Key = tuple[str, str]
"""(key of a quantity, phase), as in the integration's table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    """A periodic voltage or current."""

    rms: float
    """Of the fundamental, V or A."""
    angle: float
    """Of the fundamental, rad."""
    harmonics: tuple[tuple[int, float, float], ...]
    """(order, ratio to the fundamental, angle in rad), with the fundamental itself first."""

    @property
    def total_rms(self) -> float:
        """RMS with all harmonics."""
        return self.rms * math.sqrt(sum(ratio**2 for _, ratio, _ in self.harmonics))

    @property
    def distortion(self) -> float:
        """Total harmonic distortion, a ratio to the fundamental."""
        return math.sqrt(sum(ratio**2 for order, ratio, _ in self.harmonics if order > 1))

    @property
    def peak(self) -> float:
        """Largest instantaneous value, without sign."""
        return math.sqrt(2) * self.rms * (_peak_of_form(self.harmonics) if len(self.harmonics) > 1 else 1.0)

    def phasor(self, order: int) -> complex:
        """RMS phasor of a harmonic against ωt of the installation."""
        return sum(
            (self.rms * ratio * _turn(number * self.angle + angle) for number, ratio, angle in self.harmonics if number == order),
            0j,
        )

    def scaled(self, factor: float) -> Wave:
        """Return the same form at another size."""
        return Wave(rms=self.rms * factor, angle=self.angle, harmonics=self.harmonics)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A part of the load profile, seconds since boot within one round of the profile."""

    start: float
    end: float
    current_factors: tuple[float, float, float]
    voltage_factors: tuple[float, float, float]


@lru_cache
def _peak_of_form(harmonics: tuple[tuple[int, float, float], ...]) -> float:
    """Return the largest value of Σ r sin(h x + α), from enough points for the 7th harmonic to be exact to 10⁻⁵."""
    points = 4096
    turns = (2 * math.pi * number / points for number in range(points))
    return max(abs(sum(ratio * math.sin(order * turn + angle) for order, ratio, angle in harmonics)) for turn in turns)


def _turn(angle: float) -> complex:
    return complex(math.cos(angle), math.sin(angle))


def _normalized_deg(angle: float) -> float:
    """Return an angle in rad as degrees, −180 < angle ≤ 180."""
    degrees = math.degrees(angle) % 360.0
    return degrees - 360.0 if degrees > 180.0 else degrees


def _orders(*waves: Wave) -> list[int]:
    return sorted({order for wave in waves for order, _, _ in wave.harmonics})


def _complex_power(voltage: Wave, current: Wave, orders: Sequence[int]) -> complex:
    """Return P + jQ, W and var, over the given orders."""
    return sum((voltage.phasor(order) * current.phasor(order).conjugate() for order in orders), 0j)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """The mains and loads at a simulated chip."""

    frequency: float
    """Hz."""
    voltages: tuple[Wave, ...]
    currents: tuple[Wave, ...]
    neutral: Wave
    """Counted away from the source, like the phase currents."""
    is_neutral_balanced: bool
    """Whether the neutral also carries back the sum of the phase currents."""
    chip_temperature: float
    """°C."""
    steps: tuple[Step, ...]

    @classmethod
    def load(cls, path: Path) -> Scenario:
        """Read the scenario from the YAML of a simulated meter."""
        simulated = yaml.load(path.read_text(), _EsphomeLoader)["ade9000_sim"]  # noqa: S506 - a SafeLoader
        phases = [simulated[line.lower()] for line in LINES]
        voltages = tuple(_voltage(phase, angle) for phase, angle in zip(phases, NATURAL_ANGLES_DEG, strict=True))
        return cls(
            frequency=_number(simulated["frequency"]),
            voltages=voltages,
            currents=tuple(_current(phase, voltage) for phase, voltage in zip(phases, voltages, strict=True)),
            neutral=_neutral(simulated),
            is_neutral_balanced=bool(simulated.get("neutral_balanced", False)),
            chip_temperature=_number(simulated.get("chip_temperature", 25)),
            steps=_steps(simulated.get("profile") or [{"duration": "1h"}]),
        )

    def step_at(self, seconds: float) -> Step:
        """Return the step of the profile at a time since boot."""
        within = seconds % self.steps[-1].end
        return next(step for step in self.steps if within < step.end)

    def is_steady(self, start: float, end: float, margin: float = 0.0) -> bool:
        """Return whether the load is the same from `margin` before a span until `margin` after it."""
        step = self.step_at(start - margin)
        return step is self.step_at(end + margin) and end - start + 2 * margin < step.end - step.start

    def values(self, seconds: float) -> dict[Key, float]:
        """Return every instantaneous quantity at a time since boot, except those that are undefined without a load."""
        step = self.step_at(seconds)
        voltages = [wave.scaled(factor) for wave, factor in zip(self.voltages, step.voltage_factors, strict=True)]
        currents = [wave.scaled(factor) for wave, factor in zip(self.currents, step.current_factors, strict=True)]
        values: dict[Key, float] = {
            ("frequency", "total"): self.frequency,
            ("chip_temperature", "total"): self.chip_temperature,
        }
        for line, voltage, current in zip(LINES, voltages, currents, strict=True):
            values |= {(key, line): value for key, value in _phase_values(voltage, current, voltages[0]).items()}
            values["frequency", line] = self.frequency
        for pair, first, second in (("L12", 0, 1), ("L23", 1, 2), ("L31", 2, 0)):
            values["phase_to_phase_voltage", pair] = _difference_rms(voltages[first], voltages[second])
        values |= self._neutral_values(currents) | _three_phase_values(voltages, currents)
        return {key: value for key, value in (values | _totals(values)).items() if not math.isnan(value)}

    def _neutral_values(self, currents: Sequence[Wave]) -> dict[Key, float]:
        """Return the neutral current, the neutral current calculated from the phases, and the residual current."""
        orders = _orders(self.neutral, *currents)
        sums = [sum((current.phasor(order) for current in currents), 0j) for order in orders]
        balance = -1 if self.is_neutral_balanced else 0
        neutral = [self.neutral.phasor(order) + balance * total for order, total in zip(orders, sums, strict=True)]
        return {
            ("current", "N"): _rms(neutral),
            ("calculated_current", "N"): _rms(sums),
            ("residual_current", "total"): _rms([first + second for first, second in zip(neutral, sums, strict=True)]),
        }

    def energies(self, start: float, end: float) -> dict[Key, float]:
        """Return the gain of each counter between two times since boot, in mWh, mvarh and mVAh.

        The meter balances over windows of one second; a change of the power's sign within a window is not modelled.
        """
        gains: dict[Key, float] = {}
        for begin, finish in self._parts(start, end):
            values = self.values((begin + finish) / 2)
            hours = (finish - begin) / 3600
            for key, power in _counted(values).items():
                gains[key] = gains.get(key, 0.0) + power * hours * 1000
        return gains

    def _parts(self, start: float, end: float) -> list[tuple[float, float]]:
        """Cut a span at the steps of the profile."""
        period = self.steps[-1].end
        cuts = [start]
        for round_ in range(int(start // period), int(end // period) + 1):
            cuts += [at for step in self.steps if start < (at := round_ * period + step.start) < end]
        return [(begin, finish) for begin, finish in zip(cuts, [*cuts[1:], end], strict=True) if finish > begin]


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else math.nan


def _rms(phasors: Sequence[complex]) -> float:
    return math.sqrt(sum(abs(phasor) ** 2 for phasor in phasors))


def _unbalance(waves: Sequence[Wave]) -> float:
    """Return |negative sequence| / |positive sequence| of the fundamentals; not a number if one of them is zero."""
    first, second, third = (wave.phasor(1) for wave in waves)
    if not first or not second or not third:
        return math.nan
    turn = _turn(math.radians(120))
    return _ratio(abs(first + turn**2 * second + turn * third), abs(first + turn * second + turn**2 * third))


def _three_phase_values(voltages: Sequence[Wave], currents: Sequence[Wave]) -> dict[Key, float]:
    return {
        ("voltage_peak", "total"): max(wave.peak for wave in voltages),
        ("current_peak", "total"): max(wave.peak for wave in currents),
        ("voltage_unbalance", "total"): _unbalance(voltages),
        ("current_unbalance", "total"): _unbalance(currents) if all(wave.rms for wave in voltages) else math.nan,
    }


def _phase_values(voltage: Wave, current: Wave, reference: Wave) -> dict[str, float]:
    power = _complex_power(voltage, current, _orders(voltage, current))
    fundamental = _complex_power(voltage, current, [1])
    apparent = voltage.total_rms * current.total_rms
    return {
        "voltage": voltage.total_rms,
        "current": current.total_rms,
        "active_power": power.real,
        "reactive_power": power.imag,
        "apparent_power": apparent,
        "power_factor": _ratio(power.real, apparent),
        "displacement_power_factor": _ratio(fundamental.real, abs(fundamental)),
        "fundamental_active_power": fundamental.real,
        "fundamental_reactive_power": fundamental.imag,
        "fundamental_apparent_power": abs(fundamental),
        "voltage_thd": voltage.distortion if voltage.rms else math.nan,
        "current_thd": current.distortion if current.rms else math.nan,
        "voltage_angle": _normalized_deg(voltage.angle - reference.angle),
        "phase_angle": _normalized_deg(voltage.angle - current.angle) if current.rms else math.nan,
    }


def _difference_rms(first: Wave, second: Wave) -> float:
    return math.sqrt(sum(abs(first.phasor(order) - second.phasor(order)) ** 2 for order in _orders(first, second)))


def _totals(values: Mapping[Key, float]) -> dict[Key, float]:
    totals = {
        (key, "total"): sum(values[key, line] for line in LINES)
        for kind in ("active_power", "reactive_power", "apparent_power")
        for key in (kind, f"fundamental_{kind}")
    }
    for factor, power in (("power_factor", ""), ("displacement_power_factor", "fundamental_")):
        totals[factor, "total"] = _ratio(totals[f"{power}active_power", "total"], totals[f"{power}apparent_power", "total"])
    return totals


def _counted(values: Mapping[Key, float]) -> dict[Key, float]:
    """Return the power of each counter, in W, var or VA."""
    counted: dict[Key, float] = _counted_by_quadrant(values)
    for part in ("", "fundamental_"):
        for kind in ("active", "reactive"):
            counted |= _counted_by_sign(f"{part}{kind}", values)
        for direction, sign in (("import", 1), ("export", -1)):
            active = {line: sign * values[f"{part}active_power", line] for line in LINES}
            powers = {line: values[f"{part}apparent_power", line] if active[line] > 0 else 0.0 for line in LINES}
            for phase, power in (powers | {"total": sum(powers.values())}).items():
                counted[f"{part}apparent_energy_{direction}", phase] = power
    return counted


def _counted_by_sign(kind: str, values: Mapping[Key, float]) -> dict[Key, float]:
    counted: dict[Key, float] = {}
    powers = {line: values[f"{kind}_power", line] for line in LINES}
    for direction, sign in (("import", 1), ("export", -1)):
        parts = {line: max(sign * power, 0.0) for line, power in powers.items()}
        net = max(sign * sum(powers.values()), 0.0)
        for phase, power in (parts | {"total": sum(parts.values()), "net": net}).items():
            counted[f"{kind}_energy_{direction}", phase] = power
    return counted


QUADRANTS = {"q1": (1, 1), "q2": (-1, 1), "q3": (-1, -1), "q4": (1, -1)}
"""Signs of active and reactive power."""


def _counted_by_quadrant(values: Mapping[Key, float]) -> dict[Key, float]:
    powers = {line: (values["active_power", line], values["reactive_power", line]) for line in LINES}
    balance = (sum(active for active, _ in powers.values()), sum(reactive for _, reactive in powers.values()))
    counted: dict[Key, float] = {}
    for quadrant, (active_sign, reactive_sign) in QUADRANTS.items():
        parts = {
            place: abs(reactive) if active_sign * active > 0 and reactive_sign * reactive > 0 else 0.0
            for place, (active, reactive) in (powers | {"net": balance}).items()
        }
        counted |= {(f"reactive_energy_{quadrant}", place): power for place, power in parts.items()}
        counted[f"reactive_energy_{quadrant}", "total"] = sum(parts[line] for line in LINES)
    return counted


class _EsphomeLoader(yaml.SafeLoader):
    """YAML with ESPHome's own tags, such as !lambda, read as if they were absent."""


_EsphomeLoader.add_multi_constructor("!", lambda loader, _, node: loader.construct_scalar(node))

_NUMBER = re.compile(r"[-+]?\d+(\.\d+)?([eE][-+]?\d+)?")
_SECONDS = {"ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0}


def _number(text: str | float) -> float:
    """Return the number of a value with its unit, such as 230V or 1.5%."""
    if not isinstance(text, str):
        return float(text)
    found = _NUMBER.match(text.strip())
    if found is None:
        raise ValueError(f"not a number: {text!r}")
    return float(found[0]) / (100 if text.strip().endswith("%") else 1)


def _seconds(text: str) -> float:
    number = _NUMBER.match(text)
    if number is None:
        raise ValueError(f"not a duration: {text!r}")
    return float(number[0]) * _SECONDS[text[number.end() :].strip()]


def _harmonics(items: Sequence[Mapping[str, Any]] | None) -> tuple[tuple[int, float, float], ...]:
    parts = ((int(item["order"]), _number(item["ratio"]), math.radians(_number(item.get("angle", 0)))) for item in items or ())
    return ((1, 1.0, 0.0), *parts)


def _voltage(phase: Mapping[str, Any], natural_angle: float) -> Wave:
    return Wave(
        rms=_number(phase["voltage"]),
        angle=math.radians(_number(phase.get("voltage_angle", natural_angle))),
        harmonics=_harmonics(phase.get("voltage_harmonics")),
    )


def _current(phase: Mapping[str, Any], voltage: Wave) -> Wave:
    return Wave(
        rms=_number(phase["current"]),
        angle=voltage.angle - math.radians(_number(phase.get("current_lag", 0))),
        harmonics=_harmonics(phase.get("current_harmonics")),
    )


def _neutral(simulated: Mapping[str, Any]) -> Wave:
    return Wave(
        rms=_number(simulated.get("neutral_current", 0)),
        angle=math.radians(_number(simulated.get("neutral_angle", 0))),
        harmonics=_harmonics(None),
    )


def _steps(profile: Sequence[Mapping[str, Any]]) -> tuple[Step, ...]:
    ends = list(accumulate(_seconds(step["duration"]) for step in profile))
    return tuple(
        Step(start=start, end=end, current_factors=_factors(step, "current"), voltage_factors=_factors(step, "voltage"))
        for step, start, end in zip(profile, [0.0, *ends[:-1]], ends, strict=True)
    )


def _factors(step: Mapping[str, Any], key: str) -> tuple[float, float, float]:
    factors = step.get(key, 1.0)
    if not isinstance(factors, Sequence) or isinstance(factors, str):
        factors = [factors] * 3
    first, second, third = (_number(factor) for factor in factors)
    return first, second, third
