"""Entities in SQLite: one row each, with the attributes as JSON. Everything here runs inside a job of the database."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
import json
import sqlite3
from typing import Any

from ..base.json_text import Json, dump_json
from ..base.scope import ServicePaths
from .model import NO_METADATA, Attribute, Entity, Metadatum
from .query import Condition
from .selection import EntitySelector

SCHEMA_1 = (
    """CREATE TABLE entities (
        number INTEGER PRIMARY KEY,     -- in order of creation, which is the default order of answers
        tenant TEXT NOT NULL,
        id TEXT NOT NULL,
        type TEXT NOT NULL,
        path TEXT NOT NULL,             -- service path
        created INTEGER NOT NULL,       -- µs since 1970, as all instants
        modified INTEGER NOT NULL,
        attributes TEXT NOT NULL,       -- {name: {"type", "value", "metadata", "created", "modified"}}
        UNIQUE (tenant, id, type, path)
    ) STRICT""",
)
"""The tables in version 1 of the file; later tables are migrations."""

_COLUMNS = "number, id, type, path, created, modified, attributes"


@dataclass(frozen=True, slots=True)
class StoredEntity:
    """An entity and the row that it is kept in."""

    number: int
    entity: Entity


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityQuery:
    """Which entities of a tenant are asked for, in which order, and which page of them."""

    paths: ServicePaths
    selectors: tuple[EntitySelector, ...]
    """An entity is meant if one of them matches."""
    conditions: tuple[Condition, ...] = ()
    order_by: tuple[str, ...] = ()
    """Names of attributes, builtins, `id` or `type`, each maybe with `!` for descending."""
    limit: int = 20
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Page:
    """A part of the entities that a query found."""

    entities: list[Entity]
    total: int
    """How many the query found in all."""


def _in_order[T](named: Mapping[str, T]) -> list[tuple[str, T]]:
    """Return attributes or metadata in the order of Orion's answers: by name, with a dot after the colon.

    Orion keeps a dot in a name as `=`, and so it is sorted.
    """
    return sorted(named.items(), key=lambda item: item[0].replace(".", "="))


def encode_attributes(named: Mapping[str, Attribute]) -> dict[str, Json]:
    """Return attributes as the JSON in which they are kept."""
    return {
        name: {
            "type": attribute.type,
            "value": attribute.value,
            "metadata": {key: {"type": item.type, "value": item.value} for key, item in _in_order(attribute.metadata)},
            "created": attribute.created,
            "modified": attribute.modified,
        }
        for name, attribute in _in_order(named)
    }


def decode_attributes(kept: Mapping[str, Any]) -> dict[str, Attribute]:
    """Return what `encode_attributes` has made into JSON."""
    return {name: _attribute(item) for name, item in kept.items()}


def _attribute(item: Mapping[str, Any]) -> Attribute:
    metadata = {key: Metadatum(**found) for key, found in item["metadata"].items()}
    return Attribute(
        type=item["type"],
        value=item["value"],
        metadata=metadata or NO_METADATA,
        created=item["created"],
        modified=item["modified"],
    )


def _encoded(entity: Entity) -> str:
    return dump_json(encode_attributes(entity.attributes))


def _decoded(row: tuple[int, str, str, str, int, int, str]) -> StoredEntity:
    number, identity, kind, path, created, modified, attributes = row
    entity = Entity(
        id=identity,
        type=kind,
        path=path,
        attributes=decode_attributes(json.loads(attributes)),
        created=created,
        modified=modified,
    )
    return StoredEntity(number, entity)


def find(
    connection: sqlite3.Connection, tenant: str, paths: ServicePaths, identity: str, kinds: frozenset[str] | None
) -> list[StoredEntity]:
    """Return the entities with an id, of the types if any are given."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM entities WHERE tenant = ? AND id = ? ORDER BY number",  # noqa: S608 - a constant
        (tenant, identity),
    )
    return [_decoded(row) for row in rows if (kinds is None or row[2] in kinds) and paths.cover(row[3])]


def insert(connection: sqlite3.Connection, tenant: str, entity: Entity) -> None:
    """Store a new entity."""
    connection.execute(
        "INSERT INTO entities (tenant, id, type, path, created, modified, attributes) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (tenant, entity.id, entity.type, entity.path, entity.created, entity.modified, _encoded(entity)),
    )


