"""Binary sensor: whether a context broker takes what is sent."""

from typing import Final, override

from homeassistant.components.binary_sensor import BinarySensorDeviceClass, BinarySensorEntity, BinarySensorEntityDescription
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .entity import PushEntity
from .mirror.broker import Broker

PARALLEL_UPDATES: Final = 0

CONNECTED: Final = BinarySensorEntityDescription(
    key="connected",
    translation_key="connected",
    entity_category=EntityCategory.DIAGNOSTIC,
    device_class=BinarySensorDeviceClass.CONNECTIVITY,
)


async def async_setup_entry(
    _hass: HomeAssistant, entry: ConfigEntry[Broker], async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Set up the binary sensor of a context broker; meters do not load this platform."""
    async_add_entities([BrokerConnection(entry.entry_id, entry.runtime_data)])


class BrokerConnection(PushEntity, BinarySensorEntity):
    """Whether the last request to a broker was answered as it should."""

    entity_description = CONNECTED

    def __init__(self, entry_id: str, broker: Broker) -> None:
        """Initialize the binary sensor."""
        super().__init__(broker, f"{entry_id}_{CONNECTED.key}")
        self._broker = broker
        self._attr_device_info = broker.device_info

    @property
    @override
    def is_on(self) -> bool:
        """Return whether the broker is connected."""
        return self._broker.delivery.stats.connected
