"""The embedded broker as a process of its own."""

import asyncio
from collections.abc import AsyncGenerator
import contextlib
from dataclasses import dataclass
import os
from pathlib import Path
import sys

from .processes import accepts, program

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeBroker:
    """The addresses of a running embedded broker."""

    url: str
    """NGSI-v2."""
    history_url: str
    """QuantumLeap's API."""
    process: asyncio.subprocess.Process


@contextlib.asynccontextmanager
async def edge_broker(folder: Path, *, port: int, history_port: int) -> AsyncGenerator[EdgeBroker]:
    """Run the embedded broker on loopback with its data in a folder."""

    async def ready() -> bool:
        return await accepts(port) and await accepts(history_port)

    command: list[str | Path] = [
        sys.executable, "-m", "fiware_bridge", "edge",
        "--data", folder / "data", "--port", str(port), "--history-port", str(history_port),
    ]  # fmt: skip
    async with program("embedded broker", command, log=folder / "edge.log", ready=ready, env=os.environ, cwd=ROOT) as process:
        yield EdgeBroker(url=f"http://127.0.0.1:{port}", history_url=f"http://127.0.0.1:{history_port}", process=process)
