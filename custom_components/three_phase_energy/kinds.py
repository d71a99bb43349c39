"""The kinds of config entries, one description each. No other module asks for the kind of an entry that is set up."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Protocol

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import CONF_KIND, KIND_BROKER, KIND_METER
from .meters.esphome_source import find_source
from .meters.meter import Meter, MeterConfigEntry, async_forget_meter
from .meters.sensor import add_meter_sensors
from .mirror.binary_sensor import add_broker_connection
from .mirror.broker import Broker, async_forget_broker, expect_broker
from .mirror.sensor import add_broker_sensors


class Runtime(Protocol):
    """The part of an entry that runs while it is loaded."""

    async def async_start(self) -> None:
        """Begin, until the entry is unloaded."""

    def diagnostics(self) -> dict[str, Any]:
        """Return data that helps to find a fault."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryKind[RuntimeT: Runtime]:
    """One kind of entry."""

    create: Callable[[HomeAssistant, ConfigEntry[RuntimeT]], RuntimeT]
    """Makes the runtime of an entry; nothing runs yet."""
    platforms: Mapping[Platform, Callable[[HomeAssistant, ConfigEntry[RuntimeT], AddConfigEntryEntitiesCallback], None]]
    """Adds the entities of an entry, by platform."""
    async_forget: Callable[[HomeAssistant, ConfigEntry], Awaitable[None]]
    """Removes the files of an entry."""
    expect: Callable[[HomeAssistant, ConfigEntry], None] = lambda _hass, _entry: None
    """Called for each enabled entry before the first one loads."""


def _meter(hass: HomeAssistant, entry: MeterConfigEntry) -> Meter:
    return Meter(hass, entry, find_source(hass, entry))


KINDS: Final[Mapping[str, EntryKind[Any]]] = MappingProxyType(
    {
        KIND_METER: EntryKind[Meter](
            create=_meter,
            platforms={Platform.SENSOR: add_meter_sensors},
            async_forget=async_forget_meter,
        ),
        KIND_BROKER: EntryKind[Broker](
            create=Broker,
            platforms={Platform.BINARY_SENSOR: add_broker_connection, Platform.SENSOR: add_broker_sensors},
            async_forget=async_forget_broker,
            expect=expect_broker,
        ),
    }
)


def kind_of(entry: ConfigEntry[Any]) -> EntryKind[Any]:
    """Return the kind of an entry."""
    return KINDS[entry.data[CONF_KIND]]
