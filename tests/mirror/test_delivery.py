"""The delivery: everything arrives, live first, and the broker's state is the newest, whatever the broker does meanwhile."""

import asyncio
from collections.abc import AsyncGenerator, Callable
import contextlib
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType

import aiohttp
from aiohttp import web
from aiohttp.test_utils import unused_port
import pytest

from bench.waiting import until
from custom_components.three_phase_energy.mirror.delivery import Delivery
from custom_components.three_phase_energy.mirror.pace import Pauses
from custom_components.three_phase_energy.model.quantities import BY_WIRE
from custom_components.three_phase_energy.ngsi import exchange
from custom_components.three_phase_energy.ngsi.access import BrokerAddress
from custom_components.three_phase_energy.ngsi.client import NgsiClient
from custom_components.three_phase_energy.ngsi.errors import (
    BrokerBusyError,
    BrokerRefusedError,
    BrokerUnreachableError,
    ContentRefusedError,
    NotABrokerError,
)
from custom_components.three_phase_energy.ngsi.quantumleap import QuantumLeap
from custom_components.three_phase_energy.outbox.errors import OutboxError
from custom_components.three_phase_energy.outbox.outbox import Outbox
from tests.ngsi.recorder import Fault, Json, Recorder, cut, everything, good, nothing, status
from tests.samples import OTHER, TWIN, reading, readings

QUICK = Pauses(first=0.01, longest=0.05, settings=0.05)
MEASUREMENT = "urn:ngsi-ld:ThreePhaseAcMeasurement:021122334455-meter"
OTHER_MEASUREMENT = "urn:ngsi-ld:ThreePhaseAcMeasurement:0a0b0c0d0e0f-meter"
DEVICE = "urn:ngsi-ld:Device:021122334455-meter"


def instant(seq: int) -> str:
    """Return the time of a reading as the broker has it."""
    return f"2026-11-22T12:{seq // 60:02d}:{seq % 60:02d}.000Z"


def instants(first: int, last: int) -> list[str]:
    return [instant(seq) for seq in range(first, last + 1)]


@contextlib.asynccontextmanager
async def running(delivery: Delivery) -> AsyncGenerator[Delivery]:
    """Deliver in the background."""
    task = asyncio.create_task(delivery.run())
    try:
        yield delivery
        assert not task.done()
    finally:
        task.cancel()
        await asyncio.wait({task})


def empty(outbox: Outbox) -> Callable[[], bool]:
    return lambda: not outbox.stats.waiting


def state(broker: Recorder, entity_id: str = MEASUREMENT) -> str:
    told: str = broker.entities[entity_id]["TimeInstant"]["value"]
    return told


