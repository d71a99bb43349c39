"""The GoogleTests of the C++ core: their files, and their programs under the address and undefined behaviour sanitizers."""

from collections.abc import Iterable
from pathlib import Path

from .cpp import ROOT, Build, core_features, core_sources

UNIT = ROOT / "tests" / "firmware" / "unit"
SANITIZERS = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all")
# With -O1 and -g a file takes 20 s to compile instead of 6.6 s, most of it for tracking variables.
FLAGS = ("-std=gnu++20", "-Og", "-g1", "-Wall", "-Wextra", "-Werror", *SANITIZERS)
LIBRARIES = ("-lgtest", "-lgtest_main", "-lpthread")


def files() -> list[Path]:
    """Return the files of tests."""
    return sorted(UNIT.rglob("*_test.cpp"))


def files_of(suite: str, test: str = "") -> list[Path]:
    """Return the files with a suite, or with one test of it: each stands as `(Suite, Test)` in its file."""
    head = f"({suite}, {test})" if test else f"({suite}, "
    return [path for path in files() if head in path.read_text(encoding="utf-8")]


def program(name: str, paths: Iterable[Path]) -> Path:
    """Return the program of files of tests; only what has changed since its last build is compiled again.

    Raises:
        CompileError: the code has an error.
    """
    build = Build(folder=ROOT / ".cache" / "unit", flags=(*FLAGS, *core_features()), libraries=LIBRARIES, headers=(UNIT,))
    return build.program(name, [*core_sources(), *paths])
