"""Build programs from the C++ of the meter that needs no ESPHome: the core of each component and the model of the chip.

Only what has changed since the last build is compiled again.
"""

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
import fcntl
from functools import cache
import hashlib
import os
from pathlib import Path
import re
import shutil
import subprocess
from types import MappingProxyType

ROOT = Path(__file__).parents[1]
COMPONENTS = ROOT / "esphome" / "components"
MODEL = COMPONENTS / "ade9000_sim"
OWN = tuple(sorted(path for path in COMPONENTS.iterdir() if path.is_dir()))
"""Folders of the components."""
CHIP_BENCH = Path(__file__).parent / "chip"
"""Headers that put driver and model of the chip on a bench."""
CORES = os.process_cpu_count() or 1

FEATURE = re.compile(r"\bUSE_(?:ADE9000|THREE_PHASE_WIRE)_\w+")
INCLUDE = re.compile(r'^#include "([^"]+)"', re.MULTILINE)


class CompileError(RuntimeError):
    """A compiler is missing or refused the code; the text is its message."""


@cache
def _needs_esphome(path: Path) -> bool:
    """Return whether a file includes ESPHome, itself or by a header of the components here."""
    names = INCLUDE.findall(path.read_text(encoding="utf-8"))
    includes = [ROOT / name if name.startswith("esphome/") else path.parent / name for name in names]
    return not all(header.exists() for header in includes) or any(map(_needs_esphome, includes))


def core_sources(*folders: Path) -> list[Path]:
    """Return the sources of components, by default of all, that need no ESPHome."""
    return [path for folder in folders or OWN for path in sorted(folder.glob("*.cpp")) if not _needs_esphome(path)]


def core_headers(*others: Path) -> list[Path]:
    """Return the headers of the components, and of other folders."""
    return [path for folder in (*OWN, *others) for path in sorted(folder.rglob("*.h"))]


def core_features() -> list[str]:
    """Return the flags that build everything which the components can be built without."""
    files = (*core_sources(), *(path for path in core_headers() if not _needs_esphome(path)))
    return sorted({f"-D{name}" for path in files for name in FEATURE.findall(path.read_text(encoding="utf-8"))})


CCACHE: Mapping[str, str] = MappingProxyType({"CCACHE_BASEDIR": str(ROOT), "CCACHE_NOHASHDIR": "1"})
"""An object of one checkout is a hit in every other checkout of the machine."""


def compiler(name: str) -> tuple[str, ...]:
    """Return the command of a compiler, through ccache if it is installed."""
    return ("ccache", name) if shutil.which("ccache") else (name,)


def call(*command: str | Path, environment: Mapping[str, str] = CCACHE) -> str:
    """Run a command, with these variables besides those of the process, and return what it writes.

    Raises:
        CompileError: it is not there, or it failed.
    """
    if shutil.which(command[0]) is None:
        raise CompileError(f"there is no {command[0]}: run scripts/setup")
    result = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **environment})
    if result.returncode != 0:
        raise CompileError(result.stderr)
    return result.stdout


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """The flags and the folder of a build. A folder holds the objects of one set of flags."""

    folder: Path
    flags: tuple[str, ...]
    libraries: tuple[str, ...] = ()
    headers: tuple[Path, ...] = ()
    """Folders of headers in addition to the components and the bench."""
    is_shared: bool = True
    """Whether another checkout's objects will do. Those of a profile hold the paths of their own."""

    def program(self, name: str, sources: Iterable[Path]) -> Path:
        """Return a program, built from its sources unless nothing has changed; one build of the folder at a time.

        Raises:
            CompileError: the code has an error.
        """
        with self._locked():
            return self._link(name, list(sources))

    def objects(self, sources: Iterable[Path]) -> list[Path]:
        """Return the objects of sources, in their order, as `program` builds them but without linking.

        Raises:
            CompileError: the code has an error.
        """
        with self._locked():
            return self._compile_all(sources)

    def object_of(self, source: Path) -> Path:
        """Return the path of a source's object."""
        return self.folder / f"{source.parent.name}-{source.stem}.o"

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _link(self, name: str, sources: list[Path]) -> Path:
        built = self.folder / name
        objects = self._compile_all(sources)
        digest = self._digest(sources)
        if not _is_current(built, digest):
            call("g++", *self.flags, *objects, *self.libraries, "-o", built)
            built.with_suffix(".stamp").write_text(digest)
        return built

    def _compile_all(self, sources: Iterable[Path]) -> list[Path]:
        with ThreadPoolExecutor(CORES) as pool:
            return list(pool.map(self._compile, sources))

    def _compile(self, source: Path) -> Path:
        built = self.object_of(source)
        digest = self._digest([source])
        if not _is_current(built, digest):
            folders = (ROOT, COMPONENTS, CHIP_BENCH, *self.headers)
            call(
                *compiler("g++"), *self.flags, *(f"-I{folder}" for folder in folders), "-c", source, "-o", built,
                environment=CCACHE if self.is_shared else {},
            )  # fmt: skip
            built.with_suffix(".stamp").write_text(digest)
        return built

    def _digest(self, sources: list[Path]) -> str:
        digest = hashlib.sha256(repr((self.flags, self.libraries)).encode())
        for path in (*sources, *core_headers(CHIP_BENCH, *self.headers)):
            digest.update(path.name.encode() + path.read_bytes())
        return digest.hexdigest()


def _is_current(built: Path, digest: str) -> bool:
    """Return whether a file was built from the digest's sources, and forget it if not."""
    stamp = built.with_suffix(".stamp")
    if built.exists() and stamp.exists() and stamp.read_text() == digest:
        return True
    stamp.unlink(missing_ok=True)
    return False


def optimised_program(source: Path) -> Path:
    """Return the optimised program of a source with driver and model; headers next to the source are found."""
    flags = ("-std=gnu++20", "-O2", "-Wall", "-Wextra", "-Werror", *core_features())
    build = Build(folder=ROOT / ".cache" / "labs" / "optimised", flags=flags, headers=(source.parent,))
    return build.program(source.stem, [source, *core_sources()])