class TestLanes:
    async def test_a_reading_arrives_and_leaves_the_outbox(self, outbox: Outbox, client: NgsiClient, broker: Recorder) -> None:
        async with running(Delivery(outbox, client, pauses=QUICK)) as delivery:
            await outbox.put(TWIN, [reading(1)])
            await until(empty(outbox))
            assert broker.instants() == [instant(1)]
            assert broker.entities[MEASUREMENT]["name"]["value"] == "Meter %28garage%29"
            assert (delivery.stats.connected, delivery.stats.sent, delivery.stats.backlog) == (True, 1, 0)
            assert delivery.stats.last_success is not None
            assert delivery.stats.last_error is None

    async def test_readings_that_do_not_change_arrive_all_the_same(
        self, outbox: Outbox, client: NgsiClient, broker: Recorder
    ) -> None:
        zeros = {wire: ",".join("0" * len(quantity.phases)) for wire, quantity in BY_WIRE.items()}
        async with running(Delivery(outbox, client, pauses=QUICK)):
            await outbox.put(TWIN, [reading(1, boot="a1b2c3d4", **zeros), reading(2, boot="a1b2c3d4", **zeros)])
            await until(empty(outbox))
        assert set(broker.instants()) == {instant(1), instant(2)}
        assert broker.entities[MEASUREMENT]["phaseVoltage"]["value"] == {"L1": 0, "L2": 0, "L3": 0}

    async def test_a_backlog_arrives_whole_in_order_and_in_requests_of_50(
        self, outbox: Outbox, client: NgsiClient, broker: Recorder
    ) -> None:
        await outbox.put(TWIN, readings(1, 200))
        async with running(Delivery(outbox, client, pauses=QUICK)):
            await until(empty(outbox))
        assert all(len(entities) <= 50 for entities in broker.updates())
        assert len(broker.updates()) == 5
        backlog = list(dict.fromkeys(told for told in broker.instants() if told != instant(200)))
        assert backlog == instants(1, 199)
        assert instant(200) in broker.instants()

    async def test_after_each_request_the_broker_shows_the_newest_reading(
        self, outbox: Outbox, client: NgsiClient, broker: Recorder
    ) -> None:
        await outbox.put(TWIN, readings(1, 130))
        await outbox.put(OTHER, readings(1, 70))
        async with running(Delivery(outbox, client, pauses=QUICK)):
            await until(empty(outbox))
        for entities in broker.updates():
            last = {entity["id"]: entity["TimeInstant"]["value"] for entity in entities}
            assert last.get(MEASUREMENT, instant(130)) == instant(130)
            assert last.get(OTHER_MEASUREMENT, instant(70)) == instant(70)
        assert (state(broker), state(broker, OTHER_MEASUREMENT)) == (instant(130), instant(70))

    async def test_a_live_reading_is_in_the_next_request_however_long_the_backlog(
        self, outbox: Outbox, client: NgsiClient, broker: Recorder
    ) -> None:
        await outbox.put(TWIN, readings(1, 500))
        asked = asyncio.Event()
        go_on = asyncio.Event()

        async def hold(request: web.Request) -> None:
            asked.set()
            await go_on.wait()

        broker.faults.extend([good, hold])
        async with running(Delivery(outbox, client, pauses=QUICK)):
            await asked.wait()
            await outbox.put(TWIN, [reading(501)])
            go_on.set()
            await until(lambda: len(broker.updates()) > 2)
            assert outbox.stats.waiting > 300
            assert broker.updates()[2][-1]["TimeInstant"]["value"] == instant(501)
            await until(empty(outbox))
        assert state(broker) == instant(501)
        assert set(broker.instants()) == set(instants(1, 501))

    async def test_a_backlog_left_from_before_a_restart_does_not_bring_back_an_old_state(
        self, tmp_path: Path, client: NgsiClient, broker: Recorder
    ) -> None:
        outbox = await Outbox.open(tmp_path / "outbox.sqlite")
        await outbox.put(TWIN, readings(1, 60))
        live = (await outbox.take(1)).live
        async with running(Delivery(outbox, client, pauses=QUICK)):
            await until(lambda: bool(broker.updates()))
        await outbox.remove([record.id for record in live])
        await outbox.close()
        again = await Outbox.open(tmp_path / "outbox.sqlite")
        async with running(Delivery(again, client, pauses=QUICK)):
            await until(empty(again))
        await again.close()
        assert state(broker) == instant(60)
        assert set(broker.instants()) == set(instants(1, 60))

    async def test_a_renamed_meter_is_told_with_what_still_waits(
        self, outbox: Outbox, client: NgsiClient, broker: Recorder
    ) -> None:
        await outbox.put(TWIN, readings(1, 3))
        await outbox.put(replace(TWIN, name="Cellar"), [])
        async with running(Delivery(outbox, client, pauses=QUICK)):
            await until(empty(outbox))
        assert {row["name"]["value"] for row in broker.history if row["type"] == "ThreePhaseAcMeasurement"} == {"Cellar"}


