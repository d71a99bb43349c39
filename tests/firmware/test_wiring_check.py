"""Meters that were installed wrongly: the whole firmware says what is wrong, and measures rightly once it is put right."""

from collections.abc import AsyncGenerator, Mapping

import pytest
import pytest_asyncio

from bench.rig.firmware import SimulatedMeter, build

from .conftest import HERE
from .entities import Entities

pytestmark = pytest.mark.asyncio(loop_scope="session")

VERDICTS: Mapping[str, str] = {
    "Wiring": "CT of L2 is reversed; Voltages of L1 and L3 are swapped",
    "Corrected wiring": "OK",
    "Wiring of the coils": "CTs of L1 and L2 are swapped",
}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def miswired_meters(esphome: None, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[SimulatedMeter]:
    """One device with the meters `meter`, `corrected` and `coils`."""
    async with SimulatedMeter(await build(HERE / "miswired.yaml"), tmp_path_factory.mktemp("miswired")) as meter:
        yield meter


@pytest.mark.parametrize(("sensor", "verdict"), VERDICTS.items())
async def test_wiring_is_judged(miswired_meters: SimulatedMeter, sensor: str, verdict: str) -> None:
    async with Entities.connected(miswired_meters.port) as entities:
        assert await entities.text(sensor) == verdict


async def test_verdict_is_there_before_the_chip_has_settled(miswired_meters: SimulatedMeter) -> None:
    async with Entities.connected(miswired_meters.port) as entities:
        await entities.number("Current of a coil")
    log = miswired_meters.log.read_text(encoding="utf-8")

    # The chip settles for 2 s from its start.
    assert log.index(f"meter: {VERDICTS['Wiring']}") < log.index("meter: measuring")


async def test_swapped_and_reversed_sensors_are_put_right_by_configuration(miswired_meters: SimulatedMeter) -> None:
    async with Entities.connected(miswired_meters.port) as entities:
        # 230 V · 7 A · cos 20°
        assert await entities.number("Corrected power of L2") == pytest.approx(1512.9, rel=0.002)


async def test_coil_is_integrated_at_60_hz_with_the_sensitivity_of_60_hz(miswired_meters: SimulatedMeter) -> None:
    async with Entities.connected(miswired_meters.port) as entities:
        assert await entities.number("Current of a coil") == pytest.approx(20, rel=0.002)
