"""Subscriptions in SQLite. Everything here runs inside a job of the database."""

from collections.abc import Iterator
from dataclasses import asdict
import json
import sqlite3

from ..base.json_text import dump_json
from .parsing import parse_subscription
from .subscription import Counters, Subscription

SCHEMA_1 = (
    """CREATE TABLE subscriptions (
        number INTEGER PRIMARY KEY,     -- in order of creation
        tenant TEXT NOT NULL,
        id TEXT NOT NULL,
        path TEXT NOT NULL,             -- service path, maybe with #
        status TEXT NOT NULL,
        definition TEXT NOT NULL,       -- the fields that a client would send
        counters TEXT NOT NULL,
        UNIQUE (tenant, id)
    ) STRICT""",
)
"""The tables in version 1 of the file; later tables are migrations."""


def save(connection: sqlite3.Connection, subscription: Subscription, counters: Counters) -> None:
    """Store a subscription, new or known."""
    connection.execute(
        """INSERT INTO subscriptions (tenant, id, path, status, definition, counters) VALUES (?, ?, ?, ?, ?, ?)
           ON CONFLICT (tenant, id) DO UPDATE
           SET status = excluded.status, definition = excluded.definition, counters = excluded.counters""",
        (
            subscription.tenant,
            subscription.id,
            subscription.path,
            subscription.status.value,
            dump_json(dict(subscription.definition)),
            dump_json(asdict(counters)),
        ),
    )


def save_outcome(connection: sqlite3.Connection, subscription: Subscription, counters: Counters) -> None:
    """Store the status and the counters of a subscription, if it still exists."""
    connection.execute(
        "UPDATE subscriptions SET status = ?, counters = ? WHERE tenant = ? AND id = ?",
        (subscription.status.value, dump_json(asdict(counters)), subscription.tenant, subscription.id),
    )


def remove(connection: sqlite3.Connection, tenant: str, identity: str) -> None:
    """Forget a subscription."""
    connection.execute("DELETE FROM subscriptions WHERE tenant = ? AND id = ?", (tenant, identity))


def load_all(connection: sqlite3.Connection) -> Iterator[tuple[Subscription, Counters]]:
    """Yield all subscriptions in order of creation."""
    rows = connection.execute("SELECT tenant, id, path, status, definition, counters FROM subscriptions ORDER BY number")
    for tenant, identity, path, status, definition, counters in rows:
        fields = {**json.loads(definition), "status": status}
        yield parse_subscription(fields, identity=identity, tenant=tenant, path=path), Counters(**json.loads(counters))
