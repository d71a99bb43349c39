"""The outbox: durable when `put` returns, in order, each record once, bounded."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
import sqlite3
import time

import pytest

from custom_components.three_phase_energy.outbox.errors import OutboxError
from custom_components.three_phase_energy.outbox.outbox import Outbox, OutboxLimits
from custom_components.three_phase_energy.outbox.records import READINGS, Cursor, Record, Refusal
from custom_components.three_phase_energy.outbox.store import _BACKLOG_OF_STREAM
from tests.samples import (
    OTHER,
    START,
    TWIN,
    events,
    reading as a_reading,
    readings,
    wire,
    without_date,
)

EVENTS = "events"


def numbers(records: Sequence[Record]) -> list[int]:
    return [int(record.wire["seq"]) for record in records]


async def deliver(outbox: Outbox, limit: int = 50, stream: str = READINGS) -> list[int]:
    """Take a batch and remove it, as after its delivery; return the numbers of its records."""
    batch = await outbox.take(limit, stream)
    records = (*batch.backlog, *batch.live)
    await outbox.remove([record.id for record in records])
    return numbers(records)


class TestPut:
    async def test_a_record_comes_back_as_it_came_on_the_wire(self, outbox: Outbox) -> None:
        await outbox.put(TWIN, [a_reading(7)])
        (record,) = (await outbox.take(50)).live
        assert record.wire == wire(7)
        assert record.twin == TWIN
        assert record.end == START + timedelta(seconds=7)

    async def test_it_is_in_the_file_when_put_returns(self, tmp_path: Path) -> None:
        path = tmp_path / "outbox.sqlite"
        outbox = await Outbox.open(path)
        await outbox.put(TWIN, readings(1, 3))
        image = {suffix: Path(f"{path}{suffix}").read_bytes() for suffix in ("", "-wal")}
        await outbox.close()
        for suffix, content in image.items():
            (tmp_path / f"image{suffix}").write_bytes(content)
        after_the_power_cut = await Outbox.open(tmp_path / "image")
        assert after_the_power_cut.stats.waiting == 3
        assert after_the_power_cut.cursor(TWIN.key) == Cursor(boot="a1b2c3d4", seq=3)
        assert after_the_power_cut.salvage is None
        await after_the_power_cut.close()

    async def test_a_record_that_was_put_before_is_left_out(self, outbox: Outbox) -> None:
        await outbox.put(TWIN, readings(1, 5))
        await outbox.put(TWIN, readings(3, 6))
        assert outbox.stats.waiting == 6

    async def test_a_record_that_was_delivered_before_is_left_out(self, outbox: Outbox) -> None:
        await outbox.put(TWIN, readings(1, 5))
        await deliver(outbox)
        await outbox.put(TWIN, readings(1, 5))
        assert outbox.stats.waiting == 0

    async def test_the_same_number_of_another_boot_or_meter_is_another_record(self, outbox: Outbox) -> None:
        await outbox.put(TWIN, readings(1, 2))
        await outbox.put(OTHER, readings(1, 2))
        await outbox.put(TWIN, readings(1, 2, boot="00000002"))
        assert outbox.stats.waiting == 6

    async def test_nothing_can_be_put_without_a_date(self, outbox: Outbox) -> None:
        with pytest.raises(ValueError, match="no date"):
            await outbox.put(TWIN, [without_date()])
        assert outbox.stats.waiting == 0

    async def test_many_puts_at_once_share_their_commits(self, outbox: Outbox) -> None:
        async with asyncio.TaskGroup() as group:
            for seq in range(1, 501):
                group.create_task(outbox.put(TWIN, [a_reading(seq)]))
        assert outbox.stats.waiting == 500
        assert outbox.cursor(TWIN.key) == Cursor(boot="a1b2c3d4", seq=500)

    async def test_a_lone_put_does_not_wait_for_company(self, outbox: Outbox) -> None:
        await outbox.put(TWIN, [a_reading(1)])
        began = time.monotonic()
        for seq in range(2, 12):
            await outbox.put(TWIN, [a_reading(seq)])
        assert time.monotonic() - began < 10 * 0.25

    async def test_a_cancelled_put_does_not_take_others_with_it(self, outbox: Outbox) -> None:
        first = asyncio.create_task(outbox.put(TWIN, [a_reading(1)]))
        second = asyncio.create_task(outbox.put(TWIN, [a_reading(2)]))
        await asyncio.sleep(0)
        first.cancel()
        await second
        assert outbox.cursor(TWIN.key) == Cursor(boot="a1b2c3d4", seq=2)
        assert first.cancelled()

    async def test_a_put_is_announced(self, outbox: Outbox) -> None:
        outbox.arrived.clear()
        await outbox.put(TWIN, [a_reading(1)])
        assert outbox.arrived.is_set()

    async def test_a_day_of_readings_takes_60_mb(self, outbox: Outbox) -> None:
        empty = outbox.stats.bytes
        await outbox.put(TWIN, readings(1, 2000))
        assert (outbox.stats.bytes - empty) / 2000 <= 700


class TestCursor:
    async def test_is_none_for_a_meter_that_never_put(self, outbox: Outbox) -> None:
        assert outbox.cursor(TWIN.key) is None

    async def test_survives_delivery_and_restart(self, tmp_path: Path) -> None:
        outbox = await Outbox.open(tmp_path / "outbox.sqlite")
        await outbox.put(TWIN, readings(1, 5))
        await outbox.put(TWIN, readings(1, 2, boot="00000002"))
        await outbox.put(OTHER, readings(1, 9))
        await deliver(outbox)
        await outbox.close()
        again = await Outbox.open(tmp_path / "outbox.sqlite")
        assert again.cursor(TWIN.key) == Cursor(boot="00000002", seq=2)
        assert again.cursor(OTHER.key) == Cursor(boot="a1b2c3d4", seq=9)
        assert again.stats.waiting == 0
        await again.close()


class TestClose:
    async def test_closes_once_however_often_it_is_asked_to(self, tmp_path: Path) -> None:
        outbox = await Outbox.open(tmp_path / "outbox.sqlite")
        await outbox.close()
        await outbox.close()
        with pytest.raises(OutboxError, match="is closed"):
            await outbox.put(TWIN, readings(1, 1))


class TestTake:
    async def test_the_newest_of_each_meter_is_live_and_the_rest_is_backlog_in_order(self, outbox: Outbox) -> None:
        await outbox.put(TWIN, readings(1, 4))
        await outbox.put(OTHER, readings(11, 13))
        batch = await outbox.take(50)
        assert [(record.twin.key, *numbers([record])) for record in batch.live] == [(TWIN.key, 4), (OTHER.key, 13)]
        assert numbers(batch.backlog) == [1, 2, 3, 11, 12]
        assert batch.restore == ()

    async def test_what_was_taken_waits_until_it_is_removed(self, outbox: Outbox) -> None:
        await outbox.put(TWIN, readings(1, 3))
        assert numbers((await outbox.take(50)).backlog) == numbers((await outbox.take(50)).backlog) == [1, 2]
        assert outbox.stats.waiting == 3

    async def test_live_records_come_first_where_there_is_little_room(self, outbox: Outbox) -> None:
        await outbox.put(TWIN, readings(1, 100))
        assert await deliver(outbox, 1) == [100]
        assert await deliver(outbox, 1) == [1]
        await outbox.put(TWIN, readings(101, 101))
        assert await deliver(outbox, 3) == [2, 3, 101]

    async def test_the_newest_follows_a_backlog_that_is_delivered_after_it(self, outbox: Outbox) -> None:
        await outbox.put(TWIN, readings(1, 100))
        await deliver(outbox, 1)
        batch = await outbox.take(50)
        assert numbers(batch.backlog) == list(range(1, 50))
        assert batch.live == ()
        assert numbers(batch.restore) == [100]

    async def test_also_after_a_restart(self, tmp_path: Path) -> None:
        outbox = await Outbox.open(tmp_path / "outbox.sqlite")
        await outbox.put(TWIN, readings(1, 10))
        await deliver(outbox, 1)
        await outbox.close()
        again = await Outbox.open(tmp_path / "outbox.sqlite")
        batch = await again.take(50)
        assert (numbers(batch.backlog), batch.live, numbers(batch.restore)) == ([*range(1, 10)], (), [10])
        assert again.stats.waiting == 9
        await again.close()

    async def test_many_meters_share_the_room_without_exceeding_it(self, outbox: Outbox) -> None:
        twins = [type(TWIN)(key=f"m{number}", name="m", metering_started=START) for number in range(60)]
        for twin in twins:
            await outbox.put(twin, readings(1, 3))
        delivered = 0
        while outbox.stats.waiting:
            batch = await outbox.take(50)
            assert 0 < len(batch.backlog) + len(batch.live) + len(batch.restore) <= 50
            await outbox.remove([record.id for record in (*batch.backlog, *batch.live)])
            delivered += len(batch.backlog) + len(batch.live)
        assert delivered == 180

    async def test_a_renamed_meter_is_known_by_its_new_name_for_what_still_waits(self, outbox: Outbox) -> None:
        renamed = type(TWIN)(key=TWIN.key, name="Meter (kitchen)", metering_started=TWIN.metering_started)
        await outbox.put(TWIN, readings(1, 2))
        await outbox.put(renamed, [])
        assert [record.twin.name for record in (await outbox.take(50)).backlog] == ["Meter (kitchen)"]

    async def test_a_record_keeps_when_its_own_counters_began(self, outbox: Outbox) -> None:
        rebooted = type(TWIN)(key=TWIN.key, name=TWIN.name, metering_started=START + timedelta(hours=1))
        await outbox.put(TWIN, readings(1, 1))
        await outbox.put(rebooted, readings(1, 1, boot="00000002"))
        batch = await outbox.take(50)
        assert [record.twin.metering_started for record in (*batch.backlog, *batch.live)] == [
            TWIN.metering_started,
            START + timedelta(hours=1),
        ]

    async def test_putting_nothing_of_an_unknown_meter_does_nothing(self, outbox: Outbox) -> None:
        await outbox.put(TWIN, [])
        assert outbox.cursor(TWIN.key) is None


class TestStreams:
    async def test_each_has_a_cursor_of_its_own(self, outbox: Outbox) -> None:
        await outbox.put(TWIN, readings(1, 5))
        await outbox.put(TWIN, events(1, 2, boot="00000002"), stream=EVENTS)
        await outbox.put(OTHER, events(1, 9), stream=EVENTS)
        assert outbox.cursor(TWIN.key) == Cursor(boot="a1b2c3d4", seq=5)
        assert outbox.cursor(TWIN.key, EVENTS) == Cursor(boot="00000002", seq=2)
        assert outbox.cursor(OTHER.key) is None
        assert outbox.cursor(OTHER.key, EVENTS) == Cursor(boot="a1b2c3d4", seq=9)

    async def test_the_same_number_of_another_stream_is_another_record(self, outbox: Outbox) -> None:
        await outbox.put(TWIN, readings(1, 3))
        await outbox.put(TWIN, events(1, 3), stream=EVENTS)
        await outbox.put(TWIN, events(2, 4), stream=EVENTS)
        assert outbox.stats.waiting == 7

    async def test_each_is_taken_by_itself_with_lanes_of_its_own(self, outbox: Outbox) -> None:
        for seq in range(1, 5):
            await outbox.put(TWIN, readings(seq, seq))
            await outbox.put(TWIN, events(seq, seq), stream=EVENTS)
        assert await deliver(outbox, 1, EVENTS) == [4]
        batch = await outbox.take(50, EVENTS)
        assert [numbers(lane) for lane in (batch.backlog, batch.live, batch.restore)] == [[1, 2, 3], [], [4]]
        assert {record.stream for record in (*batch.backlog, *batch.restore)} == {EVENTS}
        batch = await outbox.take(50)
        assert [numbers(lane) for lane in (batch.backlog, batch.live, batch.restore)] == [[1, 2, 3], [4], []]
        assert {record.stream for record in (*batch.backlog, *batch.live)} == {"readings"}

    async def test_a_record_comes_back_as_it_came_on_the_wire(self, outbox: Outbox) -> None:
        (event,) = events(7, 7)
        await outbox.put(TWIN, [event], stream=EVENTS)
        (record,) = (await outbox.take(50, EVENTS)).live
        assert record.wire == event.wire
        assert (record.twin, record.end, record.is_newest) == (TWIN, event.end, True)

    async def test_a_meter_renamed_by_one_is_known_by_its_new_name_in_all(self, outbox: Outbox) -> None:
        renamed = type(TWIN)(key=TWIN.key, name="Meter (kitchen)", metering_started=TWIN.metering_started)
        await outbox.put(TWIN, events(1, 2), stream=EVENTS)
        await outbox.put(renamed, readings(1, 1))
        batch = await outbox.take(50, EVENTS)
        assert {record.twin.name for record in (*batch.backlog, *batch.live)} == {"Meter (kitchen)"}

    async def test_a_dead_letter_tells_its_stream(self, outbox: Outbox) -> None:
        await outbox.put(TWIN, readings(1, 1))
        await outbox.put(TWIN, events(1, 1), stream=EVENTS)
        for stream in (READINGS, EVENTS):
            await outbox.bury([Refusal(record=(await outbox.take(1, stream)).live[0], status=400, reason="no")])
        assert {letter.stream for letter in await outbox.dead_letters()} == {"readings", EVENTS}

    async def test_they_share_the_room(self, tmp_path: Path) -> None:
        outbox = await Outbox.open(tmp_path / "outbox.sqlite", OutboxLimits(max_bytes=200_000))
        await outbox.put(TWIN, events(1, 20), stream=EVENTS)
        for seq in range(1, 501, 10):
            await outbox.put(TWIN, readings(seq, seq + 9))
        assert outbox.stats.waiting + outbox.stats.dropped == 520
        assert await deliver(outbox, 50, EVENTS) == [20]
        await outbox.close()

    async def test_one_is_found_without_a_search_through_the_readings(self, tmp_path: Path) -> None:
        """A week of readings is 400 MB."""
        await (await Outbox.open(tmp_path / "outbox.sqlite")).close()
        database = sqlite3.connect(tmp_path / "outbox.sqlite")
        steps = [row[-1] for row in database.execute(f"EXPLAIN QUERY PLAN {_BACKLOG_OF_STREAM}", (EVENTS, 50))]
        database.close()
        assert "SEARCH record USING INDEX record_of_stream (stream=?)" in steps
        assert not [step for step in steps if "SCAN record" in step or "B-TREE" in step]

    async def test_they_are_kept_over_a_restart(self, tmp_path: Path) -> None:
        outbox = await Outbox.open(tmp_path / "outbox.sqlite")
        await outbox.put(TWIN, readings(1, 2))
        await outbox.put(TWIN, events(1, 3), stream=EVENTS)
        await deliver(outbox, 1, EVENTS)
        await outbox.close()
        again = await Outbox.open(tmp_path / "outbox.sqlite")
        assert again.cursor(TWIN.key, EVENTS) == Cursor(boot="a1b2c3d4", seq=3)
        assert again.stats.waiting == 4
        assert await deliver(again, 50, EVENTS) == [1, 2]
        await again.close()


class TestRefused:
    async def test_a_buried_record_is_kept_apart(self, outbox: Outbox) -> None:
        await outbox.put(TWIN, readings(1, 3))
        batch = await outbox.take(50)
        await outbox.bury([Refusal(record=batch.backlog[0], status=400, reason="Invalid characters")])
        assert (outbox.stats.waiting, outbox.stats.dead) == (2, 1)
        (letter,) = await outbox.dead_letters()
        assert (letter.key, letter.status, letter.reason, letter.wire) == (TWIN.key, 400, "Invalid characters", wire(1))
        assert letter.end == START + timedelta(seconds=1)
        assert datetime.now(UTC) - letter.refused_at < timedelta(minutes=1)

    async def test_the_newest_record_can_be_buried(self, outbox: Outbox) -> None:
        await outbox.put(TWIN, readings(1, 2))
        batch = await outbox.take(50)
        await outbox.bury([Refusal(record=batch.live[0], status=400, reason="no")])
        assert outbox.stats.waiting == 1
        assert await deliver(outbox) == [1]
        await outbox.put(TWIN, readings(2, 3))
        assert await deliver(outbox) == [3]

    async def test_a_buried_newest_record_does_not_stand_before_another_meters(self, outbox: Outbox) -> None:
        await outbox.put(TWIN, readings(1, 1))
        await outbox.put(OTHER, readings(2, 2))
        await outbox.bury([Refusal(record=(await outbox.take(1)).live[0], status=400, reason="no")])
        assert await deliver(outbox, 1) == [2]

    async def test_only_the_latest_are_kept(self, tmp_path: Path) -> None:
        outbox = await Outbox.open(tmp_path / "outbox.sqlite", OutboxLimits(max_dead=3))
        await outbox.put(TWIN, readings(1, 6))
        for record in (await outbox.take(50)).backlog:
            await outbox.bury([Refusal(record=record, status=422, reason="no")])
        assert outbox.stats.dead == 3
        assert [letter.wire["seq"] for letter in await outbox.dead_letters()] == ["5", "4", "3"]
        await outbox.close()


class TestLimits:
    async def test_a_full_outbox_drops_the_oldest_and_counts_them(self, tmp_path: Path) -> None:
        outbox = await Outbox.open(tmp_path / "outbox.sqlite", OutboxLimits(max_bytes=200_000))
        for seq in range(1, 1001, 10):
            await outbox.put(TWIN, readings(seq, seq + 9))
        assert outbox.stats.bytes <= 200_000
        assert outbox.stats.dropped > 0
        assert outbox.stats.waiting + outbox.stats.dropped == 1000
        first = outbox.stats.dropped + 1
        assert outbox.stats.oldest == START + timedelta(seconds=first)
        batch = await outbox.take(1100)
        assert numbers((*batch.backlog, *batch.live)) == list(range(first, 1001))
        await outbox.close()

    async def test_what_was_dropped_stays_counted(self, tmp_path: Path) -> None:
        limits = OutboxLimits(max_bytes=100_000)
        outbox = await Outbox.open(tmp_path / "outbox.sqlite", limits)
        for seq in range(1, 301):
            await outbox.put(TWIN, [a_reading(seq)])
        dropped = outbox.stats.dropped
        await outbox.close()
        again = await Outbox.open(tmp_path / "outbox.sqlite", limits)
        assert again.stats.dropped == dropped > 0
        await again.close()

    async def test_a_put_that_can_never_fit_is_not_acknowledged(self, tmp_path: Path) -> None:
        outbox = await Outbox.open(tmp_path / "outbox.sqlite", OutboxLimits(max_bytes=50_000))
        with pytest.raises(OutboxError, match="full"):
            await outbox.put(TWIN, readings(1, 500))
        assert outbox.cursor(TWIN.key) is None
        await outbox.put(TWIN, readings(1, 5))
        assert outbox.stats.waiting == 5
        await outbox.close()

    async def test_readings_beyond_the_age_limit_go_and_are_counted(self, tmp_path: Path) -> None:
        age = datetime.now(UTC) - (START + timedelta(seconds=50))
        outbox = await Outbox.open(tmp_path / "outbox.sqlite", OutboxLimits(max_age=age))
        await outbox.put(TWIN, readings(1, 100))
        assert outbox.stats.dropped >= 49
        assert outbox.stats.waiting == 100 - outbox.stats.dropped
        assert outbox.cursor(TWIN.key) == Cursor(boot="a1b2c3d4", seq=100)
        await outbox.close()

    async def test_room_goes_back_to_the_disk_once_everything_is_delivered(self, tmp_path: Path) -> None:
        path = tmp_path / "outbox.sqlite"
        outbox = await Outbox.open(path)
        await outbox.put(TWIN, readings(1, 9000))
        assert outbox.stats.bytes > 4 * 1024 * 1024
        batch = await outbox.take(9000)
        await outbox.remove([record.id for record in (*batch.backlog, *batch.live)])
        assert path.stat().st_size < 100_000
        await outbox.close()


class TestFile:
    async def test_the_folder_is_made(self, tmp_path: Path) -> None:
        outbox = await Outbox.open(tmp_path / "a" / "b" / "outbox.sqlite")
        await outbox.close()
        assert (tmp_path / "a" / "b" / "outbox.sqlite").exists()

    async def test_one_file_is_not_opened_twice(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        connect = sqlite3.connect
        monkeypatch.setattr(sqlite3, "connect", lambda path, **options: connect(path, timeout=0.05, **options))
        outbox = await Outbox.open(tmp_path / "outbox.sqlite")
        with pytest.raises(OutboxError, match="locked"):
            await Outbox.open(tmp_path / "outbox.sqlite")
        await outbox.put(TWIN, readings(1, 1))
        await outbox.close()

    async def test_a_place_that_cannot_be_written_shows(self, tmp_path: Path) -> None:
        (tmp_path / "outbox.sqlite").mkdir()
        with pytest.raises(OutboxError):
            await Outbox.open(tmp_path / "outbox.sqlite")

    async def test_nothing_is_acknowledged_after_closing(self, tmp_path: Path) -> None:
        outbox = await Outbox.open(tmp_path / "outbox.sqlite")
        await outbox.close()
        with pytest.raises(OutboxError, match="closed"):
            await outbox.put(TWIN, readings(1, 1))
