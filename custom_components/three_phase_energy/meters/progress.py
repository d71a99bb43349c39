"""The durable part of a meter's stream: it decides what the intake acknowledges, and which numbers are missing."""

from typing import Any

from ..mirror.outboxes import Outboxes
from ..model.record import StreamRecord
from ..outbox.records import Cursor
from .stream import EVERYTHING, AcknowledgedStream


class Progress:
    """The position of one stream in this run and in every outbox."""

    def __init__(self, outboxes: Outboxes, stream: AcknowledgedStream[Any], key: str) -> None:
        """Begin without any memory but what the outboxes hold of the meter with a key."""
        self._outboxes = outboxes
        self._stream = stream
        self._key = key
        self._owed: dict[str, Cursor] = {}
        """Where an outbox that never saw the meter begins, while it could not store its first records."""
        self.remembered = EVERYTHING
        """Last record of the run before this one, if no outbox knows better. It may lag behind the acknowledged records, so
        records missing after it do not count as lost."""
        self.position: Cursor | None = None
        """The last record of this run that is durable everywhere."""

    def owe(self, entry_id: str, first: StreamRecord) -> None:
        """Note that an outbox could not store records, of which this was the first."""
        self._owed.setdefault(entry_id, Cursor(boot=first.boot, seq=first.first - 1))

    def settle(self, entry_id: str) -> None:
        """Note that an outbox could store records."""
        self._owed.pop(entry_id, None)

    def last_number(self, boot: str) -> int | None:
        """Return the last number of a boot that is durable everywhere, None without any memory."""
        return min((cursor.seq if cursor.boot == boot else 0 for cursor in self._cursors()), default=None)

    def resume_point(self) -> Cursor:
        """Return what to acknowledge: nothing when the outboxes remember different boots, as their order is unknown."""
        cursors = self._cursors() or [self.remembered]
        if len({cursor.boot for cursor in cursors}) > 1:
            return EVERYTHING
        return min(cursors, key=lambda cursor: cursor.seq)

    def _cursors(self) -> list[Cursor]:
        """Return how far this run and every outbox came. An outbox that never saw the meter starts with the next record."""
        stored = (
            outbox.cursor(self._key, self._stream.stored_as) or self._owed.get(entry_id)
            for entry_id, outbox in self._outboxes.present.items()
        )
        return [cursor for cursor in (self.position, *stored) if cursor is not None]
