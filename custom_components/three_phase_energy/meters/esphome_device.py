"""The ESPHome devices that carry meters, and the one action that is asked of them."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
import re
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import Event, HomeAssistant, ServiceCall, callback
from homeassistant.exceptions import ServiceNotFound
from homeassistant.helpers import device_registry as dr

from ..const import ACTION_READ_READINGS, EVENT_READING

ESPHOME_DOMAIN: Final = "esphome"
_NODE_NAME: Final = "device_name"
"""Where an ESPHome config entry keeps the name of its node, from which the names of its actions are made."""

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
    action: str
    """Name of its action in the domain `esphome`, whether or not the device offers it."""


def esphome_devices(hass: HomeAssistant) -> list[EsphomeDevice]:
    """Return every ESPHome device that was connected once."""
    return list(_devices(hass))


def find_esphome_device(hass: HomeAssistant, mac: str) -> EsphomeDevice | None:
    """Return the ESPHome device with a MAC address in lower case with colons."""
    return next((device for device in _devices(hass) if device.mac == mac), None)


def offers_readings(hass: HomeAssistant, device: EsphomeDevice) -> bool:
    """Return whether the firmware of a device has meters which can be asked for their readings."""
    return hass.services.has_service(ESPHOME_DOMAIN, device.action)


async def async_read_readings(hass: HomeAssistant, device: EsphomeDevice, *, meter: str, boot: str, after: int) -> None:
    """Tell a meter what is durable here, and ask for what follows; an empty `meter` addresses all of the device.

    The action runs without the event `call_service`: the recorder would keep one row of it every two seconds.

    Raises:
        HomeAssistantError: the device does not offer the action, or is not connected.
    """
    service = hass.services.async_services_for_domain(ESPHOME_DOMAIN).get(device.action)
    if service is None:
        raise ServiceNotFound(ESPHOME_DOMAIN, device.action)
    call = ServiceCall(hass, ESPHOME_DOMAIN, device.action, {"meter": meter, "boot": boot, "after": after})
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
        if event.data.get("device_id") == device.id and METER_ID.fullmatch(meter):
            versions[meter] = event.data.get("v", "")
            answered.set()

    stop_listening = hass.bus.async_listen(EVENT_READING, collect)
    try:
        await async_read_readings(hass, device, meter="", boot="", after=0)
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
        action=f"{node.replace('-', '_')}_{ACTION_READ_READINGS}",
    )