def update(connection: sqlite3.Connection, number: int, entity: Entity) -> None:
    """Store what has become of an entity."""
    connection.execute(
        "UPDATE entities SET modified = ?, attributes = ? WHERE number = ?", (entity.modified, _encoded(entity), number)
    )


def delete(connection: sqlite3.Connection, number: int) -> None:
    """Remove an entity."""
    connection.execute("DELETE FROM entities WHERE number = ?", (number,))


def latest_instant(connection: sqlite3.Connection) -> int:
    """Return the youngest instant in the store, µs since 1970, or 0 if it is empty."""
    found: int | None = connection.execute("SELECT max(modified) FROM entities").fetchone()[0]
    return found or 0


def all_of(connection: sqlite3.Connection, tenant: str, paths: ServicePaths) -> Iterator[Entity]:
    """Yield all entities of a tenant in the service paths, in order of creation."""
    for row in connection.execute(
        f"""SELECT {_COLUMNS} FROM entities WHERE tenant = ?
            AND EXISTS (SELECT 1 FROM json_each(?) AS glob WHERE entities.path GLOB glob.value) ORDER BY number""",  # noqa: S608 - a constant
        (tenant, json.dumps(paths.globs())),
    ):
        yield _decoded(row).entity


def select(connection: sqlite3.Connection, tenant: str, query: EntityQuery) -> Page:
    """Return a page of the entities that a query means."""
    page = slice(query.offset, query.offset + query.limit)
    if query.conditions or any(_needs_attributes(key) for key in query.order_by):
        found = [
            entity
            for entity in all_of(connection, tenant, query.paths)
            if any(selector.matches(entity.id, entity.type) for selector in query.selectors)
            and all(condition.holds(entity) for condition in query.conditions)
        ]
        return Page(_ordered(found, query.order_by)[page], len(found))
    numbers = _numbers(connection, tenant, query)
    return Page(_load(connection, numbers[page]), len(numbers))


_ROW_KEYS = ("id", "type", "dateCreated", "dateModified")


def _needs_attributes(key: str) -> bool:
    return key.removeprefix("!") not in _ROW_KEYS


def _numbers(connection: sqlite3.Connection, tenant: str, query: EntityQuery) -> list[int]:
    """Return the rows that a query means without reading their attributes."""
    rows = connection.execute(
        """SELECT number, id, type, created, modified FROM entities WHERE tenant = ?
           AND EXISTS (SELECT 1 FROM json_each(?) AS glob WHERE entities.path GLOB glob.value) ORDER BY number""",
        (tenant, json.dumps(query.paths.globs())),
    )
    found = [row for row in rows if any(selector.matches(row[1], row[2]) for selector in query.selectors)]
    for key in reversed(query.order_by):
        column = 1 + _ROW_KEYS.index(key.removeprefix("!"))
        found.sort(key=lambda row: row[column], reverse=key.startswith("!"))
    return [row[0] for row in found]


def _load(connection: sqlite3.Connection, numbers: Sequence[int]) -> list[Entity]:
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM entities WHERE number IN (SELECT value FROM json_each(?))",  # noqa: S608 - a constant
        (json.dumps(list(numbers)),),
    )
    entities = {stored.number: stored.entity for stored in map(_decoded, rows)}
    return [entities[number] for number in numbers]


def _ordered(entities: list[Entity], order_by: tuple[str, ...]) -> list[Entity]:
    """Sort stably by several keys, the first the most important."""
    for key in reversed(order_by):
        name = key.removeprefix("!")
        entities = sorted(entities, key=lambda entity: _sort_key(entity, name), reverse=key.startswith("!"))
    return entities


def _sort_key(entity: Entity, name: str) -> tuple[int, float, str]:
    """Return a key that orders nothing before numbers, texts, structures and truth values, as MongoDB does."""
    builtins: dict[str, Json] = {
        "id": entity.id,
        "type": entity.type,
        "dateCreated": entity.created,
        "dateModified": entity.modified,
    }
    attribute = entity.attributes.get(name)
    value = attribute.value if attribute else builtins.get(name)
    match value:
        case None:
            return 0, 0, ""
        case bool():
            return 4, value, ""
        case int() | float():
            return 1, value, ""
        case str():
            return 2, 0, value
        case _:
            return 3, 0, dump_json(value)
