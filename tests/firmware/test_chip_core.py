"""The C++ of the meter that needs no ESPHome, tested with GoogleTest under the address and undefined behaviour sanitizers.

Each test of `unit/**/*_test.cpp` is one case here; the folders are those of the components. All of them run in one program,
which is built when the first is asked for; only what has changed since is compiled again.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What one run of all tests gave."""

    output: str
    failures: dict[unit_tests.Name, list[str | None]]
    """(suite, test) → the failure of each of its instances, None where it passed."""


def _results(report: Path) -> Iterator[tuple[unit_tests.Name, str | None]]:
    """Yield each test of GoogleTest's report; instances of a parametrised test have the names of their test."""
    for case in ET.parse(report).getroot().iter("testcase"):  # noqa: S314 - of the program built here
        failures = "\n".join(failure.text or "" for failure in case.iter("failure"))
        name = (case.attrib["classname"].rpartition("/")[2], case.attrib["name"].partition("/")[0])
        yield name, failures or None


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
    program = unit_tests.program("unit-tests", unit_tests.files())
    reports = tmp_path_factory.mktemp("unit")
    with ThreadPoolExecutor(CORES) as pool:
        shards = list(pool.map(lambda index: _run_shard(program, reports / f"{index}.xml", index), range(CORES)))
    failures: dict[unit_tests.Name, list[str | None]] = {}
    for report in reports.iterdir():
        for name, failure in _results(report):
            failures.setdefault(name, []).append(failure)
    return Run(output="\n".join(shards), failures=failures)


@pytest.mark.parametrize("test", unit_tests.names(unit_tests.files()), ids="-".join)
def test_core(test: unit_tests.Name, core: Run) -> None:
    assert test in core.failures, "the test was not run"
    failed = [failure for failure in core.failures[test] if failure is not None]
    assert not failed, "\n".join(failed[:5])


def test_sanitizers_have_nothing_to_report(core: Run) -> None:
    assert "runtime error" not in core.output
    assert "Sanitizer" not in core.output
