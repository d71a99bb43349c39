"""A client that fetches a meter's waveforms and harmonics over the native API, as any receiver may (docs/architecture.md)."""

import asyncio
import base64
import binascii
import struct

from bench.native_api import EventReceiver, Wire


class WaveformReceiver(EventReceiver):
    """Keeps the chunks of waveforms, and the harmonics, that a connection received."""

    EVENTS = ("esphome.three_phase_waveform", "esphome.three_phase_harmonics")

    @property
    def harmonics(self) -> list[Wire]:
        """What was received of the harmonics."""
        return self.received[self.EVENTS[1]]

    async def capture(self, channel: str = "", *, meter: str = "meter", trigger: str = "now") -> None:
        """Call `capture_waveform`, and forget what was received before."""
        self.wires.clear()
        await self._call("capture_waveform", {"meter": meter, "channel": channel, "trigger": trigger})

    async def read(self, boot: str = "", number: int = 0, chunk: int = 0, *, meter: str = "meter") -> None:
        """Call `read_waveform`, and forget what was received before."""
        self.wires.clear()
        await self._call("read_waveform", {"meter": meter, "boot": boot, "id": number, "chunk": chunk})

    async def acknowledge(self, chunk: Wire) -> None:
        """Say that all chunks of a waveform are there."""
        await self.read(chunk["boot"], int(chunk["id"]), int(chunk["chunks"]))

    async def receive(self, count: int | None = None, *, cause: str = "demand", seconds: float = 10) -> list[Wire]:
        """Wait for a number of chunks of waveforms with one cause, or for all of the first one, and return them."""

        def received() -> list[Wire]:
            return [chunk for chunk in self.wires if chunk.get("cause") == cause]

        def is_complete() -> bool:
            chunks = received()
            return bool(chunks) and len(chunks) >= (count or int(chunks[0]["chunks"]))

        await self.until(is_complete, seconds=seconds)
        return received()

    async def receive_harmonics(self, count: int) -> list[Wire]:
        """Wait for a number of harmonics. A dip in between fills the memory that they need, so its waveform is acknowledged."""
        seconds = 20

        def last_of_event() -> Wire | None:
            ends = (chunk for chunk in self.wires if int(chunk["chunk"]) + 1 == int(chunk["chunks"]))
            return next((chunk for chunk in ends if chunk.get("cause") == "event"), None)

        async with asyncio.timeout(seconds):
            while len(self.harmonics) < count:
                await self.until(lambda: len(self.harmonics) >= count or last_of_event() is not None, seconds=seconds)
                if (chunk := last_of_event()) is not None:
                    await self.acknowledge(chunk)
        return self.harmonics

    async def failure(self) -> Wire:
        """Wait for the answer that there is no waveform."""
        await self.until(lambda: any("error" in chunk for chunk in self.wires))
        return next(chunk for chunk in self.wires if "error" in chunk)


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
