"""A client of a meter's power-quality events, as Home Assistant is one."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
import contextlib
from typing import Self

from aioesphomeapi import HomeassistantServiceCall, UserService
from aioesphomeapi.client import APIClient

from .connection import connected_client

EVENT = "esphome.three_phase_event"


class EventReceiver:
    """Keeps every record of an event that a connection received, in the order of arrival."""

    def __init__(self, client: APIClient, action: UserService) -> None:
        """Take a connected client and the meter's action."""
        self._client = client
        self._action = action
        self._changed = asyncio.Event()
        self.wires: list[Mapping[str, str]] = []

    @classmethod
    @contextlib.asynccontextmanager
    async def connected(cls, port: int) -> AsyncGenerator[Self]:
        """Connect and subscribe, but do not ask for events yet."""
        async with connected_client(port) as client:
            _, services = await client.list_entities_services()
            (action,) = (service for service in services if service.name == "read_events")
            receiver = cls(client, action)
            client.subscribe_service_calls(receiver._received)
            yield receiver

    @property
    def numbers(self) -> list[int]:
        """The numbers of what was received."""
        return [int(wire["seq"]) for wire in self.wires]

    async def ask(self, boot: str = "", after: int = 0) -> None:
        """Call `read_events`, and forget what was received before."""
        self.wires.clear()
        await self._client.execute_service(self._action, {"meter": "meter", "boot": boot, "after": after})

    async def receive(self, **fields: str) -> Mapping[str, str]:
        """Wait for a record with these fields since the last call, and return it."""
        async with asyncio.timeout(25):
            while (found := self._find(fields)) is None:
                self._changed.clear()
                await self._changed.wait()
        return found

    def _find(self, fields: Mapping[str, str]) -> Mapping[str, str] | None:
        return next((wire for wire in self.wires if fields.items() <= wire.items()), None)

    def _received(self, call: HomeassistantServiceCall) -> None:
        if call.is_event and call.service == EVENT:
            self.wires.append(call.data)
            self._changed.set()
