"""The SQLite file of an outbox: opening it, its settings, and telling a damaged file from one that is only in use.

A commit is on the disk when it returns (WAL with `synchronous=FULL`). Deleted content is overwritten, so any record in a
damaged file was still waiting. The file is opened by one process at a time.
"""

from collections.abc import Iterator
import contextlib
from dataclasses import dataclass
from pathlib import Path
import sqlite3

from .errors import OutboxVersionError
from .migrations import APPLICATION, migrate, newest_version

PAGE = 4096
JOURNAL = "-wal"
"""End of the name of the journal, with the changes that are not yet in the file itself."""

_DAMAGE = {
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_FORMAT,
    # A byte in the head of the file says so; if the disk itself is read-only, making a new file fails, too.
    sqlite3.SQLITE_READONLY,
    # These three come from a damaged schema or row: the statements that meet them do not change.
    sqlite3.SQLITE_ERROR,
    sqlite3.SQLITE_MISMATCH,
    sqlite3.SQLITE_CONSTRAINT,
}


FAULTS = (sqlite3.Error, UnicodeDecodeError)
"""Exceptions from SQLite; the second if its message has the damaged name of a table."""


class DamagedError(Exception):
    """The file cannot be used as an outbox; the text says why."""


def is_damage(error: Exception) -> bool:
    """Return whether the file is at fault, and not a disk that is full or a lock that is held."""
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF in _DAMAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class _Identity:
    """The identity of a file."""

    application: int = 0
    version: int = 0
    tables: int = 0


def connect(path: Path) -> sqlite3.Connection:
    """Open an outbox file, make it if it is missing, check it as a whole, and bring it to the newest version.

    Raises:
        DamagedError: the file is not an outbox, or a damaged one.
        OutboxVersionError: a newer version of the integration wrote it; it is left untouched.
        sqlite3.Error: the file cannot be opened now.
    """
    version = _usable_version(_identity(path)) if path.exists() else 0
    database = sqlite3.connect(path, isolation_level="IMMEDIATE")
    with closing_damaged(database):
        _configure(database)
        if (state := database.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
            raise DamagedError(state)
        migrate(database, version)
    return database


@contextlib.contextmanager
def closing_damaged(database: sqlite3.Connection) -> Iterator[None]:
    """Close the file if it cannot be used, and separate damage from other faults."""
    try:
        yield
    except FAULTS as error:
        database.close()
        if is_damage(error):
            raise DamagedError(str(error)) from error
        raise
    except DamagedError:
        database.close()
        raise


def number(database: sqlite3.Connection, query: str) -> int:
    """Return the one number that a query or pragma answers."""
    return int(database.execute(query).fetchone()[0])


def _identity(path: Path) -> _Identity:
    """Ask a file what it is and leave every byte in its folder as it is, journal included.

    Without a journal SQLite takes the file as one that nobody changes, and makes no journal. Where there is one, it is read, as
    it may hold a newer version than the file itself; it is not written back when the connection closes.
    """
    access = "mode=rw" if Path(f"{path}{JOURNAL}").exists() else "mode=ro&immutable=1"
    database = sqlite3.connect(f"{path.absolute().as_uri()}?{access}", uri=True)
    database.setconfig(sqlite3.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, True)
    with closing_damaged(database):
        database.execute("PRAGMA locking_mode = EXCLUSIVE")
        identity = _Identity(
            application=number(database, "PRAGMA application_id"),
            version=number(database, "PRAGMA user_version"),
            tables=number(database, "SELECT count(*) FROM sqlite_master"),
        )
    database.close()
    return identity


def _usable_version(identity: _Identity) -> int:
    """Return the version of an outbox that can be used, 0 for an empty file."""
    if identity == _Identity():
        return 0
    if identity.application != APPLICATION or not identity.version:
        raise DamagedError("the file is not an outbox")
    if identity.version > newest_version():
        raise OutboxVersionError(
            f"a newer version of this integration wrote the outbox (version {identity.version}, this one knows up to "
            f"{newest_version()}): update the integration"
        )
    return identity.version


def _configure(database: sqlite3.Connection) -> None:
    database.execute("PRAGMA locking_mode = EXCLUSIVE")
    database.execute(f"PRAGMA page_size = {PAGE}")
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.execute("PRAGMA secure_delete = ON")
