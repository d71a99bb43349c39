"""What waits for a broker, what the broker refused, and how far each meter is stored; used by one thread.

- Records are numbered in the order of their arrival, and no number is used twice.
- A record whose `seq` is not above the cursor of its meter and boot has been stored before; it is left out.
- The newest record of each meter stays after its delivery until a newer one comes. A backlog that is delivered after it, even
  after a restart, has to be followed by it, or the broker would show an old state.
- When the file or the disk is full, the oldest waiting records go, and are counted.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
import contextlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import batched
from pathlib import Path
import shutil
import sqlite3

from ..model.reading import Reading
from ..model.twin import Twin
from .database import PAGE, DamagedError, closing_damaged, connect, number
from .frame import Document, pack, unpack
from .records import (
    Batch,
    Cursor,
    DeadLetter,
    OutboxLimits,
    OutboxStats,
    Put,
    Record,
    Refusal,
)

_ROOM = 100
"""Records that go at once when there is no room: 70 kB."""
_ROOMY = 4 * 1024 * 1024
"""An empty file larger than this gives its room back to the disk."""
_SPARE = 16 * 1024 * 1024
"""While less than this is free on the disk the file does not grow, so that its journal always finds room."""
_BACKLOG = """
    SELECT id, frame FROM record WHERE id NOT IN (SELECT newest FROM meter WHERE newest IS NOT NULL) ORDER BY id LIMIT ?
"""
_DROP_OLDEST = """
    DELETE FROM record WHERE id IN (
        SELECT id FROM record WHERE id NOT IN (SELECT newest FROM meter WHERE newest IS NOT NULL) ORDER BY id LIMIT ?
    )
"""
_DROP_OLDER = "DELETE FROM record WHERE end < ? AND id NOT IN (SELECT newest FROM meter WHERE newest IS NOT NULL)"
_DELETE = "DELETE FROM record WHERE id = ?"
_NEXT_ID = """
    SELECT coalesce(max(id), 0) + 1 FROM (SELECT id FROM record UNION ALL SELECT id FROM dead UNION ALL SELECT newest FROM meter)
