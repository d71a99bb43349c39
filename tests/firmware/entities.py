"""A client of a device's ordinary ESPHome entities."""

import asyncio
from collections.abc import AsyncGenerator, Callable
import contextlib
import math
from typing import Self

from aioesphomeapi import BinarySensorState, EntityInfo, EntityState, NumberState, SensorState, TextSensorState
from aioesphomeapi.client import APIClient

from bench.native_api import connected_client
from bench.waiting import until


class Entities:
    """The entities of a device with their newest states."""

    def __init__(self, client: APIClient, infos: list[EntityInfo]) -> None:
        """Take a connected client and what the device lists."""
        self._client = client
        self.infos = {info.name: info for info in infos}
        self._names = {info.key: info.name for info in infos}
        self._states: dict[str, float | str] = {}
        self._switched: dict[str, list[bool]] = {}
        self._news = asyncio.Event()

    @classmethod
    @contextlib.asynccontextmanager
    async def connected(cls, port: int) -> AsyncGenerator[Self]:
        """Connect and follow the states."""
        async with connected_client(port) as client:
            infos, _ = await client.list_entities_services()
            entities = cls(client, infos)
            client.subscribe_states(entities._received)
            yield entities

    async def number(self, name: str) -> float:
        """Wait for a state of a sensor or number and return it."""
        await self._until(lambda: name in self._states)
        state = self._states[name]
        assert isinstance(state, float)
        return state

    async def known_number(self, name: str) -> float:
        """Wait until a sensor is not unknown any more, as after a start while the chip settles, and return its state."""
        await self._until(lambda: name in self._states and not math.isnan(float(self._states[name])))
        return await self.number(name)

    async def next_number(self, name: str) -> float:
        """Wait for the next state of a sensor and return it."""
        self._states.pop(name, None)
        return await self.number(name)

    async def text(self, name: str) -> str:
        """Wait for a state of a text sensor and return it."""
        await self._until(lambda: name in self._states)
        return str(self._states[name])

    async def text_that(self, name: str, condition: Callable[[str], bool]) -> str:
        """Wait for a state of a text sensor that meets a condition, and return it."""
        await self._until(lambda: name in self._states and condition(str(self._states[name])))
        return str(self._states[name])

    async def enter(self, name: str, value: float) -> None:
        """Set a number, and wait until the device has it."""
        self._states.pop(name, None)
        self._client.number_command(self.infos[name].key, value)
        assert await self.number(name) == value

    async def press(self, name: str) -> None:
        """Press a button."""
        self._client.button_command(self.infos[name].key)

    async def next_switching(self, name: str) -> list[bool]:
        """Wait until a binary sensor has changed twice, and return its states since."""
        await self._until(lambda: name in self._switched)
        self._switched[name].clear()
        await self._until(lambda: len(self._switched[name]) >= 2)
        return self._switched[name][:2]

    async def _until(self, condition: Callable[[], bool]) -> None:
        await until(condition, 15, news=self._news)

    def _received(self, state: EntityState) -> None:
        if isinstance(state, BinarySensorState):
            self._switched.setdefault(self._names[state.key], []).append(state.state)
            self._news.set()
        if isinstance(state, SensorState | TextSensorState | NumberState) and not state.missing_state:
            self._states[self._names[state.key]] = state.state
            self._news.set()
