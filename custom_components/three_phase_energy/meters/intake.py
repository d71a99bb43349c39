"""The receiving end of the wire: takes a meter's records, makes them durable, and only then acknowledges them.

- Events are queued as they come. What does not fit into the queue is not acknowledged, so it comes again.
- A batch is judged (`sequence.py`), put into the outbox of every context broker, and acknowledged when all of them hold it.
- While a broker's outbox is expected and not yet here, nothing is taken: the records wait on the meter.
- After 5 s without news the meter is asked again. That also finds a meter which connected anew, or which has
  sent all that its window allows.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError

from ..const import EVENT_READING, LOGGER
from ..mirror.outboxes import Outboxes
from ..model.reading import Reading, ReadingError, UnsupportedVersionError, decode
from ..model.twin import Twin
from ..outbox.errors import OutboxError
from ..outbox.outbox import Outbox
from ..outbox.records import Cursor
from .esphome_device import EsphomeDevice, async_read_readings
from .sequence import TAKEN, Sequence, Verdict

CAPACITY: Final = 64
"""Four times the widest window of a meter, which is 16 records."""
ACKNOWLEDGE_EVERY: Final = 2
"""Half of the narrowest window, which is 4 records on an ESP8266. The wire does not carry the window, and a call is cheap."""
ASK_AFTER_S: Final = 5
"""Half of the time after which a silent meter counts as lost, so that a lost message does not make it so."""
AGE_DIGITS: Final = 12
"""Of milliseconds: 31 years."""
EVERYTHING: Final = Cursor(boot="", seq=0)
"""The position of who has nothing: a meter then begins with its oldest record."""
EPOCH: Final = datetime.fromtimestamp(0, UTC)


@dataclass(slots=True)
class Counts:
    """What happened to the records of a meter since its entry was loaded."""

    taken: int = 0
    duplicates: int = 0
    overlaps: int = 0
    lost: int = 0
    """Numbers that the meter no longer had when it was asked again."""
    malformed: int = 0
    overflowed: int = 0
    """Records that came faster than they could be stored. The meter sends them again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hooks:
    """What a meter wants to know of its records."""

    twin: Callable[[Reading], Twin]
    """Describes the meter as it is now, and as it was when it made a reading."""
    on_reading: Callable[[Reading, datetime], None]
    """Called with each record that is taken, and the time of its arrival."""
    on_durable: Callable[[Cursor], None]
    """Called with the last record that is durable everywhere."""
    on_version: Callable[[str | None], None]
    """Called with the contract version of a record that is not spoken here, and with None when it is."""
    on_storage: Callable[[str, Exception | None], None]
    """Called with the id of a broker's entry and why its outbox failed, or None when it works."""