"""
_EPOCH = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Meter:
    twin: Twin
    cursor: Cursor
    newest: int | None
    """Its newest record."""
    sent: int | None = None
    """Equal to `newest` once that is delivered. Not a flag: one flipped bit must not look like a delivery."""

    @property
    def waiting(self) -> int | None:
        return None if self.newest == self.sent else self.newest

    @property
    def delivered(self) -> int | None:
        return self.newest if self.newest == self.sent else None

    def has(self, reading: Reading) -> bool:
        return self.cursor.boot == reading.boot and reading.seq <= self.cursor.seq


class Store:
    """An open outbox file.

    Raises:
        DamagedError, OutboxVersionError, sqlite3.Error: see `database.connect`.
    """

    def __init__(self, path: Path, limits: OutboxLimits) -> None:
        """Open the file; make it where it is missing."""
        self._folder = path.parent
        self._limits = limits
        self._may_grow: bool | None = None
        self._db = connect(path)
        with closing_damaged(self._db):
            self._load()

    def close(self) -> None:
        """Close the file; what waits stays in it."""
        self._db.close()

    @property
    def cursors(self) -> dict[str, Cursor]:
        """The newest stored record of each meter, by the meter's key."""
        return {key: meter.cursor for key, meter in self._meters.items()}

    @property
    def stats(self) -> OutboxStats:
        """What the file holds now."""
        delivered = {meter.delivered for meter in self._meters.values() if meter.delivered}
        rows = self._db.execute("SELECT id, frame FROM record ORDER BY id LIMIT ?", (len(delivered) + 1,)).fetchall()
        oldest = next((unpack(frame) for id_, frame in rows if id_ not in delivered), None)
        counters = dict(self._db.execute("SELECT name, value FROM counter"))
        return OutboxStats(
            waiting=self._records - len(delivered),
            oldest=_instant(oldest["end"]) if oldest else None,
            bytes=(number(self._db, "PRAGMA page_count") - number(self._db, "PRAGMA freelist_count")) * PAGE,
            dropped=counters.get("dropped", 0),
            damaged=counters.get("damaged", 0),
            dead=self._dead,
        )

    def insert(self, puts: Sequence[Put]) -> None:
        """Store readings in one transaction; where there is no room for them, the oldest waiting records go."""
        self._limit_growth()
        self._making_room(partial(self._insert, puts), sum(len(put.readings) for put in puts))
        if self._limits.max_age:
            self._drop(_DROP_OLDER, _milliseconds(datetime.now(UTC) - self._limits.max_age))

    def take(self, limit: int) -> Batch:
        """Return what to deliver next, not more than `limit` records (two, where one needs another to be restored)."""
        waiting = sorted(meter.waiting for meter in self._meters.values() if meter.waiting)
        live = tuple(record for id_ in waiting[:limit] if (record := self._record(id_)))
        room = limit - len(live) if live else max(limit, 2)
        backlog: list[Record] = []
        restore: dict[str, Record] = {}
        fresh = {record.twin.key for record in live}
        for record in self._backlog(room):
            key = record.twin.key
            newest = None if key in fresh or key in restore else self._delivered(key)
            if len(backlog) + len(restore) + (2 if newest else 1) > room:
                break
            backlog.append(record)
            if newest:
                restore[key] = newest
        return Batch(backlog=tuple(backlog), live=live, restore=tuple(restore.values()))

    def remove(self, ids: Iterable[int]) -> None:
        """Let go what the broker has; the newest record of a meter is only marked."""
        delivered = set(ids)
        sent = {key: replace(meter, sent=meter.newest) for key, meter in self._meters.items() if meter.newest in delivered}
        with self._db:
            self._db.executemany("UPDATE meter SET sent = newest WHERE key = ?", [(key,) for key in sent])
            removed = self._delete(delivered - {meter.newest for meter in sent.values()})
        self._records -= removed
        self._meters |= sent
        if self._records <= len(self._meters) and number(self._db, "PRAGMA page_count") * PAGE > _ROOMY:
            self._shrink()

    def bury(self, refusals: Sequence[Refusal]) -> None:
        """Move refused records to the dead letters, of which the latest are kept."""
        now = _milliseconds(datetime.now(UTC))
        with self._db:
            self._db.executemany(
                "INSERT INTO dead SELECT id, ?, ?, ?, frame FROM record WHERE id = ?",
                [(now, refusal.status, refusal.reason, refusal.record.id) for refusal in refusals],
            )
            removed = self._delete(refusal.record.id for refusal in refusals)
            self._db.execute(
                "DELETE FROM dead WHERE id NOT IN (SELECT id FROM dead ORDER BY refused_at DESC, id DESC LIMIT ?)",
                (self._limits.max_dead,),
            )
        self._records -= removed
        self._dead = number(self._db, "SELECT count(*) FROM dead")
        self._forget({refusal.record.id for refusal in refusals})

    def dead_letters(self) -> list[DeadLetter]:
        """Return the refused records, the latest first."""
        rows = self._db.execute("SELECT refused_at, status, reason, frame FROM dead ORDER BY refused_at DESC, id DESC")
        return [
            DeadLetter(
                key=document["key"],
                end=_instant(document["end"]),
                refused_at=_instant(refused_at),
                status=status,
                reason=reason,
                wire=document["wire"],
            )
            for refused_at, status, reason, frame in rows
            if (document := unpack(frame))
        ]

    def adopt(self, frames: Iterable[tuple[bytes, Document]]) -> int:
        """Take over what was found in a damaged file, in whatever order and however often; return how many records wait."""
        self._limit_growth()
        newest: dict[str, Document] = {}
        for chunk in batched(frames, 500, strict=False):
            self._making_room(partial(self._adopt, chunk), len(chunk))
            for _, document in chunk:
                if "wire" in document and document["id"] > newest.get(document["key"], {"id": 0})["id"]:
                    newest[document["key"]] = document
        with self._db:
            for key, document in newest.items():
                meter = _Meter(twin=_stand_in(document), cursor=_cursor(document["wire"]), newest=None)
                self._db.execute("INSERT OR IGNORE INTO meter VALUES (?, NULL, NULL, ?)", (key, _meter_frame(meter)))
                self._db.execute("UPDATE meter SET newest = ? WHERE key = ?", (document["id"], key))
        self._load()
        return self._records

    def _load(self) -> None:
        self._meters: dict[str, _Meter] = {}
        for newest, sent, frame in self._db.execute("SELECT (SELECT id FROM record WHERE id = newest), sent, frame FROM meter"):
            if not (document := unpack(frame)):
                raise DamagedError("a meter cannot be read")
            meter = _Meter(twin=_twin(document["twin"]), cursor=_cursor(document), newest=newest, sent=sent)
            self._meters[meter.twin.key] = meter
        self._records = number(self._db, "SELECT count(*) FROM record")
        self._dead = number(self._db, "SELECT count(*) FROM dead")
        self._next_id = number(self._db, _NEXT_ID)

    def _limit_growth(self) -> None:
        """Set how large the file may become; SQLite takes a limit below its size as its size."""
        may_grow = shutil.disk_usage(self._folder).free > _SPARE
        if may_grow == self._may_grow:
            return
        self._db.execute(f"PRAGMA max_page_count = {self._limits.max_bytes // PAGE if may_grow else 1}")
        # What the journal holds may need the file to grow, so it goes there while there is room.
        self._write_back()
        self._may_grow = may_grow

    def _making_room(self, change: Callable[[], None], records: int) -> None:
        """Make a change, where there is no room for it after dropping as many of the oldest waiting records."""
        try:
            change()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_FULL:
                raise
            # On a full disk a deletion needs room itself, in the journal; the journal has it once it is written back.
            self._write_back()
            self._drop(_DROP_OLDEST, max(records, _ROOM))
            change()

    def _insert(self, puts: Sequence[Put]) -> None:
        meters, next_id, superseded = dict(self._meters), self._next_id, list[int]()
        with self._db:
            for put in puts:
                meter = meters.get(put.twin.key)
                for end, reading in put.readings:
                    if meter and meter.has(reading):
                        continue
                    self._store(next_id, put.twin, _milliseconds(end), reading)
                    superseded += [meter.delivered] if meter and meter.delivered else []
                    meter = _Meter(twin=put.twin, cursor=Cursor(boot=reading.boot, seq=reading.seq), newest=next_id)
                    next_id += 1
                if meter:
                    meters[put.twin.key] = replace(meter, twin=put.twin)
            for key, meter in meters.items():
                if meter != self._meters.get(key):
                    self._write(meter)
            removed = self._delete(superseded)
        self._records += next_id - self._next_id - removed
        self._meters, self._next_id = meters, next_id

    def _adopt(self, chunk: Sequence[tuple[bytes, Document]]) -> None:
        records = [(document["id"], document["end"], frame) for frame, document in chunk if "wire" in document]
        meters = [(document["twin"]["key"], frame) for frame, document in chunk if "twin" in document]
        with self._db:
            self._db.executemany("INSERT OR IGNORE INTO record VALUES (?, ?, ?)", records)
            self._db.executemany("INSERT OR REPLACE INTO meter VALUES (?, NULL, NULL, ?)", meters)

    def _store(self, id_: int, twin: Twin, end: int, reading: Reading) -> None:
        started = _milliseconds(twin.metering_started)
        frame = pack({"id": id_, "key": twin.key, "started": started, "end": end, "wire": dict(reading.wire)})
        self._db.execute("INSERT INTO record VALUES (?, ?, ?)", (id_, end, frame))

    def _write(self, meter: _Meter) -> None:
        row = (meter.twin.key, meter.newest, meter.sent, _meter_frame(meter))
        self._db.execute("INSERT OR REPLACE INTO meter VALUES (?, ?, ?, ?)", row)

    def _backlog(self, limit: int) -> Iterator[Record]:
        """Yield the oldest records that are not the newest of their meter."""
        for id_, frame in self._db.execute(_BACKLOG, (limit,)).fetchall():
            if record := self._read(id_, frame):
                yield record

    def _delivered(self, key: str) -> Record | None:
        meter = self._meters.get(key)
        return self._record(meter.delivered) if meter and meter.delivered else None

    def _record(self, id_: int) -> Record | None:
        row = self._db.execute("SELECT frame FROM record WHERE id = ?", (id_,)).fetchone()
        return self._read(id_, row[0]) if row else None

    def _read(self, id_: int, frame: object) -> Record | None:
        """Return a record; one that is damaged goes, and is counted."""
        if not (document := unpack(frame)):
            self._drop(_DELETE, id_, counter="damaged")
            self._forget({id_})
            return None
        meter = self._meters.get(document["key"])
        # A meter may be renamed while its readings wait; when the counters of a reading began stays as it was.
        twin = replace(meter.twin if meter else _stand_in(document), metering_started=_instant(document["started"]))
        is_newest = meter is not None and meter.newest == id_
        return Record(id=id_, twin=twin, end=_instant(document["end"]), wire=document["wire"], is_newest=is_newest)

    def _drop(self, deletion: str, value: int, *, counter: str = "dropped") -> None:
        with self._db:
            dropped = self._db.execute(deletion, (value,)).rowcount
            self._db.execute("UPDATE counter SET value = value + ? WHERE name = ?", (dropped, counter))
        self._records -= dropped

    def _forget(self, ids: set[int]) -> None:
        """Have no newest record where that is gone."""
        self._meters |= {key: replace(meter, newest=None) for key, meter in self._meters.items() if meter.newest in ids}

    def _delete(self, ids: Iterable[int]) -> int:
        return self._db.executemany(_DELETE, [(id_,) for id_ in ids]).rowcount

    def _write_back(self) -> None:
        """Bring the journal's content into the file, where there is room for it, and begin the journal anew."""
        with contextlib.suppress(sqlite3.OperationalError):
            self._db.execute("PRAGMA wal_checkpoint(RESTART)")

    def _shrink(self) -> None:
        """Give free room back to the disk; that needs a little room, and can wait where there is none."""
        with contextlib.suppress(sqlite3.OperationalError):
            self._db.execute("VACUUM")
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _meter_frame(meter: _Meter) -> bytes:
    return pack({"twin": meter.twin, "boot": meter.cursor.boot, "seq": meter.cursor.seq})


def _twin(document: Document) -> Twin:
    return Twin(**document | {"metering_started": datetime.fromisoformat(document["metering_started"])})


def _stand_in(document: Document) -> Twin:
    """Return all that is known of a meter whose own row was damaged; the next reading brings the rest."""
    return Twin(key=document["key"], name=document["key"], metering_started=_instant(document["started"]))


def _cursor(document: Document) -> Cursor:
    return Cursor(boot=document["boot"], seq=int(document["seq"]))


def _instant(milliseconds: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=milliseconds)


def _milliseconds(instant: datetime) -> int:
    return (instant - _EPOCH) // timedelta(milliseconds=1)
