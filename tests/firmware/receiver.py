"""A client of a meter's readings, as Home Assistant is one."""

import asyncio
from collections.abc import Callable

from bench.native_api import EventReceiver
from custom_components.three_phase_energy.model.reading import Reading, decode

UNKNOWN_BOOT = ""


class Receiver(EventReceiver):
    """Keeps every record that a connection received, in the order of arrival."""

    EVENTS = ("esphome.three_phase_reading",)

    @property
    def readings(self) -> list[Reading]:
        """What was received, decoded."""
        return [decode(wire) for wire in self.wires]

    @property
    def numbers(self) -> list[int]:
        """The numbers of what was received."""
        return [reading.seq for reading in self.readings]

    async def ask(self, boot: str = UNKNOWN_BOOT, after: int = 0, *, meter: str = "meter") -> None:
        """Call `read_readings`, and forget what was received before."""
        self.wires.clear()
        await self._read(boot, after, meter)

    async def follow(self, condition: Callable[[Reading], bool], *, seconds: float = 30) -> list[Reading]:
        """Receive from the oldest record on as Home Assistant does, acknowledging, until a record meets a condition."""
        await self.ask()
        followed: list[Reading] = []
        async with asyncio.timeout(seconds):
            while not followed or not condition(followed[-1]):
                await self.receive(len(followed) + 1, seconds=seconds)
                followed = self.readings
                await self._read(followed[-1].boot, followed[-1].seq, "meter")
        return followed

    async def next_new(self) -> Reading:
        """Acknowledge what waits in the log, and return the next record when it is made."""
        await self.ask()
        while True:
            try:
                known = (await self.receive(1, seconds=0.4))[0]
            except TimeoutError:
                return (await self.receive(1))[0]
            await self.ask(known.boot, known.seq)

    async def receive(self, count: int, *, seconds: float = 10) -> list[Reading]:
        """Wait for a number of records since the last call, and return them."""
        await self.until(lambda: len(self.wires) >= count, seconds=seconds)
        return self.readings[:count]

    async def receive_from(self, number: int, count: int = 1) -> list[Reading]:
        """Wait for a number of records from a numbered one on; one that was on its way before the last call may precede it."""

        def behind() -> list[Reading]:
            numbers = self.numbers
            return self.readings[numbers.index(number) :] if number in numbers else []

        await self.until(lambda: len(behind()) >= count)
        return behind()[:count]

    async def _read(self, boot: str, after: int, meter: str) -> None:
        await self._call("read_readings", {"meter": meter, "boot": boot, "after": after})
