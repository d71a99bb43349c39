"""The packages of the shipped meter, together on one chip: what they show of the simulated house."""

import pytest

from bench.rig.firmware import SimulatedMeter

from .entities import Entities

pytestmark = pytest.mark.asyncio(loop_scope="session")

COUNTERS = ("Dips", "Swells", "Interruptions", "Phase losses", "Wrong sequences")
ORDERS = {"L1 fifth voltage harmonic": 0.0, "L2 fifth voltage harmonic": 2.1, "L3 fifth voltage harmonic": 0.0}
"""In percent of the fundamental, as the scenario says."""


async def test_house_is_wired_rightly_while_its_inverter_feeds_in(shipped_meter: SimulatedMeter) -> None:
    async with Entities.connected(shipped_meter.port) as entities:
        assert await entities.text_that("Wiring", lambda text: text != "Not measuring") == "OK"


@pytest.mark.parametrize("counter", COUNTERS)
async def test_quiet_supply_has_no_events(shipped_meter: SimulatedMeter, counter: str) -> None:
    async with Entities.connected(shipped_meter.port) as entities:
        assert await entities.number(counter) == 0


@pytest.mark.parametrize(("name", "percent"), ORDERS.items())
async def test_harmonic_is_the_one_on_the_wires(shipped_meter: SimulatedMeter, name: str, percent: float) -> None:
    async with Entities.connected(shipped_meter.port) as entities:
        assert await entities.known_number(name) == pytest.approx(percent, abs=0.02)


async def test_meter_is_not_calibrated_until_somebody_does(shipped_meter: SimulatedMeter) -> None:
    async with Entities.connected(shipped_meter.port) as entities:
        assert await entities.text("Calibration") == "Not calibrated"
        assert await entities.number("L1 voltage (reference)") == 0