class TestAwayBroker:
    async def test_nothing_is_lost_while_it_is_down(
        self, outbox: Outbox, session: aiohttp.ClientSession, broker: Recorder
    ) -> None:
        port = unused_port()
        client = NgsiClient(session, BrokerAddress(url=f"http://127.0.0.1:{port}"))
        async with running(Delivery(outbox, client, pauses=QUICK)) as delivery:
            await outbox.put(TWIN, readings(1, 120))
            await until(lambda: isinstance(delivery.stats.last_error, BrokerUnreachableError))
            assert (delivery.stats.connected, delivery.stats.backlog) == (False, 120)
            site = web.TCPSite(await runner(broker), "127.0.0.1", port)
            await site.start()
            await until(lambda: (delivery.stats.connected, delivery.stats.backlog) == (True, 0))
            await site.stop()
        assert set(broker.instants()) == set(instants(1, 120))

    @pytest.mark.parametrize("fault", [status(500), status(502), status(503), status(429), cut])
    async def test_nothing_is_lost_while_it_fails(
        self, outbox: Outbox, client: NgsiClient, broker: Recorder, fault: Fault
    ) -> None:
        broker.faults.extend([fault] * 4)
        async with running(Delivery(outbox, client, pauses=QUICK)) as delivery:
            await outbox.put(TWIN, readings(1, 60))
            await until(lambda: delivery.stats.last_error is not None)
            await until(empty(outbox))
        assert set(broker.instants()) == set(instants(1, 60))
        assert state(broker) == instant(60)
        assert outbox.stats.dead == 0

    async def test_it_is_left_alone_for_longer_each_time_by_one_request(
        self, outbox: Outbox, client: NgsiClient, broker: Recorder
    ) -> None:
        broker.always = status(503)
        await outbox.put(TWIN, readings(1, 10))
        async with running(Delivery(outbox, client, pauses=Pauses(first=0.02, longest=0.08))):
            await until(lambda: len(broker.asked) == 7)
        times = [asked.at for asked in broker.asked]
        pauses = [later - earlier for earlier, later in pairwise(times)]
        assert all(0.5 * limit <= pause for pause, limit in zip(pauses, [0.02, 0.04, 0.08, 0.08, 0.08, 0.08], strict=True))
        assert sum(pauses) < 1.5

    async def test_its_wish_to_be_left_alone_is_obeyed(self, outbox: Outbox, client: NgsiClient, broker: Recorder) -> None:
        broker.faults.append(status(429, Retry_After="1"))
        await outbox.put(TWIN, [reading(1)])
        async with running(Delivery(outbox, client, pauses=QUICK)) as delivery:
            await until(empty(outbox))
            await until(lambda: delivery.stats.sent == 1)
        first, second = (asked.at for asked in broker.asked if asked.body and "ThreePhase" in str(asked.body))
        assert 1 <= second - first < 2

    async def test_silence_ends_and_nothing_is_lost(
        self, outbox: Outbox, client: NgsiClient, broker: Recorder, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def silent(request: web.Request) -> web.StreamResponse:
            await asyncio.sleep(5)
            return web.Response()

        monkeypatch.setattr(exchange, "_TIMEOUT", aiohttp.ClientTimeout(total=0.2))
        broker.faults.append(silent)
        async with running(Delivery(outbox, client, pauses=QUICK)):
            await outbox.put(TWIN, readings(1, 20))
            await until(empty(outbox))
        assert set(broker.instants()) == set(instants(1, 20))

    async def test_requests_become_small_and_grow_again(self, outbox: Outbox, client: NgsiClient, broker: Recorder) -> None:
        broker.faults.extend([status(503)] * 6)
        await outbox.put(TWIN, readings(1, 300))
        async with running(Delivery(outbox, client, pauses=QUICK)):
            await until(empty(outbox))
        sizes = [len(entities) for entities in broker.updates()]
        assert sizes[:6] == [50, 25, 12, 6, 3, 1]
        assert max(sizes[6:9]) <= 4
        assert 50 in sizes[9:]

    async def test_an_answer_that_was_lost_does_not_double_the_history(
        self, outbox: Outbox, client: NgsiClient, broker: Recorder
    ) -> None:
        broker.faults.append(answer_lost(broker))
        await outbox.put(TWIN, readings(1, 40))
        await outbox.put(OTHER, readings(1, 5))
        async with running(Delivery(outbox, client, pauses=QUICK)) as delivery:
            await until(empty(outbox))
            await until(lambda: delivery.stats.sent == 45)
        assert sorted(broker.instants()) == sorted(instants(1, 40) + instants(1, 5))

    async def test_a_request_that_was_lost_is_sent_again(self, outbox: Outbox, client: NgsiClient, broker: Recorder) -> None:
        broker.faults.extend([good, cut])
        await outbox.put(TWIN, [reading(1)])
        async with running(Delivery(outbox, client, pauses=QUICK)):
            await until(empty(outbox))
            await outbox.put(TWIN, readings(2, 40))
            await until(empty(outbox))
        assert set(broker.instants()) == set(instants(1, 40))

    async def test_a_repeated_reading_tells_nothing_of_the_backlog_before_it(
        self, outbox: Outbox, client: NgsiClient, broker: Recorder
    ) -> None:
        """The broker had it before the lost request, so that it has it now does not mean that the request was applied."""
        await outbox.put(TWIN, readings(1, 60))
        broker.faults.extend([good, cut])
        async with running(Delivery(outbox, client, pauses=QUICK)):
            await until(empty(outbox))
        assert set(broker.instants()) == set(instants(1, 60))

    async def test_one_that_comes_back_empty_gets_everything_again(
        self, outbox: Outbox, client: NgsiClient, broker: Recorder, session: aiohttp.ClientSession
    ) -> None:
        quantumleap = QuantumLeap(session, "http://quantumleap:8668", client.address)
        async with running(Delivery(outbox, client, quantumleap, pauses=QUICK)):
            await outbox.put(TWIN, [reading(1)])
            await until(lambda: DEVICE in broker.entities)
            assert len(broker.subscriptions) == 1

            async def restart(request: web.Request) -> web.StreamResponse:
                broker.entities.clear()
                broker.subscriptions.clear()
                return await cut(request)

            broker.faults.append(restart)
            await outbox.put(TWIN, [reading(2)])
            await until(lambda: DEVICE in broker.entities and state(broker) == instant(2))
            assert len(broker.subscriptions) == 1


class TestRefusals:
    async def test_a_poisoned_reading_is_put_away_alone(self, outbox: Outbox, client: NgsiClient, broker: Recorder) -> None:
        broker.refused = lambda entity: entity.get("TimeInstant", {}).get("value") == instant(17)
        await outbox.put(TWIN, readings(1, 50))
        async with running(Delivery(outbox, client, pauses=QUICK)) as delivery:
            await until(empty(outbox))
            await until(lambda: delivery.stats.refused == 1)
            assert delivery.stats.connected
            assert delivery.stats.sent == 49
        assert set(broker.instants()) == set(instants(1, 50)) - {instant(17)}
        assert state(broker) == instant(50)
        (letter,) = await outbox.dead_letters()
        assert (letter.wire["seq"], letter.status) == ("17", 400)
        assert "Invalid characters in attribute value" in letter.reason

    async def test_live_readings_do_not_wait_for_the_search(self, outbox: Outbox, client: NgsiClient, broker: Recorder) -> None:
        broker.refused = lambda entity: entity.get("TimeInstant", {}).get("value") == instant(3)
        await outbox.put(TWIN, readings(1, 50))
        async with running(Delivery(outbox, client, pauses=QUICK)):
            await until(empty(outbox))
        assert [entity["TimeInstant"]["value"] for entity in broker.updates()[1]] == [instant(50)]

    async def test_a_poisoned_live_reading_does_not_hold_up_the_backlog(
        self, outbox: Outbox, client: NgsiClient, broker: Recorder
    ) -> None:
        broker.refused = lambda entity: entity.get("TimeInstant", {}).get("value") == instant(10)
        await outbox.put(TWIN, readings(1, 10))
        async with running(Delivery(outbox, client, pauses=QUICK)):
            await until(empty(outbox))
            await outbox.put(TWIN, readings(11, 11))
            await until(empty(outbox))
        assert set(broker.instants()) == set(instants(1, 11)) - {instant(10)}
        assert state(broker) == instant(11)
        assert outbox.stats.dead == 1

    async def test_several_poisoned_readings_are_all_found(self, outbox: Outbox, client: NgsiClient, broker: Recorder) -> None:
        poisoned = {instant(seq) for seq in (1, 2, 25, 49, 50, 77)}
        broker.refused = lambda entity: entity.get("TimeInstant", {}).get("value") in poisoned
        await outbox.put(TWIN, readings(1, 80))
        async with running(Delivery(outbox, client, pauses=QUICK)):
            await until(empty(outbox))
        assert set(broker.instants()) == set(instants(1, 80)) - poisoned
        assert outbox.stats.dead == 6

    async def test_a_broker_that_refuses_everything_costs_nothing(
        self, outbox: Outbox, client: NgsiClient, broker: Recorder
    ) -> None:
        broker.refused = everything
        await outbox.put(TWIN, readings(1, 10))
        async with running(Delivery(outbox, client, pauses=QUICK)) as delivery:
            await until(lambda: isinstance(delivery.stats.last_error, ContentRefusedError))
            assert (outbox.stats.waiting, outbox.stats.dead) == (10, 0)
            broker.refused = nothing
            await until(empty(outbox))
        assert set(broker.instants()) == set(instants(1, 10))
        assert outbox.stats.dead == 0

    async def test_a_body_that_is_too_large_for_a_proxy_is_split(
        self, outbox: Outbox, client: NgsiClient, broker: Recorder
    ) -> None:
        async def small(request: web.Request) -> web.StreamResponse | None:
            return await status(413)(request) if (request.content_length or 0) > 40_000 else None

        broker.always = small
        await outbox.put(TWIN, readings(1, 50))
        async with running(Delivery(outbox, client, pauses=QUICK)):
            await until(empty(outbox))
        assert set(broker.instants()) == set(instants(1, 50))
        assert outbox.stats.dead == 0

    async def test_of_a_partial_update_only_what_failed_is_sent_again(
        self, outbox: Outbox, client: NgsiClient, broker: Recorder
    ) -> None:
        broker.failing = lambda entity: entity["id"] == OTHER_MEASUREMENT
        await outbox.put(TWIN, readings(1, 10))
        await outbox.put(OTHER, readings(1, 3))
        async with running(Delivery(outbox, client, pauses=QUICK)):
            await until(empty(outbox))
        first, *later = broker.updates()
        assert {entity["id"] for entity in first} == {MEASUREMENT, OTHER_MEASUREMENT}
        assert {entity["id"] for entities in later for entity in entities} == {OTHER_MEASUREMENT}
        assert broker.instants() == instants(1, 10)
        assert outbox.stats.dead == 3

    async def test_a_record_that_is_no_reading_any_more_is_put_away(
        self, outbox: Outbox, client: NgsiClient, broker: Recorder
    ) -> None:
        strange = reading(2)
        strange = replace(strange, wire=MappingProxyType({**strange.wire, "v": "2"}))
        await outbox.put(TWIN, [reading(1), strange, reading(3)])
        async with running(Delivery(outbox, client, pauses=QUICK)):
            await until(empty(outbox))
        assert broker.instants() == [instant(1), instant(3)]
        (letter,) = await outbox.dead_letters()
        assert (letter.wire["seq"], letter.status) == ("2", 0)
        assert "contract version" in letter.reason

    async def test_even_where_it_is_alone(self, outbox: Outbox, client: NgsiClient, broker: Recorder) -> None:
        strange = reading(1)
        await outbox.put(TWIN, [replace(strange, wire=MappingProxyType({**strange.wire, "u": "1"}))])
        async with running(Delivery(outbox, client, pauses=QUICK)) as delivery:
            await until(empty(outbox))
            await until(lambda: delivery.stats.connected)
        assert not broker.updates()

    async def test_other_credentials_are_asked_for_and_nothing_is_lost(
        self, outbox: Outbox, client: NgsiClient, broker: Recorder
    ) -> None:
        broker.always = status(401)
        await outbox.put(TWIN, readings(1, 10))
        async with running(Delivery(outbox, client, pauses=QUICK)) as delivery:
            await until(lambda: isinstance(delivery.stats.last_error, BrokerRefusedError))
            assert not delivery.stats.connected
            assert outbox.stats.waiting == 10
            broker.always = None
            await until(empty(outbox))
            await until(lambda: delivery.stats.last_error is None)

    async def test_with_wrong_settings_it_tries_once_a_minute(self) -> None:
        assert Pauses().settings == 60
        assert Pauses().longest == 60

    async def test_readings_do_not_follow_a_redirect(self, outbox: Outbox, client: NgsiClient, broker: Recorder) -> None:
        broker.always = status(302, Location="/elsewhere")
        await outbox.put(TWIN, [reading(1)])
        async with running(Delivery(outbox, client, pauses=QUICK)) as delivery:
            await until(lambda: isinstance(delivery.stats.last_error, NotABrokerError))
        assert {asked.path for asked in broker.asked} == {"/v2/op/update"}
        assert outbox.stats.waiting == 1

    async def test_a_page_of_a_portal_is_no_acknowledgement(self, outbox: Outbox, client: NgsiClient, broker: Recorder) -> None:
        broker.always = status(200)
        await outbox.put(TWIN, [reading(1)])
        async with running(Delivery(outbox, client, pauses=QUICK)) as delivery:
            await until(lambda: isinstance(delivery.stats.last_error, NotABrokerError))
        assert outbox.stats.waiting == 1


class TestSurroundings:
    async def test_a_meter_is_introduced_once_and_when_it_changes(
        self, outbox: Outbox, client: NgsiClient, broker: Recorder
    ) -> None:
        async with running(Delivery(outbox, client, pauses=QUICK)):
            await outbox.put(TWIN, readings(1, 3))
            await until(lambda: DEVICE in broker.entities)
            await outbox.put(TWIN, readings(4, 6))
            await until(empty(outbox))
            await outbox.put(replace(TWIN, firmware_version="2026.12.0"), readings(7, 7))
            await until(lambda: broker.entities[DEVICE]["firmwareVersion"]["value"] == "2026.12.0")
        assert len(broker.updates("Device")) == 2
        assert broker.entities[MEASUREMENT]["refDevice"]["value"] == [DEVICE]

    async def test_the_history_is_subscribed_before_the_first_reading(
        self, outbox: Outbox, client: NgsiClient, broker: Recorder, session: aiohttp.ClientSession
    ) -> None:
        quantumleap = QuantumLeap(session, "http://quantumleap:8668", client.address)
        await outbox.put(TWIN, [reading(1)])
        async with running(Delivery(outbox, client, quantumleap, pauses=QUICK)):
            await until(empty(outbox))
        paths = [asked.path for asked in broker.asked]
        assert paths.index("/v2/subscriptions") < paths.index("/v2/op/update")

    async def test_a_subscription_that_stopped_is_noticed(
        self, outbox: Outbox, client: NgsiClient, broker: Recorder, session: aiohttp.ClientSession
    ) -> None:
        quantumleap = QuantumLeap(session, "http://quantumleap:8668", client.address)
        async with running(Delivery(outbox, client, quantumleap, pauses=replace(QUICK, check=0.02))):
            await until(lambda: bool(broker.subscriptions))
            (subscription,) = broker.subscriptions.values()
            subscription["status"] = "inactive"
            await until(lambda: subscription["status"] == "active")

    async def test_a_subscription_that_is_not_allowed_does_not_hold_up_readings(
        self, outbox: Outbox, client: NgsiClient, broker: Recorder, session: aiohttp.ClientSession
    ) -> None:
        async def no_subscriptions(request: web.Request) -> web.StreamResponse | None:
            return await status(403)(request) if request.path == "/v2/subscriptions" else None

        broker.always = no_subscriptions
        quantumleap = QuantumLeap(session, "http://quantumleap:8668", client.address)
        async with running(Delivery(outbox, client, quantumleap, pauses=QUICK)) as delivery:
            await outbox.put(TWIN, readings(1, 3))
            await until(empty(outbox))
            await until(lambda: delivery.stats.connected)
            assert isinstance(delivery.stats.setup_error, BrokerRefusedError)
            assert delivery.stats.last_error is None

    async def test_which_is_logged_once_until_it_is_allowed(
        self,
        outbox: Outbox,
        client: NgsiClient,
        broker: Recorder,
        session: aiohttp.ClientSession,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        async def no_subscriptions(request: web.Request) -> web.StreamResponse | None:
            return await status(403)(request) if request.path == "/v2/subscriptions" else None

        broker.always = no_subscriptions
        quantumleap = QuantumLeap(session, "http://quantumleap:8668", client.address)
        async with running(Delivery(outbox, client, quantumleap, pauses=replace(QUICK, check=0.02))) as delivery:
            await until(lambda: [asked.path for asked in broker.asked].count("/v2/subscriptions") > 2)
            assert caplog.text.count("the broker takes readings, but") == 1
            broker.always = None
            await until(lambda: delivery.stats.setup_error is None)

    async def test_readings_wait_while_it_is_unsure_whether_the_history_gets_them(
        self, outbox: Outbox, client: NgsiClient, broker: Recorder, session: aiohttp.ClientSession
    ) -> None:
        async def busy(request: web.Request) -> web.StreamResponse | None:
            return await status(503)(request) if request.path == "/v2/subscriptions" else None

        broker.always = busy
        quantumleap = QuantumLeap(session, "http://quantumleap:8668", client.address)
        await outbox.put(TWIN, readings(1, 3))
        async with running(Delivery(outbox, client, quantumleap, pauses=QUICK)) as delivery:
            await until(lambda: isinstance(delivery.stats.last_error, BrokerBusyError))
            assert not broker.updates()
            broker.always = None
            await until(empty(outbox))

    async def test_without_readings_it_still_tells_whether_the_broker_is_there(
        self, outbox: Outbox, client: NgsiClient, broker: Recorder
    ) -> None:
        async with running(Delivery(outbox, client, pauses=replace(QUICK, check=0.02))) as delivery:
            await until(lambda: delivery.stats.connected)
            assert delivery.stats.last_success is None
            broker.always = status(503)
            await until(lambda: not delivery.stats.connected)
            broker.always = None
            await until(lambda: delivery.stats.connected)

    async def test_every_change_is_announced(self, outbox: Outbox, client: NgsiClient, broker: Recorder) -> None:
        told: list[tuple[bool, int]] = []
        delivery = Delivery(outbox, client, pauses=QUICK, on_change=lambda: told.append(shown()))

        def shown() -> tuple[bool, int]:
            return delivery.stats.connected, delivery.stats.sent

        broker.faults.extend([good, good, status(503)])
        async with running(delivery):
            await outbox.put(TWIN, [reading(1)])
            await until(empty(outbox))
            await until(lambda: DEVICE in broker.entities)
            await outbox.put(TWIN, [reading(2)])
            await until(empty(outbox))
        assert told == list(dict.fromkeys(told))
        assert (False, 1) in told
        assert told[-1] == (True, 2)

    async def test_trouble_is_logged_once_and_its_end_once(
        self, outbox: Outbox, client: NgsiClient, broker: Recorder, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level("INFO")
        broker.faults.extend([status(503)] * 5)
        async with running(Delivery(outbox, client, pauses=QUICK)):
            await outbox.put(TWIN, readings(1, 3))
            await until(empty(outbox))
        ours = [record.getMessage() for record in caplog.records if "three_phase_energy" in record.name]
        assert len(ours) == 2
        assert ours[0].startswith("readings wait: ")
        assert ours[1].endswith("takes readings again")
        assert "t0ken" not in caplog.text

    async def test_an_outbox_in_trouble_is_told_and_tried_again(self, tmp_path: Path, client: NgsiClient) -> None:
        outbox = await Outbox.open(tmp_path / "outbox.sqlite")
        await outbox.close()
        async with running(Delivery(outbox, client, pauses=QUICK)) as delivery:
            await until(lambda: isinstance(delivery.stats.last_error, OutboxError))

    async def test_a_device_that_the_broker_refuses_does_not_hold_up_readings(
        self, outbox: Outbox, client: NgsiClient, broker: Recorder
    ) -> None:
        broker.refused = lambda entity: entity["type"] == "Device"
        async with running(Delivery(outbox, client, pauses=QUICK)) as delivery:
            await outbox.put(TWIN, readings(1, 3))
            await until(empty(outbox))
            await until(lambda: isinstance(delivery.stats.setup_error, ContentRefusedError))
            await outbox.put(TWIN, readings(4, 6))
            await until(empty(outbox))
            assert delivery.stats.connected
        assert len(broker.updates("Device")) == 1


async def runner(broker: Recorder) -> web.AppRunner:
    """Return the web server of a broker, not yet listening."""
    prepared = web.AppRunner(broker.application(), shutdown_timeout=0.1)
    await prepared.setup()
    return prepared


def answer_lost(broker: Recorder) -> Fault:
    """Apply an update, and close the connection instead of answering."""

    async def fault(request: web.Request) -> web.StreamResponse:
        body: Json = await request.json()
        broker._update(body["entities"])
        return await cut(request)

    return fault
