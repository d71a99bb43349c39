"""The sensors of a meter: every quantity by its phases."""

from dataclasses import dataclass
from typing import Final, override

from homeassistant.components.sensor import SensorDeviceClass, SensorEntity, SensorEntityDescription, SensorStateClass
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.device_registry import ChildDeviceInfo, DeviceInfo
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from ..const import DOMAIN
from ..entity import PushEntity
from ..model.quantities import QUANTITIES
from ..model.quantity import LINES_AND_NEUTRAL, PAIRS, Phase, Quantity
from ..model.reading import Reading
from .meter import Meter, MeterConfigEntry

SCALED_DECIMALS: Final = 6
"""A mWh in kWh; the product of a decimal fraction would bring digits that nobody measured."""


@dataclass(frozen=True, kw_only=True)
class MeterSensorDescription(SensorEntityDescription):
    """A quantity at one of its phases."""

    quantity: Quantity
    phase: Phase

    def is_measured(self, reading: Reading) -> bool:
        """Return whether the meter measures it: a phase or the neutral may have no transformer, and groups may be left out.

        A counter is never empty for a moment, so an empty one is of a phase that is not measured.
        """
        if self.phase is Phase.N or self.quantity.optional or self.quantity.is_counter:
            return reading.value(self.quantity.key, self.phase) is not None
        return reading.carries(self.quantity)


def _translation_key(quantity: Quantity, phase: Phase) -> str:
    """Return the key of a sensor's name. Only energies have two values for the whole installation."""
    is_of_installation = quantity.is_counter and phase in (Phase.TOTAL, Phase.NET)
    return f"{quantity.key}_{phase}" if is_of_installation else quantity.key


def _describe(quantity: Quantity, phase: Phase) -> MeterSensorDescription:
    return MeterSensorDescription(
        key=f"{phase}_{quantity.key}",
        translation_key=_translation_key(quantity, phase),
        entity_category=EntityCategory.DIAGNOSTIC if quantity.diagnostic else None,
        entity_registry_enabled_default=phase not in quantity.hidden_phases,
        native_unit_of_measurement=quantity.sensor_unit or quantity.unit,
        suggested_display_precision=quantity.precision,
        device_class=SensorDeviceClass(quantity.device_class) if quantity.device_class else None,
        state_class=SensorStateClass(quantity.state_class),
        quantity=quantity,
        phase=phase,
    )


METER_SENSORS: Final = tuple(_describe(quantity, phase) for quantity in QUANTITIES for phase in quantity.phases)


@callback
def add_meter_sensors(hass: HomeAssistant, entry: MeterConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback) -> None:
    """Add the sensors that the meter has had before, and others as soon as it measures them."""
    meter = entry.runtime_data
    registered = {registered.unique_id for registered in er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)}
    waiting = {f"{meter.key}_{description.key}": description for description in METER_SENSORS}

    def add(unique_ids: list[str]) -> None:
        async_add_entities([MeterSensor(meter, waiting.pop(unique_id), unique_id) for unique_id in unique_ids])

    @callback
    def add_measured() -> None:
        if (reading := meter.live.reading) is None:
            return
        if measured := [unique_id for unique_id, description in waiting.items() if description.is_measured(reading)]:
            add(measured)

    add([unique_id for unique_id in waiting if unique_id in registered])
    add_measured()
    entry.async_on_unload(meter.live.async_add_listener(add_measured))


class MeterSensor(PushEntity, SensorEntity):
    """One value of a meter."""

    entity_description: MeterSensorDescription

    def __init__(self, meter: Meter, description: MeterSensorDescription, unique_id: str) -> None:
        """Place the sensor on its phase, or on the meter when it is of the whole installation."""
        super().__init__(meter.live, unique_id)
        self._live = meter.live
        self.entity_description = description
        self._attr_device_info = _device_info(meter, description.phase)
        if description.phase in PAIRS:
            self._attr_translation_placeholders = {"pair": f"{description.phase[:2]}-L{description.phase[2:]}"}

    @property
    @override
    def available(self) -> bool:
        """Return whether the meter is heard."""
        return self._live.is_heard

    @property
    @override
    def native_value(self) -> float | int | None:
        """Return the newest value, None if it was not valid."""
        quantity = self.entity_description.quantity
        reading = self._live.reading
        if reading is None or (value := reading.value(quantity.key, self.entity_description.phase)) is None:
            return None
        if quantity.sensor_scale == 1.0:
            return value
        return round(value * quantity.sensor_scale, SCALED_DECIMALS)


def _device_info(meter: Meter, phase: Phase) -> DeviceInfo | ChildDeviceInfo:
    if phase not in LINES_AND_NEUTRAL:
        return DeviceInfo(identifiers={(DOMAIN, meter.key)})
    return ChildDeviceInfo(identifiers={(DOMAIN, f"{meter.key}_{phase}")}, name=phase, parent_device_id=meter.device.id)
