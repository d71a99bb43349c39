"""What the whole firmware measures is what is on the wires: values and energies against the closed form of the scenario."""

from pathlib import Path
import textwrap

import pytest
import pytest_asyncio

from bench.rig.firmware import SimulatedMeter
from bench.rig.scenario import Key, Scenario
from custom_components.three_phase_energy.model.quantities import QUANTITIES
from custom_components.three_phase_energy.model.quantity import Quantity
from custom_components.three_phase_energy.model.reading import Reading

from .conftest import HERE
from .receiver import Receiver

pytestmark = pytest.mark.asyncio(loop_scope="session")

TOLERANCE = 0.002
SETTLING_S = 3.0
"""A step of the load reaches the chip's slowest values, power factor and distortion, after two windows of 1.024 s."""
SMALLEST = {"°": 180.0, "V": 1.0, "A": 0.05, "W": 5.0, "var": 5.0, "VA": 5.0, "°C": 100.0, None: 0.05}
"""What the tolerance is taken of where the truth is nearly nothing; the chip's thermometer resolves 0.1 °C."""

ONE_SUM = "calculated_current"
"""The chip has one sum of currents, which is the residual current here, because the neutral has a transformer."""
ANGLE_STEPS = {"voltage_unbalance": 1e-4, "current_unbalance": 5e-4}
"""What rounding each angle to 1/1,024,000 s, 0.018°, does to a ratio of sums of phasors."""

each_value = pytest.mark.parametrize(
    "quantity", [quantity for quantity in QUANTITIES if not quantity.is_counter], ids=lambda quantity: quantity.key
)
each_counter = pytest.mark.parametrize(
    "quantity", [quantity for quantity in QUANTITIES if quantity.is_counter], ids=lambda quantity: quantity.key
)


@pytest.fixture(scope="module")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    """The workshop's load."""
    path: Path = tmp_path_factory.mktemp("scenario") / "meter.yaml"
    text = (HERE / "workshop.yaml").read_text(encoding="utf-8")
    path.write_text(f"ade9000_sim:\n{textwrap.indent(text, '  ')}", encoding="utf-8")
    return Scenario.load(path)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def readings(two_meters: SimulatedMeter, scenario: Scenario) -> list[Reading]:
    """Every record of the workshop's meter over one period of its profile and a bit."""
    period = scenario.steps[-1].end
    async with Receiver.connected(two_meters.port) as receiver:
        return await receiver.follow(lambda reading: reading.uptime.total_seconds() > period + 1)


def settled(readings: list[Reading], scenario: Scenario) -> list[Reading]:
    """Return the records of a load that was steady long enough for every value of the chip, also since its start."""
    ends = [(reading, reading.uptime.total_seconds()) for reading in readings]
    return [reading for reading, end in ends if end > 1 + SETTLING_S and scenario.is_steady(end - 1 - SETTLING_S, end)]


@each_value
async def test_value_is_true_within_0_2_percent(readings: list[Reading], scenario: Scenario, quantity: Quantity) -> None:
    steady = settled(readings, scenario)
    assert steady
    for reading in steady:
        truth = scenario.values(reading.uptime.total_seconds() - 0.5)
        for phase in quantity.phases:
            if quantity.key == ONE_SUM:
                assert reading.value(quantity.key, phase) is None
                continue
            expected = truth[quantity.key, str(phase)]
            tolerance = TOLERANCE * max(abs(expected), SMALLEST.get(quantity.unit, 0.0)) + ANGLE_STEPS.get(quantity.key, 0.0)
            assert reading.value(quantity.key, phase) == pytest.approx(expected, abs=tolerance), phase


@each_counter
async def test_energy_grows_as_the_integral_of_power(readings: list[Reading], scenario: Scenario, quantity: Quantity) -> None:
    first, last = readings[1], readings[-1]
    gains = scenario.energies(first.uptime.total_seconds(), last.uptime.total_seconds())
    for phase in quantity.phases:
        key: Key = (quantity.key, str(phase))
        grown = counter(last, key) - counter(first, key)
        # The meter learns of the end of a window up to 20 ms late, of 9 s; a counter is cut to whole units twice.
        assert grown == pytest.approx(gains[key], rel=0.005, abs=2), phase


@each_counter
async def test_counter_never_falls(readings: list[Reading], quantity: Quantity) -> None:
    for phase in quantity.phases:
        values = [counter(reading, (quantity.key, str(phase))) for reading in readings]
        assert values == sorted(values), phase


async def test_every_record_is_there_once(readings: list[Reading]) -> None:
    assert [reading.seq for reading in readings] == list(range(readings[0].seq, readings[-1].seq + 1))


def counter(reading: Reading, key: Key) -> int:
    values = {(name, str(phase)): value for (name, phase), value in reading.values.items()}
    return int(values[key])
