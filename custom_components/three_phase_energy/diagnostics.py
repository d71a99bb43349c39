"""Diagnostics of meters and context brokers, without what tells who they belong to or lets anybody in."""

from dataclasses import asdict, fields
from typing import Any, Final

from homeassistant.components.diagnostics import async_redact_data
from homeassistant.core import HomeAssistant

from . import ThreePhaseConfigEntry
from .const import CONF_MAC, CONF_TOKEN
from .meters.meter import Meter
from .mirror.broker import Broker
from .mirror.outboxes import DATA_OUTBOXES

TO_REDACT: Final = {CONF_MAC, CONF_TOKEN}
"""The URLs hold no credentials: the config flow does not take such."""


async def async_get_config_entry_diagnostics(hass: HomeAssistant, entry: ThreePhaseConfigEntry) -> dict[str, Any]:
    """Return what helps to find out why a meter or a broker does not do as it should."""
    runtime = entry.runtime_data
    data = async_redact_data(dict(entry.data), TO_REDACT)
    details = _meter(hass, runtime) if isinstance(runtime, Meter) else _broker(runtime)
    return {"data": data, "options": dict(entry.options), **details}


def _meter(hass: HomeAssistant, meter: Meter) -> dict[str, Any]:
    reading = meter.live.reading
    cursors = (outbox.cursor(meter.key) for outbox in hass.data[DATA_OUTBOXES].present.values())
    return {
        "firmware_version": meter.esphome.firmware_version,
        "is_heard": meter.live.is_heard,
        "counts": asdict(meter.intake.counts),
        "position": asdict(meter.intake.position) if meter.intake.position else None,
        "outboxes": [asdict(cursor) if cursor else None for cursor in cursors],
        "reading": dict(reading.wire) if reading else None,
    }


def _broker(broker: Broker) -> dict[str, Any]:
    stats = broker.delivery.stats
    return {
        "outbox": asdict(broker.outbox.stats),
        "delivery": {field.name: _readable(getattr(stats, field.name)) for field in fields(stats)},
    }


def _readable(value: object) -> object:
    return repr(value) if isinstance(value, Exception) else value
