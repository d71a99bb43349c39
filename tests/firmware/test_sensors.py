"""Plain ESPHome sensors, for those who do not use the integration."""

from collections.abc import Mapping
import os
from pathlib import Path

from aioesphomeapi import EntityCategory, SensorInfo, SensorStateClass
import pytest

from bench.rig.firmware import SimulatedMeter, build
from bench.rig.processes import program

from .conftest import HERE
from .entities import Entities

pytestmark = pytest.mark.asyncio(loop_scope="session")

STEADY: Mapping[str, float] = {
    "Neutral current": 7.5,
    "Frequency": 49.98,
    "Chip temperature": 33.0,
}
"""What the profile of the workshop's load does not change."""


@pytest.mark.parametrize(("name", "value"), STEADY.items())
async def test_sensor_publishes_what_is_on_the_wires(two_meters: SimulatedMeter, name: str, value: float) -> None:
    async with Entities.connected(two_meters.port) as entities:
        assert await entities.known_number(name) == pytest.approx(value, rel=0.005)


async def test_sensors_follow_the_update_interval(two_meters: SimulatedMeter) -> None:
    async with Entities.connected(two_meters.port) as entities:
        await entities.known_number("L1 voltage")
        voltages = [await entities.next_number("L1 voltage") for _ in range(3)]

    # 231 V, at times × 0.98, with the reading in between an average of both.
    assert all(226 < voltage < 231.5 for voltage in voltages)


async def test_energy_is_published_in_kwh_and_grows(two_meters: SimulatedMeter) -> None:
    async with Entities.connected(two_meters.port) as entities:
        earlier = await entities.next_number("Import")
        later = await entities.next_number("Import")
        info = entities.infos["Import"]

    # About 3 kW for a second are 0.8 Wh.
    assert earlier < later < earlier + 0.005
    assert isinstance(info, SensorInfo)
    assert info.unit_of_measurement == "kWh"
    assert info.device_class == "energy"
    assert info.state_class is SensorStateClass.TOTAL_INCREASING


async def test_diagnostics_are_apart_from_what_is_measured(two_meters: SimulatedMeter) -> None:
    async with Entities.connected(two_meters.port) as entities:
        info = entities.infos["Waiting readings"]
        assert info.entity_category is EntityCategory.DIAGNOSTIC
        assert await entities.number("Waiting readings") >= 1
        assert await entities.number("SPI errors") == 0


async def test_meter_works_without_the_api(tmp_path: Path) -> None:
    firmware = await build(HERE / "sensors-only.yaml")
    log = tmp_path / "meter.log"
    environment = {**os.environ, "ESPHOME_PREFDIR": str(tmp_path)}

    async def has_published() -> bool:
        return "L1 is at 121.0 V" in log.read_text(encoding="utf-8")

    async with program("meter without API", [firmware], log=log, ready=has_published, env=environment, seconds=15):
        text = log.read_text(encoding="utf-8")

    assert "60 Hz, 120 V, split_phase" in text
    assert "Neutral: full scale 173.31 A, current inverted" in text
    assert "Sum of currents: neutral" in text
