"""A client that fetches a meter's waveforms and harmonics over the native API, as any receiver may (docs/architecture.md)."""

import asyncio
import base64
import binascii
from collections.abc import AsyncGenerator, Callable, Mapping
import contextlib
import struct
from typing import Self

from aioesphomeapi import HomeassistantServiceCall, UserService
from aioesphomeapi.client import APIClient

from .connection import connected_client

WAVEFORM_EVENT = "esphome.three_phase_waveform"
HARMONICS_EVENT = "esphome.three_phase_harmonics"

type Wire = Mapping[str, str]


class WaveformReceiver:
    """Keeps the chunks of waveforms, and the harmonics, that a connection received."""

    def __init__(self, client: APIClient, actions: Mapping[str, UserService]) -> None:
        """Take a connected client and the meter's actions."""
        self._client = client
        self._actions = actions
        self._changed = asyncio.Event()
        self.chunks: list[Wire] = []
        self.harmonics: list[Wire] = []

    @classmethod
    @contextlib.asynccontextmanager
    async def connected(cls, port: int) -> AsyncGenerator[Self]:
        """Connect and subscribe, but do not ask for anything yet."""
        async with connected_client(port) as client:
            _, services = await client.list_entities_services()
            receiver = cls(client, {service.name: service for service in services})
            client.subscribe_service_calls(receiver._received)
            yield receiver

    async def capture(self, channel: str = "", *, meter: str = "meter", trigger: str = "now") -> None:
        """Call `capture_waveform`, and forget what was received before."""
        self.chunks.clear()
        await self._call("capture_waveform", {"meter": meter, "channel": channel, "trigger": trigger})

    async def read(self, boot: str = "", number: int = 0, chunk: int = 0, *, meter: str = "meter") -> None:
        """Call `read_waveform`, and forget what was received before."""
        self.chunks.clear()
        await self._call("read_waveform", {"meter": meter, "boot": boot, "id": number, "chunk": chunk})

    async def acknowledge(self, chunk: Wire) -> None:
        """Say that all chunks of a waveform are there."""
        await self.read(chunk["boot"], int(chunk["id"]), int(chunk["chunks"]))

    async def receive(self, count: int | None = None, *, cause: str = "demand", seconds: float = 10) -> list[Wire]:
        """Wait for a number of chunks of waveforms with one cause, or for all of the first one, and return them."""

        def received() -> list[Wire]:
            return [chunk for chunk in self.chunks if chunk.get("cause") == cause]

        def is_complete() -> bool:
            chunks = received()
            return bool(chunks) and len(chunks) >= (count or int(chunks[0]["chunks"]))

        await self.until(is_complete, seconds=seconds)
        return received()

    async def failure(self) -> Wire:
        """Wait for the answer that there is no waveform."""
        await self.until(lambda: any("error" in chunk for chunk in self.chunks))
        return next(chunk for chunk in self.chunks if "error" in chunk)

    async def until(self, condition: Callable[[], bool], *, seconds: float = 10) -> None:
        """Wait until a condition on what was received holds, which is looked at with each event."""
        async with asyncio.timeout(seconds):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    async def _call(self, action: str, arguments: Mapping[str, str | int]) -> None:
        await self._client.execute_service(self._actions[action], dict(arguments))

    def _received(self, call: HomeassistantServiceCall) -> None:
        if call.service == WAVEFORM_EVENT:
            self.chunks.append(call.data)
        elif call.service == HARMONICS_EVENT:
            self.harmonics.append(call.data)
        self._changed.set()


def samples_of(chunks: list[Wire]) -> dict[str, list[float]]:
    """Return the samples of each channel in its unit.

    Raises:
        ValueError: a chunk is missing, or the checksum is that of other samples.
    """
    if [int(chunk["chunk"]) for chunk in chunks] != list(range(int(chunks[0]["chunks"]))):
        raise ValueError("chunks are missing")
    data = [base64.b64decode(chunk["data"], validate=True) for chunk in chunks]
    if binascii.crc_hqx(b"".join(data), 0xFFFF) != int(chunks[0]["crc"]):
        raise ValueError("the checksum is another one")
    channels: dict[str, list[float]] = {}
    for chunk, raw in zip(chunks, data, strict=True):
        codes = struct.unpack(f">{len(raw) // 2}h", raw)
        channels.setdefault(chunk["channel"], []).extend(code * float(chunk["scale"]) / 32768 for code in codes)
    return channels
