"""A client of a meter's native API, as Home Assistant is one."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
import contextlib
from typing import Self

from aioesphomeapi import HomeassistantServiceCall, UserService
from aioesphomeapi.client import APIClient

from custom_components.three_phase_energy.model.reading import Reading, decode

from .connection import connected_client

EVENT = "esphome.three_phase_reading"
UNKNOWN_BOOT = ""


class Receiver:
    """Keeps every record that a connection received, in the order of arrival."""

    def __init__(self, client: APIClient, action: UserService) -> None:
        """Take a connected client and the meter's action."""
        self._client = client
        self._action = action
        self._changed = asyncio.Event()
        self.wires: list[Mapping[str, str]] = []

    @classmethod
    @contextlib.asynccontextmanager
    async def connected(cls, port: int) -> AsyncGenerator[Self]:
        """Connect and subscribe, but do not ask for readings yet."""
        async with connected_client(port) as client:
            _, services = await client.list_entities_services()
            (action,) = (service for service in services if service.name == "read_readings")
            receiver = cls(client, action)
            client.subscribe_service_calls(receiver._received)
            yield receiver

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
        await self._call(boot, after, meter)

    async def follow(self, condition: Callable[[Reading], bool], *, seconds: float = 30) -> list[Reading]:
        """Receive from the oldest record on as Home Assistant does, acknowledging, until a record meets a condition."""
        await self.ask()
        followed: list[Reading] = []
        async with asyncio.timeout(seconds):
            while not followed or not condition(followed[-1]):
                await self.receive(len(followed) + 1, seconds=seconds)
                followed = self.readings
                await self._call(followed[-1].boot, followed[-1].seq, "meter")
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

    async def until(self, condition: Callable[[], bool], *, seconds: float = 10) -> None:
        """Wait until a condition on what was received holds, which is looked at with each record."""
        async with asyncio.timeout(seconds):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

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

    async def _call(self, boot: str, after: int, meter: str) -> None:
        await self._client.execute_service(self._action, {"meter": meter, "boot": boot, "after": after})

    def _received(self, call: HomeassistantServiceCall) -> None:
        if call.is_event and call.service == EVENT:
            self.wires.append(call.data)
            self._changed.set()
