"""From the chip to the history, through real processes: every reading arrives once, with the right numbers."""

from datetime import datetime, timedelta
from itertools import pairwise
import time
from typing import TYPE_CHECKING

import pytest

from bench.rig.check import check, history_instants, next_reading
from bench.rig.installation import METER_YAML, Installation
from bench.rig.scenario import Scenario

if TYPE_CHECKING:
    from custom_components.three_phase_energy.model.reading import Reading

pytestmark = pytest.mark.asyncio(loop_scope="session")

ONE_READING = timedelta(seconds=1)
JITTER = timedelta(milliseconds=250)
"""The meter polls for the end of a window, on a machine that is busy with tests."""


async def assert_complete(running: Installation, first: Reading, last: Reading) -> None:
    """Check that the history gets one row a second between two readings: none missing, none twice.

    What waited during an outage arrives behind the newest readings, so a gap may close for a while.
    """
    assert first.end
    assert last.end
    deadline = time.monotonic() + 60
    while gaps := await gaps_between(running, first.end, last.end):
        assert time.monotonic() < deadline, f"rows that are not one second apart: {gaps}"


async def gaps_between(running: Installation, begin: datetime, end: datetime) -> list[datetime]:
    """Return the instants of a span whose next row does not follow after one second."""
    instants = [instant for instant in await history_instants(running) if begin <= instant <= end]
    if not instants or instants[-1] != end:
        return [end]
    return [earlier for earlier, later in pairwise(instants) if abs(later - earlier - ONE_READING) >= JITTER]


async def last_of(running: Installation, readings: int) -> Reading:
    """Wait for a number of readings and return the last."""
    events = await running.home_assistant.events("esphome.three_phase_reading")
    return [await next_reading(events) for _ in range(readings)][-1]


async def test_readings_arrive_once_with_the_right_numbers(running: Installation) -> None:
    report = await check(running, Scenario.load(METER_YAML), time.monotonic(), print, readings=40)

    assert report.complaints == []
    assert report.missing == report.duplicated == 0
    assert report.passed


async def test_outage_of_the_broker_leaves_no_gap(running: Installation) -> None:
    before = await last_of(running, 2)

    await running.broker_part.stop()
    await last_of(running, 6)
    await running.broker_part.start()
    after = await last_of(running, 2)

    await assert_complete(running, before, after)


async def test_broker_that_is_killed_again_and_again_leaves_no_gap(running: Installation) -> None:
    before = await last_of(running, 2)

    for _ in range(3):
        running.broker.process.kill()
        await running.broker_part.stop()
        await last_of(running, 3)
        await running.broker_part.start()
        # The next kill comes while what waited is on its way through the broker into the history.
        await last_of(running, 1)
    after = await last_of(running, 2)

    await assert_complete(running, before, after)


async def test_killed_home_assistant_leaves_no_gap(running: Installation) -> None:
    before = await last_of(running, 2)

    running.home_assistant.process.kill()
    await running.home_assistant_part.stop()
    await running.home_assistant_part.start()
    after = await last_of(running, 2)

    await assert_complete(running, before, after)
