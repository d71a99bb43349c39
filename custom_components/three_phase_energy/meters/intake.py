"""The receiving end of the wire: takes the records of one stream of a meter, makes them durable, and only then acknowledges them.

- Events are queued as they come. A record that does not fit is not acknowledged, so it comes again.
- A batch is judged (`sequence.py`), put into the outbox of every context broker, and acknowledged when all of them hold it.
- While the intake still expects a broker's outbox, it takes nothing: the records wait on the meter.
- After 5 s without news it asks the meter again. That also finds a meter that connected anew, or that has used up its send
  window.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from homeassistant.core import callback
from homeassistant.exceptions import HomeAssistantError

from ..const import LOGGER
from ..mirror.outboxes import Outboxes
from ..model.record import RecordError, StreamRecord, UnsupportedVersionError
from ..model.twin import Twin
from ..outbox.errors import OutboxError
from ..outbox.outbox import Outbox
from ..outbox.records import Cursor
from .progress import Progress
from .sequence import TAKEN, Sequence, Verdict
from .source import Arrival, MeterSource
from .stream import AcknowledgedStream

CAPACITY: Final = 64
"""Four times the widest window of a meter, which is 16 records."""
ACKNOWLEDGE_EVERY: Final = 2
"""Half of the narrowest window, which is 4 records on an ESP8266. The wire does not carry the window, and a call is cheap."""
ASK_AFTER_S: Final = 5
"""Half of the time after which a silent meter counts as lost, so that a lost message does not make it so."""


@dataclass(slots=True)
class Counts:
    """Counts of a meter's records since its entry was loaded."""

    taken: int = 0
    duplicates: int = 0
    overlaps: int = 0
    lost: int = 0
    """Numbers that the meter no longer had when it was asked again."""
    malformed: int = 0
    overflowed: int = 0
    """Records that came faster than they could be stored. The meter sends them again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hooks[RecordT: StreamRecord]:
    """A meter's callbacks for its records."""

    twin: Callable[[RecordT], Twin]
    """Describes the meter as it is now, and as it was when it made a record."""
    on_record: Callable[[RecordT, datetime], None]
    """Called with each record that is taken, and the time of its arrival."""
    on_durable: Callable[[Cursor], None]
    """Called with the last record that is durable everywhere."""
    on_version: Callable[[str | None], None]
    """Called with the contract version of a record that is not spoken here, and with None when it is."""
    on_storage: Callable[[str, Exception | None], None]
    """Called with the id of a broker's entry and why its outbox failed, or None when it works."""


