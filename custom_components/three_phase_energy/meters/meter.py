"""A meter as a config entry: its source, its values, and the path of its records into the outboxes."""

from dataclasses import asdict
from datetime import datetime
from typing import Any, Final, TypedDict

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.storage import Store
from homeassistant.util.dt import utcnow

from ..background import async_run
from ..const import DOMAIN
from ..issues import report_contract_version, report_outbox_failure
from ..mirror.outboxes import DATA_OUTBOXES
from ..model.reading import Reading
from ..model.twin import Twin
from ..outbox.records import Cursor
from .intake import Hooks, Intake
from .live import Live
from .source import MeterSource
from .stream import EVERYTHING, READINGS

type MeterConfigEntry = ConfigEntry[Meter]

SAVE_DELAY_S: Final = 30
"""The position is worth one write in a while: it only spares a resend when there is no broker."""


class _Position(TypedDict):
    boot: str
    seq: int


class Meter:
    """The meter of a config entry."""

    def __init__(self, hass: HomeAssistant, entry: MeterConfigEntry, source: MeterSource) -> None:
        """Register the meter that a source has."""
        self._hass = hass
        self._entry = entry
        self._store = _position_store(hass, entry)
        self._position = EVERYTHING
        self._is_saving = False
        self._booted: dict[str, datetime] = {}
        """When the boot of the newest reading was, taken from its first one so that it stays the same."""
        self.source: Final = source
        self.key: Final = source.key
        self.device: Final = self._register_device()
        self.live: Final = Live(hass, entry)
        hooks = Hooks(
            twin=self.twin,
            on_record=self.live.offer,
            on_durable=self._on_durable,
            on_version=self._on_version,
            on_storage=self._on_storage,
        )
        self.intake: Final = Intake(source, READINGS, hass.data[DATA_OUTBOXES], hooks)

    async def async_start(self) -> None:
        """Begin to receive, until the entry is unloaded or Home Assistant stops."""
        if (position := await self._store.async_load()) is not None:
            self._position = self.intake.progress.remembered = Cursor(boot=position["boot"], seq=position["seq"])
        intake = async_run(self._hass, self._entry, self.intake.run(), f"intake {self.key}")

        @callback
        def stop_intake(_event: Event) -> None:
            """Take nothing more: the brokers' outboxes close now, and must not miss a record."""
            intake.cancel()

        self.live.start()
        for clean_up in (
            self.live.stop,
            self._async_save,
            self._hass.bus.async_listen_once(EVENT_HOMEASSISTANT_STOP, stop_intake),
            self.source.on_change(self._begin_anew),
        ):
            self._entry.async_on_unload(clean_up)

    def twin(self, reading: Reading) -> Twin:
        """Describe the meter as it is called now. Its counters began with the boot that the reading is of."""
        if reading.boot not in self._booted:
            self._booted = {reading.boot: ((reading.end or utcnow()) - reading.uptime).replace(microsecond=0)}
        device = dr.async_get(self._hass).async_get(self.device.id) or self.device
        return Twin(
            key=self.key,
            name=device.name_by_user or self._entry.title,
            metering_started=self._booted[reading.boot],
            manufacturer=self.source.manufacturer,
            model=self.source.model,
            firmware_version=self.source.firmware_version,
            mac=self.source.mac,
        )

    def diagnostics(self) -> dict[str, Any]:
        """Return what helps to find out why the meter does not do as it should."""
        reading, position = self.live.reading, self.intake.progress.position
        cursors = (outbox.cursor(self.key, READINGS.stored_as) for outbox in self._hass.data[DATA_OUTBOXES].present.values())
        return {
            "firmware_version": self.source.firmware_version,
            "is_heard": self.live.is_heard,
            "counts": asdict(self.intake.counts),
            "position": asdict(position) if position else None,
            "outboxes": [asdict(cursor) if cursor else None for cursor in cursors],
            "reading": dict(reading.wire) if reading else None,
        }

    def _register_device(self) -> dr.DeviceEntry:
        return dr.async_get(self._hass).async_get_or_create(
            config_entry_id=self._entry.entry_id,
            identifiers={(DOMAIN, self.key)},
            manufacturer=self.source.manufacturer,
            model=self.source.model,
            name=self._entry.title,
            sw_version=self.source.firmware_version,
            via_device_id=self.source.device_id,
        )

    @callback
    def _on_durable(self, cursor: Cursor) -> None:
        """Save the position in a while. Home Assistant would put a save off as long as new ones are asked for."""
        self._position = cursor
        if not self._is_saving:
            self._is_saving = True
            self._store.async_delay_save(self._snapshot, SAVE_DELAY_S)

    async def _async_save(self) -> None:
        await self._store.async_save(self._snapshot())

    @callback
    def _snapshot(self) -> _Position:
        self._is_saving = False
        return _Position(boot=self._position.boot, seq=self._position.seq)

    @callback
    def _on_version(self, version: str | None) -> None:
        report_contract_version(self._hass, self._entry, version)

    @callback
    def _on_storage(self, broker_entry_id: str, error: Exception | None) -> None:
        report_outbox_failure(self._hass, self._hass.config_entries.async_get_known_entry(broker_entry_id), error)

    @callback
    def _begin_anew(self) -> None:
        """Take the source as it is now."""
        self._hass.config_entries.async_schedule_reload(self._entry.entry_id)


async def async_forget_meter(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Remove what a meter left in the configuration directory."""
    await _position_store(hass, entry).async_remove()


def _position_store(hass: HomeAssistant, entry: ConfigEntry) -> Store[_Position]:
    return Store(hass, 1, f"{DOMAIN}.{entry.entry_id}")
