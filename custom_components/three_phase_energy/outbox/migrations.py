"""The schema of an outbox file and its versions; each version is a step from the one before.

A new file takes every step, an older one its missing steps, all in one transaction: a kill leaves the old version.
A step costs room and time that do not grow with the backlog, as a file may be full, and hold a week of readings.
"""

from dataclasses import dataclass
import sqlite3

APPLICATION = 0x33504531
"""Marks an outbox among other SQLite files: "3PE1"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """A step to a version."""

    number: int
    """The version that it leads to; the step expects the one before."""
    why: str
    statements: str
    """SQL, each statement with its semicolon."""


_FIRST = """
CREATE TABLE meter (key TEXT PRIMARY KEY, newest INTEGER, sent INTEGER, frame BLOB NOT NULL);
CREATE TABLE record (id INTEGER PRIMARY KEY, end INTEGER NOT NULL, frame BLOB NOT NULL);
CREATE TABLE dead (
    id INTEGER PRIMARY KEY, refused_at INTEGER NOT NULL, status INTEGER NOT NULL, reason TEXT NOT NULL, frame BLOB NOT NULL
);
CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
INSERT INTO counter VALUES ('dropped', 0), ('damaged', 0);
"""

# A record without the name of a stream is a reading, as are all of version 1. The name would make five instead of six fit a page.
# The index leaves them out, too: a week of them needs none, and it would cost each commit a page more.
_STREAMS = """
ALTER TABLE record ADD COLUMN stream TEXT;
CREATE INDEX record_of_stream ON record (stream) WHERE stream IS NOT NULL;
CREATE TABLE position (
    key TEXT NOT NULL, stream TEXT NOT NULL, newest INTEGER, sent INTEGER, frame BLOB NOT NULL, PRIMARY KEY (key, stream)
);
INSERT INTO position SELECT key, 'readings', newest, sent, frame FROM meter;
DROP TABLE meter;
"""

MIGRATIONS: tuple[Migration, ...] = (
    Migration(number=1, why="an outbox holds the readings of meters", statements=_FIRST),
    Migration(number=2, why="a meter has several streams, each with a cursor of its own", statements=_STREAMS),
)


def newest_version() -> int:
    """Return the version that files have after their migration."""
    return MIGRATIONS[-1].number


def migrate(database: sqlite3.Connection, version: int) -> None:
    """Bring a file from a version (0: an empty file) to the newest, all or nothing."""
    steps = [migration for migration in MIGRATIONS if migration.number > version]
    if steps:
        identity = f"PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {steps[-1].number};"
        database.executescript("\n".join(("BEGIN IMMEDIATE;", *(step.statements for step in steps), identity, "COMMIT;")))
