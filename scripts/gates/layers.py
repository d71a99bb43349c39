"""The layers of the tests: their names, their parts, and how each may run next to others."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto

from bench.cpp import ROOT

TESTS = ROOT / "tests"


class Pace(Enum):
    """A layer's demand on the machine."""

    COMPILES = auto()
    """All of it, for a while."""
    COMPUTES = auto()
    """One core."""
    WAITS = auto()
    """Little, but at the right time: it follows a device in real time, and nothing may compile next to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """A part of the checks with a name. Layers of one job run in one process, one after the other."""

    name: str
    job: str
    pace: Pace = Pace.COMPUTES
    paths: tuple[str, ...] = ()
    """Of tests; none if it is a command."""
    leaves_out: tuple[str, ...] = ()
    """Parts of the paths that belong to another layer."""
    command: tuple[str, ...] = ()
    is_inside_home_assistant: bool = False
    """Whether it needs Home Assistant's test harness, whose plugin closes the sockets that all others use."""
    workers: int = 1
    """How many processes share its files."""


_CORE = ("tests/firmware/test_chip_core.py", "tests/firmware/test_without_options.py")
_CROSS = ("tests/firmware/test_cross_compile.py",)

LINT = Layer(name="lint", job="lint", command=("scripts/lint", "--check"))
FIRMWARES = Layer(name="firmwares", job="firmwares", pace=Pace.COMPILES, command=(".venv/bin/python", "-m", "gates.firmwares"))
"""Builds what the layers that wait run, before they do."""
CORE_COVERAGE = Layer(
    name="core-coverage", job="core-coverage", pace=Pace.COMPILES, command=(".venv/bin/python", "-m", "labs", "coverage")
)
_SPECIAL = (
    LINT,
    FIRMWARES,
    Layer(name="core", job="core", pace=Pace.COMPILES, paths=_CORE),
    CORE_COVERAGE,
    Layer(name="tidy", job="tidy", pace=Pace.COMPILES, command=(".venv/bin/python", "-m", "gates.tidy")),
    Layer(name="cross", job="cross", pace=Pace.COMPILES, paths=_CROSS),
    Layer(name="firmware", job="firmware", pace=Pace.WAITS, paths=("tests/firmware",), leaves_out=(*_CORE, *_CROSS), workers=3),
    # One running installation serves both.
    Layer(name="e2e", job="installation", pace=Pace.WAITS, paths=("tests/e2e",)),
    Layer(name="browser", job="installation", pace=Pace.WAITS, paths=("tests/browser",)),
    Layer(name="integration", job="integration", paths=("tests/integration",), is_inside_home_assistant=True),
)


def _plain_layers() -> Iterable[Layer]:
    """Yield a layer for each folder of tests that asks for nothing special."""
    special = {path for layer in _SPECIAL for path in layer.paths}
    for folder in sorted(path for path in TESTS.iterdir() if any(path.rglob("test_*.py"))):
        path = folder.relative_to(ROOT).as_posix()
        if path not in special:
            yield Layer(name=folder.name, job="light", paths=(path,))


LAYERS = {layer.name: layer for layer in (*_SPECIAL, *_plain_layers())}


def layer_of(path: str) -> Layer:
    """Return the layer to which a path of tests belongs.

    Raises:
        LookupError: it is none of tests.
    """

    def length_of_match(layer: Layer) -> int:
        return max((len(own) for own in layer.paths if f"{path}/".startswith(f"{own}/")), default=0)

    test_file = path.partition("::")[0]
    path = test_file.rstrip("/")
    best = max(LAYERS.values(), key=length_of_match)
    if not length_of_match(best):
        raise LookupError(f"{path} is neither a layer nor a path of tests; the layers are {', '.join(LAYERS)}")
    return best
