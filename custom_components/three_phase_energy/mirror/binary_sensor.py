"""The binary sensor of a context broker: whether it takes what is sent."""

from typing import Final, override

from homeassistant.components.binary_sensor import BinarySensorDeviceClass, BinarySensorEntity, BinarySensorEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from ..entity import PushEntity
from .broker import Broker, BrokerConfigEntry

CONNECTED: Final = BinarySensorEntityDescription(
    key="connected",
    translation_key="connected",
    entity_category=EntityCategory.DIAGNOSTIC,
    device_class=BinarySensorDeviceClass.CONNECTIVITY,
)


@callback
def add_broker_connection(
    _hass: HomeAssistant, entry: BrokerConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the binary sensor of a context broker."""
    async_add_entities([BrokerConnection(entry.entry_id, entry.runtime_data)])


class BrokerConnection(PushEntity, BinarySensorEntity):
    """Whether a broker answered the last request as expected."""

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
