"""Changes whose notifications are not all sent yet, in SQLite, so that the end of the process loses none of them.

A change is written in the transaction that makes it, and removed after every subscriber has had its notification, or has lost
it by not answering. The next start sends the notifications left here. Removals are collected for a second, so after a kill a
subscriber may get the notifications of the last second twice. Everything here runs inside a job of the database.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
import json
import sqlite3
from typing import Any

from ..base.json_text import Json, dump_json
from ..entities.model import Alteration, Change, Entity
from ..entities.store import decode_attributes, encode_attributes

SCHEMA_1 = (
    """CREATE TABLE unsent (
        number INTEGER PRIMARY KEY,     -- in order of the changes
        tenant TEXT NOT NULL,
        correlator TEXT NOT NULL,       -- of the request
        change TEXT NOT NULL            -- as JSON
    ) STRICT""",
)
"""The tables in version 1 of the file; later tables are migrations."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsent:
    """A change in the journal, and the request that caused it."""

    number: int
    tenant: str
    correlator: str
    change: Change


def write(connection: sqlite3.Connection, tenant: str, correlator: str, change: Change) -> Unsent:
    """Store a change until its notifications are sent."""
    cursor = connection.execute(
        "INSERT INTO unsent (tenant, correlator, change) VALUES (?, ?, ?) RETURNING number",
        (tenant, correlator, dump_json(_encoded(change))),
    )
    return Unsent(number=cursor.fetchone()[0], tenant=tenant, correlator=correlator, change=change)


def remove(connection: sqlite3.Connection, numbers: Iterable[int]) -> None:
    """Forget changes whose notifications are sent."""
    connection.executemany("DELETE FROM unsent WHERE number = ?", ((number,) for number in numbers))


def load_all(connection: sqlite3.Connection) -> Iterator[Unsent]:
    """Yield what is still to be notified, in order."""
    for number, tenant, correlator, change in connection.execute("SELECT * FROM unsent ORDER BY number"):
        yield Unsent(number=number, tenant=tenant, correlator=correlator, change=_decoded(json.loads(change)))


def _encoded(change: Change) -> dict[str, Json]:
    entity = change.entity
    return {
        "alteration": change.alteration.value,
        "id": entity.id,
        "type": entity.type,
        "path": entity.path,
        "attributes": encode_attributes(entity.attributes),
        "created": entity.created,
        "modified": entity.modified,
        "requested": list(change.requested),
        "changed": [*sorted(change.changed)],
        "metadata_changed": [*sorted(change.metadata_changed)],
        "before": encode_attributes(change.before),
    }


def _decoded(kept: dict[str, Any]) -> Change:
    return Change(
        alteration=Alteration(kept["alteration"]),
        entity=Entity(
            id=kept["id"],
            type=kept["type"],
            path=kept["path"],
            attributes=decode_attributes(kept["attributes"]),
            created=kept["created"],
            modified=kept["modified"],
        ),
        requested=tuple(kept["requested"]),
        changed=frozenset(kept["changed"]),
        metadata_changed=frozenset(kept["metadata_changed"]),
        before=decode_attributes(kept["before"]),
    )
