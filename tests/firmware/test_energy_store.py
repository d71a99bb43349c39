"""Counters of energy go on over a restart that was planned, and begin anew after one that was not."""

from pathlib import Path
import shutil

import pytest

from bench.rig.firmware import SimulatedMeter, build
from custom_components.three_phase_energy.model.quantity import Phase
from custom_components.three_phase_energy.model.reading import Reading

from .conftest import SHIPPED
from .receiver import Receiver

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.usefixtures("esphome")]

COUNTERS = (
    ("active_energy_import", Phase.L1),
    ("active_energy_export", Phase.L3),
    ("active_energy_import", Phase.NET),
    ("reactive_energy_q1", Phase.L2),
    ("fundamental_active_energy_import", Phase.TOTAL),
)


async def first_readings(meter: SimulatedMeter, count: int) -> list[Reading]:
    async with Receiver.connected(meter.port) as receiver:
        await receiver.ask()
        return await receiver.receive(count, seconds=20)


def counted(reading: Reading) -> list[float]:
    values = [reading.value(key, phase) for key, phase in COUNTERS]
    return [value for value in values if value is not None]


async def test_counters_go_on_after_a_shutdown_and_begin_anew_after_a_crash(tmp_path: Path) -> None:
    firmware = await build(SHIPPED)
    async with SimulatedMeter(firmware, tmp_path / "meter") as meter:
        first, *_, last = await first_readings(meter, 6)
    async with SimulatedMeter(firmware, tmp_path / "meter") as meter:
        # What is stored now is what a crash from here on would leave.
        shutil.copytree(tmp_path / "meter", tmp_path / "crashed")
        after_shutdown = (await first_readings(meter, 1))[0]
    async with SimulatedMeter(firmware, tmp_path / "crashed") as meter:
        after_crash = (await first_readings(meter, 1))[0]

    assert after_shutdown.boot != last.boot
    assert "rebooted" in after_shutdown.flags
    for before, after, begun, anew in zip(
        counted(last), counted(after_shutdown), counted(first), counted(after_crash), strict=True
    ):
        assert after > before
        # The first window of a boot measures the same load each time, to the step of the counter.
        assert anew == pytest.approx(begun, abs=2)
