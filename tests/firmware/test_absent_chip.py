"""A device with two meters, one of which has no chip that answers: nothing is invented, and the other one is not disturbed."""

import math

import pytest

from bench.rig.firmware import SimulatedMeter

from .entities import Entities
from .receiver import Receiver

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_status_tells_what_to_check(two_meters: SimulatedMeter) -> None:
    async with Entities.connected(two_meters.port) as entities:
        assert await entities.text("Garage status") == "No chip answers: check its supply and the wires of CS and MISO"
        assert await entities.text("Status") == "OK"


async def test_absent_chip_never_sends_a_reading(two_meters: SimulatedMeter) -> None:
    async with Receiver.connected(two_meters.port) as receiver:
        await receiver.ask(meter="garage")
        with pytest.raises(TimeoutError):
            await receiver.receive(1, seconds=3)


async def test_empty_meter_addresses_every_meter_of_the_device(two_meters: SimulatedMeter) -> None:
    async with Receiver.connected(two_meters.port) as receiver:
        await receiver.ask(meter="")
        readings = await receiver.receive(2)

    assert {reading.meter for reading in readings} == {"meter"}


async def test_absent_chip_has_no_values(two_meters: SimulatedMeter) -> None:
    async with Entities.connected(two_meters.port) as entities:
        assert math.isnan(await entities.number("Garage voltage"))


async def test_device_stays_up_and_keeps_trying(two_meters: SimulatedMeter) -> None:
    log = two_meters.log.read_text(encoding="utf-8")

    assert log.count("setup() finished successfully") == 1
    assert log.count("garage: No chip answers") == 1, "the user is told once, not with each attempt"
