"""A meter on an ESPHome device: its records are events, and an action acknowledges them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryNotReady
from homeassistant.helpers import device_registry as dr

from ..const import CONF_MAC, CONF_METER, DOMAIN
from ..outbox.records import Cursor
from .esphome_device import DEVICE_ID, EsphomeDevice, async_acknowledge, find_esphome_device
from .source import Arrival
from .stream import AcknowledgedStream

MANUFACTURER: Final = "Analog Devices"
MODEL: Final = "ADE9000"


@dataclass(frozen=True, slots=True, kw_only=True)
class EsphomeSource:
    """One meter of an ESPHome device."""

    hass: HomeAssistant
    device: EsphomeDevice
    meter: str
    """Id of the meter on its device."""
    manufacturer: str = MANUFACTURER
    model: str = MODEL

    @property
    def key(self) -> str:
        """Name of the meter in the whole world."""
        return meter_key(self.device.mac, self.meter)

    @property
    def name(self) -> str:
        """The meter and its device."""
        return f"{self.meter} on {self.device.name}"

    @property
    def firmware_version(self) -> str | None:
        """Version of the device's firmware."""
        return self.device.firmware_version

    @property
    def mac(self) -> str:
        """MAC address of the device."""
        return self.device.mac

    @property
    def device_id(self) -> str:
        """Id of the ESPHome device."""
        return self.device.id

    @callback
    def subscribe(self, stream: AcknowledgedStream[Any], listener: Callable[[Arrival], None]) -> CALLBACK_TYPE:
        """Listen to the events of the meter."""

        @callback
        def receive(event: Event[Mapping[str, Any]]) -> None:
            # Home Assistant adds the id of the device to its event.
            wire = {key: value for key, value in event.data.items() if key != DEVICE_ID}
            listener(Arrival(wire=wire, at=event.time_fired))

        return self.hass.bus.async_listen(stream.event, receive, event_filter=self._is_ours)

    async def async_acknowledge(self, stream: AcknowledgedStream[Any], cursor: Cursor) -> None:
        """Call the device's action."""
        await async_acknowledge(self.hass, self.device, stream, meter=self.meter, cursor=cursor)

    @callback
    def on_change(self, listener: CALLBACK_TYPE) -> CALLBACK_TYPE:
        """Report that the device was removed, renamed or updated."""

        @callback
        def is_ours(event_data: dr.EventDeviceRegistryUpdatedData) -> bool:
            return event_data["device_id"] == self.device.id

        @callback
        def compare(_event: Event[dr.EventDeviceRegistryUpdatedData]) -> None:
            if find_esphome_device(self.hass, self.device.mac) != self.device:
                listener()

        return self.hass.bus.async_listen(dr.EVENT_DEVICE_REGISTRY_UPDATED, compare, is_ours)

    @callback
    def _is_ours(self, data: Mapping[str, Any]) -> bool:
        return data.get(DEVICE_ID) == self.device.id and data.get("meter") == self.meter


def find_source(hass: HomeAssistant, entry: ConfigEntry) -> EsphomeSource:
    """Return the source of a meter's config entry.

    Raises:
        ConfigEntryNotReady: Home Assistant does not know the ESPHome device.
    """
    mac = entry.data[CONF_MAC]
    if (device := find_esphome_device(hass, mac)) is None:
        raise ConfigEntryNotReady(
            translation_domain=DOMAIN,
            translation_key="esphome_device_missing",
            translation_placeholders={"meter": entry.title, "mac": mac},
        )
    return EsphomeSource(hass=hass, device=device, meter=entry.data[CONF_METER])


def meter_key(mac: str, meter: str) -> str:
    """Return the name of a meter in the whole world: the MAC address of its device and its id there."""
    return f"{mac.replace(':', '')}-{meter}"
