"""Lines and branches of the C++ core that its unit tests reach.

gcc builds the tests of tests/firmware/unit with its instruments, they run once, and gcov reports the lines that they reached. A
header line counts as reached if any including file reached it. Exceptions are off, as on an ESP, so that only branches in the
code count.
"""

from collections.abc import Iterator
import gzip
from itertools import zip_longest
import json
from pathlib import Path
import shutil
import subprocess
from typing import Any

from bench import unit_tests
from bench.cpp import COMPONENTS, MODEL, ROOT, Build, core_features, core_sources

from .report import LaboratoryError, Report, Say, Table

FOLDER = ROOT / ".cache" / "labs" / "coverage"
FLAGS = ("-std=gnu++20", "-O0", "-g", "--coverage", "-fno-exceptions", "-fprofile-abs-path", *core_features())
LEAST_PERCENT = 95.0

type Counts = dict[tuple[Path, int], int]
"""Number of runs of each line of each file."""

type Branches = dict[tuple[Path, int], list[int]]
"""Number of times that each branch of a line was taken."""


def _run_tests(say: Say) -> None:
    """Build and run the unit tests with counters that start from zero."""
    if not Path("/usr/include/gtest/gtest.h").exists():
        raise LaboratoryError("GoogleTest is not installed (Debian: libgtest-dev)")
    build = Build(folder=FOLDER, flags=FLAGS, libraries=unit_tests.LIBRARIES, headers=(unit_tests.UNIT,), is_shared=False)
    program = build.program("unit-tests", [*core_sources(), *unit_tests.files()])
    for counters in FOLDER.glob("*.gcda"):
        counters.unlink()
    say("running the unit tests")
    if subprocess.run((program, "--gtest_brief=1"), stdout=subprocess.DEVNULL, check=False).returncode:
        raise LaboratoryError("a unit test fails")


def _reports() -> Iterator[dict[str, Any]]:
    """Yield gcov's report on each file of each object."""
    results = FOLDER / "gcov"
    shutil.rmtree(results, ignore_errors=True)
    results.mkdir()
    subprocess.run(
        ("gcov", "--json-format", "--branch-probabilities", *sorted(FOLDER.glob("*.gcda"))),
        cwd=results, check=True, capture_output=True,
    )  # fmt: skip
    for path in results.glob("*.gcov.json.gz"):
        yield from json.loads(gzip.decompress(path.read_bytes()))["files"]


def _collect() -> tuple[Counts, Branches]:
    """Return what was reached in the components' files, over all objects and all instances of templates."""
    lines: Counts = {}
    branches: Branches = {}
    for file in _reports():
        path = Path(file["file"])
        if COMPONENTS not in path.parents or path.parent == MODEL:
            continue
        for line in file["lines"]:
            place = (path, line["line_number"])
            lines[place] = lines.get(place, 0) + line["count"]
            taken = [branch["count"] for branch in line["branches"] if not branch["throw"]]
            before = branches.get(place, [])
            branches[place] = [sum(pair) for pair in zip_longest(before, taken, fillvalue=0)]
    return lines, branches


def _row(path: Path, lines: Counts, branches: Branches) -> tuple[str, ...]:
    own = [count for (file, _), count in lines.items() if file == path]
    taken = [count for (file, _), counts in branches.items() if file == path for count in counts]
    return (path.relative_to(COMPONENTS).as_posix(), *_cells(own), *_cells(taken))


def _cells(counts: list[int]) -> tuple[str, str]:
    return str(len(counts)), f"{_percent(counts):.1f}" if counts else "–"


def _percent(counts: list[int]) -> float:
    return 100 * sum(count > 0 for count in counts) / len(counts)


def run(say: Say) -> Report:
    """Measure and report."""
    _run_tests(say)
    lines, branches = _collect()
    of_lines = _percent(list(lines.values()))
    of_branches = _percent([count for counts in branches.values() for count in counts])
    rows = tuple(_row(path, lines, branches) for path in sorted({path for path, _ in lines}))
    return Report(
        figures={"line_percent": round(of_lines, 2), "branch_percent": round(of_branches, 2)},
        tables=(
            Table(
                ("Coverage of the core", "%"),
                (("lines", f"{of_lines:.1f}"), ("branches", f"{of_branches:.1f}")),
            ),
            Table(("File", "Lines", "%", "Branches", "%"), rows),
        ),
        complaints=tuple(
            f"{percent:.1f} % of the {what} are reached, the goal is {LEAST_PERCENT:.0f}"
            for what, percent in (("lines", of_lines), ("branches", of_branches))
            if percent < LEAST_PERCENT
        ),
    )
