"""The waiting records of a broker, its dead letters, and the position of each stream; used by one thread.

- Records are numbered in the order of their arrival, over all streams, and no number is used twice.
- A record whose `seq` is not above the cursor of its stream and boot has been stored before; it is left out.
- The newest record of each stream stays after its delivery until a newer one comes. A backlog that is delivered after it, even
  after a restart, has to be followed by it, or the broker would show an old state.
- When the file or the disk is full, the oldest waiting records of all streams go, and are counted.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from ..model.record import StreamRecord
from .adoption import Found, adopt
from .database import PAGE, closing_damaged, connect, number
from .documents import instant, milliseconds, record_frame, stand_in, stream_column, stream_of
from .frame import Document, unpack
from .positions import Name, Position, load_positions, write_position
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
from .room import Room

_BACKLOG_OF_READINGS = """
    SELECT id, frame FROM record
    WHERE stream IS NULL AND id NOT IN (SELECT newest FROM position WHERE newest IS NOT NULL) ORDER BY id LIMIT ?
"""
_BACKLOG_OF_STREAM = """
    SELECT id, frame FROM record
    WHERE stream = ? AND id NOT IN (SELECT newest FROM position WHERE newest IS NOT NULL) ORDER BY id LIMIT ?
"""
_DROP_OLDEST = """
    DELETE FROM record WHERE id IN (
        SELECT id FROM record WHERE id NOT IN (SELECT newest FROM position WHERE newest IS NOT NULL) ORDER BY id LIMIT ?
    )
"""
_DROP_OLDER = "DELETE FROM record WHERE end < ? AND id NOT IN (SELECT newest FROM position WHERE newest IS NOT NULL)"
_STORE = "INSERT INTO record (id, end, frame, stream) VALUES (?, ?, ?, ?)"
_DELETE = "DELETE FROM record WHERE id = ?"
_MARK_SENT = "UPDATE position SET sent = newest WHERE key = ? AND stream = ?"
_BURY = "INSERT INTO dead SELECT id, ?, ?, ?, frame FROM record WHERE id = ?"
_FORGET_DEAD = "DELETE FROM dead WHERE id NOT IN (SELECT id FROM dead ORDER BY refused_at DESC, id DESC LIMIT ?)"
_DEAD = "SELECT refused_at, status, reason, frame FROM dead ORDER BY refused_at DESC, id DESC"
_NEXT_ID = """
    SELECT coalesce(max(id), 0) + 1
    FROM (SELECT id FROM record UNION ALL SELECT id FROM dead UNION ALL SELECT newest FROM position)
