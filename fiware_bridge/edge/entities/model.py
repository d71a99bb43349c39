"""Entities, updates, and the changes that follow."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from ..base.json_text import Json, dump_json

DEFAULT_TYPE = "Thing"
GEO_TYPES = frozenset({"geo:point", "geo:line", "geo:box", "geo:polygon", "geo:json"})
MAX_GEO_ATTRIBUTES = 1


@dataclass(frozen=True, slots=True)
class Metadatum:
    """One metadata of an attribute."""

    type: str
    value: Json


NO_METADATA: Mapping[str, Metadatum] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """An attribute as it is kept; a value of type DateTime is in Orion's canonical text."""

    type: str
    value: Json
    metadata: Mapping[str, Metadatum] = NO_METADATA
    created: int
    """µs since 1970."""
    modified: int
    """µs since 1970 of the last change of value, type or metadata."""

    @property
    def locates(self) -> bool:
        """Whether it gives the entity's location, of which there may be only one."""
        return self.type in GEO_TYPES and self.value is not None and "ignoreType" not in self.metadata


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """An entity as it is kept. Within a tenant, (path, id, type) is unique."""

    id: str
    type: str
    path: str
    attributes: Mapping[str, Attribute]
    created: int
    """µs since 1970."""
    modified: int
    """µs since 1970."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeUpdate:
    """A request's part about one attribute."""

    type: str | None
    """None only for the value end point, which keeps the type."""
    value: Json
    metadata: Mapping[str, Metadatum] = NO_METADATA


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityUpdate:
    """A request's part about one entity."""

    id: str
    type: str | None
    """None addresses the entity by its id alone."""
    attributes: Mapping[str, AttributeUpdate]


class Alteration(StrEnum):
    """The kind of a change, in the words of a subscription's `alterationTypes`."""

    CREATE = "entityCreate"
    CHANGE = "entityChange"
    UPDATE = "entityUpdate"
    """Updated without any change."""
    DELETE = "entityDelete"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The effect of an update on one entity, from which subscriptions are served."""

    alteration: Alteration
    entity: Entity
    """As it is now; for a deletion, as it was."""
    requested: tuple[str, ...]
    """Names of the attributes that the request named, in its order."""
    changed: frozenset[str]
    """Attributes with a new value or type, and those removed."""
    metadata_changed: frozenset[str] = frozenset()
    """Attributes of which only metadata are new."""
    before: Mapping[str, Attribute] = field(default_factory=dict)
    """The attributes as they were."""


def same_json(one: Json, other: Json) -> bool:
    """Return whether two values are the same JSON; in Python alone, 1 equals True."""
    if type(one) is not type(other):
        return False
    if isinstance(one, list | dict):
        return dump_json(one) == dump_json(other)
    return one == other
