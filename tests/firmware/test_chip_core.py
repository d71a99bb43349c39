"""The C++ of the meter that needs no ESPHome, tested with GoogleTest under the address and undefined behaviour sanitizers.

Each test of `unit/*_test.cpp` is one case here. All of them run in one program, which is built when the first is asked for;
only what has changed since is compiled again.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
import fcntl
from functools import cache
import hashlib
import os
from pathlib import Path
import re
import shutil
import subprocess
from xml.etree import ElementTree as ET

import pytest

ROOT = Path(__file__).parents[2]
COMPONENTS = ROOT / "esphome" / "components"
FOLDERS = (COMPONENTS / "ade9000", COMPONENTS / "ade9000_sim")
UNIT = Path(__file__).parent / "unit"
BUILD = ROOT / ".cache" / "unit"

SANITIZERS = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all")
OPTIONAL = ("-DUSE_ADE9000_QUADRANT_ENERGY", "-DUSE_ADE9000_FUNDAMENTAL_ENERGY")
"""Everything that a device may be built without."""
FLAGS = ("-std=gnu++20", "-O1", "-g", "-Wall", "-Wextra", "-Werror", *OPTIONAL, *SANITIZERS, f"-I{COMPONENTS}")
LIBRARIES = ("-lgtest", "-lgtest_main", "-lpthread")

TEST = re.compile(r"^TEST(?:_F|_P)?\((\w+), (\w+)\)", re.MULTILINE)
INCLUDE = re.compile(r'^#include "([^"]+)"', re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What one run of all tests gave."""

    status: int
    output: str
    failures: dict[tuple[str, str], list[str | None]]
    """(suite, test) → the failure of each of its instances, None where it passed."""


@cache
def _needs_esphome(path: Path) -> bool:
    """Return whether a file includes ESPHome, itself or by a header of its own component."""
    includes = INCLUDE.findall(path.read_text(encoding="utf-8"))
    own = (path.parent / name for name in includes if (path.parent / name).exists())
    return any(name.startswith("esphome/") for name in includes) or any(_needs_esphome(header) for header in own)


def _sources() -> list[Path]:
    core = (path for folder in FOLDERS for path in sorted(folder.glob("*.cpp")) if not _needs_esphome(path))
    return [*core, *sorted(UNIT.glob("*_test.cpp"))]


def _headers() -> list[Path]:
    return [path for folder in (*FOLDERS, UNIT) for path in sorted(folder.glob("*.h"))]


def _digest(paths: list[Path]) -> str:
    digest = hashlib.sha256(repr(FLAGS).encode())
    for path in paths:
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def _is_current(built: Path, digest: str) -> bool:
    """Return whether a file was built from what the digest stands for, and forget it if not."""
    stamp = built.with_suffix(".stamp")
    if built.exists() and stamp.exists() and stamp.read_text() == digest:
        return True
    stamp.unlink(missing_ok=True)
    return False


def _call(*command: str | Path) -> None:
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


def _compile(source: Path) -> Path:
    built = BUILD / f"{source.parent.name}-{source.stem}.o"
    digest = _digest([source, *_headers()])
    if not _is_current(built, digest):
        launcher = ["ccache"] if shutil.which("ccache") else []
        _call(*launcher, "g++", *FLAGS, "-c", source, "-o", built)
        built.with_suffix(".stamp").write_text(digest)
    return built


def _build() -> Path:
    program = BUILD / "unit-tests"
    sources = _sources()
    with ThreadPoolExecutor(2) as pool:
        objects = list(pool.map(_compile, sources))
    digest = _digest([*sources, *_headers()])
    if not _is_current(program, digest):
        _call("g++", *SANITIZERS, *objects, *LIBRARIES, "-o", program)
        program.with_suffix(".stamp").write_text(digest)
    return program


def _results(report: Path) -> Iterator[tuple[tuple[str, str], str | None]]:
    """Yield each test of GoogleTest's report; instances of a parametrised test have the names of their test."""
    for case in ET.parse(report).getroot().iter("testcase"):  # noqa: S314 - of the program built here
        failures = "\n".join(failure.text or "" for failure in case.iter("failure"))
        name = (case.attrib["classname"].rpartition("/")[2], case.attrib["name"].partition("/")[0])
        yield name, failures or None


def _tests() -> list[tuple[str, str]]:
    return [test for path in sorted(UNIT.glob("*_test.cpp")) for test in TEST.findall(path.read_text(encoding="utf-8"))]


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
    BUILD.mkdir(parents=True, exist_ok=True)
    with (BUILD / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        program = _build()
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
