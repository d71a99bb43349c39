"""The SQLite file of an outbox: its schema, its settings, and telling a damaged file from one that is only in use.

A commit is on the disk when it returns (WAL with `synchronous=FULL`). Deleted content is overwritten, so whatever a damaged
file still shows was still waiting. The file is opened by one process at a time.
"""

from collections.abc import Iterator
import contextlib
from pathlib import Path
import sqlite3

from .errors import OutboxVersionError

VERSION = 1
PAGE = 4096

_APPLICATION = 0x33504531
"""Tells an outbox from other SQLite files: "3PE1"."""

_SCHEMA = """
CREATE TABLE meter (key TEXT PRIMARY KEY, newest INTEGER, sent INTEGER, frame BLOB NOT NULL);
CREATE TABLE record (id INTEGER PRIMARY KEY, end INTEGER NOT NULL, frame BLOB NOT NULL);
CREATE TABLE dead (
    id INTEGER PRIMARY KEY, refused_at INTEGER NOT NULL, status INTEGER NOT NULL, reason TEXT NOT NULL, frame BLOB NOT NULL
);
CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
INSERT INTO counter VALUES ('dropped', 0), ('damaged', 0);
"""
_IDENTITY = f"PRAGMA application_id = {_APPLICATION}; PRAGMA user_version = {VERSION};"

_DAMAGE = {
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_FORMAT,
    # A byte in the head of the file says so; where the disk itself is read-only, making a new file fails, too.
    sqlite3.SQLITE_READONLY,
    # These three come from a damaged schema or row: the statements that meet them do not change.
    sqlite3.SQLITE_ERROR,
    sqlite3.SQLITE_MISMATCH,
    sqlite3.SQLITE_CONSTRAINT,
}


FAULTS = (sqlite3.Error, UnicodeDecodeError)
"""What SQLite raises; the second where the damaged name of a table stands in the message."""


class DamagedError(Exception):
    """The file cannot be used as an outbox; the text says why."""


def is_damage(error: Exception) -> bool:
    """Return whether the file is at fault, and not a disk that is full or a lock that is held."""
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF in _DAMAGE


def connect(path: Path) -> sqlite3.Connection:
    """Open an outbox file, make it where it is missing, and check it as a whole.

    Raises:
        DamagedError: the file is not an outbox, or a damaged one.
        OutboxVersionError: a newer version of the integration wrote it; it is left untouched.
        sqlite3.Error: the file cannot be opened now.
    """
    database = sqlite3.connect(path, isolation_level="IMMEDIATE")
    with closing_damaged(database):
        is_new = _is_new(database)
        _configure(database)
        if is_new:
            database.executescript(f"BEGIN; {_SCHEMA} {_IDENTITY} COMMIT;")
        if (state := database.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
            raise DamagedError(state)
    return database


@contextlib.contextmanager
def closing_damaged(database: sqlite3.Connection) -> Iterator[None]:
    """Close the file where it cannot be used, and tell damage from other faults."""
    try:
        yield
    except FAULTS as error:
        database.close()
        if is_damage(error):
            raise DamagedError(str(error)) from error
        raise
    except DamagedError, OutboxVersionError:
        database.close()
        raise


def number(database: sqlite3.Connection, query: str) -> int:
    """Return the one number that a query or pragma answers."""
    return int(database.execute(query).fetchone()[0])


def _is_new(database: sqlite3.Connection) -> bool:
    database.execute("PRAGMA locking_mode = EXCLUSIVE")
    application, version = number(database, "PRAGMA application_id"), number(database, "PRAGMA user_version")
    if not application and not version and not number(database, "SELECT count(*) FROM sqlite_master"):
        return True
    if version > VERSION:
        raise OutboxVersionError(f"the outbox is of version {version}, this integration knows {VERSION}: update it")
    if (application, version) != (_APPLICATION, VERSION):
        raise DamagedError("the file is not an outbox")
    return False


def _configure(database: sqlite3.Connection) -> None:
    database.execute(f"PRAGMA page_size = {PAGE}")
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.execute("PRAGMA secure_delete = ON")
