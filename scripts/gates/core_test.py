"""Run one GoogleTest, or one suite, of the C++ core: it compiles only its files, with driver and model."""

import subprocess

from bench import unit_tests
from bench.cpp import CompileError


def run(wanted: str) -> bool:
    """Build and run the tests whose name is `Suite.Test` or `Suite`, and return whether they passed."""
    suite, _, test = wanted.partition(".")
    files = unit_tests.files_of(suite, test)
    if not files:
        print(f"there is no GoogleTest {wanted}")
        return False
    try:
        program = unit_tests.program("-".join(path.stem for path in files), files)
    except CompileError as error:
        print(error)
        return False
    # A parametrised test has a prefix and a number.
    names = f"{suite}.{test or '*'}:*/{suite}.{test or '*'}/*"
    return subprocess.run((program, f"--gtest_filter={names}"), check=False).returncode == 0