"""


class Store:
    """An open outbox file.

    Raises:
        DamagedError, OutboxVersionError, sqlite3.Error: see `database.connect`.
    """

    def __init__(self, path: Path, limits: OutboxLimits) -> None:
        """Open the file; make it if it is missing."""
        self._limits = limits
        self._db = connect(path)
        self._room = Room(self._db, path.parent, limits.max_bytes, partial(self._drop, _DROP_OLDEST))
        with closing_damaged(self._db):
            self._load()

    def close(self) -> None:
        """Close the file; the waiting records stay in it."""
        self._db.close()

    @property
    def cursors(self) -> dict[Name, Cursor]:
        """The newest stored record of each meter and stream."""
        return {name: position.cursor for name, position in self._positions.items()}

    @property
    def stats(self) -> OutboxStats:
        """The present content of the file."""
        delivered = {position.delivered for position in self._positions.values() if position.delivered}
        counters = dict(self._db.execute("SELECT name, value FROM counter"))
        return OutboxStats(
            waiting=self._records - len(delivered),
            oldest=self._oldest(delivered),
            bytes=(number(self._db, "PRAGMA page_count") - number(self._db, "PRAGMA freelist_count")) * PAGE,
            dropped=counters.get("dropped", 0),
            damaged=counters.get("damaged", 0),
            dead=self._dead,
        )

    def insert(self, puts: Sequence[Put]) -> None:
        """Store records in one transaction; if there is no room for them, the oldest waiting records go."""
        self._room.make_for(partial(self._insert, puts), sum(len(put.records) for put in puts))
        if self._limits.max_age:
            self._drop(_DROP_OLDER, milliseconds(datetime.now(UTC) - self._limits.max_age))

    def take(self, limit: int, stream: str) -> Batch:
        """Return what to deliver next, not more than `limit` records (two, if one needs another to be restored)."""
        live = self._live(limit, stream)
        room = limit - len(live) if live else max(limit, 2)
        backlog: list[Record] = []
        restore: dict[str, Record] = {}
        fresh = {record.twin.key for record in live}
        for record in self._backlog(room, stream):
            key = record.twin.key
            newest = None if key in fresh or key in restore else self._delivered((key, stream))
            if len(backlog) + len(restore) + (2 if newest else 1) > room:
                break
            backlog.append(record)
            if newest:
                restore[key] = newest
        return Batch(backlog=tuple(backlog), live=live, restore=tuple(restore.values()))

    def remove(self, ids: Iterable[int]) -> None:
        """Let go what the broker has; the newest record of a stream is only marked."""
        gone = set(ids)
        sent = {name: replace(old, sent=old.newest) for name, old in self._positions.items() if old.newest in gone}
        with self._db:
            self._db.executemany(_MARK_SENT, sent)
            removed = self._delete(gone - {position.newest for position in sent.values()})
        self._records -= removed
        self._positions |= sent
        if self._records <= len(self._positions):
            self._room.give_back()

    def bury(self, refusals: Sequence[Refusal]) -> None:
        """Move refused records to the dead letters, of which the latest are kept."""
        now = milliseconds(datetime.now(UTC))
        with self._db:
            self._db.executemany(_BURY, [(now, refusal.status, refusal.reason, refusal.record.id) for refusal in refusals])
            removed = self._delete(refusal.record.id for refusal in refusals)
            self._db.execute(_FORGET_DEAD, (self._limits.max_dead,))
        self._records -= removed
        self._dead = number(self._db, "SELECT count(*) FROM dead")
        self._forget({refusal.record.id for refusal in refusals})

    def dead_letters(self) -> list[DeadLetter]:
        """Return the refused records, the latest first."""
        return [_dead_letter(document, *why) for *why, frame in self._db.execute(_DEAD) if (document := unpack(frame))]

    def adopt(self, frames: Iterable[Found]) -> int:
        """Take over what was found in a damaged file; return how many records wait."""
        adopt(self._db, self._room, frames)
        self._load()
        return self._records

    def _load(self) -> None:
        self._positions = load_positions(self._db)
        self._records = number(self._db, "SELECT count(*) FROM record")
        self._dead = number(self._db, "SELECT count(*) FROM dead")
        self._next_id = number(self._db, _NEXT_ID)

    def _insert(self, puts: Sequence[Put]) -> None:
        positions, next_id, superseded = dict(self._positions), self._next_id, list[int]()
        with self._db:
            for put in puts:
                for end, record in put.records:
                    before = positions.get(put.name)
                    if before and before.has(record):
                        continue
                    self._store(next_id, put, end, record)
                    superseded += [before.delivered] if before and before.delivered else []
                    cursor = Cursor(boot=record.boot, seq=record.seq)
                    positions[put.name] = Position(twin=put.twin, stream=put.stream, cursor=cursor, newest=next_id)
                    next_id += 1
                positions |= _renamed(positions, put)
            for name, position in positions.items():
                if position != self._positions.get(name):
                    write_position(self._db, position)
            removed = self._delete(superseded)
        self._records += next_id - self._next_id - removed
        self._positions, self._next_id = positions, next_id

    def _store(self, id_: int, put: Put, end: datetime, record: StreamRecord) -> None:
        frame = record_frame(id_, put.twin, put.stream, end, record.wire)
        self._db.execute(_STORE, (id_, milliseconds(end), frame, stream_column(put.stream)))

    def _live(self, limit: int, stream: str) -> tuple[Record, ...]:
        """Return the newest records of a stream that wait, the oldest of them first."""
        of_stream = (position for position in self._positions.values() if position.stream == stream)
        waiting = sorted(position.waiting for position in of_stream if position.waiting)
        return tuple(record for id_ in waiting[:limit] if (record := self._record(id_)))

    def _backlog(self, limit: int, stream: str) -> Iterator[Record]:
        """Yield the oldest records of a stream that are not the newest of their meter."""
        column = stream_column(stream)
        query, values = (_BACKLOG_OF_STREAM, (column, limit)) if column else (_BACKLOG_OF_READINGS, (limit,))
        for id_, frame in self._db.execute(query, values).fetchall():
            if record := self._read(id_, frame):
                yield record

    def _delivered(self, name: Name) -> Record | None:
        position = self._positions.get(name)
        return self._record(position.delivered) if position and position.delivered else None

    def _oldest(self, delivered: set[int]) -> datetime | None:
        """Return the end of the oldest record that is not one of those delivered."""
        rows = self._db.execute("SELECT id, frame FROM record ORDER BY id LIMIT ?", (len(delivered) + 1,)).fetchall()
        oldest = next((unpack(frame) for id_, frame in rows if id_ not in delivered), None)
        return instant(oldest["end"]) if oldest else None

    def _record(self, id_: int) -> Record | None:
        row = self._db.execute("SELECT frame FROM record WHERE id = ?", (id_,)).fetchone()
        return self._read(id_, row[0]) if row else None

    def _read(self, id_: int, frame: object) -> Record | None:
        """Return a record; one that is damaged goes, and is counted."""
        if not (document := unpack(frame)):
            self._drop(_DELETE, id_, counter="damaged")
            self._forget({id_})
            return None
        stream = stream_of(document)
        position = self._positions.get((document["key"], stream))
        # A meter may be renamed while its records wait; when the counters of a reading began stays as it was.
        twin = replace(position.twin if position else stand_in(document), metering_started=instant(document["started"]))
        is_newest = position is not None and position.newest == id_
        return Record(id=id_, twin=twin, stream=stream, end=instant(document["end"]), wire=document["wire"], is_newest=is_newest)

    def _drop(self, deletion: str, value: int, *, counter: str = "dropped") -> None:
        with self._db:
            dropped = self._db.execute(deletion, (value,)).rowcount
            self._db.execute("UPDATE counter SET value = value + ? WHERE name = ?", (dropped, counter))
        self._records -= dropped

    def _forget(self, ids: set[int]) -> None:
        """Have no newest record if it is gone."""
        self._positions |= {name: replace(old, newest=None) for name, old in self._positions.items() if old.newest in ids}

    def _delete(self, ids: Iterable[int]) -> int:
        return self._db.executemany(_DELETE, [(id_,) for id_ in ids]).rowcount


def _renamed(positions: dict[Name, Position], put: Put) -> dict[Name, Position]:
    """Return the positions of a meter with its present state, from whichever of its streams."""
    return {name: replace(old, twin=put.twin) for name, old in positions.items() if old.twin.key == put.twin.key}


def _dead_letter(document: Document, refused_at: int, status: int, reason: str) -> DeadLetter:
    return DeadLetter(
        key=document["key"],
        stream=stream_of(document),
        end=instant(document["end"]),
        refused_at=instant(refused_at),
        status=status,
        reason=reason,
        wire=document["wire"],
    )
