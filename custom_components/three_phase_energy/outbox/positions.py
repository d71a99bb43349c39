"""How far each stream of each meter is stored, and whether its newest record is delivered."""

from dataclasses import dataclass
import sqlite3

from ..model.record import StreamRecord
from ..model.twin import Twin
from .database import DamagedError
from .documents import cursor_of, position_frame, stream_of, twin_of
from .frame import unpack
from .records import Cursor

type Name = tuple[str, str]
"""The key of a meter, and a stream."""

# A newest record that is gone, dropped or damaged, is none.
_SELECT = "SELECT (SELECT id FROM record WHERE id = newest), sent, frame FROM position"
_WRITE = "INSERT OR REPLACE INTO position VALUES (?, ?, ?, ?, ?)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where a stream of a meter stands."""

    twin: Twin
    stream: str
    cursor: Cursor
    newest: int | None
    """Its newest record."""
    sent: int | None = None
    """Equal to `newest` once that is delivered. Not a flag: one flipped bit must not look like a delivery."""

    @property
    def name(self) -> Name:
        """Whose position it is."""
        return self.twin.key, self.stream

    @property
    def waiting(self) -> int | None:
        """The newest record, while it waits."""
        return None if self.newest == self.sent else self.newest

    @property
    def delivered(self) -> int | None:
        """The newest record, once it is delivered."""
        return self.newest if self.newest == self.sent else None

    def has(self, record: StreamRecord) -> bool:
        """Return whether a record has been stored before."""
        return self.cursor.boot == record.boot and record.seq <= self.cursor.seq


def load_positions(database: sqlite3.Connection) -> dict[Name, Position]:
    """Return every position of a file."""
    positions = (_position(*row) for row in database.execute(_SELECT))
    return {position.name: position for position in positions}


def write_position(database: sqlite3.Connection, position: Position) -> None:
    """Write a position, or write it anew."""
    frame = position_frame(position.twin, position.stream, position.cursor)
    database.execute(_WRITE, (*position.name, position.newest, position.sent, frame))


def _position(newest: int | None, sent: int | None, frame: object) -> Position:
    if not (document := unpack(frame)):
        raise DamagedError("a meter cannot be read")
    return Position(twin=twin_of(document), stream=stream_of(document), cursor=cursor_of(document), newest=newest, sent=sent)
