"""The content of an outbox, as the rest of the integration sees it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from ..model.record import StreamRecord
from ..model.twin import Twin

READINGS: Final = "readings"
"""The stream of a meter's readings. Its name stands on users' disks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxLimits:
    """How much an outbox keeps.

    A reading takes about 700 bytes, so 400 MB are a week of one meter with a reading a second. A broker may fail on the first
    day of its owner's holidays and be repaired after them. There is no limit of age, as energy that was measured does not lose
    its worth.
    """

    max_bytes: int = 400_000_000
    max_age: timedelta | None = None
    max_dead: int = 1000
    """Refused records that are kept for inspection; the oldest go first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxStats:
    """Numbers of records in an outbox, and of lost ones."""

    waiting: int
    oldest: datetime | None
    """End of the oldest waiting record."""
    bytes: int
    """Size of the file without its free room."""
    dropped: int
    """Records given up because the outbox or the disk was full, or because they were too old."""
    damaged: int
    """Records given up because the disk gave back something else than was written."""
    dead: int
    """Records that the broker refused for their content, and which are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """The newest durable record of a stream of a meter."""

    boot: str
    seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Put:
    """Records of one stream of a meter that are to be stored together."""

    twin: Twin
    stream: str
    records: tuple[tuple[datetime, StreamRecord], ...]
    """Each with its date."""

    @property
    def name(self) -> tuple[str, str]:
        """The key of the meter, and the stream."""
        return self.twin.key, self.stream


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A stored record, as it came on the wire, with its date and its meter as that is known today."""

    id: int
    twin: Twin
    stream: str
    end: datetime
    wire: dict[str, str]
    is_newest: bool
    """Whether nothing newer of its meter and stream is stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Records of a stream to deliver together."""

    backlog: tuple[Record, ...]
    """The oldest waiting records, in order."""
    live: tuple[Record, ...]
    """The newest record of each meter that still waits."""
    restore: tuple[Record, ...]
    """The newest record of each meter of the backlog, if it has been delivered already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A record that cannot be delivered, and why."""

    record: Record
    status: int
    """HTTP status; 0 for a record that could not be made an entity."""
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A refused record as it is kept."""

    key: str
    stream: str
    end: datetime
    refused_at: datetime
    status: int
    reason: str
    wire: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Salvage:
    """Result of the salvage of a damaged outbox file."""

    reason: str
    set_aside: Path
    """The damaged file under its new name."""
    recovered: int
    """Records that were found whole in it and wait in the new file."""
