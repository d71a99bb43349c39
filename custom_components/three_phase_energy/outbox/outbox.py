"""The outbox of a broker: a meter's records are on disk when `put` returns, and wait there for delivery.

SQLite works in one thread of its own. Puts that arrive while a commit is under way are committed together by the next one. So a
lone put is committed at once, and many share the price of a flush.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Self

from ..model.record import StreamRecord
from ..model.twin import Twin
from .database import FAULTS, is_damage
from .errors import OutboxError
from .records import (
    READINGS,
    Batch,
    Cursor,
    DeadLetter,
    OutboxLimits,
    OutboxStats,
    Put,
    Refusal,
    Salvage,
)
from .salvage import open_store, salvage
from .store import Store

__all__ = ["Cursor", "Outbox", "OutboxLimits", "OutboxStats", "Salvage"]

_DEFAULT_LIMITS = OutboxLimits()


@dataclass(slots=True)
class _Group:
    """Puts that are committed together."""

    puts: list[Put] = field(default_factory=list)
    commit: asyncio.Future[None] | None = None


class Outbox:
    """Records on their way to one broker.

    Methods raise `OutboxError` when the disk does not do what is asked. A new file with the readable records replaces a damaged
    one; `salvage` then reports it.
    """

    def __init__(self, path: Path, limits: OutboxLimits) -> None:
        """Prepare an outbox; use `open`."""
        self._path = path
        self._limits = limits
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="three_phase_energy_outbox")
        self._store: Store
        self._group = _Group()
        self._turn = asyncio.Lock()
        self.arrived = asyncio.Event()
        """Set when something was put."""
        self.stats: OutboxStats
        self.salvage: Salvage | None = None
        """Result of the salvage of a damaged file, since the outbox was opened."""
        self._cursors: dict[tuple[str, str], Cursor] = {}
        self._is_closed = False

    @classmethod
    async def open(cls, path: Path, limits: OutboxLimits = _DEFAULT_LIMITS) -> Self:
        """Open the outbox in a file; make it if it is missing, and replace it if it is damaged.

        Raises:
            OutboxVersionError: a newer version of the integration wrote the file; it is left untouched.
            OutboxError: the file cannot be used now.
        """
        outbox = cls(path, limits)
        try:
            await outbox._in_thread(outbox._open)
        except BaseException:
            outbox._thread.shutdown(wait=False)
            raise
        return outbox

    async def put(self, twin: Twin, records: Sequence[StreamRecord], *, stream: str = READINGS) -> None:
        """Store dated records of a meter, oldest first; they are durable on return. Known ones are left out.

        Raises:
            OutboxError: nothing of this call is sure to be stored; it must not be acknowledged.
            ValueError: a record has no date.
        """
        group = self._group
        group.puts.append(Put(twin=twin, stream=stream, records=tuple(_dated(record) for record in records)))
        async with self._turn:
            if group.commit is None:
                self._group = _Group()
                group.commit = asyncio.ensure_future(self._do(lambda store: store.insert(group.puts)))
            # The commit goes on for the others in the group when the first of them is cancelled.
            await asyncio.shield(group.commit)
        self.arrived.set()

    def cursor(self, key: str, stream: str = READINGS) -> Cursor | None:
        """Return the newest durable record of a stream of a meter, delivered or not."""
        return self._cursors.get((key, stream))

    async def take(self, limit: int, stream: str = READINGS) -> Batch:
        """Return what of a stream to deliver next; it stays in the outbox."""
        return await self._do(lambda store: store.take(limit, stream))

    async def remove(self, ids: Iterable[int]) -> None:
        """Let go what the broker has acknowledged."""
        await self._do(lambda store: store.remove(ids))

    async def bury(self, refusals: Sequence[Refusal]) -> None:
        """Put away what cannot be delivered."""
        await self._do(lambda store: store.bury(refusals))

    async def dead_letters(self) -> list[DeadLetter]:
        """Return what was put away, the latest first."""
        return await self._do(lambda store: store.dead_letters())

    async def close(self) -> None:
        """Finish what is under way and close the file, unless it is closed already."""
        async with self._turn:
            if self._is_closed:
                return
            await self._in_thread(self._store.close)
            self._is_closed = True
            self._thread.shutdown()

    async def _do[T](self, job: Callable[[Store], T]) -> T:
        return await self._in_thread(lambda: self._work(job))

    async def _in_thread[T](self, job: Callable[[], T]) -> T:
        if self._is_closed:
            raise OutboxError(f"{self._path} is closed")
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, job)
        except (*FAULTS, OSError) as error:
            raise OutboxError(f"{self._path}: {error}") from error

    def _open(self) -> None:
        self._store, self.salvage = open_store(self._path, self._limits)
        self._publish()

    def _work[T](self, job: Callable[[Store], T]) -> T:
        """Do a job on the file; if it turns out damaged, on its replacement."""
        try:
            result = job(self._store)
        except FAULTS as error:
            if not is_damage(error):
                raise
            self._store.close()
            self._store, self.salvage = salvage(self._path, self._limits, str(error))
            result = job(self._store)
        self._publish()
        return result

    def _publish(self) -> None:
        self.stats = self._store.stats
        self._cursors = self._store.cursors


def _dated(record: StreamRecord) -> tuple[datetime, StreamRecord]:
    if record.end is None:
        raise ValueError(f"record {record.seq} of boot {record.boot} has no date")
    return record.end, record
