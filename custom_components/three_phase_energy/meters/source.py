"""Where a meter's records come from. A meter knows no more of its device than this."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from homeassistant.core import CALLBACK_TYPE

from ..outbox.records import Cursor
from .stream import AcknowledgedStream


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A record as it came."""

    wire: Mapping[str, Any]
    """Anybody may fire an event, so its values are not text for certain."""
    at: datetime


class MeterSource(Protocol):
    """What stands behind a meter."""

    @property
    def key(self) -> str:
        """Name of the meter in the whole world, for ever the same."""

    @property
    def name(self) -> str:
        """What the log calls it."""

    @property
    def manufacturer(self) -> str:
        """Who made the meter."""

    @property
    def model(self) -> str:
        """What the meter is."""

    @property
    def firmware_version(self) -> str | None:
        """Version of what runs on its device."""

    @property
    def mac(self) -> str | None:
        """MAC address of its device."""

    @property
    def device_id(self) -> str | None:
        """Id in the device registry of the device that carries it."""

    def subscribe(self, stream: AcknowledgedStream[Any], listener: Callable[[Arrival], None]) -> CALLBACK_TYPE:
        """Call a listener with each record of a stream; return how to end that."""

    async def async_acknowledge(self, stream: AcknowledgedStream[Any], cursor: Cursor) -> None:
        """Say that everything up to a record is durable here, and ask for what follows.

        Raises:
            HomeAssistantError: the source is not there now.
        """

    def on_change(self, listener: CALLBACK_TYPE) -> CALLBACK_TYPE:
        """Call a listener when the source is no longer as it was found; return how to end that."""
