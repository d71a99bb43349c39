"""The source of a meter's records: all that a meter knows of its device."""

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
    """The device of a meter."""

    @property
    def key(self) -> str:
        """Name of the meter in the whole world, for ever the same."""

    @property
    def name(self) -> str:
        """Name for the log."""

    @property
    def manufacturer(self) -> str:
        """Manufacturer of the meter."""

    @property
    def model(self) -> str:
        """Model of the meter."""

    @property
    def firmware_version(self) -> str | None:
        """Version of its device's firmware."""

    @property
    def mac(self) -> str | None:
        """MAC address of its device."""

    @property
    def device_id(self) -> str | None:
        """Id in the device registry of the device that carries it."""

    def subscribe(self, stream: AcknowledgedStream[Any], listener: Callable[[Arrival], None]) -> CALLBACK_TYPE:
        """Call a listener with each record of a stream; return how to end that."""

    async def async_acknowledge(self, stream: AcknowledgedStream[Any], cursor: Cursor) -> None:
        """Report that all records up to a cursor are durable here, and ask for the next ones.

        Raises:
            HomeAssistantError: the source is not available now.
        """

    def on_change(self, listener: CALLBACK_TYPE) -> CALLBACK_TYPE:
        """Call a listener when the source has changed since it was found; return how to end that."""
