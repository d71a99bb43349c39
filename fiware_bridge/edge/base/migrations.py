"""Versions of a SQLite file, and the way from one to the next.

A file's version is its `user_version`. Its migrations are numbered by their place: the first makes a new file, the second
leads from version 1 to 2, and so on. A migration that has been released never changes; a new version appends one.

All that a file lacks run in one transaction together with the new version, so a killed process leaves the old version whole.
"""

from collections.abc import Callable, Sequence
import contextlib
import logging
from pathlib import Path
import sqlite3

_LOGGER = logging.getLogger(__name__)

type Migration = Callable[[sqlite3.Connection], None]


class NewerDatabaseError(RuntimeError):
    """A newer version of the program wrote the file."""

    def __init__(self, path: Path, found: int, known: int) -> None:
        """Say which file it is, and the way out."""
        super().__init__(
            f"a newer version of the program wrote {path}: the file has version {found}, "
            f"and this program reads versions up to {known}. "
            "Update the program, or choose another folder with --data. The file was not changed."
        )


def statements(*texts: str) -> Migration:
    """Return the migration that runs these statements of SQL."""

    def run(connection: sqlite3.Connection) -> None:
        for text in texts:
            connection.execute(text)

    return run


def refuse_newer(path: Path, migrations: Sequence[Migration]) -> None:
    """Check the version of a file, which may not exist yet, without changing a byte in its folder.

    Raises:
        NewerDatabaseError: a newer version of the program wrote it.
        sqlite3.Error: it is no database.
    """
    if not path.exists():
        return
    with contextlib.closing(_opened_untouched(path)) as connection:
        _version(connection, path, migrations)


def migrate(connection: sqlite3.Connection, path: Path, migrations: Sequence[Migration]) -> None:
    """Bring a file to the newest version.

    Raises:
        NewerDatabaseError: a newer version of the program wrote it.
        sqlite3.Error: a migration failed; the file keeps its version.
    """
    newest = len(migrations)
    connection.execute("BEGIN IMMEDIATE")
    try:
        found = _version(connection, path, migrations)
        for migration in migrations[found:]:
            migration(connection)
        if found < newest:
            connection.execute(f"PRAGMA user_version={newest}")
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
    if 0 < found < newest:
        _LOGGER.info("Upgraded %s from version %d to %d", path, found, newest)


def _version(connection: sqlite3.Connection, path: Path, migrations: Sequence[Migration]) -> int:
    """Return the version of a file, 0 for a new one."""
    found: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if found > len(migrations):
        raise NewerDatabaseError(path, found, len(migrations))
    return found


def _opened_untouched(path: Path) -> sqlite3.Connection:
    """Open a file for reading so that SQLite neither takes over its `-wal` nor writes the index of that (`-shm`).

    The version may stand in the `-wal` alone, if the program was killed after an upgrade.
    """
    log, index = (path.with_name(path.name + suffix).exists() for suffix in ("-wal", "-shm"))
    if log and not index:
        # A read-only connection would create the index. In exclusive mode SQLite keeps it in memory.
        connection = _connected(path, "mode=rw")
        connection.setconfig(sqlite3.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE)
        connection.execute("PRAGMA locking_mode=EXCLUSIVE")
        return connection
    return _connected(path, "mode=ro&readonly_shm=1" if log else "immutable=1")


def _connected(path: Path, how: str) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True, isolation_level=None)
