"""Versions of the outbox file: an older one is upgraded all or nothing, a newer one is left as it is."""

import asyncio
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
import shutil
import sqlite3
import time

import pytest

from custom_components.three_phase_energy.outbox import migrations
from custom_components.three_phase_energy.outbox.errors import OutboxError, OutboxVersionError
from custom_components.three_phase_energy.outbox.migrations import MIGRATIONS, Migration
from custom_components.three_phase_energy.outbox.outbox import Outbox
from tests.outbox.write_old_files import FILE
from tests.samples import TWIN, readings

OLD = Path(__file__).parent / "written_by_0_1_0"
NEXT = MIGRATIONS[-1].number + 1
ENDLESS = """
CREATE TABLE more (number INTEGER);
INSERT INTO more WITH RECURSIVE endless (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM endless) SELECT n FROM endless;
"""
TOO_LARGE = "PRAGMA max_page_count = 1; CREATE TABLE more (content BLOB); INSERT INTO more VALUES (zeroblob(100000));"
BUSY = 25
"""Readings that wait in the busy outbox of 0.1.0."""


def old_file(folder: Path, case: str = "busy") -> Path:
    """Return a copy of an outbox that 0.1.0 wrote."""
    shutil.copytree(OLD / case, folder / case)
    return folder / case / FILE


def ask(path: Path, pragma: str) -> int:
    """Return a number of a file, as plain SQLite reads it."""
    database = sqlite3.connect(path)
    try:
        return int(database.execute(f"PRAGMA {pragma}").fetchone()[0])
    finally:
        database.close()


def make_newer(path: Path, *, in_journal: bool) -> None:
    """Write a newer version into a file, or only into its journal, as a kill leaves it."""
    database = sqlite3.connect(path)
    database.setconfig(sqlite3.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, in_journal)
    database.execute("PRAGMA user_version = 99")
    database.close()
    Path(f"{path}-shm").unlink(missing_ok=True)
    assert Path(f"{path}-wal").exists() == in_journal


def everything_in(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Return the files of a folder with their contents and the times of their last change."""
    return {file.name: (file.read_bytes(), file.stat().st_mtime_ns) for file in folder.iterdir()}


class TestOlder:
    def test_the_files_of_0_1_0_are_of_version_1(self) -> None:
        header = (OLD / "busy" / FILE).read_bytes()[:100]
        assert int.from_bytes(header[60:64]) == 1

    async def test_is_of_the_newest_version_afterwards(self, tmp_path: Path) -> None:
        path = old_file(tmp_path)
        outbox = await Outbox.open(path)
        assert outbox.salvage is None
        assert outbox.stats.waiting == BUSY
        await outbox.close()
        assert ask(path, "user_version") == MIGRATIONS[-1].number

    async def test_has_the_schema_of_a_new_file_afterwards(self, tmp_path: Path) -> None:
        old, new = old_file(tmp_path), tmp_path / "new.sqlite"
        schemas = []
        for path in (old, new):
            await (await Outbox.open(path)).close()
            database = sqlite3.connect(path)
            schemas.append(set(database.execute("SELECT type, name, sql FROM sqlite_master")))
            database.close()
        assert schemas[0] == schemas[1]

    async def test_stays_as_it_is_where_the_disk_is_full(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        path = old_file(tmp_path)
        with monkeypatch.context() as patch:
            patch.setattr(migrations, "MIGRATIONS", (*MIGRATIONS, Migration(number=NEXT, why="grows", statements=TOO_LARGE)))
            with pytest.raises(OutboxError, match="full"):
                await Outbox.open(path)
        assert ask(path, "user_version") == 1
        outbox = await Outbox.open(path)
        assert (outbox.salvage, outbox.stats.waiting) == (None, BUSY)
        await outbox.close()

    async def test_stays_as_it_is_where_a_step_is_killed(self, tmp_path: Path) -> None:
        path = old_file(tmp_path)
        process = get_context("forkserver").Process(target=migrate_without_end, args=(path,))
        process.start()
        journal = Path(f"{path}-wal")
        deadline = time.monotonic() + 30
        while not journal.exists() or journal.stat().st_size < 1_000_000:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.01)
        process.kill()
        process.join()
        copy = tmp_path / "copy"
        shutil.copytree(path.parent, copy)
        assert ask(copy / FILE, "user_version") == 1
        outbox = await Outbox.open(path)
        assert (outbox.salvage, outbox.stats.waiting) == (None, BUSY)
        await outbox.close()

    async def test_is_salvaged_where_it_is_damaged(self, tmp_path: Path) -> None:
        """Its records carry no stream; they are readings."""
        path = old_file(tmp_path)
        path.write_bytes(bytes(100) + path.read_bytes()[100:])
        outbox = await Outbox.open(path)
        assert outbox.salvage is not None
        # The dead letters are whole, too, and so is the reading that was delivered and kept.
        assert outbox.salvage.recovered == outbox.stats.waiting == BUSY + 2 + 1
        batch = await outbox.take(100)
        assert {record.twin.name for record in (*batch.backlog, *batch.live)} == {"Meter (garage)", "Workshop"}
        await outbox.close()
        assert ask(path, "user_version") == MIGRATIONS[-1].number


def migrate_without_end(path: Path) -> None:
    migrations.MIGRATIONS = (*MIGRATIONS, replace(MIGRATIONS[-1], number=NEXT, statements=ENDLESS))
    asyncio.run(Outbox.open(path))


class TestNewer:
    @pytest.mark.parametrize("in_journal", [False, True])
    async def test_is_refused_and_left_as_it_is(self, tmp_path: Path, *, in_journal: bool) -> None:
        path = tmp_path / FILE
        outbox = await Outbox.open(path)
        await outbox.put(TWIN, readings(1, 3))
        await outbox.close()
        make_newer(path, in_journal=in_journal)
        before = everything_in(tmp_path)
        with pytest.raises(OutboxVersionError, match=rf"version 99, .* {MIGRATIONS[-1].number}\): update the integration"):
            await Outbox.open(path)
        assert everything_in(tmp_path) == before

    async def test_is_no_outbox_where_something_else_wrote_it(self, tmp_path: Path) -> None:
        path = tmp_path / FILE
        database = sqlite3.connect(path)
        database.executescript("CREATE TABLE states (state TEXT); PRAGMA application_id = 77; PRAGMA user_version = 99;")
        database.close()
        before = path.read_bytes()
        outbox = await Outbox.open(path)
        assert outbox.salvage is not None
        assert outbox.salvage.reason == "the file is not an outbox"
        assert outbox.salvage.set_aside.read_bytes() == before
        await outbox.close()

    async def test_an_outbox_without_a_version_is_no_outbox(self, tmp_path: Path) -> None:
        path = old_file(tmp_path)
        database = sqlite3.connect(path)
        database.execute("PRAGMA user_version = 0")
        database.close()
        outbox = await Outbox.open(path)
        assert outbox.salvage is not None
        assert outbox.salvage.reason == "the file is not an outbox"
        await outbox.close()


class TestSteps:
    def test_are_numbered_without_gaps(self) -> None:
        assert [migration.number for migration in MIGRATIONS] == list(range(1, len(MIGRATIONS) + 1))
