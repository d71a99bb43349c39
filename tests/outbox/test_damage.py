"""A damaged outbox file: it always opens again, and what is whole in it is delivered."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
import random
import re
import sqlite3

import pytest

from custom_components.three_phase_energy.outbox.errors import OutboxVersionError
from custom_components.three_phase_energy.outbox.outbox import Outbox
from custom_components.three_phase_energy.outbox.records import Cursor, Record
from tests.samples import OTHER, TWIN, events, readings, wire

COUNT = 120
USER_VERSION = range(60, 64)
"""Bytes of a SQLite file that hold the version of its schema: https://sqlite.org/fileformat.html#the_database_header."""


@pytest.fixture(scope="module")
def frames(outbox_file: bytes, tmp_path_factory: pytest.TempPathFactory) -> dict[int, bytes]:
    """Return what each waiting record of the file is on the disk, by its number, as plain SQLite tells.

    The first row is the delivered newest record of the other meter.
    """
    copy = tmp_path_factory.mktemp("frames") / "copy.sqlite"
    copy.write_bytes(outbox_file)
    database = sqlite3.connect(copy)
    rows = database.execute("SELECT frame FROM record ORDER BY id LIMIT -1 OFFSET 1").fetchall()
    database.close()
    return {number: frame for number, (frame,) in enumerate(rows, start=1)}


