"""Three-Phase Energy: exact sensors of three-phase meters, and their mirror in FIWARE context brokers."""

from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.recorder import DATA_INSTANCE
from homeassistant.helpers.typing import ConfigType
from homeassistant.setup import async_when_setup

from .const import DOMAIN, EVENTS
from .issues import forget_issues
from .kinds import Runtime, kind_of
from .mirror.outboxes import DATA_OUTBOXES, Outboxes

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)


async def async_setup(hass: HomeAssistant, _config: ConfigType) -> bool:
    """Let meters wait for the brokers that are going to load, and keep their records out of the recorder."""
    hass.data[DATA_OUTBOXES] = Outboxes(hass)
    for entry in hass.config_entries.async_entries(DOMAIN, include_ignore=False, include_disabled=False):
        kind_of(entry).expect(hass, entry)
    async_when_setup(hass, "recorder", _exclude_records)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: ConfigEntry[Runtime]) -> None:
    """Set up a meter or a context broker."""
    kind = kind_of(entry)
    runtime = kind.create(hass, entry)
    await runtime.async_start()
    entry.runtime_data = runtime
    await hass.config_entries.async_forward_entry_setups(entry, kind.platforms)


async def async_unload_entry(hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
    """Unload a meter or a context broker; what a broker did not get yet stays on the disk."""
    await hass.config_entries.async_unload_platforms_or_raise(entry, kind_of(entry).platforms)


async def async_remove_entry(hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
    """Remove what an entry left behind."""
    forget_issues(hass, entry)
    await kind_of(entry).async_forget(hass, entry)


async def _exclude_records(hass: HomeAssistant, _component: str) -> None:
    """Keep the records of meters out of the recorder: one row a second would fill an SD card with what the sensors show.

    The recorder takes its excluded event types from its YAML only, but looks into the set with each event.
    """
    hass.data[DATA_INSTANCE].exclude_event_types.update(EVENTS)
