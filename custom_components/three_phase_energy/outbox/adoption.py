"""Takes over the frames of a damaged file, in any order and with duplicates."""

from collections.abc import Iterable, Sequence
from functools import partial
from itertools import batched
import sqlite3

from .documents import cursor_of, is_record, position_frame, stand_in, stream_of
from .frame import Document
from .positions import Name
from .room import Room

type Found = tuple[bytes, Document]
"""A frame and its content."""

_TOGETHER = 500
_RECORD = "INSERT OR IGNORE INTO record (id, end, frame, stream) VALUES (?, ?, ?, ?)"
_POSITION = "INSERT OR REPLACE INTO position VALUES (?, ?, NULL, NULL, ?)"
_MISSING_POSITION = "INSERT OR IGNORE INTO position VALUES (?, ?, NULL, NULL, ?)"
_NEWEST = "UPDATE position SET newest = ? WHERE key = ? AND stream = ?"


def adopt(database: sqlite3.Connection, room: Room, frames: Iterable[Found]) -> None:
    """Store what was found in a new file; each stream's newest record is found anew."""
    newest: dict[Name, Document] = {}
    for chunk in batched(frames, _TOGETHER, strict=False):
        room.make_for(partial(_store, database, chunk), len(chunk))
        for _, document in chunk:
            if is_record(document) and document["id"] > newest.get(_name(document), {"id": 0})["id"]:
                newest[_name(document)] = document
    with database:
        for name, record in newest.items():
            frame = position_frame(stand_in(record), stream_of(record), cursor_of(record["wire"]))
            database.execute(_MISSING_POSITION, (*name, frame))
            database.execute(_NEWEST, (record["id"], *name))


def _store(database: sqlite3.Connection, chunk: Sequence[Found]) -> None:
    records = [(said["id"], said["end"], frame, said.get("stream")) for frame, said in chunk if is_record(said)]
    positions = [(said["twin"]["key"], stream_of(said), frame) for frame, said in chunk if "twin" in said]
    with database:
        database.executemany(_RECORD, records)
        database.executemany(_POSITION, positions)


def _name(record: Document) -> Name:
    return record["key"], stream_of(record)
