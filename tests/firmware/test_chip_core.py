"""The C++ of the meter that needs no ESPHome, tested with GoogleTest under the address and undefined behaviour sanitizers.

Each test of `unit/**/*_test.cpp` is one case here; the folders are those of the components. All of them run in one program,
which is built when the first is asked for; only what has changed since is compiled again.
"""

from collections.abc import Iterator
from dataclasses import dataclass
import os
from pathlib import Path
import re
import shutil
import subprocess
from xml.etree import ElementTree as ET

import pytest

from bench.cpp import ROOT, Build, core_features, core_sources

UNIT = Path(__file__).parent / "unit"
SANITIZERS = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all")
BUILD = Build(
    folder=ROOT / ".cache" / "unit",
    flags=("-std=gnu++20", "-O1", "-g", "-Wall", "-Wextra", "-Werror", *core_features(), *SANITIZERS),
    libraries=("-lgtest", "-lgtest_main", "-lpthread"),
    headers=(UNIT,),
)

TEST = re.compile(r"^TEST(?:_F|_P)?\((\w+), (\w+)\)", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What one run of all tests gave."""

    status: int
    output: str
    failures: dict[tuple[str, str], list[str | None]]
    """(suite, test) → the failure of each of its instances, None where it passed."""


def _results(report: Path) -> Iterator[tuple[tuple[str, str], str | None]]:
    """Yield each test of GoogleTest's report; instances of a parametrised test have the names of their test."""
    for case in ET.parse(report).getroot().iter("testcase"):  # noqa: S314 - of the program built here
        failures = "\n".join(failure.text or "" for failure in case.iter("failure"))
        name = (case.attrib["classname"].rpartition("/")[2], case.attrib["name"].partition("/")[0])
        yield name, failures or None


def _tests() -> list[tuple[str, str]]:
    return [test for path in sorted(UNIT.rglob("*_test.cpp")) for test in TEST.findall(path.read_text(encoding="utf-8"))]


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
    program = BUILD.program("unit-tests", [*core_sources(), *sorted(UNIT.rglob("*_test.cpp"))])
    report = tmp_path_factory.mktemp("unit") / "report.xml"
    command = (program, f"--gtest_output=xml:{report}")
    result = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "GTEST_COLOR": "no"})
    assert report.exists(), f"the tests ended with {result.returncode}:\n{result.stdout[-2000:]}\n{result.stderr[-8000:]}"
    failures: dict[tuple[str, str], list[str | None]] = {}
    for name, failure in _results(report):
        failures.setdefault(name, []).append(failure)
    return Run(status=result.returncode, output=result.stderr, failures=failures)


@pytest.mark.parametrize("test", _tests(), ids="-".join)
def test_core(test: tuple[str, str], core: Run) -> None:
    assert test in core.failures, "the test was not run"
    failed = [failure for failure in core.failures[test] if failure is not None]
    assert not failed, "\n".join(failed[:5])


def test_sanitizers_have_nothing_to_report(core: Run) -> None:
    assert "runtime error" not in core.output
    assert "Sanitizer" not in core.output
