"""Follow consecutive readings from end to end, and compare every value with the truth of the scenario.

The check reads each reading in three places: rows of the history, the entity in the broker, and the states of the sensors. It
compares a value if the load was steady over the value's span. It compares a counter by its gain since the first reading, because
only the meter knows when it began to count.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
import math
import time
from typing import Any

import aiohttp

from custom_components.three_phase_energy.model.quantities import QUANTITIES
from custom_components.three_phase_energy.model.quantity import Phase, Profile, Quantity
from custom_components.three_phase_energy.model.reading import Reading, decode

from .installation import SERVICE_PATH, TENANT, Installation, Progress
from .scenario import Key, Scenario

READINGS = 60
LIMIT_PERCENT = 0.2
SETTLING_SECONDS = 3.0
"""A step of the load reaches the slowest value of the chip, power factor and distortion, after two of its 1.024 s windows."""
COUNTING_SECONDS = 30.0
"""Seconds before counters are compared: the meter notices the end of a window up to 20 ms late, 0.07 % of 30 s."""
HEADERS = {"Fiware-Service": TENANT, "Fiware-ServicePath": SERVICE_PATH}

# The base of a percentage if the truth is nearly zero: 0.2 % of it is about one digit of the wire.
SMALLEST = {"V": 1.0, "A": 0.05, "W": 5.0, "var": 5.0, "VA": 5.0, "°": 180.0, "mWh": 1000.0, "mvarh": 1000.0, "mVAh": 1000.0}
SMALLEST_RATIO = 0.05
RESOLUTION = {"chip_temperature": 0.3, "voltage_unbalance": 1e-4, "current_unbalance": 5e-4}
"""One count of the chip, if it is coarser than the limit: only the part beyond it is an error.

An angle is rounded to 1/1,024,000 s, 0.018°, and unbalance is a ratio of sums of three phasors.
"""
NOT_MEASURED = {"calculated_current"}
"""The chip has one sum of currents, which is the residual current if the neutral has a transformer."""


@dataclass(slots=True, kw_only=True)
class Report:
    """The figures of a check."""

    seconds_to_first_row: float
    readings: int = 0
    missing: int = 0
    duplicated: int = 0
    compared: int = 0
    worst_percent: dict[str, float] = field(default_factory=dict)
    """By key of the quantity."""
    complaints: list[str] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Whether nothing was lost or doubled, every quantity was compared, and every error is below the limit."""
        complete = not self.missing and not self.duplicated and not self.complaints
        measured = (quantity.key for quantity in QUANTITIES if quantity.key not in NOT_MEASURED)
        return complete and all(self.worst_percent.get(key, math.inf) < LIMIT_PERCENT for key in measured)

    def compare(self, quantity: Quantity, phase: str, value: float, truth: float) -> None:
        """Take the error of one value into account."""
        smallest = SMALLEST.get(quantity.unit or "", SMALLEST_RATIO)
        error = max(abs(value - truth) - RESOLUTION.get(quantity.key, 0.0), 0.0)
        percent = 100 * error / max(abs(truth), smallest)
        self.compared += 1
        self.worst_percent[quantity.key] = max(percent, self.worst_percent.get(quantity.key, 0.0))
        if percent >= LIMIT_PERCENT and len(self.complaints) < 20:
            self.complaints.append(f"{quantity.key} {phase}: {value} instead of {truth:.6g} ({percent:.3f} %)")

    def figures(self) -> dict[str, Any]:
        """Return the figures of the check's last line."""
        return {
            "seconds_to_first_row": round(self.seconds_to_first_row, 1),
            "readings": self.readings,
            "missing": self.missing,
            "duplicated": self.duplicated,
            "compared": self.compared,
            "worst_percent": {key: round(percent, 4) for key, percent in self.worst_percent.items()},
        }


