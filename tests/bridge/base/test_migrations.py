"""Versions of a file: how it gets to the newest, and what happens to one that is newer still or is killed on its way."""

from collections.abc import Callable, Iterator
import contextlib
import logging
from pathlib import Path
import shutil
import signal
import sqlite3
import subprocess
import sys

import pytest

from fiware_bridge.edge.base.database import Database
from fiware_bridge.edge.base.migrations import Migration, NewerDatabaseError, migrate, refuse_newer, statements

ROOT = Path(__file__).parents[3]


def _double(connection: sqlite3.Connection) -> None:
    for number in connection.execute("SELECT number FROM numbers").fetchall():
        connection.execute("UPDATE numbers SET twice = ? WHERE number = ?", (2 * number[0], number[0]))


def _second(connection: sqlite3.Connection) -> None:
    """Change the tables and what stands in them."""
    connection.execute("ALTER TABLE numbers ADD COLUMN twice INTEGER")
    _double(connection)


FIRST = statements("CREATE TABLE numbers (number INTEGER NOT NULL) STRICT", "CREATE TABLE names (name TEXT) STRICT")


@contextlib.contextmanager
def _connection(path: Path) -> Iterator[sqlite3.Connection]:
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        yield connection


def _migrate(path: Path, *migrations: Migration) -> None:
    with _connection(path) as connection:
        migrate(connection, path, migrations)


def _state(path: Path) -> tuple[int, list[str], list[tuple[object, ...]]]:
    """Return the version, the tables and the numbers of a file."""
    with _connection(path) as connection:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_schema ORDER BY name")]
        return version, tables, connection.execute("SELECT * FROM numbers").fetchall() if "numbers" in tables else []


def _folder(path: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in path.iterdir()}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file of version 1 with two numbers in it."""
    path = tmp_path / "test.db"
    _migrate(path, FIRST)
    with _connection(path) as connection:
        connection.execute("INSERT INTO numbers VALUES (1), (2)")
    return path


def test_the_first_migration_makes_a_new_file(tmp_path: Path) -> None:
    _migrate(tmp_path / "test.db", FIRST)
    assert _state(tmp_path / "test.db") == (1, ["names", "numbers"], [])


def test_a_new_file_runs_all_migrations(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    _migrate(tmp_path / "test.db", FIRST, _second, statements("DROP TABLE names"))
    assert _state(tmp_path / "test.db") == (3, ["numbers"], [])
    assert caplog.text == ""


def test_an_older_file_runs_what_it_lacks_and_keeps_what_it_has(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    _migrate(path, FIRST, _second)
    assert _state(path) == (2, ["names", "numbers"], [(1, 2), (2, 4)])
    assert f"Upgraded {path} from version 1 to 2" in caplog.text


def test_a_file_of_the_newest_version_is_left_as_it_is(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    before = path.read_bytes()
    _migrate(path, FIRST)
    assert path.read_bytes() == before
    assert caplog.text == ""


def test_a_migration_that_fails_leaves_the_old_version(path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError, match="no such table: missing"):
        _migrate(path, FIRST, _second, statements("DROP TABLE names", "DROP TABLE missing"))
    assert _state(path) == (1, ["names", "numbers"], [(1,), (2,)])
    _migrate(path, FIRST, _second)
    assert _state(path)[0] == 2


_KILLED = """
import os, signal, sqlite3, sys
from pathlib import Path
from fiware_bridge.edge.base.migrations import migrate, statements

def second(connection):
    connection.execute("PRAGMA cache_size=10")  # the rest of the change is on the disk before the transaction ends
    connection.execute("ALTER TABLE numbers ADD COLUMN text TEXT")
    connection.executemany("INSERT INTO numbers VALUES (?, ?)", [(number, "x" * 1000) for number in range(2000)])
    connection.execute("PRAGMA user_version=2")
    os.kill(os.getpid(), signal.SIGKILL)

