"""The driver publishes nothing false while the bus is disturbed and the load changes.

Each disturbance gets a million transactions in runs with seeds of their own (fuzz.cpp); tests/firmware/unit/fuzz_judge.h defines
false readings.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
import time

from bench.cpp import CORES, call, optimised_program

from .report import Report, Say, Table

SEEDS = 10
TRANSACTIONS = 100_000

KINDS = {
    1: "bits flip on MISO",
    2: "MISO stuck low",
    3: "MISO stuck high",
    4: "frames lost",
    5: "frames truncated",
    6: "bits flip on MOSI",
    7: "brown-outs of the chip",
    8: "host busy",
}
"""The values of `Disturbance` in tests/firmware/unit/fuzz_wires.h."""

COUNTS = ("transactions", "disturbed", "readings", "values", "estimated", "false", "restarts")
"""The fields that fuzz.cpp writes for a run, after its seed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The sums over the runs of one disturbance."""

    transactions: int
    disturbed: int
    readings: int
    values: int
    estimated: int
    false: int
    restarts: int
    complaints: tuple[str, ...]
    """The first false readings of each run."""


def _outcome(program: Path, kind: int) -> Outcome:
    lines = call(program, str(kind), str(TRANSACTIONS), "1", str(SEEDS + 1)).splitlines()
    counts = [list(map(int, line.split()[1:])) for line in lines if not line.startswith("!")]
    sums = dict(zip(COUNTS, (sum(column) for column in zip(*counts, strict=True)), strict=True))
    return Outcome(**sums, complaints=tuple(line[2:] for line in lines if line.startswith("!")))


def _complaints(outcomes: dict[int, Outcome]) -> Iterator[str]:
    for kind, outcome in outcomes.items():
        yield from (f"{KINDS[kind]}: seed {complaint}" for complaint in outcome.complaints)


def run(say: Say) -> Report:
    """Disturb and report."""
    started = time.monotonic()
    program = optimised_program(Path(__file__).with_name("fuzz.cpp"))
    with ThreadPoolExecutor(CORES) as pool:
        outcomes = dict(zip(KINDS, pool.map(lambda kind: _outcome(program, kind), KINDS), strict=True))
    say(f"{sum(outcome.transactions for outcome in outcomes.values())} transactions")
    rows = tuple(
        (KINDS[kind], *map(str, (it.transactions, it.disturbed, it.readings, it.estimated, it.restarts, it.values, it.false)))
        for kind, it in outcomes.items()
    )
    return Report(
        figures={
            "transactions": sum(outcome.transactions for outcome in outcomes.values()),
            "readings": sum(outcome.readings for outcome in outcomes.values()),
            "values": sum(outcome.values for outcome in outcomes.values()),
            "false_values": sum(outcome.false for outcome in outcomes.values()),
            "seconds": round(time.monotonic() - started, 1),
        },
        tables=(
            Table(("Disturbance", "Transactions", "disturbed", "Readings", "estimated", "Restarts", "Values", "false"), rows),
        ),
        complaints=tuple(_complaints(outcomes)),
    )
