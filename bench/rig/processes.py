"""Start a program of the installation, wait until it serves, and stop it again."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
import contextlib
from contextlib import AbstractAsyncContextManager
from pathlib import Path
import socket
from typing import IO

STOP_SECONDS = 15
"""Home Assistant needs up to 5 s to write its state."""


class ProgramError(RuntimeError):
    """A program ended or did not start to serve; the text is the end of its log."""


def free_port() -> int:
    """Return an unused TCP port of the loopback interface."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


async def accepts(port: int) -> bool:
    """Return whether a program on this machine accepts connections on a port."""
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return True


def _end_of(log: Path, lines: int = 15) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])


async def _until_ready(
    process: asyncio.subprocess.Process, name: str, log: Path, ready: Callable[[], Awaitable[bool]], seconds: float
) -> None:
    deadline = asyncio.get_running_loop().time() + seconds
    while not await ready():
        if process.returncode is not None:
            raise ProgramError(f"{name} ended with status {process.returncode}; the end of {log}:\n{_end_of(log)}")
        if asyncio.get_running_loop().time() > deadline:
            raise ProgramError(f"{name} did not serve within {seconds:.0f} s; the end of {log}:\n{_end_of(log)}")
        await asyncio.sleep(0.1)


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        await asyncio.wait_for(process.wait(), STOP_SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()


@contextlib.asynccontextmanager
async def program(
    name: str,
    command: Sequence[str | Path],
    *,
    log: Path,
    ready: Callable[[], Awaitable[bool]],
    env: Mapping[str, str],
    cwd: Path | None = None,
    seconds: float = 60,
) -> AsyncGenerator[asyncio.subprocess.Process]:
    """Run a command until the context ends, in a session of its own so that Ctrl-C reaches only the rig.

    Raises:
        ProgramError: it ended, or `ready` was not true within `seconds`.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    output: IO[bytes]
    with log.open("ab") as output:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=dict(env),
            cwd=cwd,
            start_new_session=True,
        )
    try:
        await _until_ready(process, name, log, ready, seconds)
        yield process
    finally:
        await _stop(process)


class Part[T]:
    """A program of an installation that can stop and start again, as after a failure."""

    def __init__(self, begin: Callable[[], AbstractAsyncContextManager[T]]) -> None:
        """Take the function that runs the program; it does not start yet."""
        self._begin = begin
        self._running = contextlib.AsyncExitStack()
        self._value: T | None = None

    @property
    def value(self) -> T:
        """Return the interface of the running program."""
        if self._value is None:
            raise ProgramError("this part is not running")
        return self._value

    async def start(self) -> T:
        """Run the program until `stop`."""
        self._value = await self._running.enter_async_context(self._begin())
        return self._value

    async def stop(self) -> None:
        """Stop the program, unless it has already ended."""
        self._value = None
        await self._running.aclose()