path = Path(sys.argv[1])
connection = sqlite3.connect(path, isolation_level=None)
migrate(connection, path, (statements("SELECT 1"), second))
"""


def test_a_kill_in_the_middle_of_a_migration_leaves_the_old_version(path: Path) -> None:
    killed = subprocess.run([sys.executable, "-c", _KILLED, path], cwd=ROOT, check=False)
    assert killed.returncode == -signal.SIGKILL
    wal = path.with_name("test.db-wal")
    assert wal.stat().st_size > 1_000_000, "nothing of the migration was on the disk"
    assert _state(path) == (1, ["names", "numbers"], [(1,), (2,)])
    _migrate(path, FIRST, _second)
    assert _state(path) == (2, ["names", "numbers"], [(1, 2), (2, 4)])


def _ended_well(path: Path) -> None:
    """Everything stands in the file itself."""


def _killed(path: Path) -> None:
    """The newest version stands in the -wal alone, as after a kill; SQLite's index of it is there."""
    copy = path.with_name("copy")
    copy.mkdir()
    with _connection(path) as connection:
        connection.execute("PRAGMA user_version=1")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA user_version=3")
        for file in [path, *path.parent.glob("test.db-*")]:
            shutil.copy(file, copy)
    for file in copy.iterdir():
        file.replace(path.parent / file.name)
    copy.rmdir()
    assert path.read_bytes()[60:64] == bytes([0, 0, 0, 1])


def _killed_and_copied(path: Path) -> None:
    """As after a kill, copied without SQLite's index of the -wal."""
    _killed(path)
    path.with_name("test.db-shm").unlink()


def _with_a_leftover_index(path: Path) -> None:
    """An index without a -wal."""
    path.with_name("test.db-shm").write_bytes(bytes(32768))


@pytest.fixture(params=[_ended_well, _killed, _killed_and_copied, _with_a_leftover_index])
def newer(request: pytest.FixtureRequest, path: Path) -> Path:
    """A file of version 3, in the states in which a process can leave it."""
    _migrate(path, FIRST, _second, statements("DROP TABLE names"))
    leave: Callable[[Path], None] = request.param
    leave(path)
    return path


def test_a_newer_file_is_refused_and_left_untouched_to_the_byte(newer: Path) -> None:
    before = _folder(newer.parent)
    with pytest.raises(NewerDatabaseError) as caught:
        refuse_newer(newer, (FIRST, _second))
    assert str(caught.value) == (
        f"a newer version of the program wrote {newer}: the file has version 3, and this program reads versions up to 2. "
        "Update the program, or choose another folder with --data. The file was not changed."
    )
    assert _folder(newer.parent) == before


async def test_a_database_refuses_a_newer_file_before_it_opens_it(newer: Path) -> None:
    before = _folder(newer.parent)
    database = Database(newer, migrations=(FIRST,), durable=True)
    with pytest.raises(NewerDatabaseError):
        await database.open()
    await database.close()
    assert _folder(newer.parent) == before


def test_a_file_that_became_newer_meanwhile_is_not_migrated(newer: Path) -> None:
    with pytest.raises(NewerDatabaseError):
        _migrate(newer, FIRST, _second)
    assert _state(newer)[0] == 3


def test_a_file_that_is_not_too_new_passes_untouched(path: Path) -> None:
    before = _folder(path.parent)
    refuse_newer(path, (FIRST,))
    refuse_newer(path, (FIRST, _second))
    assert _folder(path.parent) == before


def test_a_file_that_does_not_exist_passes_and_is_not_made(tmp_path: Path) -> None:
    refuse_newer(tmp_path / "test.db", (FIRST,))
    assert _folder(tmp_path) == {}


async def test_a_database_upgrades_an_older_file(path: Path) -> None:
    database = Database(path, migrations=(FIRST, _second), durable=True)
    await database.open()
    assert await database.read(lambda connection: connection.execute("SELECT * FROM numbers").fetchall()) == [(1, 2), (2, 4)]
    await database.close()
    assert _state(path)[0] == 2


@pytest.mark.parametrize("name", ["with space", "50%20?#", "größe"])
def test_a_folder_may_have_any_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / name / "test.db"
    path.parent.mkdir()
    _migrate(path, FIRST, _second)
    with pytest.raises(NewerDatabaseError):
        refuse_newer(path, (FIRST,))