async def check(
    running: Installation, scenario: Scenario, started: float, progress: Progress, readings: int = READINGS
) -> Report:
    """Wait for consecutive readings and compare them everywhere; `started` is the start of set-up, as `time.monotonic`."""
    events = await running.home_assistant.events("esphome.three_phase_reading")
    async with aiohttp.ClientSession(headers=HEADERS) as session:
        way = _Way(running, session)
        await way.first_row()
        report = Report(seconds_to_first_row=time.monotonic() - started)
        progress(
            f"the first row stands in the history after {report.seconds_to_first_row:.1f} s; waiting for {readings} readings"
        )
        received = [await next_reading(events) for _ in range(readings)]
        report.readings = len(received)
        report.missing += received[-1].seq - received[0].seq + 1 - len(received)
        progress("comparing history, entity and sensors with the truth")
        comparison = _Comparison(report=report, scenario=scenario, origin=received[0])
        await _compare_history(way, comparison, received)
        await _compare_newest(way, comparison, events)
    return report


async def history_instants(running: Installation) -> list[datetime]:
    """Return the instants of all the meter's rows in the history, in its order."""
    async with aiohttp.ClientSession(headers=HEADERS) as session:
        history = await _Way(running, session).history(10_000)
    return [datetime.fromisoformat(text) for text in history["index"]] if history else []


async def next_reading(events: asyncio.Queue[dict[str, Any]]) -> Reading:
    """Return the next reading that the meter sends to Home Assistant."""
    async with asyncio.timeout(30):
        event = await events.get()
    return decode(event["data"])


class _Way:
    """The places that show the readings."""

    def __init__(self, running: Installation, session: aiohttp.ClientSession) -> None:
        self._running = running
        self._session = session

    async def _get(self, url: str, **parameters: str) -> Any:  # noqa: ANN401 - any answer of the API
        async with self._session.get(url, params=parameters) as response:
            return await response.json() if response.status == 200 else None

    async def entity(self) -> dict[str, Any] | None:
        """Return the meter's entity as soon as the broker has it."""
        entities = await self._get(f"{self._running.broker.url}/v2/entities", type="ThreePhaseAcMeasurement")
        return entities[0] if entities else None

    async def history(self, last: int) -> dict[str, Any] | None:
        """Return the newest rows of the entity: `index` of instants, and `attributes` with their values."""
        entity = await self.entity()
        if entity is None:
            return None
        url = f"{self._running.broker.history_url}/v2/entities/{entity['id']}"
        rows: dict[str, Any] | None = await self._get(url, type="ThreePhaseAcMeasurement", lastN=str(last))
        return rows if rows and rows["index"] else None

    async def first_row(self) -> None:
        """Wait until the history has its first row."""
        async with asyncio.timeout(60):
            while await self.history(1) is None:
                await asyncio.sleep(0.1)

    async def rows_of(self, readings: Sequence[Reading]) -> tuple[list[int], dict[int, dict[str, Any]]]:
        """Return all instants of the history within the readings' time, and its rows by instant in ms.

        It waits up to 20 s for the newest reading.
        """
        newest = _instant(readings[-1])
        for _ in range(100):
            history = await self.history(2 * len(readings) + 100)
            instants = [_milliseconds(text) for text in history["index"]] if history else []
            if newest in instants:
                break
            await asyncio.sleep(0.2)
        assert history is not None  # noqa: S101 - there was a first row before
        columns = {column["attrName"]: column["values"] for column in history["attributes"]}
        rows = {instant: {name: values[number] for name, values in columns.items()} for number, instant in enumerate(instants)}
        return [instant for instant in instants if _instant(readings[0]) <= instant <= newest], rows

    async def sensors(self) -> dict[Key, float]:
        """Return the states of the meter's sensors, in the unit of the table, by quantity and phase."""
        client = self._running.home_assistant
        registry = await client.command("config/entity_registry/list")
        states = await client.states()
        values: dict[Key, float] = {}
        for entry in registry:
            state = states.get(entry["entity_id"])
            if entry["platform"] != "three_phase_energy" or state is None:
                continue
            for quantity, phase in _places():
                if entry["unique_id"].endswith(f"_{phase}_{quantity.key}") and _is_number(state["state"]):
                    values[quantity.key, phase] = float(state["state"]) / quantity.sensor_scale
        return values