class Intake:
    """Receives the records of one meter."""

    def __init__(
        self, hass: HomeAssistant, device: EsphomeDevice, outboxes: Outboxes, *, meter: str, key: str, hooks: Hooks
    ) -> None:
        """Begin without any memory but what the outboxes hold of the meter with a key."""
        self._hass = hass
        self._device = device
        self._outboxes = outboxes
        self._meter = meter
        self._key = key
        self._hooks = hooks
        self._sequence = Sequence()
        self._arrivals: deque[Event[Mapping[str, Any]]] = deque()
        self._arrived = asyncio.Event()
        self._asked: Cursor | None = None
        self._owed: dict[str, Cursor] = {}
        """Where an outbox that never saw the meter begins, while it could not store its first readings."""
        self.remembered = EVERYTHING
        """Where the run before this one ended, when no outbox knows better. It may lag behind what was acknowledged, so
        what is missing after it does not count as lost."""
        self.position: Cursor | None = None
        """The last record of this run that is durable everywhere."""
        self.counts = Counts()

    async def run(self) -> None:
        """Receive until cancelled."""
        stop_listening = self._hass.bus.async_listen(EVENT_READING, self._receive, event_filter=self._is_ours)
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
    def _is_ours(self, data: Mapping[str, Any]) -> bool:
        return data.get("device_id") == self._device.id and data.get("meter") == self._meter

    @callback
    def _receive(self, event: Event[Mapping[str, Any]]) -> None:
        if len(self._arrivals) == CAPACITY:
            self.counts.overflowed += 1
            return
        self._arrivals.append(event)
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
        readings, has_gap = self._judge(arrivals)
        if readings:
            if not await self._store(readings):
                return
            self.position = Cursor(boot=readings[-1].boot, seq=readings[-1].seq)
            self._hooks.on_durable(self.position)
        if has_gap:
            await self._ask()
        else:
            await self._acknowledge()

    def _judge(self, arrivals: Iterable[Event[Mapping[str, Any]]]) -> tuple[list[Reading], bool]:
        """Return what is to be taken, and whether something is missing before the rest."""
        taken: list[Reading] = []
        last: dict[str, int | None] = {}
        for event in arrivals:
            if (reading := self._decode(event)) is None:
                continue
            if reading.boot not in last:
                last[reading.boot] = self._last_number(reading.boot)
            verdict = self._sequence.judge(reading, last[reading.boot])
            self._count(verdict, reading, last[reading.boot])
            if verdict is Verdict.GAP:
                return taken, True
            if verdict in TAKEN:
                last[reading.boot] = reading.seq
                taken.append(reading)
                self._hooks.on_reading(reading, event.time_fired)
        return taken, False

    def _decode(self, event: Event[Mapping[str, Any]]) -> Reading | None:
        try:
            reading = _dated(decode(_text_only(event.data)), event.time_fired)
        except UnsupportedVersionError as error:
            self._hooks.on_version(error.version)
            return None
        except (ReadingError, OverflowError) as error:
            if not self.counts.malformed:
                LOGGER.warning("Meter %s on %s sent a malformed record: %s", self._meter, self._device.name, error)
            self.counts.malformed += 1
            return None
        self._hooks.on_version(None)
        return reading

    def _count(self, verdict: Verdict, reading: Reading, last: int | None) -> None:
        match verdict:
            case Verdict.DUPLICATE:
                self.counts.duplicates += 1
            case Verdict.OVERLAP:
                self.counts.overlaps += 1
            case Verdict.AFTER_LOSS if last is not None:
                self.counts.lost += reading.first - last - 1
                LOGGER.warning(
                    "Meter %s on %s no longer has the records %s to %s of its boot %s",
                    self._meter,
                    self._device.name,
                    last + 1,
                    reading.first - 1,
                    reading.boot,
                )
        if verdict in TAKEN:
            self.counts.taken += 1

    async def _store(self, readings: list[Reading]) -> bool:
        """Put readings into every outbox; return whether all of them hold all of it."""
        twin = self._hooks.twin(readings[-1])
        present = self._outboxes.present.items()
        return all(await asyncio.gather(*(self._put(entry_id, outbox, twin, readings) for entry_id, outbox in present)))

    async def _put(self, entry_id: str, outbox: Outbox, twin: Twin, readings: list[Reading]) -> bool:
        """Put readings into one outbox, which leaves out what it has already."""
        try:
            await outbox.put(twin, readings)
        except OutboxError as error:
            self._owed.setdefault(entry_id, Cursor(boot=readings[0].boot, seq=readings[0].first - 1))
            if entry_id in self._outboxes.present:
                self._hooks.on_storage(entry_id, error)
            return False
        self._owed.pop(entry_id, None)
        self._hooks.on_storage(entry_id, None)
        return True

    def _cursors(self) -> list[Cursor]:
        """Return how far this run and every outbox came. An outbox that never saw the meter starts with what comes next."""
        present = self._outboxes.present.items()
        cursors = (self.position, *(outbox.cursor(self._key) or self._owed.get(entry_id) for entry_id, outbox in present))
        return [cursor for cursor in cursors if cursor is not None]

    def _last_number(self, boot: str) -> int | None:
        """Return the last number of a boot that is durable everywhere, None without any memory."""
        return min((cursor.seq if cursor.boot == boot else 0 for cursor in self._cursors()), default=None)

    def _resume_point(self) -> Cursor:
        """Return what to acknowledge: nothing when the outboxes remember different boots, as their order is unknown."""
        cursors = self._cursors() or [self.remembered]
        if len({cursor.boot for cursor in cursors}) > 1:
            return EVERYTHING
        return min(cursors, key=lambda cursor: cursor.seq)

    async def _acknowledge(self) -> None:
        point, asked = self._resume_point(), self._asked
        if asked is None or point.boot != asked.boot or point.seq >= asked.seq + ACKNOWLEDGE_EVERY:
            await self._call(point)

    async def _ask(self) -> None:
        """Ask for everything after what is durable, and again for what was sent already.

        A call that acknowledges progress goes on after what was sent; only its repetition makes the meter send that again.
        """
        point = self._resume_point()
        if self._asked not in (None, point):
            await self._call(point)
        await self._call(point)

    async def _call(self, point: Cursor) -> None:
        try:
            await async_read_readings(self._hass, self._device, meter=self._meter, boot=point.boot, after=point.seq)
        except HomeAssistantError as error:
            LOGGER.debug("Meter %s on %s cannot be asked now: %s", self._meter, self._device.name, error)
            return
        self._asked = point


def _text_only(data: Mapping[str, Any]) -> dict[str, str]:
    """Return a record without the id of its device, which Home Assistant adds.

    Anybody may fire an event, so its values are not text for certain.
    """
    wire = {key: value for key, value in data.items() if key != "device_id"}
    if not all(isinstance(value, str) for value in wire.values()):
        raise ReadingError("values are not all text")
    return wire


def _dated(reading: Reading, arrived: datetime) -> Reading:
    """Return a reading with the end of its span: a meter whose clock was never set tells the age of its records."""
    if reading.end is not None:
        return reading
    age_ms = reading.wire.get("age", "")
    if not (age_ms.isascii() and age_ms.isdecimal() and len(age_ms) <= AGE_DIGITS):
        raise ReadingError(f"a record without a time has the age {age_ms!r}")
    end_ms = round(arrived.timestamp() * 1000) - int(age_ms)
    end = EPOCH + timedelta(milliseconds=end_ms)
    return replace(reading, end=end, wire=MappingProxyType({**reading.wire, "t": str(end_ms)}))
