"""Three-Phase Energy: exact sensors of three-phase meters, and their mirror in FIWARE context brokers."""

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.recorder import DATA_INSTANCE
from homeassistant.helpers.typing import ConfigType
from homeassistant.setup import async_when_setup

from .const import CONF_KIND, DOMAIN, EVENTS, KIND_BROKER, KIND_METER
from .issues import forget_issues
from .meters.meter import Meter, async_forget_meter
from .mirror.broker import Broker, async_forget_broker
from .mirror.outboxes import DATA_OUTBOXES, Outboxes

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)

type ThreePhaseConfigEntry = ConfigEntry[Meter | Broker]


async def async_setup(hass: HomeAssistant, _config: ConfigType) -> bool:
    """Let meters wait for the brokers that are going to load, and keep their records out of the recorder."""
    outboxes = hass.data[DATA_OUTBOXES] = Outboxes(hass)
    for entry in hass.config_entries.async_entries(DOMAIN, include_ignore=False, include_disabled=False):
        if entry.data[CONF_KIND] == KIND_BROKER:
            outboxes.expect(entry.entry_id)
    async_when_setup(hass, "recorder", _exclude_records)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: ThreePhaseConfigEntry) -> None:
    """Set up a meter or a context broker."""
    runtime = Meter(hass, entry) if entry.data[CONF_KIND] == KIND_METER else Broker(hass, entry)
    await runtime.async_start()
    entry.runtime_data = runtime
    await hass.config_entries.async_forward_entry_setups(entry, runtime.platforms)


async def async_unload_entry(hass: HomeAssistant, entry: ThreePhaseConfigEntry) -> None:
    """Unload a meter or a context broker; what a broker did not get yet stays on the disk."""
    await hass.config_entries.async_unload_platforms_or_raise(entry, entry.runtime_data.platforms)


async def async_remove_entry(hass: HomeAssistant, entry: ThreePhaseConfigEntry) -> None:
    """Remove what an entry left behind."""
    forget_issues(hass, entry)
    if entry.data[CONF_KIND] == KIND_METER:
        await async_forget_meter(hass, entry)
    else:
        await async_forget_broker(hass, entry)


async def _exclude_records(hass: HomeAssistant, _component: str) -> None:
    """Keep the records of meters out of the recorder: one row a second would fill an SD card with what the sensors show.

    The recorder takes its excluded event types from its YAML only, but looks into the set with each event.
    """
    hass.data[DATA_INSTANCE].exclude_event_types.update(EVENTS)
