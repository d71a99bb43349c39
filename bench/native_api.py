"""A client of a device's native API, as Home Assistant is one."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
import contextlib
from typing import ClassVar, Self

from aioesphomeapi import HomeassistantServiceCall, UserService
from aioesphomeapi.client import APIClient

from .waiting import until

type Wire = Mapping[str, str]
"""The fields of an event."""


@contextlib.asynccontextmanager
async def connected_client(port: int) -> AsyncGenerator[APIClient]:
    """Connect to a device on this machine."""
    client = APIClient("127.0.0.1", port, None)
    await client.connect(login=True)
    try:
        yield client
    finally:
        await client.disconnect()


class EventReceiver:
    """Receives some of a device's events and calls its actions; the class for an event interprets it."""

    EVENTS: ClassVar[tuple[str, ...]]
    """The names of the events; the receiver's own is the first."""

    def __init__(self, client: APIClient, actions: Mapping[str, UserService]) -> None:
        """Take a connected client and the device's actions."""
        self._client = client
        self._actions = actions
        self._news = asyncio.Event()
        self.received: dict[str, list[Wire]] = {event: [] for event in self.EVENTS}
        """The received events of each name, in the order of arrival."""

    @classmethod
    @contextlib.asynccontextmanager
    async def connected(cls, port: int) -> AsyncGenerator[Self]:
        """Connect and subscribe, but do not ask for anything yet."""
        async with connected_client(port) as client:
            _, services = await client.list_entities_services()
            receiver = cls(client, {service.name: service for service in services})
            client.subscribe_service_calls(receiver._take)
            yield receiver

    @property
    def wires(self) -> list[Wire]:
        """The received events of the first name."""
        return self.received[self.EVENTS[0]]

    async def until(self, condition: Callable[[], bool], *, seconds: float = 10) -> None:
        """Wait until a condition on the received events holds; each event checks it."""
        await until(condition, seconds, news=self._news)

    async def _call(self, action: str, arguments: Mapping[str, str | int]) -> None:
        await self._client.execute_service(self._actions[action], dict(arguments))

    def _take(self, call: HomeassistantServiceCall) -> None:
        if call.is_event and call.service in self.received:
            self.received[call.service].append(call.data)
            self._news.set()
