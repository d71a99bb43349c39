"""The content of an outbox's frames: records, and the position of a stream.

Each frame is enough by itself, so that a damaged file can be put together again from those that are left. Readings do not name
their stream, as in version 1, when there was no other: with the name, five instead of six would fit a page.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from ..model.twin import Twin
from .frame import Document, pack
from .records import READINGS, Cursor

_EPOCH = datetime.fromtimestamp(0, UTC)


def record_frame(id_: int, twin: Twin, stream: str, end: datetime, wire: Mapping[str, str]) -> bytes:
    """Return a record as it is stored."""
    started = milliseconds(twin.metering_started)
    document = {"id": id_, "key": twin.key, "started": started, "end": milliseconds(end), "wire": dict(wire)}
    return pack(document if stream == READINGS else document | {"stream": stream})


def position_frame(twin: Twin, stream: str, cursor: Cursor) -> bytes:
    """Return how far a stream of a meter is stored, and the meter as it is known today."""
    return pack({"twin": twin, "stream": stream, "boot": cursor.boot, "seq": cursor.seq})


def is_record(document: Document) -> bool:
    """Return whether a document is a record, and not a position."""
    return "wire" in document


def stream_column(stream: str) -> str | None:
    """Return a stream as a record's row names it."""
    return None if stream == READINGS else stream


def stream_of(document: Document) -> str:
    """Return the stream of a record or a position."""
    stream: str = document.get("stream", READINGS)
    return stream


def twin_of(position: Document) -> Twin:
    """Return the meter of a position."""
    twin = position["twin"]
    return Twin(**twin | {"metering_started": datetime.fromisoformat(twin["metering_started"])})


def stand_in(record: Document) -> Twin:
    """Return all that is known of a meter whose own position was damaged; its next record brings the rest."""
    return Twin(key=record["key"], name=record["key"], metering_started=instant(record["started"]))


def cursor_of(numbered: Document) -> Cursor:
    """Return the cursor of a position or of the wire of a record."""
    return Cursor(boot=numbered["boot"], seq=int(numbered["seq"]))


def instant(milliseconds: int) -> datetime:
    """Return a stored date."""
    return _EPOCH + timedelta(milliseconds=milliseconds)


def milliseconds(instant: datetime) -> int:
    """Return a date as it is stored."""
    return (instant - _EPOCH) // timedelta(milliseconds=1)
