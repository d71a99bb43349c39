"""Build the firmware for this machine with ESPHome, and run it as a meter with a simulated chip."""

import asyncio
from collections.abc import Mapping
import contextlib
import fcntl
import hashlib
import os
from pathlib import Path
import shutil
import signal
from types import MappingProxyType, TracebackType
from typing import Self

from bench.cpp import CCACHE

from .processes import accepts, free_port, program

ROOT = Path(__file__).parents[2]
ESPHOME = ROOT / ".venv-esphome" / "bin" / "esphome"
BUILDS = ROOT / ".cache" / "firmware"
SOURCES = (ROOT / "esphome" / "components", ROOT / "esphome" / "packages")
NO_SUBSTITUTIONS: Mapping[str, str] = MappingProxyType({})


class BuildError(RuntimeError):
    """ESPHome could not build a firmware; the text is its output."""


def esphome_environment(data: Path) -> dict[str, str]:
    """Return an environment for the command `esphome` that keeps all its files in one folder."""
    return {
        **os.environ,
        "PATH": f"{ESPHOME.parent}{os.pathsep}{os.environ['PATH']}",
        **CCACHE,
        "ESPHOME_DATA_DIR": str(data),
        # ninja would use every core, including those that concurrent tests need.
        "ESPHOME_DEFAULT_COMPILE_PROCESS_LIMIT": "2",
    }


async def build(yaml: Path, substitutions: Mapping[str, str] = NO_SUBSTITUTIONS) -> Path:
    """Return the program of a configuration for ESPHome's platform `host`; build it if anything has changed.

    Raises:
        BuildError: the configuration or the code has an error.
    """
    folder = BUILDS / substitutions.get("name", yaml.stem)
    folder.mkdir(parents=True, exist_ok=True)
    built, stamp = folder / "program", folder / "stamp"
    with (folder / "lock").open("w") as lock:
        await asyncio.to_thread(fcntl.flock, lock, fcntl.LOCK_EX)
        digest = await asyncio.to_thread(_digest, yaml, substitutions)
        if not built.exists() or not stamp.exists() or stamp.read_text() != digest:
            stamp.unlink(missing_ok=True)
            await _compile(yaml, substitutions, folder)
            stamp.write_text(digest)
    return built


def _digest(yaml: Path, substitutions: Mapping[str, str]) -> str:
    """Return a hash of all inputs of a build, including ESPHome's version from its lock file."""
    digest = hashlib.sha256(repr(sorted(substitutions.items())).encode())
    sources = (
        path for folder in SOURCES for path in sorted(folder.rglob("*")) if path.is_file() and "__pycache__" not in path.parts
    )
    for path in (yaml, ROOT / "requirements-esphome.lock", *sources):
        digest.update(str(path).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


async def _compile(yaml: Path, substitutions: Mapping[str, str], folder: Path) -> None:
    data = folder / "data"
    options = [text for name, value in substitutions.items() for text in ("-s", name, value)]
    process = await asyncio.create_subprocess_exec(
        ESPHOME, *options, "compile", yaml,
        env=esphome_environment(data),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )  # fmt: skip
    try:
        output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            # Together with the compilers that it has started.
            os.killpg(process.pid, signal.SIGTERM)
            await process.wait()
    if process.returncode != 0:
        raise BuildError(output.decode(errors="replace"))
    programs = sorted(data.glob("build/*/.pioenvs/*/program"), key=lambda path: path.stat().st_mtime)
    # Renamed into place, because an older one may be running.
    fresh = Path(shutil.copy2(programs[-1], folder / "program.new"))
    fresh.replace(folder / "program")


class SimulatedMeter:
    """A running firmware with a simulated chip. Its API listens on every interface, as ESPHome has no option for one."""

    def __init__(self, firmware: Path, folder: Path, *, port: int | None = None) -> None:
        """Take the program, a folder for its preferences and log, and the port of its API (default: a free one)."""
        self._firmware = firmware
        self._folder = folder
        self._running = contextlib.AsyncExitStack()
        self.port = port or free_port()
        self.log = folder / "meter.log"

    async def __aenter__(self) -> Self:
        """Start it and wait until its API accepts connections."""
        preferences = self._folder / "preferences"
        preferences.mkdir(parents=True, exist_ok=True)
        environment = {**os.environ, "METER_API_PORT": str(self.port), "ESPHOME_PREFDIR": str(preferences)}
        await self._running.enter_async_context(
            program("simulated meter", [self._firmware], log=self.log, ready=self._accepts, env=environment)
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stop it."""
        await self._running.aclose()

    async def _accepts(self) -> bool:
        return await accepts(self.port)
