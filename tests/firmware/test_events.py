"""Power-quality events of the real firmware: from the wires to the API, to automations and to entities."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
import time

from aioesphomeapi import BinarySensorInfo
import pytest
import pytest_asyncio

from bench.rig.firmware import SimulatedMeter, build

from .conftest import HERE
from .entities import Entities
from .event_receiver import PowerEventReceiver

pytestmark = pytest.mark.asyncio(loop_scope="session")

PERIOD_MS = 12_500
KEYS = {"v", "meter", "boot", "seq", "id", "type", "phase", "state", "t", "up", "duration", "resolution", "value", "percent"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a step of the profile in events.yaml is."""

    type: str
    phase: str
    at_ms: int
    """Within the profile, which begins with the program."""
    duration_ms: int
    value: float
    percent: float


EVENTS = (
    Expected(type="dip", phase="L1", at_ms=4_000, duration_ms=200, value=115, percent=50),
    Expected(type="swell", phase="L2", at_ms=6_000, duration_ms=60, value=276, percent=120),
    Expected(type="interruption", phase="L3", at_ms=8_000, duration_ms=1_500, value=0, percent=0),
    Expected(type="phase_loss", phase="L3", at_ms=8_000, duration_ms=1_500, value=0, percent=0),
    # Of its limit, 20 A.
    Expected(type="over_current", phase="L1", at_ms=11_500, duration_ms=100, value=30, percent=150),
)
each_event = pytest.mark.parametrize("expected", EVENTS, ids=lambda expected: expected.type)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def meter(esphome: None, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[SimulatedMeter]:
    """A meter whose supply has an event of each kind in each 12.5 s."""
    async with SimulatedMeter(await build(HERE / "events.yaml"), tmp_path_factory.mktemp("events")) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def records(meter: SimulatedMeter) -> list[Mapping[str, str]]:
    """Every record up to the end of the first round of the profile."""
    async with PowerEventReceiver.connected(meter.port) as receiver:
        await receiver.ask()
        await receiver.receive(type="over_current", state="end")
        return list(receiver.wires)


def ended(records: list[Mapping[str, str]], kind: str) -> Mapping[str, str]:
    return next(record for record in records if record["type"] == kind and record["state"] == "end")


@each_event
async def test_event_says_what_happened_to_which_phase(records: list[Mapping[str, str]], expected: Expected) -> None:
    record = ended(records, expected.type)

    assert record["phase"] == expected.phase
    assert float(record["value"]) == pytest.approx(expected.value, rel=1e-3, abs=0.5)
    assert float(record["percent"]) == pytest.approx(expected.percent, rel=1e-3, abs=0.3)
    assert record["flags"] == ""


@each_event
async def test_start_and_duration_are_right_within_the_resolution(records: list[Mapping[str, str]], expected: Expected) -> None:
    record = ended(records, expected.type)
    # What the machine's scheduler adds to the thread of the simulated pin.
    resolution = int(record["resolution"]) + 3

    assert int(record["up"]) % PERIOD_MS == pytest.approx(expected.at_ms, abs=resolution)
    assert int(record["duration"]) == pytest.approx(expected.duration_ms, abs=resolution)


async def test_pin_gives_a_dip_a_resolution_of_half_a_cycle(records: list[Mapping[str, str]]) -> None:
    assert int(ended(records, "dip")["resolution"]) <= 15


async def test_record_has_every_key_of_the_contract(records: list[Mapping[str, str]]) -> None:
    record = ended(records, "dip")

    assert record.keys() == KEYS | {"flags", "dropped"}
    assert record["v"] == "1"
    assert record["meter"] == "meter"
    assert record["dropped"] == "0,0,0,0,0,0,0"


async def test_event_is_dated_by_its_start(records: list[Mapping[str, str]]) -> None:
    dip, swell = ended(records, "dip"), ended(records, "swell")

    assert time.time() * 1000 - 60_000 < int(dip["t"]) < time.time() * 1000
    assert int(swell["t"]) - int(dip["t"]) == pytest.approx(int(swell["up"]) - int(dip["up"]), abs=2)


async def test_event_that_goes_on_is_told_before_it_is_over(records: list[Mapping[str, str]]) -> None:
    (begin,) = (record for record in records if record["state"] == "begin" and record["type"] == "dip")
    end = ended(records, "interruption")

    assert begin["id"] == end["id"]
    assert int(begin["seq"]) < int(end["seq"])
    assert "duration" not in begin
    assert begin["phase"] == "L3"


async def test_short_event_is_told_once(records: list[Mapping[str, str]]) -> None:
    assert sum(record["id"] == ended(records, "dip")["id"] for record in records) == 1


async def test_nothing_else_happened(records: list[Mapping[str, str]]) -> None:
    assert {record["type"] for record in records if record["state"] == "end"} == {expected.type for expected in EVENTS}


async def test_acknowledged_events_do_not_come_again(meter: SimulatedMeter, records: list[Mapping[str, str]]) -> None:
    last = max(int(record["seq"]) for record in records)
    async with PowerEventReceiver.connected(meter.port) as receiver:
        await receiver.ask()
        await receiver.receive(seq=str(last))
        await receiver.ask(records[0]["boot"], last)
        await receiver.receive(type="dip", state="end")
        await receiver.ask()
        await receiver.receive(type="dip", state="end")

        assert min(receiver.numbers) == last + 1


async def test_nothing_is_sent_before_the_first_call(meter: SimulatedMeter) -> None:
    async with PowerEventReceiver.connected(meter.port) as receiver:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                await receiver.receive()


async def test_automations_run_with_the_event(meter: SimulatedMeter, records: list[Mapping[str, str]]) -> None:
    log = meter.log.read_text(encoding="utf-8")

    assert "on_dip L1 115 V 50 % " + ended(records, "dip")["duration"] + " ms" in log
    for trigger in ("on_swell", "on_interruption", "on_over_current", "on_phase_loss"):
        assert trigger in log
    # An interruption is a dip until it is over.
    assert "on_event_begin L3 dip" in log
    assert "on_event_begin L3 phase_loss" in log


async def test_entities_follow_the_events(meter: SimulatedMeter, records: list[Mapping[str, str]]) -> None:
    async with Entities.connected(meter.port) as entities:
        before = await entities.number("Dips")
        assert before >= 1
        assert await entities.next_number("Dips") == before + 1
        assert "dip: 115.0 V (50 %) for" in await entities.text("Last event")


async def test_binary_sensors_are_on_while_an_event_goes_on(meter: SimulatedMeter, records: list[Mapping[str, str]]) -> None:
    async with Entities.connected(meter.port) as entities:
        assert await entities.next_switching("L1 dip") == [True, False]
        info = entities.infos["L1 dip"]

    assert isinstance(info, BinarySensorInfo)
    assert info.device_class == "problem"
