"""Tasks that run while an entry is loaded, and never end unnoticed."""

import asyncio
from collections.abc import Coroutine
from datetime import datetime
from functools import partial
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later

from .const import DOMAIN, LOGGER

RELOAD_AFTER_S: Final = 60
"""Long enough not to flood the log, short enough for the memory of a meter."""


@callback
def async_run(hass: HomeAssistant, entry: ConfigEntry, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
    """Run a task until the entry is unloaded; after an unexpected failure, log it and reload the entry."""
    task = entry.async_create_background_task(hass, work, f"{DOMAIN} {name}")
    task.add_done_callback(partial(_on_end, hass, entry))
    return task


@callback
def _on_end(hass: HomeAssistant, entry: ConfigEntry, task: asyncio.Task[None]) -> None:
    if task.cancelled() or (error := task.exception()) is None:
        return
    LOGGER.error("%s failed and is loaded again in %s s", entry.title, RELOAD_AFTER_S, exc_info=error)

    @callback
    def reload(_now: datetime) -> None:
        hass.config_entries.async_schedule_reload(entry.entry_id)

    job = HassJob(reload, f"{DOMAIN} reload {entry.entry_id}", cancel_on_shutdown=True)
    entry.async_on_unload(async_call_later(hass, RELOAD_AFTER_S, job))
