"""The schema of an outbox file and its versions; each version is a step from the one before.

A new file takes every step, an older one those that it lacks, all in one transaction: whoever cuts it off finds the old version.
A step costs room and time that do not grow with what waits, as a file may be full, and hold a week of readings.
"""

from dataclasses import dataclass
import sqlite3

APPLICATION = 0x33504531
"""Tells an outbox from other SQLite files: "3PE1"."""


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

MIGRATIONS: tuple[Migration, ...] = (Migration(number=1, why="an outbox begins", statements=_FIRST),)


def newest_version() -> int:
    """Return the version that files have after their migration."""
    return MIGRATIONS[-1].number


def migrate(database: sqlite3.Connection, version: int) -> None:
    """Bring a file from a version (0: an empty file) to the newest, all or nothing."""
    steps = [migration for migration in MIGRATIONS if migration.number > version]
    if steps:
        identity = f"PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {steps[-1].number};"
        database.executescript("\n".join(("BEGIN IMMEDIATE;", *(step.statements for step in steps), identity, "COMMIT;")))
