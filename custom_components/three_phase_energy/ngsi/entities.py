"""A reading and its meter as NGSI-v2 entities, in the Smart Data Models of a profile and `Device`.

Names, units and ranges are those of the models' schemas and come with the profile. Per phase a quantity is one
attribute with the phases as keys; totals are attributes of their own.

Every update carries the end of its span as the attribute `TimeInstant`. That makes two readings with the same values
different updates (Orion drops an update that changes nothing), gives QuantumLeap its time index, and lets a reading of
zeros through (QuantumLeap 1.0 drops an entity whose attributes are all 0.0).
"""

from datetime import UTC, datetime
import re
from typing import Any
from urllib.parse import quote

from ..model.quantity import Ngsi, Phase, Quantity
from ..model.reading import Reading
from ..model.twin import Twin
from .profiles import THREE_PHASE_AC_MEASUREMENT, MeasurementProfile

type Entity = dict[str, Any]
"""An entity in the normalized form of NGSI-v2: id, type and attributes, as JSON."""

DEVICE = "Device"

_LARGEST = 1e15
"""No quantity comes near it, and Orion 4.7 renders 1e20 as 100: its cutter of trailing zeros reaches the exponent."""
_COUNTER_DECIMALS = 6
"""A counter has whole milli-units, which become 6 decimals of a kilo-unit."""


def device_id(key: str) -> str:
    """Return the id of the device entity of the meter with this key."""
    return f"urn:ngsi-ld:{DEVICE}:{key}"


def measurement(reading: Reading, twin: Twin, profile: MeasurementProfile = THREE_PHASE_AC_MEASUREMENT) -> Entity:
    """Return a dated reading as a measurement entity.

    Groups that the record does not carry are left out. A value that is not valid, or outside the range of the model, is
    left out of its object; a quantity without any valid value becomes an empty object or null, which is how NGSI-v2 says
    "no value". Left out altogether, the broker would go on showing the last value as if it were of this instant.

    Raises:
        ValueError: the reading has no date.
    """
    if reading.end is None:
        raise ValueError(f"reading {reading.seq} of boot {reading.boot} has no date")
    entity: Entity = {
        "id": profile.entity_id(twin.key),
        "type": profile.type,
        "TimeInstant": _date(reading.end),
        "dateObservedFrom": _date(reading.end - reading.span),
        "dateObserved": _date(reading.end),
        "dateEnergyMeteringStarted": _date(twin.metering_started),
        "refDevice": _structured([device_id(twin.key)]),
        "name": _text(twin.name),
    }
    for quantity, ngsi in profile.attributes:
        if reading.carries(quantity):
            entity |= _attributes(quantity, ngsi, reading)
    return entity


def device(twin: Twin, last_reading: Reading | None) -> Entity:
    """Return the meter itself as a `Device`, dated by its last reading where there is one."""
    entity: Entity = {
        "id": device_id(twin.key),
        "type": DEVICE,
        "name": _text(twin.name),
        "deviceCategory": _structured(["meter"]),
        "controlledProperty": _structured(["electricityConsumption", "energy", "power"]),
        "dateFirstUsed": _date(twin.metering_started),
    }
    texts = {
        "manufacturerName": twin.manufacturer,
        "modelName": twin.model,
        "serialNumber": twin.serial_number,
        "firmwareVersion": twin.firmware_version,
        "macAddress": _mac(twin.mac),
    }
    entity |= {name: _text(text) for name, text in texts.items() if text}
    if last_reading is not None and last_reading.end is not None:
        entity["TimeInstant"] = _date(last_reading.end)
        entity["dateLastValueReported"] = _date(last_reading.end)
    return entity


def timestamp(instant: datetime) -> str:
    """Return an instant as NGSI-v2 writes it: UTC, milliseconds, `Z`."""
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{instant.microsecond // 1000:03d}Z"


def _attributes(quantity: Quantity, ngsi: Ngsi, reading: Reading) -> Entity:
    own = {Phase.TOTAL: ngsi.total, Phase.NET: ngsi.net}
    numbers = {phase: _number(quantity, ngsi, reading.value(quantity.key, phase)) for phase in quantity.phases}
    # Without its type, which a broker derives from the text: 7 of 70 bytes a value, as in the models' own examples.
    metadata = {"unitCode": {"value": ngsi.unit_code}}
    attributes: Entity = {}
    if ngsi.attribute:
        phases = {phase.value: number for phase, number in numbers.items() if phase not in own and number is not None}
        attributes[ngsi.attribute] = {"type": "StructuredValue", "value": phases, "metadata": metadata}
    for phase, name in own.items():
        if name and phase in numbers:
            attributes[name] = {"type": "Number", "value": numbers[phase], "metadata": metadata}
    return attributes


def _number(quantity: Quantity, ngsi: Ngsi, value: float | None) -> float | None:
    """Return a value in the unit of the model, or None where the model's schema would refuse it."""
    if value is None or not -_LARGEST < value < _LARGEST:
        return None
    number = round(value * ngsi.scale, _COUNTER_DECIMALS) if quantity.is_counter else value * ngsi.scale
    if ngsi.minimum is not None and number < ngsi.minimum:
        return None
    if ngsi.maximum is not None and number > ngsi.maximum:
        return None
    return number


def _date(instant: datetime) -> Entity:
    return {"type": "DateTime", "value": timestamp(instant)}


def _structured(value: list[str]) -> Entity:
    return {"type": "StructuredValue", "value": value}


def _text(text: str) -> Entity:
    """Return a text, with what Orion forbids in one (and `%` itself, so that it can be undone) as percent codes."""
    return {"type": "Text", "value": re.sub("[<>\"'=;()%]", lambda match: quote(match[0], safe=""), text)}


def _mac(mac: str | None) -> str | None:
    """Return a MAC address in the notation of the model, or None for what is not one."""
    digits = re.sub("[^0-9a-f]", "", (mac or "").lower())
    return ":".join(re.findall("..", digits)) if len(digits) == 12 else None
