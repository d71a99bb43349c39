"""A stream of records is one description: what the intake does for readings, it does for any other, of any source."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
import pytest

from bench.waiting import until
from custom_components.three_phase_energy.meters.intake import Hooks, Intake
from custom_components.three_phase_energy.meters.source import Arrival, MeterSource
from custom_components.three_phase_energy.meters.stream import AcknowledgedStream
from custom_components.three_phase_energy.mirror.outboxes import Outboxes
from custom_components.three_phase_energy.model.record import RecordError
from custom_components.three_phase_energy.model.twin import Twin
from custom_components.three_phase_energy.outbox.outbox import Outbox
from custom_components.three_phase_energy.outbox.records import Cursor

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
TWIN = Twin(key="021122334455-meter", name="Meter", metering_started=NOON)


@dataclass(frozen=True)
class Knock:
    """A record that is no reading."""

    boot: str
    seq: int
    wire: Mapping[str, str]
    meter: str = "meter"
    end: datetime = NOON

    @property
    def first(self) -> int:
        return self.seq


def knock(wire: Mapping[str, str], _arrived: datetime) -> Knock:
    if "loud" not in wire:
        raise RecordError("loud is missing")
    return Knock(boot=wire["boot"], seq=int(wire["seq"]), wire=wire)


KNOCKS = AcknowledgedStream[Knock](event="esphome.knock", action="read_knocks", decode=knock, stored_as="knocks")


@dataclass
class Door:
    """A source that is no ESPHome device."""

    key: str = "door"
    name: str = "door"
    manufacturer: str = "Carpenter"
    model: str = "Oak"
    firmware_version: str | None = None
    mac: str | None = None
    device_id: str | None = None
    is_there: bool = True
    refused: int = 0
    asked: list[tuple[str, str, int]] = field(default_factory=list)
    listeners: dict[str, Callable[[Arrival], None]] = field(default_factory=dict)
    waiting: list[Callable[[], None]] = field(default_factory=list)

    def subscribe(self, stream: AcknowledgedStream[Any], listener: Callable[[Arrival], None]) -> Callable[[], None]:
        self.listeners[stream.event] = listener
        return self.listeners.clear

    async def async_acknowledge(self, stream: AcknowledgedStream[Any], cursor: Cursor) -> None:
        if not self.is_there:
            self.refused += 1
            raise HomeAssistantError("nobody")
        self.asked.append((stream.action, cursor.boot, cursor.seq))

    def on_change(self, listener: Callable[[], None]) -> Callable[[], None]:
        self.waiting.append(listener)
        return self.waiting.clear

    def send(self, *numbers: int) -> None:
        for seq in numbers:
            self.listeners["esphome.knock"](Arrival(wire={"boot": "b007", "seq": str(seq), "loud": "1"}, at=NOON))


@dataclass
class House:
    """A door, the outbox behind it, and the intake between them."""

    door: Door
    outbox: Outbox
    intake: Intake[Knock]
    heard: list[int]

    def holds(self, *numbers: int) -> Callable[[], Awaitable[bool]]:
        """Return a condition: the outbox holds just these records of the stream."""

        async def condition() -> bool:
            batch = await self.outbox.take(50, "knocks")
            return [int(record.wire["seq"]) for record in (*batch.backlog, *batch.live)] == list(numbers)

        return condition


@pytest.fixture
async def house(hass: HomeAssistant, tmp_path: Path) -> AsyncGenerator[House]:
    door, outbox, heard = Door(), await Outbox.open(tmp_path / "outbox.sqlite"), list[int]()
    outboxes = Outboxes(hass)
    outboxes.join("broker", outbox)
    hooks = Hooks[Knock](
        twin=lambda _knock: TWIN,
        on_record=lambda knock, _arrived: heard.append(knock.seq),
        on_durable=lambda _cursor: None,
        on_version=lambda _version: None,
        on_storage=lambda _entry_id, _error: None,
    )
    source: MeterSource = door
    intake = Intake(source, KNOCKS, outboxes, hooks)
    task = asyncio.create_task(intake.run())
    await until(lambda: door.listeners)
    yield House(door=door, outbox=outbox, intake=intake, heard=heard)
    task.cancel()
    await asyncio.wait({task})
    await outbox.close()
    assert not door.listeners


async def test_its_own_event_and_action_are_used(house: House) -> None:
    house.door.send(1, 2)

    await until(house.holds(1, 2))
    assert house.heard == [1, 2]
    await until(lambda: house.door.asked == [("read_knocks", "", 0), ("read_knocks", "b007", 2)])


async def test_its_own_decoder_refuses_what_is_malformed(house: House, caplog: pytest.LogCaptureFixture) -> None:
    house.door.listeners["esphome.knock"](Arrival(wire={"boot": "b007", "seq": "1"}, at=NOON))

    await until(lambda: house.intake.counts.malformed == 1)
    assert "Meter door sent a malformed record: loud is missing" in caplog.text


async def test_duplicates_and_gaps_are_judged_by_its_own_numbers(house: House) -> None:
    house.door.send(1)
    await until(house.holds(1))
    house.door.send(1, 4)
    await until(lambda: house.intake.counts.duplicates == 1)
    house.door.send(4)

    await until(house.holds(1, 4))
    assert house.intake.counts.lost == 2


async def test_a_source_that_is_not_there_is_asked_again(house: House) -> None:
    await until(lambda: house.door.asked)
    house.door.is_there = False
    house.door.send(1, 2)
    await until(lambda: house.door.refused == 1)
    house.door.is_there = True
    house.door.send(3)

    await until(lambda: ("read_knocks", "b007", 3) in house.door.asked)
