"""What the tests use of Home Assistant's test harness."""

from collections.abc import Callable
import contextlib
from datetime import timedelta
import time

from homeassistant.core import HomeAssistant
from homeassistant.util.dt import utcnow
from pytest_homeassistant_custom_component.common import (  # type: ignore[import-untyped]  # it has no py.typed
    MockConfigEntry,
    async_fire_time_changed,
)

from bench.waiting import until

__all__ = ["MockConfigEntry", "async_fire_time_changed", "set_up", "until_after"]


async def set_up(hass: HomeAssistant, *entries: MockConfigEntry) -> None:
    """Set up entries one after the other."""
    for entry in entries:
        assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()


async def until_after(hass: HomeAssistant, seconds: float, condition: Callable[[], object]) -> None:
    """Let time pass until a condition holds; again every 100 ms, as a timer may be set only after time has passed once."""
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        async_fire_time_changed(hass, utcnow() + timedelta(seconds=seconds))
        with contextlib.suppress(TimeoutError):
            await until(condition, 0.1)
