"""Diagnostics of meters and context brokers, without what tells who they belong to or lets anybody in."""

from typing import Any, Final

from homeassistant.components.diagnostics import async_redact_data
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from .const import CONF_MAC, CONF_TOKEN
from .kinds import Runtime

TO_REDACT: Final = {CONF_MAC, CONF_TOKEN}
"""The URLs hold no credentials: the config flow does not take such."""


async def async_get_config_entry_diagnostics(_hass: HomeAssistant, entry: ConfigEntry[Runtime]) -> dict[str, Any]:
    """Return what helps to find out why a meter or a broker does not do as it should."""
    data = async_redact_data(dict(entry.data), TO_REDACT)
    return {"data": data, "options": dict(entry.options), **entry.runtime_data.diagnostics()}
