"""From a notification to rows of history: the instant of each entity, and its values as they are kept.

The instant is the first of these that can be read, as with QuantumLeap:

1. the attribute, then the newest metadata, that the header `Fiware-TimeIndex-Attribute` names,
2. attribute, then newest metadata `TimeInstant`, then likewise `timestamp`, `observedAt`, `modifiedAt`, `dateModified`,
3. the arrival of the notification.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
import re

from ..base.instants import DATE_TYPES, history_text, parse_iso_instant
from ..base.json_text import MAX_NESTING, Json, dump_json, nested_beyond

TIME_INDEX_NAMES = ("TimeInstant", "timestamp", "observedAt", "modifiedAt", "dateModified")

_NUMBER = re.compile(r"[+-]?\d{1,300}(\.\d+)?([eE][+-]?\d\d?)?", re.ASCII)
"""A text that is a finite double."""

type Cell = int | float | str | None


class InvalidNotificationError(ValueError):
    """A notification that is not in the normalized form; the text names the place."""


@dataclass(frozen=True, slots=True)
class Value:
    """A value as it is kept: a number, a text or null by itself, everything else as JSON text."""

    cell: Cell
    is_json: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The attributes of one entity at one instant."""

    id: str
    type: str
    instant: int
    """µs since 1970."""
    values: Mapping[str, Value]


def parse_notification(body: Json, time_index_attribute: str | None, arrival: int) -> list[Row]:
    """Return the rows of a notification that arrived at an instant, in µs since 1970.

    Raises:
        InvalidNotificationError: the body is not a notification in the normalized form.
    """
    if not isinstance(body, dict):
        raise InvalidNotificationError("the body is not of type 'object'")
    if "data" not in body:
        raise InvalidNotificationError("'data' is a required property")
    data = body["data"]
    if not isinstance(data, list):
        raise InvalidNotificationError(f"{dump_json(data)} is not of type 'array' - 'data'")
    names = TIME_INDEX_NAMES if time_index_attribute is None else (time_index_attribute, *TIME_INDEX_NAMES)
    rows = [_row(item, f"data.{number}", names, arrival + number) for number, item in enumerate(data)]
    return [row for row in rows if row.values]


def _row(item: Json, where: str, names: tuple[str, ...], arrival: int) -> Row:
    """Return the row of one entity; arrivals of one notification differ, so that rows without an instant stay apart."""
    if not isinstance(item, dict):
        raise InvalidNotificationError(f"{dump_json(item)} is not of type 'object' - '{where}'")
    for name in ("id", "type"):
        if name not in item:
            raise InvalidNotificationError(f"'{name}' is a required property - '{where}'")
        if not isinstance(item[name], str):
            raise InvalidNotificationError(f"{dump_json(item[name])} is not of type 'string' - '{where}.{name}'")
    attributes: dict[str, dict[str, Json]] = {}
    for name, attribute in item.items():
        if name in {"id", "type"}:
            continue
        if not isinstance(attribute, dict):
            raise InvalidNotificationError(f"attribute '{name}' is not in the normalized form - '{where}'")
        if nested_beyond(attribute.get("value"), MAX_NESTING):
            raise InvalidNotificationError(f"the value of '{name}' is nested too deep - '{where}'")
        attributes[name] = attribute
    return Row(
        id=str(item["id"]),
        type=str(item["type"]),
        instant=_instant(attributes, names, arrival),
        values={name: _value(attribute) for name, attribute in attributes.items()},
    )


def _instant(attributes: Mapping[str, Mapping[str, Json]], names: tuple[str, ...], arrival: int) -> int:
    for name in names:
        instant = _read_instant(attributes.get(name))
        if instant is None:
            instant = max(_metadata_instants(attributes, name), default=None)
        if instant is not None:
            return instant
    return arrival


def _read_instant(item: Json | Mapping[str, Json]) -> int | None:
    value = item.get("value") if isinstance(item, Mapping) else None
    return parse_iso_instant(value) if isinstance(value, str) else None


def _metadata_instants(attributes: Mapping[str, Mapping[str, Json]], name: str) -> Iterator[int]:
    for attribute in attributes.values():
        metadata = attribute.get("metadata")
        instant = _read_instant(metadata.get(name)) if isinstance(metadata, dict) else None
        if instant is not None:
            yield instant


def _value(attribute: Mapping[str, Json]) -> Value:
    """Return an attribute's value as it is kept: a Number as a double, a date in UTC, nothing ever cast away."""
    value, kind = attribute.get("value"), attribute.get("type")
    if isinstance(value, bool | list | dict):
        return Value(dump_json(value), is_json=True)
    if kind == "Number" and (isinstance(value, int) or (isinstance(value, str) and _NUMBER.fullmatch(value))):
        return Value(float(value), is_json=False)
    if kind in DATE_TYPES and isinstance(value, str):
        instant = parse_iso_instant(value)
        return Value(value if instant is None else history_text(instant), is_json=False)
    return Value(value, is_json=False)
