"""The sensors of a context broker: how the mirror to it goes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, override

from homeassistant.components.sensor import SensorDeviceClass, SensorEntity, SensorEntityDescription, SensorStateClass
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from ..entity import PushEntity
from .broker import Broker, BrokerConfigEntry


@dataclass(frozen=True, kw_only=True)
class BrokerSensorDescription(SensorEntityDescription):
    """Something to know of the mirror to a broker."""

    value_fn: Callable[[Broker], int | datetime | None]


BROKER_SENSORS: Final = (
    BrokerSensorDescription(
        key="records_waiting",
        translation_key="records_waiting",
        entity_category=EntityCategory.DIAGNOSTIC,
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=lambda broker: broker.outbox.stats.waiting,
    ),
    BrokerSensorDescription(
        key="last_delivery",
        translation_key="last_delivery",
        entity_category=EntityCategory.DIAGNOSTIC,
        # Each of its changes would be a line of the logbook.
        entity_registry_enabled_default=False,
        device_class=SensorDeviceClass.TIMESTAMP,
        value_fn=lambda broker: broker.delivery.stats.last_success,
    ),
    BrokerSensorDescription(
        key="records_refused",
        translation_key="records_refused",
        entity_category=EntityCategory.DIAGNOSTIC,
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=lambda broker: broker.outbox.stats.dead,
    ),
    BrokerSensorDescription(
        key="records_dropped",
        translation_key="records_dropped",
        entity_category=EntityCategory.DIAGNOSTIC,
        state_class=SensorStateClass.TOTAL_INCREASING,
        value_fn=lambda broker: broker.outbox.stats.dropped + broker.outbox.stats.damaged,
    ),
)


@callback
def add_broker_sensors(
    _hass: HomeAssistant, entry: BrokerConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the sensors of a context broker."""
    async_add_entities(BrokerSensor(entry.entry_id, entry.runtime_data, description) for description in BROKER_SENSORS)


class BrokerSensor(PushEntity, SensorEntity):
    """One figure of a broker's mirror."""

    entity_description: BrokerSensorDescription

    def __init__(self, entry_id: str, broker: Broker, description: BrokerSensorDescription) -> None:
        """Initialize the sensor."""
        super().__init__(broker, f"{entry_id}_{description.key}")
        self._broker = broker
        self.entity_description = description
        self._attr_device_info = broker.device_info

    @property
    @override
    def native_value(self) -> int | datetime | None:
        """Return the figure as it is now."""
        return self.entity_description.value_fn(self._broker)
