"""The wire between meter and Home Assistant, contract version 1, spoken by the real firmware (docs/architecture.md)."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
import re

import pytest

from bench.rig.firmware import SimulatedMeter, build
from custom_components.three_phase_energy.model.quantities import QUANTITIES
from custom_components.three_phase_energy.model.reading import Reading

from .conftest import SHIPPED
from .receiver import Receiver

pytestmark = pytest.mark.asyncio(loop_scope="session")

WINDOW = 16
HEADER = {"v", "meter", "boot", "seq", "first", "t", "up", "span", "flags"}


def contiguous(readings: Sequence[Reading]) -> bool:
    return all(later.first == earlier.seq + 1 for earlier, later in pairwise(readings))


async def test_nothing_is_sent_before_the_first_call_of_a_connection(shipped_meter: SimulatedMeter) -> None:
    async with Receiver.connected(shipped_meter.port) as calling:
        # Whatever waited, so that the credit of the last call is for what comes.
        await calling.next_new()
        async with Receiver.connected(shipped_meter.port) as beside:
            await calling.receive(len(calling.wires) + 1)
            assert beside.wires == []
    async with Receiver.connected(shipped_meter.port) as after:
        with pytest.raises(TimeoutError):
            await after.receive(1, seconds=1.2)


async def test_a_receiver_that_knows_nothing_gets_everything_from_the_oldest_on(shipped_meter: SimulatedMeter) -> None:
    async with Receiver.connected(shipped_meter.port) as receiver:
        await receiver.ask(boot="")
        oldest = (await receiver.receive(3))[0]
        await receiver.ask(boot="ffffffff", after=oldest.seq + 1)
        again = await receiver.receive_from(oldest.seq, 3)

    assert contiguous(again)


async def test_a_call_gives_credit_for_one_window(shipped_meter: SimulatedMeter) -> None:
    async with Receiver.connected(shipped_meter.port) as receiver:
        await receiver.ask()
        window = await receiver.receive(WINDOW, seconds=WINDOW + 5)
        with pytest.raises(TimeoutError):
            await receiver.receive(WINDOW + 1, seconds=1.2)
        await receiver.ask(window[0].boot, window[0].seq)
        following = await receiver.receive(1)

    assert contiguous(window)
    assert following[0].seq == window[-1].seq + 1


async def test_progress_acknowledges_and_goes_on_after_what_was_sent(shipped_meter: SimulatedMeter) -> None:
    async with Receiver.connected(shipped_meter.port) as receiver:
        await receiver.ask()
        first = await receiver.receive(3)
        await receiver.ask(first[0].boot, first[1].seq)
        following = await receiver.receive(2)
        await receiver.ask()
        left = await receiver.receive_from(first[2].seq)

    assert following[0].seq > first[2].seq
    assert min(receiver.numbers) == left[0].seq


async def test_no_progress_sends_again(shipped_meter: SimulatedMeter) -> None:
    async with Receiver.connected(shipped_meter.port) as receiver:
        await receiver.ask()
        first = await receiver.receive(2)
        await receiver.ask(first[0].boot, first[0].seq)
        once = await receiver.receive(2)
        await receiver.ask(first[0].boot, first[0].seq)
        twice = await receiver.receive_from(first[0].seq + 1, 2)

    assert contiguous(twice)
    assert once[-1].seq >= twice[-1].seq


async def test_a_record_that_is_sent_again_is_the_same(shipped_meter: SimulatedMeter) -> None:
    async with Receiver.connected(shipped_meter.port) as receiver:
        await receiver.ask()
        once = await receiver.receive(2)
        await receiver.ask()
        twice = await receiver.receive_from(once[0].seq, 2)

    assert [reading.wire for reading in once] == [reading.wire for reading in twice]


async def test_a_receiver_that_comes_back_misses_nothing(shipped_meter: SimulatedMeter) -> None:
    async with Receiver.connected(shipped_meter.port) as receiver:
        await receiver.ask()
        known = (await receiver.receive(2))[-1]
        await receiver.ask(known.boot, known.seq)
        await receiver.receive(1)
    async with Receiver.connected(shipped_meter.port) as receiver:
        await receiver.ask(known.boot, known.seq)
        following = await receiver.receive(3)

    assert following[0].first == known.seq + 1
    assert contiguous(following)


async def test_an_acknowledgement_of_what_was_never_sent_loses_nothing(shipped_meter: SimulatedMeter) -> None:
    async with Receiver.connected(shipped_meter.port) as receiver:
        newest = await receiver.next_new()
        await receiver.ask(newest.boot, 2_000_000_000)
        following = await receiver.receive(1)

    assert following[0].seq == newest.seq + 1


async def test_an_unknown_meter_is_not_addressed(shipped_meter: SimulatedMeter) -> None:
    async with Receiver.connected(shipped_meter.port) as receiver:
        await receiver.ask(meter="cellar")
        with pytest.raises(TimeoutError):
            await receiver.receive(1, seconds=1.5)
        await receiver.ask(meter="")
        assert await receiver.receive(1)


async def test_record_has_every_key_of_the_contract(shipped_meter: SimulatedMeter) -> None:
    async with Receiver.connected(shipped_meter.port) as receiver:
        await receiver.ask()
        reading = (await receiver.receive(1))[0]

    assert reading.wire.keys() == HEADER | {quantity.wire for quantity in QUANTITIES}
    assert re.fullmatch(r"[0-9a-f]{8}", reading.boot)
    assert reading.meter == "meter"


async def test_record_is_dated_by_the_end_of_its_span(shipped_meter: SimulatedMeter) -> None:
    async with Receiver.connected(shipped_meter.port) as receiver:
        newest = await receiver.next_new()

    assert newest.end is not None
    assert abs(datetime.now(UTC) - newest.end) < timedelta(seconds=1)


async def test_only_the_first_record_of_a_boot_is_flagged_as_such(shipped_meter: SimulatedMeter) -> None:
    async with Receiver.connected(shipped_meter.port) as receiver:
        await receiver.ask()
        readings = await receiver.receive(3)

    assert ["rebooted" in reading.flags for reading in readings] == [reading.seq == 1 for reading in readings]


async def test_a_boot_has_an_id_of_its_own_and_counts_from_one(shipped_meter: SimulatedMeter, tmp_path: Path) -> None:
    async with Receiver.connected(shipped_meter.port) as receiver:
        await receiver.ask()
        before = (await receiver.receive(1))[0]
    async with SimulatedMeter(await build(SHIPPED), tmp_path) as rebooted, Receiver.connected(rebooted.port) as receiver:
        await receiver.ask(before.boot, before.seq)
        after = (await receiver.receive(1))[0]

    assert after.boot != before.boot
    assert after.seq == 1
    assert "rebooted" in after.flags
