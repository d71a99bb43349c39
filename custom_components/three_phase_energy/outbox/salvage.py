"""Opens an outbox in any state of its file."""

from collections.abc import Iterator
import contextlib
from datetime import UTC, datetime
from pathlib import Path
import sqlite3

from .database import FAULTS, JOURNAL, DamagedError
from .frame import Document, carve
from .records import OutboxLimits, Salvage
from .store import Store

_COMPANIONS = ("", JOURNAL, "-shm")


def open_store(path: Path, limits: OutboxLimits) -> tuple[Store, Salvage | None]:
    """Open an outbox file; a damaged one is set aside, and every record that is whole in it goes into a new one.

    Raises:
        OutboxVersionError: a newer version of the integration wrote the file.
        sqlite3.Error, OSError: neither the file nor a new one can be used now.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        return Store(path, limits), None
    except DamagedError as damage:
        return salvage(path, limits, str(damage))


def salvage(path: Path, limits: OutboxLimits, reason: str) -> tuple[Store, Salvage]:
    """Set a damaged and closed file aside and begin a new one with its readable frames."""
    # Where SQLite can still write the journal back, each page is there once, in its last state.
    with contextlib.suppress(*FAULTS), contextlib.closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    aside = _free_name(path)
    for companion in _COMPANIONS:
        with contextlib.suppress(FileNotFoundError):
            Path(f"{path}{companion}").rename(f"{aside}{companion}")
    store = Store(path, limits)
    recovered = store.adopt(_frames(aside))
    return store, Salvage(reason=reason, set_aside=aside, recovered=recovered)


def _frames(aside: Path) -> Iterator[tuple[bytes, Document]]:
    for file in (aside, Path(f"{aside}{JOURNAL}")):
        if file.exists():
            yield from carve(file)


def _free_name(path: Path) -> Path:
    stem = f"{path.name}.damaged-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    names = (path.with_name(stem + suffix) for suffix in ("", *(f"-{number}" for number in range(1, 1000))))
    return next(name for name in names if not name.exists())
