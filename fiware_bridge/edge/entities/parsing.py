"""The rules for input: names, values and metadata of NGSI-v2 as Orion accepts them.

Everything is checked before anything is done, so one wrong entity refuses its whole request.
"""

from collections.abc import Mapping
import re

from ..base.errors import NgsiError, bad_request, not_implemented
from ..base.instants import DATE_TYPES, orion_text, parse_orion_instant
from ..base.json_text import MAX_NESTING, Json, nested_beyond
from .model import NO_METADATA, AttributeUpdate, EntityUpdate, Metadatum

_FORBIDDEN_IN_VALUES = re.compile(r"[<>\"'=;()]")
_NAME = re.compile(r"[!$%*+,\-.0-9:@A-Z\[\\\]^_`a-z{|}~]+", re.ASCII)
"""Printable ASCII without blanks, without what is forbidden in values and without `& ? / #`."""
_MAX_NAME = 256
_UNRESTRICTED = "TextUnrestricted"

_GEO_POINT = re.compile(r"\s*([+-]?[0-9.]+)\s*,\s*([+-]?[0-9.]+)\s*", re.ASCII)

_ATTRIBUTE_MEMBERS = frozenset({"type", "value", "metadata"})
_METADATUM_MEMBERS = frozenset({"type", "value"})


def check_name(name: str, what: str) -> str:
    """Return a name, an id or a type if it may be one.

    Raises:
        NgsiError: it is empty, longer than 256 characters, or has a forbidden character.
    """
    if not name:
        raise bad_request(f"{what} length: 0, min length supported: 1")
    if len(name) > _MAX_NAME:
        raise bad_request(f"{what} length: {len(name)}, max length supported: {_MAX_NAME}")
    if not _NAME.fullmatch(name):
        raise bad_request(f"Invalid characters in {what}")
    return name


def has_forbidden(text: str) -> bool:
    """Return whether a text has a character that Orion forbids in values: `< > " ' = ; ( )`."""
    return _FORBIDDEN_IN_VALUES.search(text) is not None


def derived_type(value: Json) -> str:
    """Return the attribute type that a value gets when the request gives none."""
    match value:
        case None:
            return "None"
        case bool():
            return "Boolean"
        case int() | float():
            return "Number"
        case str():
            return "Text"
        case _:
            return "StructuredValue"


def _check_characters(value: Json, what: str) -> None:
    """Refuse forbidden characters at any depth; names inside a structured value are free, as with Orion."""
    if isinstance(value, str):
        if has_forbidden(value):
            raise bad_request(f"Invalid characters in {what}")
    elif isinstance(value, list | dict):
        for member in value.values() if isinstance(value, dict) else value:
            _check_characters(member, what)


def checked_value(value: Json, kind: str, what: str) -> Json:
    """Return a value as it is kept under a type: a DateTime in canonical text, everything else as it came.

    Raises:
        NgsiError: it has a forbidden character, or is no date although the type says so.
    """
    if kind in DATE_TYPES and value is not None:
        instant = parse_orion_instant(value) if isinstance(value, str) else None
        if instant is None:
            raise bad_request(f"date has invalid format in {what}")
        return orion_text(instant)
    if nested_beyond(value, MAX_NESTING):
        raise NgsiError("ParseError", "Errors found in incoming JSON buffer")
    if kind != _UNRESTRICTED:
        _check_characters(value, what)
    if kind == "geo:point" and value is not None:
        _check_point(value)
    return value


def _check_point(value: Json) -> None:
    match = _GEO_POINT.fullmatch(value) if isinstance(value, str) else None
    try:
        valid = match is not None and abs(float(match[1])) <= 90 and abs(float(match[2])) <= 180
    except ValueError:
        valid = False
    if not valid:
        raise bad_request(f"error parsing location attribute: geo coordinates format error [see Orion user manual]: {value}")


def _type_and_value(item: Mapping[str, Json], what: str) -> tuple[str, Json]:
    value = item.get("value")
    kind = item.get("type", derived_type(value))
    if not isinstance(kind, str):
        raise bad_request(f"invalid JSON type for {what} type")
    check_name(kind, f"{what} type")
    return kind, checked_value(value, kind, f"{what} value")


def _metadata(items: Json) -> dict[str, Metadatum]:
    if not isinstance(items, dict):
        raise bad_request("metadata not a JSON object")
    metadata: dict[str, Metadatum] = {}
    for name, item in items.items():
        check_name(name, "metadata name")
        if not isinstance(item, dict):
            raise bad_request("metadata must be a JSON object")
        if not item.keys() <= _METADATUM_MEMBERS:
            raise bad_request("unrecognized property for metadata")
        metadata[name] = Metadatum(*_type_and_value(item, "metadata"))
    return metadata


def parse_attribute(item: Json) -> AttributeUpdate:
    """Return one attribute in the normalized form `{"type", "value", "metadata"}`.

    Raises:
        NgsiError: it breaks one of the rules.
    """
    if not isinstance(item, dict):
        raise bad_request("attribute must be a JSON object, unless keyValues option is used")
    if not item.keys() <= _ATTRIBUTE_MEMBERS:
        raise bad_request("unrecognized property for context attribute")
    kind, value = _type_and_value(item, "attribute")
    metadata = _metadata(item["metadata"]) if "metadata" in item else NO_METADATA
    return AttributeUpdate(type=kind, value=value, metadata=metadata)


def parse_attributes(members: Mapping[str, Json], *, key_values: bool) -> dict[str, AttributeUpdate]:
    """Return the attributes of an entity, in normalized form or as name and value.

    Raises:
        NgsiError: one of them breaks one of the rules.
    """
    attributes: dict[str, AttributeUpdate] = {}
    for name, item in members.items():
        check_name(name, "attribute name")
        if name == "dateExpires":
            raise not_implemented("entities that expire (attribute dateExpires)")
        attributes[name] = parse_attribute({"value": item} if key_values else item)
    return attributes


def parse_entity(item: Json, *, key_values: bool) -> EntityUpdate:
    """Return an entity of a request.

    Raises:
        NgsiError: it breaks one of the rules.
    """
    if not isinstance(item, dict):
        raise bad_request("entity is not a JSON object")
    members = dict(item)
    identity = members.pop("id", "")
    if not isinstance(identity, str):
        raise bad_request("Invalid JSON type for entity id")
    check_name(identity, "entity id")
    kind = _entity_type(members)
    return EntityUpdate(id=identity, type=kind, attributes=parse_attributes(members, key_values=key_values))


def _entity_type(members: dict[str, Json]) -> str | None:
    """Take the type out of an entity's members."""
    if "type" not in members:
        return None
    kind = members.pop("type")
    if not isinstance(kind, str):
        raise bad_request("Invalid JSON type for entity type")
    return check_name(kind, "entity type")
