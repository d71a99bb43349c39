"""The ESPHome devices that carry meters, and the actions that are asked of them."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
import re
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import Event, HomeAssistant, ServiceCall, callback
from homeassistant.exceptions import ServiceNotFound
from homeassistant.helpers import device_registry as dr

from ..outbox.records import Cursor
from .stream import EVERYTHING, READINGS, AcknowledgedStream

ESPHOME_DOMAIN: Final = "esphome"
DEVICE_ID: Final = "device_id"
"""The key under which ESPHome's integration adds the id of the device to its events."""
_NODE_NAME: Final = "device_name"
"""Where an ESPHome config entry keeps the name of its node."""

METER_ID: Final = re.compile(r"[A-Za-z0-9_]{1,100}")
"""An id of ESPHome is a C++ identifier."""

FIRST_ANSWER_S: Final = 10
"""A meter answers within one reading, a second. The rest is for a device that is busy or connects right now."""
MORE_ANSWERS_S: Final = 2
"""Every meter of a device measures once a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EsphomeDevice:
    """A device that the ESPHome integration knows."""

    id: str
    """Id in the device registry, which its events carry."""
    mac: str
    """Lower case with colons."""
    name: str
    firmware_version: str | None
    node: str
    """Name of its node, from which the names of its actions are made."""

    def action(self, stream: AcknowledgedStream[Any]) -> str:
        """Return the name of a stream's action in the domain `esphome`, whether or not the device offers it."""
        return f"{self.node.replace('-', '_')}_{stream.action}"


def esphome_devices(hass: HomeAssistant) -> list[EsphomeDevice]:
    """Return every ESPHome device that was connected once."""
    return list(_devices(hass))


def find_esphome_device(hass: HomeAssistant, mac: str) -> EsphomeDevice | None:
    """Return the ESPHome device with a MAC address in lower case with colons."""
    return next((device for device in _devices(hass) if device.mac == mac), None)


def offers_readings(hass: HomeAssistant, device: EsphomeDevice) -> bool:
    """Return whether the firmware of a device has meters which can be asked for their readings."""
    return hass.services.has_service(ESPHOME_DOMAIN, device.action(READINGS))


async def async_acknowledge(
    hass: HomeAssistant, device: EsphomeDevice, stream: AcknowledgedStream[Any], *, meter: str, cursor: Cursor
) -> None:
    """Report the durable records to a meter, and ask for the following ones; an empty `meter` addresses all of the device.

    The action runs without the event `call_service`: the recorder would keep one row of it every two seconds.

    Raises:
        HomeAssistantError: the device does not offer the action, or is not connected.
    """
    action = device.action(stream)
    service = hass.services.async_services_for_domain(ESPHOME_DOMAIN).get(action)
    if service is None:
        raise ServiceNotFound(ESPHOME_DOMAIN, action)
    call = ServiceCall(hass, ESPHOME_DOMAIN, action, {"meter": meter, "boot": cursor.boot, "after": cursor.seq})
    if (running := hass.async_run_hass_job(service.job, call)) is not None:
        await running


async def async_find_meters(hass: HomeAssistant, device: EsphomeDevice) -> dict[str, str]:
    """Return the meters that answer on a device, each with the version of the contract that it speaks.

    Raises:
        HomeAssistantError: the device does not offer the action, or is not connected.
    """
    versions: dict[str, str] = {}
    answered = asyncio.Event()

    @callback
    def collect(event: Event[dict[str, str]]) -> None:
        meter = str(event.data.get("meter", ""))
        if event.data.get(DEVICE_ID) == device.id and METER_ID.fullmatch(meter):
            versions[meter] = event.data.get("v", "")
            answered.set()

    stop_listening = hass.bus.async_listen(READINGS.event, collect)
    try:
        await async_acknowledge(hass, device, READINGS, meter="", cursor=EVERYTHING)
        async with asyncio.timeout(FIRST_ANSWER_S):
            await answered.wait()
        await asyncio.sleep(MORE_ANSWERS_S)
    except TimeoutError:
        return {}
    finally:
        stop_listening()
    return versions


def _devices(hass: HomeAssistant) -> Iterator[EsphomeDevice]:
    for entry in hass.config_entries.async_entries(ESPHOME_DOMAIN, include_ignore=False):
        if (device := _main_device(hass, entry)) is not None:
            yield device


def _main_device(hass: HomeAssistant, entry: ConfigEntry) -> EsphomeDevice | None:
    node = entry.data.get(_NODE_NAME)
    if not entry.unique_id or not node:
        return None
    connection = (dr.CONNECTION_NETWORK_MAC, entry.unique_id)
    if (device := dr.async_get(hass).async_get_device_by_connection(connection, entry.entry_id)) is None:
        return None
    return EsphomeDevice(
        id=device.id,
        mac=entry.unique_id,
        name=device.name_by_user or device.name or entry.title,
        firmware_version=device.sw_version,
        node=node,
    )
