"""The firmwares of the tests, built once and run for the whole session."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import pytest_asyncio

from bench.rig.firmware import ESPHOME, SimulatedMeter, build

HERE = Path(__file__).parent
SHIPPED = HERE.parents[1] / "esphome" / "three-phase-meter-simulated.yaml"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let processes that share the work take a file as a whole, for its running meter, or a test that runs one of its own."""
    for item in items:
        if item.path.is_relative_to(HERE) and item.get_closest_marker("own_meter") is None:
            item.add_marker(pytest.mark.xdist_group(item.path.stem))


@pytest.fixture(scope="session")
def esphome() -> None:
    """Skip what needs ESPHome where it is not installed."""
    if not ESPHOME.exists():
        pytest.skip("ESPHome is not installed: run scripts/setup")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def shipped_meter(esphome: None, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[SimulatedMeter]:
    """The simulated meter that the product ships."""
    async with SimulatedMeter(await build(SHIPPED), tmp_path_factory.mktemp("shipped")) as meter:
        yield meter


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def two_meters(esphome: None, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[SimulatedMeter]:
    """One device with the chips `meter`, which measures, and `garage`, which is absent."""
    async with SimulatedMeter(await build(HERE / "meters.yaml"), tmp_path_factory.mktemp("two")) as meter:
        yield meter
