"""The C++ core of a device that is built without the optional counters, as on an ESP8266: nothing of them is left.

It is a small program of its own, because the options change the sizes of what all tests share.
"""

from pathlib import Path
import shutil
import subprocess

import pytest

from .test_chip_core import COMPONENTS, FLAGS, LIBRARIES, OPTIONAL, UNIT

CORE = ("energy", "merged_reading", "quadrant_energies", "wire")


def test_core_without_the_optional_counters(tmp_path: Path) -> None:
    if shutil.which("g++") is None or not Path("/usr/include/gtest").exists():
        pytest.skip("there is no g++, or no GoogleTest (Debian: libgtest-dev), to test C++ with")
    program = tmp_path / "without-options"
    sources = [*(COMPONENTS / "ade9000" / f"{name}.cpp" for name in CORE), *sorted((UNIT / "without_options").glob("*_test.cpp"))]
    flags = [flag for flag in FLAGS if flag not in OPTIONAL]
    built = subprocess.run(("g++", *flags, *sources, *LIBRARIES, "-o", program), capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr

    run = subprocess.run((program,), capture_output=True, text=True, check=False)

    assert run.returncode == 0, run.stdout + run.stderr
    assert "[  PASSED  ] 5 tests" in run.stdout
