"""The history in SQLite. Everything here runs inside a job of the database.

A value has its row at (entity, instant, attribute), so one instant of an entity lies together on the disk, and a repeated value
replaces itself. Repeated and partial notifications of the same instant merge, and the last writer wins.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
import json
import sqlite3

from ..base.json_text import Json
from .rows import Row

SCHEMA_1 = (
    """CREATE TABLE entities (
        number INTEGER PRIMARY KEY,
        tenant TEXT NOT NULL,
        path TEXT NOT NULL,             -- service path
        id TEXT NOT NULL,
        type TEXT NOT NULL,
        UNIQUE (tenant, path, id, type)
    ) STRICT""",
    """CREATE TABLE attributes (
        number INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE
    ) STRICT""",
    """CREATE TABLE samples (
        entity INTEGER NOT NULL,
        instant INTEGER NOT NULL,       -- µs since 1970
        attribute INTEGER NOT NULL,
        value ANY,                      -- number, text or NULL
        is_json INTEGER NOT NULL,       -- 1: the text is JSON (structured value, array, truth value)
        PRIMARY KEY (entity, instant, attribute)
    ) STRICT, WITHOUT ROWID""",
)
"""The tables in version 1 of the file; later tables are migrations."""

EARLIEST = -(2**63)
LATEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Series:
    """An entity that has history."""

    number: int
    id: str
    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityFilter:
    """Which entities of a tenant are meant; None is any."""

    tenant: str
    globs: tuple[str, ...]
    """Service paths as patterns of SQLite's GLOB."""
    ids: tuple[str, ...] | None = None
    types: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Which instants and attributes are meant, and which page of them."""

    first: int = EARLIEST
    """µs since 1970, included."""
    last: int = LATEST
    """µs since 1970, included."""
    attributes: tuple[str, ...] | None = None
    """None is all."""
    last_n: int | None = None
    """Only so many of the newest."""
    limit: int
    offset: int = 0


@dataclass(slots=True)
class Table:
    """Values of one entity: for every attribute one value per index, None if it has none."""

    series: Series
    index: list[int | str]
    """Instants in µs since 1970, or the beginnings of periods as text."""
    columns: dict[str, list[Json]] = field(default_factory=dict)


def record(connection: sqlite3.Connection, tenant: str, path: str, rows: Iterable[Row]) -> None:
    """Keep rows of one tenant and service path."""
    rows = list(rows)
    attributes = _attribute_numbers(connection, {name for row in rows for name in row.values})
    for row in rows:
        entity = _entity_number(connection, tenant, path, row)
        connection.executemany(
            """INSERT INTO samples (entity, instant, attribute, value, is_json) VALUES (?, ?, ?, ?, ?)
               ON CONFLICT (entity, instant, attribute) DO UPDATE SET value = excluded.value, is_json = excluded.is_json""",
            [(entity, row.instant, attributes[name], value.cell, value.is_json) for name, value in row.values.items()],
        )


def _entity_number(connection: sqlite3.Connection, tenant: str, path: str, row: Row) -> int:
    key = (tenant, path, row.id, row.type)
    found = connection.execute(
        "SELECT number FROM entities WHERE tenant = ? AND path = ? AND id = ? AND type = ?", key
    ).fetchone()
    if found is None:
        found = connection.execute(
            "INSERT INTO entities (tenant, path, id, type) VALUES (?, ?, ?, ?) RETURNING number", key
        ).fetchone()
    number: int = found[0]
    return number


def _attribute_numbers(connection: sqlite3.Connection, names: set[str]) -> dict[str, int]:
    """Return the numbers of attributes, which get one when they are new."""
    wanted = json.dumps(sorted(names))
    connection.execute("INSERT OR IGNORE INTO attributes (name) SELECT value FROM json_each(?)", (wanted,))
    rows = connection.execute("SELECT name, number FROM attributes WHERE name IN (SELECT value FROM json_each(?))", (wanted,))
    return dict(rows.fetchall())


def find(connection: sqlite3.Connection, wanted: EntityFilter) -> list[Series]:
    """Return the entities that have history, in the order in which they came."""
    rows = connection.execute(
        """SELECT number, id, type FROM entities WHERE tenant = :tenant
           AND EXISTS (SELECT 1 FROM json_each(:globs) AS glob WHERE entities.path GLOB glob.value)
           AND (:ids IS NULL OR id IN (SELECT value FROM json_each(:ids)))
           AND (:types IS NULL OR type IN (SELECT value FROM json_each(:types)))
           ORDER BY number""",
        {
            "tenant": wanted.tenant,
            "globs": json.dumps(wanted.globs),
            "ids": json_list(wanted.ids),
            "types": json_list(wanted.types),
        },
    )
    return [Series(*row) for row in rows]


def latest(connection: sqlite3.Connection, series: Series, span: Span) -> int | None:
    """Return the newest instant of an entity within a span."""
    found: int | None = connection.execute(
        "SELECT max(instant) FROM samples WHERE entity = ? AND instant BETWEEN ? AND ?", (series.number, span.first, span.last)
    ).fetchone()[0]
    return found


def attribute_names(connection: sqlite3.Connection, span: Span) -> dict[int, str]:
    """Return the attributes that a span means, by number."""
    rows = connection.execute(
        "SELECT number, name FROM attributes WHERE :names IS NULL OR name IN (SELECT value FROM json_each(:names))",
        {"names": json_list(span.attributes)},
    )
    return dict(rows.fetchall())


def read(connection: sqlite3.Connection, found: Sequence[Series], span: Span) -> list[Table]:
    """Return the values of entities as they were recorded, each in order of time.

    `last_n`, `limit` and `offset` count instants over all entities together.
    """
    names = attribute_names(connection, span)
    points = sorted(
        (instant, order) for order, series in enumerate(found) for instant in _instants(connection, series, span, names)
    )
    if span.last_n is not None:
        points = points[-span.last_n :]
    points = points[span.offset : span.offset + span.limit]
    tables: list[Table] = []
    for order, series in enumerate(found):
        index = [instant for instant, owner in points if owner == order]
        if index:
            tables.append(_table(connection, series, index, names))
    return tables


def _instants(connection: sqlite3.Connection, series: Series, span: Span, names: Mapping[int, str]) -> list[int]:
    """Return as many instants of one entity as can be on the page."""
    newest_first = span.last_n is not None
    order, needed = ("DESC", span.last_n) if newest_first else ("ASC", span.offset + span.limit)
    rows = connection.execute(
        f"""SELECT DISTINCT instant FROM samples WHERE entity = ? AND instant BETWEEN ? AND ?
            AND attribute IN (SELECT value FROM json_each(?)) ORDER BY instant {order} LIMIT ?""",  # noqa: S608 - one of two constants
        (series.number, span.first, span.last, json.dumps(list(names)), needed),
    )
    return [row[0] for row in rows]


def _table(connection: sqlite3.Connection, series: Series, index: list[int], names: Mapping[int, str]) -> Table:
    rows = connection.execute(
        """SELECT instant, attribute, value, is_json FROM samples WHERE entity = ? AND instant BETWEEN ? AND ?
           AND attribute IN (SELECT value FROM json_each(?))""",
        (series.number, index[0], index[-1], json.dumps(list(names))),
    )
    places = {instant: place for place, instant in enumerate(index)}
    columns: dict[str, list[Json]] = defaultdict(lambda: [None] * len(index))
    for instant, attribute, cell, is_json in rows:
        columns[names[attribute]][places[instant]] = json.loads(cell) if is_json else cell
    return Table(series, list[int | str](index), dict(sorted(columns.items())))


def delete(connection: sqlite3.Connection, found: Sequence[Series], span: Span) -> int:
    """Remove the samples of entities within a span, and entities that have none left; return how many went."""
    removed = 0
    for series in found:
        removed += connection.execute(
            "DELETE FROM samples WHERE entity = ? AND instant BETWEEN ? AND ?", (series.number, span.first, span.last)
        ).rowcount
        connection.execute(
            "DELETE FROM entities WHERE number = :entity AND NOT EXISTS (SELECT 1 FROM samples WHERE entity = :entity)",
            {"entity": series.number},
        )
    return removed


def json_list(items: tuple[str, ...] | None) -> str | None:
    """Return a list as one parameter for SQLite's json_each; None stays NULL, which means no restriction."""
    return None if items is None else json.dumps(items)