def _places() -> Iterator[tuple[Quantity, Phase]]:
    return ((quantity, phase) for quantity in QUANTITIES for phase in quantity.phases)


def _is_number(text: str) -> bool:
    return text not in {"unknown", "unavailable"}


def _instant(reading: Reading) -> int:
    return int(reading.wire["t"])


def _milliseconds(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Comparison:
    """Compares the values of a reading, from any place, with the truth of its span."""

    report: Report
    scenario: Scenario
    origin: Reading

    def compare(self, reading: Reading, found: Mapping[Key, float]) -> None:
        """Compare all comparable values of a reading."""
        end = reading.uptime.total_seconds()
        steady = self.scenario.is_steady(end - SETTLING_SECONDS, end)
        truth = self.scenario.values(end) if steady else {}
        gains = self._gains(end)
        for quantity, phase in _places():
            place = (quantity.key, str(phase))
            if place in truth and place in found:
                self.report.compare(quantity, phase, found[place], truth[place])
            elif place in gains and place in found:
                before = self.origin.values[quantity.key, phase]
                self.report.compare(quantity, phase, found[place] - before, gains[place])

    def _gains(self, end: float) -> dict[Key, float]:
        start = self.origin.uptime.total_seconds()
        return self.scenario.energies(start, end) if end - start >= COUNTING_SECONDS else {}


def _from_attributes(attributes: Mapping[str, Any]) -> dict[Key, float]:
    """Return the values of an entity or a row, in the unit of the table, by quantity and phase."""
    values: dict[Key, float] = {}
    for quantity, phase in _places():
        ngsi = quantity.ngsi[Profile.THREE_PHASE]
        names = {Phase.TOTAL: ngsi.total, Phase.NET: ngsi.net}
        per_phase = attributes.get(ngsi.attribute or "") or {}
        value = attributes.get(names[phase] or "") if phase in names else per_phase.get(phase)
        if value is not None:
            values[quantity.key, phase] = value / ngsi.scale
    return values


async def _compare_history(way: _Way, comparison: _Comparison, received: Sequence[Reading]) -> None:
    """Count missing and duplicate rows of the history, and compare the rows."""
    report = comparison.report
    instants, rows = await way.rows_of(received)
    counts = Counter(instants)
    report.duplicated += sum(count - 1 for count in counts.values())
    report.missing += sum(_instant(reading) not in counts for reading in received)
    strangers = counts.keys() - {_instant(reading) for reading in received}
    report.complaints += [f"the history has a row of {instant}, which no reading has" for instant in sorted(strangers)]
    for reading in received:
        if row := rows.get(_instant(reading)):
            comparison.compare(reading, _from_attributes(row))


async def _compare_newest(way: _Way, comparison: _Comparison, events: asyncio.Queue[dict[str, Any]]) -> None:
    """Compare sensors and entity while both show the same reading, in a steady second of the load."""
    for _ in range(60):
        reading = await next_reading(events)
        end = reading.uptime.total_seconds()
        if not events.empty() or not comparison.scenario.is_steady(end - SETTLING_SECONDS, end):
            continue
        if (sensors := await _sensors_showing(way, reading)) and (entity := await _entity_showing(way, reading)):
            comparison.compare(reading, sensors)
            comparison.compare(reading, entity)
            return
    comparison.report.complaints.append("sensors and entity never showed the reading that had just been sent")


async def _sensors_showing(way: _Way, reading: Reading) -> dict[Key, float] | None:
    counter = ("active_energy_import", "total")
    for _ in range(8):
        sensors = await way.sensors()
        if round(sensors.get(counter, -1)) == reading.values["active_energy_import", Phase.TOTAL]:
            return sensors
        await asyncio.sleep(0.1)
    return None


async def _entity_showing(way: _Way, reading: Reading) -> dict[Key, float] | None:
    for _ in range(8):
        entity = await way.entity()
        if entity and _milliseconds(entity["TimeInstant"]["value"]) == _instant(reading):
            return _from_attributes(
                {name: attribute["value"] for name, attribute in entity.items() if isinstance(attribute, dict)}
            )
        await asyncio.sleep(0.1)
    return None
