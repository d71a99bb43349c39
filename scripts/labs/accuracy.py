"""The driver on the simulated chip against the closed form: every value and every counter.

Scenarios of a low-discrepancy sequence (grid.h) run through the real driver and real SPI frames (accuracy.cpp). The error of a
value is its deviation beyond one count of the underlying registers, as a percentage of the true value. Energy counters are also
compared with exact integrals of a year, and of two hours through real frames (energies.cpp).
"""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
import math
from pathlib import Path
import time

from bench.cpp import CORES, call, optimised_program

from .report import Report, Say, Table

SCENARIOS = 10_000
CHUNK = 500
WORST_PERCENT = 0.1
P99_PERCENT = 0.02
ENERGY_PPM = 1.0
ENERGY_RUNS = (("year", "small"), ("year", "large"), ("year", "varying"), ("hours",))

LIMITS = {"phase_to_phase_voltage_distorted"}
"""Values that the chip cannot know (see `name_of` in accuracy.cpp): reported without a goal."""


@dataclass(slots=True)
class Errors:
    """The errors of one quantity, in per cent of reading."""

    percents: list[float]
    mismatches: int = 0
    """Values that were wrongly empty or wrongly present."""

    def add(self, measured: float, truth: float, count: float) -> None:
        """Take one value; `truth` is NaN if the value has to be empty."""
        if math.isnan(truth) or math.isnan(measured):
            self.mismatches += math.isnan(truth) != math.isnan(measured)
            return
        beyond = max(abs(measured - truth) - count, 0)
        self.percents.append(100 * beyond / abs(truth) if truth else math.inf if beyond else 0)

    def percentile(self, share: float) -> float:
        """Return the error that this share of the values does not exceed."""
        return sorted(self.percents)[math.ceil(share * len(self.percents)) - 1]


type ByQuantity = dict[str, Errors]


def _values(program: Path, say: Say) -> Iterator[list[str]]:
    chunks = [(first, min(first + CHUNK, SCENARIOS)) for first in range(0, SCENARIOS, CHUNK)]
    with ThreadPoolExecutor(CORES) as pool:
        for (_, last), output in zip(chunks, pool.map(lambda chunk: call(program, *map(str, chunk)), chunks), strict=True):
            if last % (10 * CHUNK) == 0:
                say(f"{last} of {SCENARIOS} scenarios")
            yield from map(str.split, output.splitlines())


def _judge(values: Iterable[list[str]]) -> tuple[ByQuantity, set[str]]:
    """Return the errors by quantity, and the driver's quantities without a known truth."""
    errors: ByQuantity = {}
    unknown: set[str] = set()
    for _, key, *numbers in values:
        if numbers == ["unknown"]:
            unknown.add(key)
        else:
            _, measured, truth, count = map(float, numbers)
            errors.setdefault(key, Errors([])).add(measured, truth, count)
    return errors, unknown


def _energy_ppm(program: Path, say: Say) -> dict[str, float]:
    """Return the error of the worst counter of each run, beyond one count."""
    with ThreadPoolExecutor(CORES) as pool:
        outputs = list(pool.map(lambda run: call(program, *run), ENERGY_RUNS))
    worst: dict[str, float] = {}
    for line in "".join(outputs).splitlines():
        run, _, _, counted, integral = line.split()
        beyond = max(abs(float(counted) - float(integral)) - 1, 0)
        worst[run] = max(worst.get(run, 0), 1e6 * beyond / float(integral) if float(integral) else math.inf if beyond else 0)
    say(f"energies of {len(outputs)} runs compared")
    return worst


def _rounded(value: float) -> float | None:
    """Return a figure, or None for the infinite error of a value whose truth is zero: JSON has no infinity."""
    return round(value, 6) if math.isfinite(value) else None


def _complaints(errors: ByQuantity, unknown: set[str], ppm: dict[str, float]) -> Iterator[str]:
    for key in sorted(unknown):
        yield f"{key}: its truth is not known here; add a row to scripts/labs/accuracy.cpp"
    for key, error in errors.items():
        if error.mismatches:
            yield f"{key}: {error.mismatches} values are empty and should not be, or the other way round"
        if key not in LIMITS and (max(error.percents) > WORST_PERCENT or error.percentile(0.99) > P99_PERCENT):
            worst = max(error.percents)
            yield f"{key}: off by {worst:.3g} % at worst; the goals are {WORST_PERCENT}, and {P99_PERCENT} for 99 of 100"
    for run, value in ppm.items():
        if value > ENERGY_PPM:
            yield f"energies of the run {run}: off by {value:.3g} ppm, the goal is {ENERGY_PPM}"


def run(say: Say) -> Report:
    """Measure and report."""
    started = time.monotonic()
    errors, unknown = _judge(_values(optimised_program(Path(__file__).with_name("accuracy.cpp")), say))
    ppm = _energy_ppm(optimised_program(Path(__file__).with_name("energies.cpp")), say)
    seconds = time.monotonic() - started
    judged = {key: error for key, error in errors.items() if key not in LIMITS}
    rows = tuple(
        (key, str(len(error.percents)), f"{max(error.percents):.6f}", f"{error.percentile(0.99):.6f}", str(error.mismatches))
        for key, error in errors.items()
    )
    return Report(
        figures={
            "scenarios": SCENARIOS,
            "worst_percent": {key: _rounded(max(error.percents)) for key, error in judged.items()},
            "p99_percent": {key: _rounded(error.percentile(0.99)) for key, error in judged.items()},
            "limits_percent": {key: _rounded(max(errors[key].percents)) for key in sorted(LIMITS & errors.keys())},
            "empty_mismatches": sum(error.mismatches for error in errors.values()),
            "energy_ppm": _rounded(max(ppm.values())),
            "seconds": round(seconds, 1),
        },
        tables=(
            Table(("Quantity", "Values", "Worst, %", "99 of 100, %", "Wrongly empty or not"), rows),
            Table(("Energies of", "Worst counter, ppm"), tuple((name, f"{value:.6f}") for name, value in ppm.items())),
        ),
        complaints=tuple(_complaints(errors, unknown, ppm)),
    )