class Intake[RecordT: StreamRecord]:
    """Receives the records of one stream of a meter."""

    def __init__(
        self, source: MeterSource, stream: AcknowledgedStream[RecordT], outboxes: Outboxes, hooks: Hooks[RecordT]
    ) -> None:
        """Begin without any memory but what the outboxes hold of the meter."""
        self._source = source
        self._stream = stream
        self._outboxes = outboxes
        self._hooks = hooks
        self._sequence = Sequence()
        self._arrivals: deque[Arrival] = deque()
        self._arrived = asyncio.Event()
        self._asked: Cursor | None = None
        self.progress = Progress(outboxes, stream, source.key)
        self.counts = Counts()

    async def run(self) -> None:
        """Receive until cancelled."""
        stop_listening = self._source.subscribe(self._stream, self._receive)
        try:
            await self._outboxes.async_complete()
            await self._ask()
            while True:
                if await self._news():
                    await self._outboxes.async_complete()
                    await self._take()
                else:
                    await self._ask()
        finally:
            stop_listening()

    @callback
    def _receive(self, arrival: Arrival) -> None:
        if len(self._arrivals) == CAPACITY:
            self.counts.overflowed += 1
            return
        self._arrivals.append(arrival)
        self._arrived.set()

    async def _news(self) -> bool:
        """Wait for a record; return False when none came in time."""
        try:
            async with asyncio.timeout(ASK_AFTER_S):
                await self._arrived.wait()
        except TimeoutError:
            return False
        return True

    async def _take(self) -> None:
        arrivals, self._arrivals = self._arrivals, deque()
        self._arrived.clear()
        records, has_gap = self._judge(arrivals)
        if records:
            if not await self._store(records):
                return
            self.progress.position = Cursor(boot=records[-1].boot, seq=records[-1].seq)
            self._hooks.on_durable(self.progress.position)
        if has_gap:
            await self._ask()
        else:
            await self._acknowledge()

    def _judge(self, arrivals: Iterable[Arrival]) -> tuple[list[RecordT], bool]:
        """Return what is to be taken, and whether something is missing before the rest."""
        taken: list[RecordT] = []
        last: dict[str, int | None] = {}
        for arrival in arrivals:
            if (record := self._decode(arrival)) is None:
                continue
            if record.boot not in last:
                last[record.boot] = self.progress.last_number(record.boot)
            verdict = self._sequence.judge(record, last[record.boot])
            self._count(verdict, record, last[record.boot])
            if verdict is Verdict.GAP:
                return taken, True
            if verdict in TAKEN:
                last[record.boot] = record.seq
                taken.append(record)
                self._hooks.on_record(record, arrival.at)
        return taken, False

    def _decode(self, arrival: Arrival) -> RecordT | None:
        try:
            record = self._stream.decode(_text_only(arrival.wire), arrival.at)
        except UnsupportedVersionError as error:
            self._hooks.on_version(error.version)
            return None
        except (RecordError, OverflowError) as error:
            if not self.counts.malformed:
                LOGGER.warning("Meter %s sent a malformed record: %s", self._source.name, error)
            self.counts.malformed += 1
            return None
        self._hooks.on_version(None)
        return record

    def _count(self, verdict: Verdict, record: RecordT, last: int | None) -> None:
        match verdict:
            case Verdict.DUPLICATE:
                self.counts.duplicates += 1
            case Verdict.OVERLAP:
                self.counts.overlaps += 1
            case Verdict.AFTER_LOSS if last is not None:
                self.counts.lost += record.first - last - 1
                LOGGER.warning(
                    "Meter %s no longer has the records %s to %s of its boot %s",
                    self._source.name,
                    last + 1,
                    record.first - 1,
                    record.boot,
                )
        if verdict in TAKEN:
            self.counts.taken += 1

    async def _store(self, records: list[RecordT]) -> bool:
        """Put records into every outbox; return whether all of them hold all of it."""
        twin = self._hooks.twin(records[-1])
        present = self._outboxes.present.items()
        return all(await asyncio.gather(*(self._put(entry_id, outbox, twin, records) for entry_id, outbox in present)))

    async def _put(self, entry_id: str, outbox: Outbox, twin: Twin, records: list[RecordT]) -> bool:
        """Put records into one outbox, which leaves out what it has already."""
        try:
            await outbox.put(twin, records, stream=self._stream.stored_as)
        except OutboxError as error:
            self.progress.owe(entry_id, records[0])
            if entry_id in self._outboxes.present:
                self._hooks.on_storage(entry_id, error)
            return False
        self.progress.settle(entry_id)
        self._hooks.on_storage(entry_id, None)
        return True

    async def _acknowledge(self) -> None:
        point, asked = self.progress.resume_point(), self._asked
        if asked is None or point.boot != asked.boot or point.seq >= asked.seq + ACKNOWLEDGE_EVERY:
            await self._call(point)

    async def _ask(self) -> None:
        """Ask for everything after the durable records, even if the meter sent it already.

        A call that acknowledges progress goes on after what was sent; only its repetition makes the meter send that again.
        """
        point = self.progress.resume_point()
        if self._asked not in (None, point):
            await self._call(point)
        await self._call(point)

    async def _call(self, point: Cursor) -> None:
        try:
            await self._source.async_acknowledge(self._stream, point)
        except HomeAssistantError as error:
            LOGGER.debug("Meter %s cannot be asked now: %s", self._source.name, error)
            return
        self._asked = point


def _text_only(wire: Mapping[str, Any]) -> Mapping[str, str]:
    if not all(isinstance(value, str) for value in wire.values()):
        raise RecordError("values are not all text")
    return wire