@pytest.fixture(scope="module")
def outbox_file(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return the file of an outbox with records that wait, after others were delivered."""
    path = tmp_path_factory.mktemp("outbox") / "outbox.sqlite"
    asyncio.run(fill(path))
    return path.read_bytes()


async def fill(path: Path) -> None:
    outbox = await Outbox.open(path)
    await outbox.put(OTHER, readings(1, 40))
    batch = await outbox.take(50)
    await outbox.remove([record.id for record in (*batch.backlog, *batch.live)])
    await outbox.put(TWIN, readings(1, COUNT))
    await outbox.close()


async def everything(outbox: Outbox) -> list[Record]:
    """Return all that waits of the one meter that has something to deliver."""
    batch = await outbox.take(1000)
    return [record for record in (*batch.backlog, *batch.live) if record.twin.key == TWIN.key]


def numbers(records: Sequence[Record]) -> set[int]:
    return {int(record.wire["seq"]) for record in records}


async def reopened(path: Path, content: bytes) -> Outbox:
    path.write_bytes(content)
    return await Outbox.open(path)


async def test_a_whole_file_is_no_case_for_salvage(tmp_path: Path, outbox_file: bytes) -> None:
    outbox = await reopened(tmp_path / "outbox.sqlite", outbox_file)
    assert outbox.salvage is None
    assert numbers(await everything(outbox)) == set(range(1, COUNT + 1))
    await outbox.close()


@pytest.mark.parametrize("part", [0, 0.001, 0.03, 0.1, 0.35, 0.5, 0.77, 0.9, 0.999])
async def test_of_a_truncated_file_every_record_before_the_end_is_there(
    tmp_path: Path, outbox_file: bytes, frames: dict[int, bytes], part: float
) -> None:
    cut = int(len(outbox_file) * part)
    outbox = await reopened(tmp_path / "outbox.sqlite", outbox_file[:cut])
    whole = {number for number, frame in frames.items() if frame in outbox_file[:cut]}
    found = await everything(outbox)
    assert numbers(found) >= whole
    assert all(record.wire == wire(int(record.wire["seq"])) for record in found)
    await outbox.close()


@pytest.mark.parametrize("seed", range(40))
async def test_a_flipped_bit_costs_one_record_at_most(tmp_path: Path, outbox_file: bytes, seed: int) -> None:
    at = random.Random(seed).choice([byte for byte in range(len(outbox_file)) if byte not in USER_VERSION])  # noqa: S311
    await check_flip(tmp_path / "outbox.sqlite", outbox_file, at, seed % 8)


@pytest.mark.parametrize("at", [at for at in range(0, 108, 3) if at not in USER_VERSION])
async def test_a_flipped_bit_in_the_head_of_the_file_costs_nothing(tmp_path: Path, outbox_file: bytes, at: int) -> None:
    await check_flip(tmp_path / "outbox.sqlite", outbox_file, at, at % 8, lost=0)


async def check_flip(path: Path, content: bytes, at: int, bit: int, lost: int = 1) -> None:
    damaged = bytearray(content)
    damaged[at] ^= 1 << bit
    outbox = await reopened(path, bytes(damaged))
    found = await everything(outbox)
    assert len(numbers(found)) >= COUNT - lost
    assert all(record.wire == wire(int(record.wire["seq"])) for record in found)
    await outbox.put(TWIN, readings(COUNT + 1, COUNT + 5))
    assert numbers(await everything(outbox)) >= set(range(COUNT + 1, COUNT + 6))
    await outbox.close()


@pytest.mark.parametrize("bit", range(32))
async def test_a_version_made_by_a_flipped_bit_loses_nothing(tmp_path: Path, outbox_file: bytes, bit: int) -> None:
    """It looks like a newer version, whose file must not be touched, or like none, but never like an older one."""
    version = int.from_bytes(outbox_file[60:64]) ^ 1 << bit
    damaged = outbox_file[:60] + version.to_bytes(4) + outbox_file[64:]
    path = tmp_path / "outbox.sqlite"
    if 0 < version < 1 << 31:
        with pytest.raises(OutboxVersionError):
            await reopened(path, damaged)
        assert path.read_bytes() == damaged
    else:
        outbox = await reopened(path, damaged)
        assert numbers(await everything(outbox)) == set(range(1, COUNT + 1))
        await outbox.close()


async def test_a_page_of_zeros_costs_what_was_on_it(tmp_path: Path, outbox_file: bytes, frames: dict[int, bytes]) -> None:
    for page in range(len(outbox_file) // 4096):
        damaged = outbox_file[: page * 4096] + bytes(4096) + outbox_file[(page + 1) * 4096 :]
        outbox = await reopened(tmp_path / f"{page}.sqlite", damaged)
        assert numbers(await everything(outbox)) >= {number for number, frame in frames.items() if frame in damaged}
        await outbox.close()


@pytest.mark.parametrize("content", [b"not a database at all", b"SQLite format 3\x00" + bytes(5000), bytes(100_000)])
async def test_what_is_no_outbox_is_set_aside(tmp_path: Path, content: bytes) -> None:
    outbox = await reopened(tmp_path / "outbox.sqlite", content)
    await outbox.put(TWIN, readings(1, 3))
    assert outbox.salvage is not None
    assert outbox.salvage.recovered == 0
    assert outbox.salvage.set_aside.read_bytes() == content
    assert re.fullmatch(r"outbox\.sqlite\.damaged-\d{8}T\d{6}Z", outbox.salvage.set_aside.name)
    assert outbox.stats.waiting == 3
    await outbox.close()


async def test_a_database_of_something_else_is_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "outbox.sqlite"
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE states (state TEXT)")
    database.close()
    before = path.read_bytes()
    outbox = await Outbox.open(path)
    assert outbox.salvage is not None
    assert outbox.salvage.reason == "the file is not an outbox"
    assert outbox.salvage.set_aside.read_bytes() == before
    await outbox.close()


async def test_salvage_tells_what_happened(tmp_path: Path, outbox_file: bytes) -> None:
    damaged = bytes(100) + outbox_file[100:]
    outbox = await reopened(tmp_path / "outbox.sqlite", damaged)
    assert outbox.salvage is not None
    assert outbox.salvage.recovered == outbox.stats.waiting
    assert outbox.salvage.reason == "file is not a database"
    assert outbox.salvage.set_aside.read_bytes() == damaged
    await outbox.close()
    again = await Outbox.open(tmp_path / "outbox.sqlite")
    assert again.salvage is None
    await again.close()


async def test_two_damaged_files_within_a_second_are_both_kept(tmp_path: Path) -> None:
    for content in (b"one", b"two"):
        await (await reopened(tmp_path / "outbox.sqlite", content)).close()
    assert sorted(file.read_bytes() for file in tmp_path.glob("*.damaged-*")) == [b"one", b"two"]


async def test_records_are_salvaged_into_their_streams(tmp_path: Path) -> None:
    path = tmp_path / "outbox.sqlite"
    outbox = await Outbox.open(path)
    await outbox.put(TWIN, readings(1, 9))
    await outbox.put(TWIN, events(1, 4), stream="events")
    await outbox.close()
    again = await reopened(path, bytes(100) + path.read_bytes()[100:])
    assert again.salvage is not None
    assert again.salvage.recovered == 13
    assert numbers(await everything(again)) == set(range(1, 10))
    batch = await again.take(50, "events")
    assert [record.wire["kind"] for record in (*batch.backlog, *batch.live)] == ["dip"] * 4
    assert again.cursor(TWIN.key, "events") == Cursor(boot="a1b2c3d4", seq=4)
    assert again.cursor(TWIN.key) == Cursor(boot="a1b2c3d4", seq=9)
    await again.close()


async def test_the_cursor_is_salvaged_too(tmp_path: Path, outbox_file: bytes) -> None:
    outbox = await reopened(tmp_path / "outbox.sqlite", bytes(100) + outbox_file[100:])
    assert outbox.cursor(TWIN.key) == Cursor(boot="a1b2c3d4", seq=COUNT)
    assert outbox.cursor(OTHER.key) == Cursor(boot="a1b2c3d4", seq=40)
    await outbox.close()


async def test_a_meter_whose_own_row_is_damaged_is_named_by_its_records(tmp_path: Path, outbox_file: bytes) -> None:
    copy = tmp_path / "copy.sqlite"
    copy.write_bytes(outbox_file)
    database = sqlite3.connect(copy)
    (frame,) = database.execute("SELECT frame FROM position WHERE key = ?", (TWIN.key,)).fetchone()
    database.close()
    outbox = await reopened(tmp_path / "outbox.sqlite", outbox_file.replace(frame, bytes(len(frame))))
    found = await everything(outbox)
    assert numbers(found) == set(range(1, COUNT + 1))
    assert {record.twin.name for record in found} == {TWIN.key}
    assert {record.twin.metering_started for record in found} == {TWIN.metering_started}
    assert outbox.cursor(TWIN.key) == Cursor(boot="a1b2c3d4", seq=COUNT)
    await outbox.put(TWIN, readings(COUNT + 1, COUNT + 1))
    assert {record.twin.name for record in await everything(outbox)} == {TWIN.name}
    await outbox.close()


@pytest.mark.parametrize("damage", [slice(0, 100), slice(0, 4096), slice(28, 32), slice(8192, 12288)])
async def test_what_was_only_in_the_journal_is_found_too(
    tmp_path: Path, outbox_file: bytes, frames: dict[int, bytes], damage: slice
) -> None:
    """After a power cut the file is as at the last checkpoint, and what came later is in the journal."""
    outbox = await reopened(tmp_path / "running.sqlite", outbox_file)
    await outbox.put(TWIN, readings(COUNT + 1, COUNT + 10))
    content = bytearray((tmp_path / "running.sqlite").read_bytes())
    journal = (tmp_path / "running.sqlite-wal").read_bytes()
    await outbox.close()
    content[damage] = bytes(damage.stop - damage.start)
    (tmp_path / "outbox.sqlite-wal").write_bytes(journal)
    again = await reopened(tmp_path / "outbox.sqlite", bytes(content))
    found = numbers(await everything(again))
    assert found >= set(range(COUNT + 1, COUNT + 11))
    assert found >= {number for number, frame in frames.items() if frame in content}
    await again.close()


async def test_a_damaged_record_is_counted_and_does_not_hold_up_the_others(
    tmp_path: Path, outbox_file: bytes, frames: dict[int, bytes]
) -> None:
    waiting = list(frames.values())
    damaged = outbox_file
    for frame in (waiting[3], waiting[-1]):
        damaged = damaged.replace(frame, frame[:-1] + bytes([frame[-1] ^ 1]))
    outbox = await reopened(tmp_path / "outbox.sqlite", damaged)
    assert outbox.salvage is None
    assert numbers(await everything(outbox)) == set(range(1, COUNT)) - {4}
    assert (outbox.stats.damaged, outbox.stats.dropped, outbox.stats.waiting) == (2, 0, COUNT - 2)
    await outbox.put(TWIN, readings(COUNT + 1, COUNT + 1))
    assert numbers(await everything(outbox)) == set(range(1, COUNT + 2)) - {4, COUNT}
    await outbox.close()


async def test_a_file_that_is_damaged_while_it_is_open_is_replaced(tmp_path: Path, outbox_file: bytes) -> None:
    path = tmp_path / "outbox.sqlite"
    outbox = await reopened(path, outbox_file)
    with path.open("r+b") as file:
        for page in range(1, len(outbox_file) // 4096):
            file.seek(page * 4096)
            file.write(b"\xff")
    assert numbers(await everything(outbox)) == set(range(1, COUNT + 1))
    await outbox.put(TWIN, readings(COUNT + 1, COUNT + 2))
    assert numbers(await everything(outbox)) == set(range(1, COUNT + 3))
    await outbox.close()
