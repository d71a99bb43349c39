"""A context broker as a config entry: its outbox, the delivery from it, and how that goes."""

import asyncio
from collections.abc import Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryNotReady
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.debounce import Debouncer
from homeassistant.helpers.device_registry import DeviceEntryType, DeviceInfo

from ..background import async_run
from ..const import (
    CONF_NOTIFICATION_URL,
    CONF_QUANTUMLEAP_URL,
    CONF_SERVICE_PATH,
    CONF_TENANT,
    CONF_TOKEN,
    CONF_URL,
    DOMAIN,
    LOGGER,
)
from ..issues import report_incomplete_mirror, report_salvaged_outbox
from ..ngsi.access import BrokerAddress
from ..ngsi.client import NgsiClient
from ..ngsi.errors import BrokerRefusedError
from ..ngsi.quantumleap import QuantumLeap
from ..outbox.errors import OutboxError
from ..outbox.outbox import Outbox
from ..outbox.records import Salvage
from .delivery import Delivery
from .outboxes import DATA_OUTBOXES

type BrokerConfigEntry = ConfigEntry[Broker]

OUTBOX_FOLDER: Final = DOMAIN
SHOW_EVERY_S: Final = 30
"""A delivery a second would be a row a second in the recorder for each sensor. A lost connection is shown at once."""


class Broker:
    """The context broker of a config entry."""

    def __init__(self, hass: HomeAssistant, entry: BrokerConfigEntry) -> None:
        """Prepare the delivery; nothing runs yet."""
        self._hass = hass
        self._entry = entry
        self._listeners: set[CALLBACK_TYPE] = set()
        self._notify = Debouncer[None](hass, LOGGER, cooldown=SHOW_EVERY_S, immediate=True, function=self._notify_listeners)
        self._was_connected = False
        self._salvage: Salvage | None = None
        self._delivering: asyncio.Task[None]
        self.outbox: Outbox
        self.delivery: Delivery
        self.device_info: Final = DeviceInfo(
            entry_type=DeviceEntryType.SERVICE,
            identifiers={(DOMAIN, entry.entry_id)},
            manufacturer="FIWARE",
            model="NGSI-v2 context broker",
            name=entry.title,
        )

    async def async_start(self) -> None:
        """Open the outbox and begin to deliver. The broker may be down: its outbox has to take readings just then.

        Raises:
            ConfigEntryNotReady: the outbox cannot be opened.
        """
        try:
            self.outbox = await Outbox.open(outbox_path(self._hass, self._entry))
        except OutboxError as error:
            raise ConfigEntryNotReady(
                translation_domain=DOMAIN,
                translation_key="outbox_unusable",
                translation_placeholders={"broker": self._entry.title, "error": str(error)},
            ) from error
        self.delivery = self._create_delivery()
        self._report_salvage()
        self._delivering = async_run(self._hass, self._entry, self.delivery.run(), "delivery")
        self._hass.data[DATA_OUTBOXES].join(self._entry.entry_id, self.outbox)
        self._entry.async_on_unload(self._async_close)
        self._entry.async_on_unload(self._hass.bus.async_listen_once(EVENT_HOMEASSISTANT_STOP, self._async_close))

    async def _async_close(self, _event: Event | None = None) -> None:
        """End the delivery and close the outbox; unless the entry was disabled, meters wait for its return."""
        outboxes = self._hass.data[DATA_OUTBOXES]
        outboxes.leave(self._entry.entry_id)
        if not self._entry.disabled_by and not self._hass.is_stopping:
            outboxes.expect(self._entry.entry_id)
        self._notify.async_shutdown()
        self._delivering.cancel()
        await asyncio.wait({self._delivering})
        await self.outbox.close()

    @callback
    def async_add_listener(self, listener: CALLBACK_TYPE) -> CALLBACK_TYPE:
        """Call a listener when there is something else to show; return how to remove it."""
        self._listeners.add(listener)
        return lambda: self._listeners.discard(listener)

    def diagnostics(self) -> dict[str, Any]:
        """Return what helps to find out why the mirror does not do as it should."""
        stats = self.delivery.stats
        return {
            "outbox": asdict(self.outbox.stats),
            "delivery": {field.name: _readable(getattr(stats, field.name)) for field in fields(stats)},
        }

    def _create_delivery(self) -> Delivery:
        session = async_get_clientsession(self._hass)
        data = self._entry.data
        address = broker_address(data)
        quantumleap = None
        if CONF_QUANTUMLEAP_URL in data:
            # The delivery only gives the broker an address for its notifications.
            url_for_broker = data.get(CONF_NOTIFICATION_URL, data[CONF_QUANTUMLEAP_URL])
            quantumleap = QuantumLeap(session, url_for_broker, address)
        return Delivery(self.outbox, NgsiClient(session, address), quantumleap, on_change=self._on_change)

    @callback
    def _on_change(self) -> None:
        stats = self.delivery.stats
        if isinstance(stats.last_error, BrokerRefusedError):
            self._entry.async_start_reauth(self._hass)
        report_incomplete_mirror(self._hass, self._entry, stats.setup_error)
        self._report_salvage()
        if stats.connected != self._was_connected:
            self._was_connected = stats.connected
            self._notify_listeners()
        else:
            self._notify.async_schedule_call()

    @callback
    def _report_salvage(self) -> None:
        if (salvage := self.outbox.salvage) is not None and salvage is not self._salvage:
            self._salvage = salvage
            report_salvaged_outbox(self._hass, self._entry, salvage)

    @callback
    def _notify_listeners(self) -> None:
        for listener in tuple(self._listeners):
            listener()


def broker_address(data: Mapping[str, Any]) -> BrokerAddress:
    """Return the address of a broker, from the data of its config entry."""
    return BrokerAddress(
        url=data[CONF_URL], tenant=data[CONF_TENANT], service_path=data[CONF_SERVICE_PATH], token=data.get(CONF_TOKEN)
    )


def outbox_path(hass: HomeAssistant, entry: ConfigEntry) -> Path:
    """Return the file of a broker's outbox. It is part of Home Assistant's backups, as its readings are nowhere else."""
    return Path(hass.config.path(OUTBOX_FOLDER, f"{entry.entry_id}.sqlite"))


@callback
def expect_broker(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Let meters wait for a broker that is going to load."""
    hass.data[DATA_OUTBOXES].expect(entry.entry_id)


async def async_forget_broker(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Remove the outbox of a broker and its files set aside, and let no meter wait for it."""
    # An entry that was disabled when Home Assistant started is removed without ever having been set up.
    if (outboxes := hass.data.get(DATA_OUTBOXES)) is not None:
        outboxes.forget(entry.entry_id)
    await hass.async_add_executor_job(_remove_files, outbox_path(hass, entry))


def _readable(value: object) -> object:
    return repr(value) if isinstance(value, Exception) else value


def _remove_files(path: Path) -> None:
    for file in path.parent.glob(f"{path.name}*"):
        file.unlink(missing_ok=True)
