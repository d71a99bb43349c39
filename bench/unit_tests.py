"""The GoogleTests of the C++ core: where they are, and their programs under the address and undefined behaviour sanitizers."""

from collections.abc import Iterable
from pathlib import Path
import re

from .cpp import ROOT, Build, core_features, core_sources

UNIT = ROOT / "tests" / "firmware" / "unit"
SANITIZERS = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all")
# With -O1 and -g a file takes 20 s to compile instead of 6.6 s, most of it for tracking variables.
FLAGS = ("-std=gnu++20", "-Og", "-g1", "-Wall", "-Wextra", "-Werror", *SANITIZERS)
LIBRARIES = ("-lgtest", "-lgtest_main", "-lpthread")

TEST = re.compile(r"^TEST(?:_F|_P)?\((\w+), (\w+)\)", re.MULTILINE)

type Name = tuple[str, str]
"""Suite and test."""


def files() -> list[Path]:
    """Return the files of tests."""
    return sorted(UNIT.rglob("*_test.cpp"))


def names(paths: Iterable[Path]) -> list[Name]:
    """Return the tests in files."""
    return [(found[1], found[2]) for path in paths for found in TEST.finditer(path.read_text(encoding="utf-8"))]


def program(name: str, paths: Iterable[Path]) -> Path:
    """Return the program of files of tests; only what has changed since its last build is compiled again.

    Raises:
        CompileError: the code has an error.
    """
    build = Build(folder=ROOT / ".cache" / "unit", flags=(*FLAGS, *core_features()), libraries=LIBRARIES, headers=(UNIT,))
    return build.program(name, [*core_sources(), *paths])
