"""Joins meters and context brokers; their config entries may load in any order.

A meter acknowledges a record when it is durable in every outbox. An outbox which is only absent for a moment, because Home
Assistant starts or a broker's entry reloads, must not miss the records of that time. So meters take nothing until all expected
outboxes are here, and the records wait on their devices. A broker that does not come is waited for in vain only once.
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from types import MappingProxyType
from typing import Final

from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN, LOGGER
from ..outbox.outbox import Outbox

PATIENCE_S: Final = 60
"""A meter keeps a minute of records in full detail even in the small memory of an ESP8266."""


class Outboxes:
    """The outboxes of all context brokers, by the ids of their config entries."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Begin without any."""
        self._hass = hass
        self._present: dict[str, Outbox] = {}
        self._absent: dict[str, CALLBACK_TYPE] = {}
        self._complete = asyncio.Event()
        self._complete.set()

    @property
    def present(self) -> Mapping[str, Outbox]:
        """Return the outboxes that take records now."""
        return MappingProxyType(self._present)

    async def async_complete(self) -> None:
        """Wait until every expected outbox is here, or its time is over."""
        await self._complete.wait()

    @callback
    def expect(self, entry_id: str) -> None:
        """Let the meters wait for an outbox that is going to join."""
        give_up = HassJob(partial(self._give_up, entry_id), f"{DOMAIN} give up {entry_id}", cancel_on_shutdown=True)
        self._absent[entry_id] = async_call_later(self._hass, PATIENCE_S, give_up)
        self._complete.clear()

    @callback
    def join(self, entry_id: str, outbox: Outbox) -> None:
        """Offer an outbox to the meters."""
        self._present[entry_id] = outbox
        self.forget(entry_id)

    @callback
    def leave(self, entry_id: str) -> None:
        """Withdraw an outbox which is not going to come back."""
        self._present.pop(entry_id, None)

    @callback
    def forget(self, entry_id: str) -> None:
        """Wait for an outbox no longer."""
        if (cancel := self._absent.pop(entry_id, None)) is not None:
            cancel()
        if not self._absent:
            self._complete.set()

    @callback
    def _give_up(self, entry_id: str, _now: datetime) -> None:
        LOGGER.warning("The meters go on without a context broker that did not load within %s s", PATIENCE_S)
        self.forget(entry_id)


DATA_OUTBOXES: HassKey[Outboxes] = HassKey(DOMAIN)
