"""The C++ core of a device that is built without the optional counters, as on an ESP8266: nothing of them is left.

It is a small program of its own, because the options change the sizes of what all tests share.
"""

import subprocess

import pytest

from bench.cpp import COMPONENTS, ROOT, Build, CompileError
from bench.unit_tests import FLAGS, LIBRARIES, UNIT

CORE = (
    "ade9000/energy.cpp",
    "ade9000/merged_reading.cpp",
    "ade9000/wire.cpp",
    "three_phase_wire/wire_text.cpp",
)
WITHOUT_OPTIONS = UNIT.with_name("without_options")
BUILD = Build(
    folder=ROOT / ".cache" / "unit-without-options",
    flags=FLAGS,
    libraries=LIBRARIES,
    headers=(WITHOUT_OPTIONS,),
)


def test_core_without_the_optional_counters() -> None:
    sources = [*(COMPONENTS / name for name in CORE), *sorted(WITHOUT_OPTIONS.glob("*_test.cpp"))]
    try:
        program = BUILD.program("unit-tests", sources)
    except CompileError as error:
        if "gtest/gtest.h" in str(error) or "there is no g++" in str(error):
            pytest.skip("there is no g++, or no GoogleTest (Debian: libgtest-dev), to test C++ with")
        raise

    run = subprocess.run((program,), capture_output=True, text=True, check=False)

    assert run.returncode == 0, run.stdout + run.stderr
    assert "[  PASSED  ] 5 tests" in run.stdout
