"""The C++ of the meter that needs no ESPHome, tested with GoogleTest under the address and undefined behaviour sanitizers.

Each file of tests is one case here, which names the tests in it that failed; the folders are those of the components. All of them
run in one program, which is built when the first is asked for; only what has changed since is compiled again.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
import os
from pathlib import Path
import shutil
import subprocess
from xml.etree import ElementTree as ET

import pytest

from bench import unit_tests
from bench.cpp import CORES

FILES = unit_tests.files()


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One test of GoogleTest, or one instance of a parametrised test."""

    file: Path
    """Where it stands, as the compiler was told."""
    failures: tuple[str, ...]
    """What it complained about, with its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What one run of all tests gave."""

    output: str
    cases: tuple[Case, ...]

    def of(self, file: Path) -> list[Case]:
        """Return the tests of a file, whichever folder the compiler began its path in."""
        return [case for case in self.cases if case.file.parts[-2:] == file.parts[-2:]]


def _cases(report: Path) -> Iterator[Case]:
    for case in ET.parse(report).getroot().iter("testcase"):  # noqa: S314 - of the program built here
        name = f"{case.attrib['classname']}.{case.attrib['name']}"
        failures = tuple(f"{name}: {failure.text}" for failure in case.iter("failure"))
        yield Case(file=Path(case.attrib["file"]), failures=failures)


def _run_shard(program: Path, report: Path, index: int) -> str:
    """Run the tests of one of as many shards as there are cores, and return what the sanitizers write."""
    shard = {"GTEST_TOTAL_SHARDS": str(CORES), "GTEST_SHARD_INDEX": str(index), "GTEST_COLOR": "no"}
    command = (program, f"--gtest_output=xml:{report}")
    result = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **shard})
    assert report.exists(), f"the tests ended with {result.returncode}:\n{result.stdout[-2000:]}\n{result.stderr[-8000:]}"
    return result.stderr


@pytest.fixture(scope="session")
def core(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """All tests, built and run once."""
    if shutil.which("g++") is None:
        pytest.skip("there is no g++ to compile the C++ tests with")
    probe = subprocess.run(
        ("g++", "-E", "-x", "c++", "-"), input="#include <gtest/gtest.h>", capture_output=True, text=True, check=False
    )
    if probe.returncode != 0:
        pytest.skip("GoogleTest is not installed (Debian: libgtest-dev)")
    program = unit_tests.program("unit-tests", FILES)
    reports = tmp_path_factory.mktemp("unit")
    with ThreadPoolExecutor(CORES) as pool:
        shards = list(pool.map(lambda index: _run_shard(program, reports / f"{index}.xml", index), range(CORES)))
    cases = tuple(case for report in sorted(reports.iterdir()) for case in _cases(report))
    return Run(output="\n".join(shards), cases=cases)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_core(file: Path, core: Run) -> None:
    cases = core.of(file)
    assert cases, "none of its tests was run"
    failed = [failure for case in cases for failure in case.failures]
    assert not failed, "\n".join(failed[:5])


def test_sanitizers_have_nothing_to_report(core: Run) -> None:
    assert "runtime error" not in core.output
    assert "Sanitizer" not in core.output
