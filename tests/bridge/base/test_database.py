"""The database's threads: transactions, their order, and what a failure takes with it."""

import asyncio
from collections.abc import AsyncGenerator
import contextlib
from functools import partial
from pathlib import Path
import sqlite3
import threading

import pytest

from fiware_bridge.edge.base.database import Database
from fiware_bridge.edge.base.migrations import statements

_MIGRATIONS = (statements("CREATE TABLE numbers (number INTEGER NOT NULL UNIQUE) STRICT"),)


@contextlib.asynccontextmanager
async def _opened(path: Path) -> AsyncGenerator[Database]:
    database = Database(path, migrations=_MIGRATIONS, durable=True)
    await database.open()
    try:
        yield database
    finally:
        await database.close()


@pytest.fixture
async def database(tmp_path: Path) -> AsyncGenerator[Database]:
    async with _opened(tmp_path / "new folder" / "test.db") as opened:
        yield opened


def _insert(connection: sqlite3.Connection, number: int) -> int:
    connection.execute("INSERT INTO numbers VALUES (?)", (number,))
    return number


def _numbers(connection: sqlite3.Connection) -> list[int]:
    return [row[0] for row in connection.execute("SELECT number FROM numbers ORDER BY rowid")]


async def test_what_was_written_is_read(database: Database) -> None:
    assert await database.write(lambda connection: _insert(connection, 5)) == 5
    assert await database.read(_numbers) == [5]


async def test_a_failing_job_takes_nothing_with_it(database: Database) -> None:
    def insert_twice(connection: sqlite3.Connection) -> None:
        _insert(connection, 7)
        _insert(connection, 1)

    jobs = [
        database.write(lambda connection: _insert(connection, 1)),
        database.write(insert_twice),
        database.write(lambda connection: _insert(connection, 2)),
    ]
    results = await asyncio.gather(*jobs, return_exceptions=True)
    assert results[0] == 1
    assert isinstance(results[1], sqlite3.IntegrityError)
    assert results[2] == 2
    assert await database.read(_numbers) == [1, 2]


async def test_what_follows_runs_in_the_order_of_the_commits_before_the_answers(database: Database) -> None:
    order: list[tuple[str, int]] = []

    async def write(number: int) -> None:
        await database.write(lambda connection: _insert(connection, number), then=lambda done: order.append(("then", done)))
        order.append(("answered", number))

    await asyncio.gather(*(write(number) for number in range(100)))
    assert [number for what, number in order if what == "then"] == list(range(100))
    assert all(order.index(("then", number)) < order.index(("answered", number)) for number in range(100))


async def test_a_failing_job_has_no_consequences(database: Database) -> None:
    called: list[int] = []
    await database.write(lambda connection: _insert(connection, 1))
    with pytest.raises(sqlite3.IntegrityError):
        await database.write(lambda connection: _insert(connection, 1), then=called.append)
    assert called == []


async def test_reading_does_not_wait_for_writing(database: Database) -> None:
    entered, leave = threading.Event(), threading.Event()

    def slow(connection: sqlite3.Connection) -> None:
        _insert(connection, 1)
        entered.set()
        leave.wait(5)

    writing = asyncio.create_task(database.write(slow))
    await asyncio.to_thread(entered.wait, 5)
    assert await database.read(_numbers) == []
    leave.set()
    await writing
    assert await database.read(_numbers) == [1]


async def test_a_write_that_nobody_waits_for_is_done_all_the_same(database: Database) -> None:
    task = asyncio.create_task(database.write(lambda connection: _insert(connection, 1)))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await database.write(lambda connection: _insert(connection, 2))
    assert await database.read(_numbers) == [1, 2]


async def test_a_commit_that_fails_is_told_to_all_and_leaves_the_writer_alive(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    def leave_the_transaction(connection: sqlite3.Connection) -> None:
        connection.execute("ROLLBACK")

    with pytest.raises(sqlite3.OperationalError):
        await database.write(leave_the_transaction)
    assert "Could not write to the database" in caplog.text
    await database.write(lambda connection: _insert(connection, 3))
    assert await database.read(_numbers) == [3]


async def test_closing_finishes_the_writes(tmp_path: Path) -> None:
    async with _opened(tmp_path / "test.db") as database:
        writes = [asyncio.create_task(database.write(partial(_insert, number=number))) for number in range(20)]
        await asyncio.sleep(0)
    assert await asyncio.gather(*writes) == list(range(20))
    async with _opened(tmp_path / "test.db") as database:
        assert await database.read(_numbers) == list(range(20))


async def test_a_file_that_cannot_be_opened_can_be_closed(tmp_path: Path) -> None:
    (tmp_path / "test.db").write_text("this is not a database, and long enough to be sure of it " * 20)
    database = Database(tmp_path / "test.db", migrations=_MIGRATIONS, durable=False)
    with pytest.raises(sqlite3.DatabaseError, match="not a database"):
        await database.open()
    await database.close()


async def test_reading_needs_an_open_file(tmp_path: Path) -> None:
    database = Database(tmp_path / "test.db", migrations=_MIGRATIONS, durable=False)
    with pytest.raises(sqlite3.ProgrammingError):
        await database.read(_numbers)
    await database.close()
