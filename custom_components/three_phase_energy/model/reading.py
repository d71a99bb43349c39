"""A reading: every value that the meter measured over one span, and its decoding from the wire.

The wire is the event `esphome.three_phase_reading` of contract version 1 (docs/architecture.md). All its values are strings. A
group is a comma list in the order of the table of quantities; an empty field is an invalid value.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
import math
from types import MappingProxyType

from .quantities import BY_WIRE
from .quantity import Phase, Quantity
from .record import CONTRACT_VERSION, RecordError, UnsupportedVersionError

_DIGITS = 16
"""Of a whole number in the header: milliseconds of 300 000 years."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One record of a meter. Values are in the units of the table of quantities; an invalid value is absent."""

    meter: str
    """Id of the ADE9000 on its device."""
    boot: str
    """Random id of the device's boot, 8 hex digits."""
    seq: int
    """Number of the record; counts up by one and is never reused within a boot."""
    first: int
    """First number that this record covers; equal to `seq` unless records were merged."""
    end: datetime | None
    """End of the span, UTC; None while the meter's clock was never set."""
    uptime: timedelta
    """End of the span since the device's boot."""
    span: timedelta
    """Length of the span that means and counters cover."""
    flags: frozenset[str]
    values: Mapping[tuple[str, Phase], float | int]
    """(key of the quantity, phase) → value; counters are int."""
    wire: Mapping[str, str]
    """The record as it came, for storing it without loss."""

    def value(self, key: str, phase: Phase) -> float | int | None:
        """Return one value, or None if it was not valid."""
        return self.values.get((key, phase))

    def carries(self, quantity: Quantity) -> bool:
        """Return whether a quantity is part of the record, even if none of its values was valid."""
        if quantity.wire is None:
            return any((quantity.key, phase) in self.values for phase in quantity.phases)
        return quantity.wire in self.wire


def decode(wire: Mapping[str, str]) -> Reading:
    """Decode one record of the wire.

    Keys that the table does not know are ignored, so that a newer meter can add groups within a version.

    Raises:
        UnsupportedVersionError: the record is of another contract version.
        RecordError: the record is malformed.
    """
    if (version := _text(wire, "v")) != CONTRACT_VERSION:
        raise UnsupportedVersionError(version)
    seq = _whole(wire, "seq")
    first = _whole(wire, "first")
    if not first <= seq:
        raise RecordError(f"first {first} is after seq {seq}")
    return Reading(
        meter=_text(wire, "meter"),
        boot=_text(wire, "boot"),
        seq=seq,
        first=first,
        end=_instant(wire["t"]) if wire.get("t") else None,
        uptime=timedelta(milliseconds=_whole(wire, "up")),
        span=timedelta(milliseconds=_whole(wire, "span")),
        flags=frozenset(flag for flag in wire.get("flags", "").split(",") if flag),
        values=MappingProxyType(_values(wire)),
        wire=MappingProxyType(dict(wire)),
    )


def _text(wire: Mapping[str, str], key: str) -> str:
    text = wire.get(key)
    if not text:
        raise RecordError(f"{key} is missing")
    return text


def _whole(wire: Mapping[str, str], key: str) -> int:
    text = _text(wire, key)
    if not (text.isascii() and text.isdecimal() and len(text) <= _DIGITS):
        raise RecordError(f"{key} is not a whole number: {text!r}")
    return int(text)


def _instant(text: str) -> datetime:
    try:
        return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=int(text))
    except (ValueError, OverflowError) as error:
        raise RecordError(f"t is not a time in milliseconds: {text!r}") from error


def _values(wire: Mapping[str, str]) -> dict[tuple[str, Phase], float | int]:
    values: dict[tuple[str, Phase], float | int] = {}
    for key, text in wire.items():
        if (quantity := BY_WIRE.get(key)) is None:
            continue
        fields = text.split(",")
        if len(fields) != len(quantity.phases):
            raise RecordError(f"{key} has {len(fields)} fields, expected {len(quantity.phases)}")
        for phase, field in zip(quantity.phases, fields, strict=True):
            if field:
                values[quantity.key, phase] = _number(quantity, field)
    return values


def _number(quantity: Quantity, field: str) -> float | int:
    try:
        value = int(field) if quantity.is_counter else float(field)
        is_finite = math.isfinite(value)
    except (ValueError, OverflowError) as error:
        raise RecordError(f"{quantity.wire} holds {field!r}, which is not a number") from error
    if not is_finite:
        raise RecordError(f"{quantity.wire} holds {field!r}, which is not finite")
    return value
