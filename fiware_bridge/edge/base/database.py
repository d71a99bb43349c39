"""One SQLite file with one thread that writes and one that reads, so that the event loop never waits for a disk.

- Writes are jobs in a bounded queue. The writer runs all that wait in one transaction, each in a savepoint of its own, and
  commits once: a failing job takes nothing with it, and the disk is flushed once for many.
- A write is answered after its commit. Its consequence (`then`) runs in the event loop in the order of the commits,
  before anybody is answered.
- Reads see the last commit (WAL) and never wait for a write.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
import contextlib
from dataclasses import dataclass
import logging
from pathlib import Path
import queue
import sqlite3
import threading
from typing import Any

from .migrations import Migration, migrate, refuse_newer

_LOGGER = logging.getLogger(__name__)

_MAX_WAITING = 512
"""Jobs in the queue; more requests wait before they enter it."""
_MAX_TOGETHER = 64
"""Jobs in one transaction: enough to share one flush of the disk, few enough to be answered soon."""

type Job[T] = Callable[[sqlite3.Connection], T]


@dataclass(slots=True)
class _Write[T]:
    """A job with those who wait for it, and its outcome."""

    job: Job[T]
    future: asyncio.Future[T]
    then: Callable[[T], None] | None
    result: T | None = None
    error: BaseException | None = None

    def run(self, connection: sqlite3.Connection) -> None:
        connection.execute("SAVEPOINT job")
        try:
            self.result = self.job(connection)
        except Exception as err:  # noqa: BLE001 - it is raised again where the job was asked for
            self.error = err
            connection.execute("ROLLBACK TO job")
        connection.execute("RELEASE job")

    def finish(self) -> None:
        """Serve those who wait; runs in the event loop."""
        try:
            if self.error is None and self.then is not None:
                self.then(self.result)  # type: ignore[arg-type]  # without an error there is a result
        finally:
            self._answer()

    def _answer(self) -> None:
        if self.future.done():
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.result)  # type: ignore[arg-type]  # as above


class Database:
    """A SQLite file. `durable` makes every commit wait for the disk, so that it survives a power cut too."""

    def __init__(self, path: Path, *, migrations: Sequence[Migration], durable: bool) -> None:
        """Describe the file; `open` opens it. The migrations make a new one, and upgrade an older one."""
        self._path = path
        self._migrations = migrations
        self._synchronous = "FULL" if durable else "NORMAL"
        self._room = asyncio.Semaphore(_MAX_WAITING)
        self._writes: queue.SimpleQueue[_Write[Any] | None] = queue.SimpleQueue()
        self._writer: threading.Thread | None = None
        self._reader = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"read-{path.stem}")
        self._read_connection: sqlite3.Connection | None = None

    async def open(self) -> None:
        """Open, create or upgrade the file and start the writer.

        Raises:
            NewerDatabaseError: a newer version of the program wrote the file, which is left as it was.
            sqlite3.Error: it cannot be opened or is no database.
        """
        loop = asyncio.get_running_loop()
        connection = await loop.run_in_executor(self._reader, self._open_for_writing)
        self._read_connection = await loop.run_in_executor(self._reader, self._connect)
        self._writer = threading.Thread(target=self._write_jobs, args=(connection, loop), name=f"write-{self._path.stem}")
        self._writer.start()

    async def close(self) -> None:
        """Finish the writes that were asked for and close the file."""
        loop = asyncio.get_running_loop()
        if self._writer is not None:
            self._writes.put(None)
            await loop.run_in_executor(self._reader, self._writer.join)
        if self._read_connection is not None:
            await loop.run_in_executor(self._reader, self._read_connection.close)
        self._reader.shutdown()

    async def write[T](self, job: Job[T], then: Callable[[T], None] | None = None) -> T:
        """Run a job in the writer's transaction and return its result after the commit.

        It passes on the job's exception, and keeps nothing of the job. `then` runs in the event loop, in the order
        of the commits.
        """
        async with self._room:
            future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
            self._writes.put(_Write(job, future, then))
            return await future

    async def read[T](self, job: Job[T]) -> T:
        """Run a job on the reading connection and return its result; all its statements see the same commit."""
        connection = self._read_connection
        if connection is None:
            raise sqlite3.ProgrammingError("the database is not open")
        return await asyncio.get_running_loop().run_in_executor(self._reader, _read_one_commit, connection, job)

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA busy_timeout=5000")
        return connection

    def _open_for_writing(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        refuse_newer(self._path, self._migrations)
        connection = self._connect()
        with contextlib.ExitStack() as on_failure:
            on_failure.callback(connection.close)
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute(f"PRAGMA synchronous={self._synchronous}")
            migrate(connection, self._path, self._migrations)
            on_failure.pop_all()
        return connection

    def _write_jobs(self, connection: sqlite3.Connection, loop: asyncio.AbstractEventLoop) -> None:
        """Run in the writer's thread until `close`."""
        stopping = False
        while not stopping:
            batch = [self._writes.get()]
            while len(batch) < _MAX_TOGETHER and not self._writes.empty():
                batch.append(self._writes.get())
            stopping = None in batch
            writes = [write for write in batch if write is not None]
            if writes:
                _commit_together(connection, writes)
                for write in writes:
                    loop.call_soon_threadsafe(write.finish)
        connection.close()


def _read_one_commit[T](connection: sqlite3.Connection, job: Job[T]) -> T:
    connection.execute("BEGIN")
    try:
        return job(connection)
    finally:
        connection.execute("COMMIT")


def _commit_together(connection: sqlite3.Connection, writes: list[_Write[Any]]) -> None:
    try:
        connection.execute("BEGIN IMMEDIATE")
        for write in writes:
            write.run(connection)
        connection.execute("COMMIT")
    except sqlite3.Error as err:
        _LOGGER.exception("Could not write to the database")
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        for write in writes:
            write.error = err
