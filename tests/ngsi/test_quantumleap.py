"""QuantumLeap: finding it, and the subscription that brings it every reading once."""

import copy
import json
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
import pytest

from custom_components.three_phase_energy.ngsi.access import BrokerAddress
from custom_components.three_phase_energy.ngsi.client import NgsiClient
from custom_components.three_phase_energy.ngsi.errors import BrokerRefusedError, InvalidUrlError, NotABrokerError
from custom_components.three_phase_energy.ngsi.quantumleap import QuantumLeap, ensure_subscription

from .recorder import Recorder, status

CONTRACT = Path(__file__).parents[3] / "shared" / "orion_contract" / "orion-4.7.0.jsonl"
NOTIFY = "http://quantumleap:8668/v2/notify"


@pytest.fixture
def quantumleap(session: aiohttp.ClientSession, client: NgsiClient) -> QuantumLeap:
    return QuantumLeap(session, "http://quantumleap:8668/", client.address)


def as_orion_shows(subscription: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Return a subscription as Orion 4.7 lists it: fields added, those that say nothing left out."""
    shown = copy.deepcopy(subscription) | changes
    shown["subject"].setdefault("condition", {}).setdefault("notifyOnMetadataChange", True)
    shown["notification"] |= {"timesSent": 12, "onlyChangedAttrs": False, "covered": False, "failsCounter": 4}
    return shown


class TestProbe:
    async def answering(self, session: aiohttp.ClientSession, broker: Recorder, body: object) -> str:
        async def answer(request: web.Request) -> web.StreamResponse:
            return web.json_response(body)

        broker.always = answer
        address = BrokerAddress(url="http://orion:1026", tenant="site", token="t0ken")
        return await QuantumLeap(session, broker.url, address).probe()

    async def test_tells_the_version_without_the_brokers_token(self, session: aiohttp.ClientSession, broker: Recorder) -> None:
        assert await self.answering(session, broker, {"version": "1.0.0"}) == "1.0.0"
        assert broker.asked[0].path == "/version"
        assert broker.asked[0].headers["Fiware-Service"] == "site"
        assert not {"Authorization", "X-Auth-Token"} & broker.asked[0].headers.keys()

    @pytest.mark.parametrize("body", [{"orion": {"version": "4.7.0"}}, ["1.0.0"], {"version": 1}, {}])
    async def test_a_broker_is_not_taken_for_a_history(
        self, session: aiohttp.ClientSession, broker: Recorder, body: object
    ) -> None:
        with pytest.raises(NotABrokerError, match="not a QuantumLeap"):
            await self.answering(session, broker, body)

    async def test_an_address_is_checked(self, session: aiohttp.ClientSession, client: NgsiClient) -> None:
        with pytest.raises(InvalidUrlError):
            QuantumLeap(session, "quantumleap:8668", client.address)

    async def test_the_broker_may_know_it_by_another_address(self, session: aiohttp.ClientSession, client: NgsiClient) -> None:
        both = QuantumLeap(session, "http://192.168.1.5:8668", client.address, "http://quantumleap:8668")
        assert both.notify_url == NOTIFY


class TestSubscription:
    async def test_is_made_where_there_is_none(self, client: NgsiClient, broker: Recorder, quantumleap: QuantumLeap) -> None:
        subscription_id = await ensure_subscription(client, quantumleap)
        (subscription,) = broker.subscriptions.values()
        assert subscription["id"] == subscription_id
        assert subscription["subject"]["entities"] == [{"idPattern": ".*", "type": "ThreePhaseAcMeasurement"}]
        notification = subscription["notification"]
        assert notification["httpCustom"] == {"url": NOTIFY, "headers": {"Fiware-TimeIndex-Attribute": "TimeInstant"}}
        assert notification["attrs"] == []
        assert "*" in notification["metadata"]
        assert notification["attrsFormat"] == "normalized"
        assert "throttling" not in subscription
        assert not set("<>\"'=;()") & set(subscription["description"])

    async def test_is_made_once(self, client: NgsiClient, broker: Recorder, quantumleap: QuantumLeap) -> None:
        first = await ensure_subscription(client, quantumleap)
        broker.subscriptions[first] = as_orion_shows(broker.subscriptions[first])
        assert await ensure_subscription(client, quantumleap) == first
        assert len(broker.subscriptions) == 1
        assert [asked.method for asked in broker.asked] == ["GET", "POST", "GET"]

    @pytest.mark.parametrize(
        ("part", "change"),
        [
            ("status", "inactive"),
            ("status", "expired"),
            ("throttling", 5),
            ("httpCustom", {"url": NOTIFY}),
            ("attrs", ["totalActivePower"]),
            ("exceptAttrs", ["current"]),
            ("attrsFormat", "keyValues"),
            ("onlyChangedAttrs", True),
            ("metadata", ["dateCreated", "dateModified"]),
            ("condition", {"attrs": ["totalActivePower"]}),
            ("condition", {"expression": {"q": "totalActivePower>5"}}),
            ("condition", {"alterationTypes": ["entityCreate"]}),
        ],
    )
    async def test_is_repaired_where_it_does_not_bring_everything(
        self, client: NgsiClient, broker: Recorder, quantumleap: QuantumLeap, part: str, change: object
    ) -> None:
        first = await ensure_subscription(client, quantumleap)
        made = copy.deepcopy(broker.subscriptions[first])
        where = {"status": (), "throttling": (), "condition": ("subject",)}.get(part, ("notification",))
        target = broker.subscriptions[first] = as_orion_shows(made)
        for step in where:
            target = target[step]
        target[part] = change

        assert await ensure_subscription(client, quantumleap) == first
        repaired = broker.subscriptions[first]
        assert repaired["status"] == "active"
        assert repaired["throttling"] == 0
        assert {name: repaired[name] for name in ("subject", "notification")} == {
            name: made[name] for name in ("subject", "notification")
        }
        assert len(broker.subscriptions) == 1

    async def test_one_of_someone_else_that_brings_everything_is_enough(
        self, client: NgsiClient, broker: Recorder, quantumleap: QuantumLeap
    ) -> None:
        """A second one would store each reading twice."""
        broker.subscriptions["5f"] = as_orion_shows(
            {
                "id": "5f",
                "status": "active",
                "subject": {"entities": [{"idPattern": ".*"}], "condition": {"attrs": []}},
                "notification": {"attrs": [], "http": {"url": NOTIFY}, "metadata": ["dateCreated"], "attrsFormat": "normalized"},
            }
        )
        assert await ensure_subscription(client, quantumleap) == "5f"
        assert [asked.method for asked in broker.asked] == ["GET"]

    async def test_what_others_subscribed_is_left_alone(
        self, client: NgsiClient, broker: Recorder, quantumleap: QuantumLeap
    ) -> None:
        others = {
            "1": {
                "id": "1",
                "status": "active",
                "subject": {"entities": [{"idPattern": ".*"}]},
                "notification": {"http": {"url": "http://perseo:9090/notices"}},
            },
            "2": {
                "id": "2",
                "status": "active",
                "subject": {"entities": [{"idPattern": ".*", "type": "Room"}]},
                "notification": {"http": {"url": NOTIFY}},
            },
            "3": {
                "id": "3",
                "status": "inactive",
                "subject": {"entities": [{"id": "a"}]},
                "notification": {"mqtt": {"url": "mqtt://x"}},
            },
        }
        broker.subscriptions = copy.deepcopy(others)
        made = await ensure_subscription(client, quantumleap)
        assert {name: broker.subscriptions[name] for name in others} == others
        assert made not in others

    async def test_of_two_that_are_ours_one_is_stopped(
        self, client: NgsiClient, broker: Recorder, quantumleap: QuantumLeap
    ) -> None:
        first = await ensure_subscription(client, quantumleap)
        second = await client.subscribe({**broker.subscriptions[first], "id": "7"})
        broker.subscriptions[second] |= {"id": second}
        assert await ensure_subscription(client, quantumleap) == first
        assert [broker.subscriptions[name]["status"] for name in (first, second)] == ["active", "inactive"]
        asked = len(broker.asked)
        await ensure_subscription(client, quantumleap)
        assert len(broker.asked) == asked + 1

    async def test_what_the_broker_refuses_shows(self, client: NgsiClient, broker: Recorder, quantumleap: QuantumLeap) -> None:
        broker.always = status(403)
        with pytest.raises(BrokerRefusedError):
            await ensure_subscription(client, quantumleap)


@pytest.mark.skipif(not CONTRACT.exists(), reason="the recordings of Orion are not on this machine")
async def test_lists_that_orion_answered_are_understood(client: NgsiClient, broker: Recorder, quantumleap: QuantumLeap) -> None:
    recorded = [json.loads(line) for line in CONTRACT.read_text().splitlines()]
    steps = [step for entry in recorded for step in entry["steps"] if "request" in step]
    lists = [
        step["response"]["body"]
        for step in steps
        if step["request"]["method"] == "GET"
        and step["request"]["path"] == "/v2/subscriptions"
        and step["response"]["status"] == 200
    ]
    assert any(lists)
    for subscriptions in lists:
        broker.subscriptions = {subscription["id"]: subscription for subscription in subscriptions}
        assert await client.subscriptions() == subscriptions
        assert await ensure_subscription(client, quantumleap) not in {subscription["id"] for subscription in subscriptions}
