"""The room that an outbox takes: within its limit, within what the disk has, and given back once it is free."""

from collections.abc import Callable
import contextlib
from pathlib import Path
import shutil
import sqlite3

from .database import PAGE, number

_AT_ONCE = 100
"""Records that go at once when there is no room: 70 kB."""
_ROOMY = 4 * 1024 * 1024
"""An empty file larger than this gives its room back to the disk."""
_SPARE = 16 * 1024 * 1024
"""While less than this is free on the disk the file does not grow, so that its journal always finds room."""


class Room:
    """The room of one file."""

    def __init__(self, database: sqlite3.Connection, folder: Path, max_bytes: int, drop_oldest: Callable[[int], None]) -> None:
        """Begin without knowing the disk; `drop_oldest` lets go as many of the oldest waiting records."""
        self._database = database
        self._folder = folder
        self._max_bytes = max_bytes
        self._drop_oldest = drop_oldest
        self._may_grow: bool | None = None

    def make_for(self, change: Callable[[], None], records: int) -> None:
        """Make a change; if there is no room for it, drop as many of the oldest waiting records first."""
        self._limit_growth()
        try:
            change()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_FULL:
                raise
            # On a full disk a deletion needs room itself, in the journal; the journal has it once it is written back.
            self._write_back()
            self._drop_oldest(max(records, _AT_ONCE))
            change()

    def give_back(self) -> None:
        """Give free room back to the disk if it is worth it; that needs a little room, and can wait if there is none."""
        if number(self._database, "PRAGMA page_count") * PAGE <= _ROOMY:
            return
        with contextlib.suppress(sqlite3.OperationalError):
            self._database.execute("VACUUM")
            self._database.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _limit_growth(self) -> None:
        """Set how large the file may become; SQLite takes a limit below its size as its size."""
        may_grow = shutil.disk_usage(self._folder).free > _SPARE
        if may_grow == self._may_grow:
            return
        self._database.execute(f"PRAGMA max_page_count = {self._max_bytes // PAGE if may_grow else 1}")
        # The journal's content may need the file to grow, so it goes there while there is room.
        self._write_back()
        self._may_grow = may_grow

    def _write_back(self) -> None:
        """Bring the journal's content into the file, if there is room for it, and begin the journal anew."""
        with contextlib.suppress(sqlite3.OperationalError):
            self._database.execute("PRAGMA wal_checkpoint(RESTART)")
