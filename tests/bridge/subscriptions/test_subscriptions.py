"""Subscriptions: what fires them, what they send, and what is counted."""

import asyncio
import contextlib
from pathlib import Path
import sqlite3
from typing import Any

import aiohttp
import pytest

from bench.waiting import until
from fiware_bridge.edge.app import running_broker
from fiware_bridge.edge.subscriptions import dispatch, notifier
from fiware_bridge.edge.subscriptions.notifier import QUEUE_LIMIT

from ..http_client import Client, Subscriber

_QUIET_SECONDS = 0.1


def _subscription(url: str, *, entities: Any = None, condition: Any = None, **notification: Any) -> dict[str, Any]:
    subject: dict[str, Any] = {"entities": entities or [{"idPattern": ".*"}]}
    if condition is not None:
        subject["condition"] = condition
    return {"subject": subject, "notification": {"http": {"url": url}, **notification}}


async def _subscribe(broker: Client, body: dict[str, Any]) -> str:
    answer = await broker.post("/v2/subscriptions", body)
    assert answer.status == 201, answer.text
    return answer.headers["Location"]


async def _set(broker: Client, **values: Any) -> None:
    body = {"id": "m", "type": "Meter", **{name: {"value": value} for name, value in values.items()}}
    assert (await broker.post("/v2/entities?options=upsert", body)).status == 204


async def _notification(broker: Client, location: str) -> dict[str, Any]:
    notification: dict[str, Any] = (await broker.get(location)).json["notification"]
    return notification


class TestWhatFires:
    """Which changes are notified."""

    async def test_creation_and_change_do_and_the_same_value_does_not(self, broker: Client, subscriber: Subscriber) -> None:
        await _subscribe(broker, _subscription(f"{subscriber.url}/200/n"))
        await _set(broker, power=1)
        assert (await subscriber.next()).body["data"][0]["power"]["value"] == 1
        await _set(broker, power=2)
        assert (await subscriber.next()).body["data"][0]["power"]["value"] == 2
        await _set(broker, power=2)
        assert await subscriber.nothing_for(_QUIET_SECONDS)
        await broker.post("/v2/op/update?options=forcedUpdate", _append({"id": "m", "type": "Meter", "power": {"value": 2}}))
        await subscriber.next()

    async def test_a_new_instant_of_the_same_value_is_a_change(self, broker: Client, subscriber: Subscriber) -> None:
        await _subscribe(broker, _subscription(f"{subscriber.url}/200/n"))
        for second in range(3):
            instant = {"type": "DateTime", "value": f"2026-03-01T12:00:0{second}Z"}
            await broker.post("/v2/op/update", _append({"id": "m", "TimeInstant": instant, "power": {"value": 5}}))
            received = (await subscriber.next()).body["data"][0]
            assert (received["TimeInstant"]["value"][17:19], received["power"]["value"]) == (f"0{second}", 5)

    async def test_metadata_fire_unless_told_otherwise(self, broker: Client, subscriber: Subscriber) -> None:
        await _subscribe(broker, _subscription(f"{subscriber.url}/200/n", condition={"notifyOnMetadataChange": False}))
        await _set(broker, power=1)
        await subscriber.next()
        await broker.put("/v2/entities/m/attrs/power", {"value": 1, "metadata": {"quality": {"value": "good"}}})
        assert await subscriber.nothing_for(_QUIET_SECONDS)

    async def test_conditions_on_attributes_and_values(self, broker: Client, subscriber: Subscriber) -> None:
        condition = {"attrs": ["power"], "expression": {"q": "power>10", "mq": "!power.simulated"}}
        await _subscribe(broker, _subscription(f"{subscriber.url}/200/n", condition=condition))
        await _set(broker, power=5, name="a")
        await _set(broker, power=11)
        assert (await subscriber.next()).body["data"][0]["power"]["value"] == 11
        await _set(broker, name="b")
        assert await subscriber.nothing_for(_QUIET_SECONDS)

    @pytest.mark.parametrize(
        ("entities", "fires"),
        [
            ([{"id": "m"}], True),
            ([{"id": "other"}, {"idPattern": "^m$", "type": "Meter"}], True),
            ([{"idPattern": ".*", "typePattern": "^Me"}], True),
            ([{"id": "m", "type": "Plug"}], False),
            ([{"idPattern": "^x"}], False),
        ],
    )
    async def test_subjects(self, broker: Client, subscriber: Subscriber, entities: Any, fires: bool) -> None:
        await _subscribe(broker, _subscription(f"{subscriber.url}/200/n", entities=entities))
        await _set(broker, power=1)
        if fires:
            await subscriber.next()
        assert await subscriber.nothing_for(_QUIET_SECONDS)

    async def test_tenant_and_service_path(self, broker: Client, subscriber: Subscriber) -> None:
        tenant = broker.with_headers(Fiware_Service="site")
        below = tenant.with_headers(Fiware_ServicePath="/hall/#")
        await _subscribe(below, _subscription(f"{subscriber.url}/200/n"))
        await _set(broker.with_headers(Fiware_ServicePath="/hall"), power=1)
        await _set(tenant.with_headers(Fiware_ServicePath="/yard"), power=1)
        await _set(tenant.with_headers(Fiware_ServicePath="/hall/east"), power=1)
        received = await subscriber.next()
        assert received.headers["Fiware-Service"] == "site"
        assert received.headers["Fiware-Servicepath"] == "/hall/east"
        assert await subscriber.nothing_for(_QUIET_SECONDS)

    @pytest.mark.parametrize(
        ("types", "fired"),
        [
            (["entityCreate"], ["entityCreate"]),
            (["entityChange"], ["entityChange"]),
            (["entityUpdate"], ["entityChange", "entityUpdate"]),
            (["entityDelete"], ["entityDelete"]),
        ],
    )
    async def test_alteration_types(self, broker: Client, subscriber: Subscriber, types: list[str], fired: list[str]) -> None:
        body = _subscription(f"{subscriber.url}/200/n", condition={"alterationTypes": types}, attrs=["alterationType"])
        await _subscribe(broker, body)
        await _set(broker, power=1)
        await _set(broker, power=2)
        await _set(broker, power=2)
        await broker.delete("/v2/entities/m")
        for name in fired:
            assert (await subscriber.next()).body["data"][0]["alterationType"]["value"] == name
        assert await subscriber.nothing_for(_QUIET_SECONDS)

    async def test_a_removed_attribute_fires(self, broker: Client, subscriber: Subscriber) -> None:
        await _set(broker, power=1, name="a")
        await _subscribe(broker, _subscription(f"{subscriber.url}/200/n", condition={"attrs": ["name"]}))
        await broker.delete("/v2/entities/m/attrs/name")
        assert list((await subscriber.next()).body["data"][0]) == ["id", "type", "power"]

    async def test_status_expiry_and_oneshot(self, broker: Client, subscriber: Subscriber) -> None:
        inactive = {**_subscription(f"{subscriber.url}/200/inactive"), "status": "inactive"}
        expired = {**_subscription(f"{subscriber.url}/200/expired"), "expires": "2020-01-01T00:00:00Z"}
        oneshot = {**_subscription(f"{subscriber.url}/200/oneshot"), "status": "oneshot"}
        locations = [await _subscribe(broker, body) for body in (inactive, expired, oneshot)]
        await _set(broker, power=1)
        await _set(broker, power=2)
        assert (await subscriber.next()).path == "/200/oneshot"
        assert await subscriber.nothing_for(_QUIET_SECONDS)
        statuses = [(await broker.get(location)).json["status"] for location in locations]
        assert statuses == ["inactive", "expired", "inactive"]

    async def test_throttling_drops_what_comes_too_soon(self, broker: Client, subscriber: Subscriber) -> None:
        location = await _subscribe(broker, {**_subscription(f"{subscriber.url}/200/n"), "throttling": 60})
        await _set(broker, power=1)
        await subscriber.next()
        await _set(broker, power=2)
        assert await subscriber.nothing_for(_QUIET_SECONDS)
        assert (await broker.get(location)).json["throttling"] == 60


def _append(*entities: Any) -> dict[str, Any]:
    return {"actionType": "append", "entities": list(entities)}


class TestWhatIsSent:
    """The notification itself."""

    async def _sent(self, broker: Client, subscriber: Subscriber, **notification: Any) -> Any:
        await _subscribe(broker, _subscription(f"{subscriber.url}/200/n", **notification))
        await _set(broker, zone="a", power=1)
        return (await subscriber.next()).body

    @pytest.mark.parametrize(
        ("frame", "data"),
        [
            ("keyValues", [{"id": "m", "type": "Meter", "zone": "a", "power": 1}]),
            ("values", [["a", 1]]),
        ],
    )
    async def test_frames(self, broker: Client, subscriber: Subscriber, frame: str, data: Any) -> None:
        body = await self._sent(broker, subscriber, attrsFormat=frame)
        assert body["data"] == data
        assert len(body["subscriptionId"]) == 24

    async def test_bare_frames(self, broker: Client, subscriber: Subscriber) -> None:
        body = await self._sent(broker, subscriber, attrsFormat="simplifiedKeyValues", attrs=["power"])
        assert body == {"id": "m", "type": "Meter", "power": 1}

    async def test_chosen_attributes_and_builtins(self, broker: Client, subscriber: Subscriber) -> None:
        body = await self._sent(broker, subscriber, attrs=["power", "nothing", "servicePath", "dateModified"])
        assert list(body["data"][0]) == ["id", "type", "power", "servicePath", "dateModified"]

    async def test_covered_attributes_are_null_where_they_do_not_exist(self, broker: Client, subscriber: Subscriber) -> None:
        body = await self._sent(broker, subscriber, attrs=["nothing"], covered=True)
        assert body["data"] == [{"id": "m", "type": "Meter", "nothing": {"type": "None", "value": None, "metadata": {}}}]

    async def test_all_attributes_but_some(self, broker: Client, subscriber: Subscriber) -> None:
        body = await self._sent(broker, subscriber, exceptAttrs=["zone"])
        assert list(body["data"][0]) == ["id", "type", "power"]

    async def test_only_attributes_of_the_update(self, broker: Client, subscriber: Subscriber) -> None:
        await self._sent(broker, subscriber, onlyChangedAttrs=True)
        await _set(broker, power=2)
        assert list((await subscriber.next()).body["data"][0]) == ["id", "type", "power"]

    async def test_previous_values_and_kinds_of_change(self, broker: Client, subscriber: Subscriber) -> None:
        await self._sent(broker, subscriber, metadata=["previousValue", "actionType"])
        await _set(broker, power=2, added=True)
        entity = (await subscriber.next()).body["data"][0]
        assert entity["power"]["metadata"] == {
            "previousValue": {"type": "Number", "value": 1},
            "actionType": {"type": "Text", "value": "update"},
        }
        assert entity["added"]["metadata"] == {"actionType": {"type": "Text", "value": "append"}}
        assert entity["zone"]["metadata"] == {"previousValue": {"type": "Text", "value": "a"}}

    async def test_headers(self, broker: Client, subscriber: Subscriber) -> None:
        body = _subscription("")
        headers = {"Fiware-TimeIndex-Attribute": "TimeInstant", "content-type": "application/ngsi"}
        body["notification"] = {"httpCustom": {"url": f"{subscriber.url}/200/n", "headers": headers}}
        await _subscribe(broker, body)
        await _set(broker.with_headers(Fiware_Correlator="request-1"), power=1)
        received = await subscriber.next()
        assert received.headers["fiware-timeindex-attribute"] == "TimeInstant"
        assert received.headers["content-type"] == "application/ngsi"
        assert received.headers["Fiware-Correlator"] == "request-1; cbnotif=1"
        assert received.headers["Ngsiv2-AttrsFormat"] == "normalized"
        assert "Fiware-Service" not in received.headers

    async def test_one_entity_each_in_the_order_of_the_changes(self, broker: Client, subscriber: Subscriber) -> None:
        await _subscribe(broker, _subscription(f"{subscriber.url}/200/n", attrsFormat="values"))
        for start in range(0, 100, 20):
            batch = [{"id": "m", "power": {"value": number}} for number in range(start, start + 20)]
            await broker.post("/v2/op/update", _append(*batch))
        bodies = [(await subscriber.next()) for _ in range(100)]
        assert [received.body["data"] for received in bodies] == [[[number]] for number in range(100)]
        assert bodies[19].headers["Fiware-Correlator"].endswith("; cbnotif=20")


class TestDelivery:
    """Subscribers that fail."""

    @pytest.mark.parametrize("status", [404, 500, 301])
    async def test_any_answer_is_a_success(self, broker: Client, subscriber: Subscriber, status: int) -> None:
        location = await _subscribe(broker, _subscription(f"{subscriber.url}/{status}/n"))
        await _set(broker, power=1)
        await subscriber.next()

        async def counted() -> bool:
            notification = await _notification(broker, location)
            return notification.get("lastSuccessCode") == status and "failsCounter" not in notification

        await until(counted)

    async def test_a_dead_subscriber_turns_inactive_after_its_limit(self, broker: Client, unused_tcp_port: int) -> None:
        location = await _subscribe(broker, _subscription(f"http://127.0.0.1:{unused_tcp_port}/n", maxFailsLimit=1))
        for power in range(3):
            await _set(broker, power=power)

        async def inactive() -> bool:
            return bool((await broker.get(location)).json["status"] == "inactive")

        await until(inactive)
        notification = await _notification(broker, location)
        assert notification["failsCounter"] == 2
        assert notification["lastFailureReason"] == "Couldn't connect to server"
        assert notification["timesSent"] == 2

    async def test_a_subscriber_has_as_long_as_the_subscription_says(self, broker: Client, subscriber: Subscriber) -> None:
        body = _subscription("")
        body["notification"] = {"http": {"url": f"{subscriber.url}/slow30/n", "timeout": 50}}
        location = await _subscribe(broker, body)
        await _set(broker, power=1)

        async def failed() -> bool:
            return (await _notification(broker, location)).get("lastFailureReason") == "Timeout was reached"

        await until(failed)
        assert (await _notification(broker, location))["http"]["timeout"] == 50

    async def test_a_full_queue_loses_and_counts(self, broker: Client, subscriber: Subscriber) -> None:
        location = await _subscribe(broker, _subscription(f"{subscriber.url}/slow30/n"))
        await _set(broker, power=1)
        await subscriber.next()
        batch = [{"id": f"e{number}"} for number in range(QUEUE_LIMIT + 3)]
        assert (await broker.post("/v2/op/update", _append(*batch))).status == 204
        notification = await _notification(broker, location)
        assert notification["failsCounter"] == 3
        assert notification["lastFailureReason"] == "Queue of notifications is full"
        assert (await broker.delete(location)).status == 204
        subscriber.release()

    async def test_flow_control_waits_and_loses_nothing(self, broker: Client, subscriber: Subscriber) -> None:
        await _subscribe(broker, _subscription(f"{subscriber.url}/slow30/n"))
        count = QUEUE_LIMIT // 2 + 2
        batch = [{"id": f"e{number}"} for number in range(count)]
        assert (await broker.post("/v2/op/update?options=flowControl", _append(*batch))).status == 204
        more = asyncio.create_task(broker.post("/v2/op/update?options=flowControl", _append({"id": "last"})))
        await asyncio.sleep(_QUIET_SECONDS)
        assert not more.done()
        subscriber.release()
        assert (await more).status == 204
        received = [(await subscriber.next()).body["data"][0]["id"] for _ in range(count + 1)]
        assert received == [*(f"e{number}" for number in range(count)), "last"]

    async def test_flow_control_does_not_wait_for_a_subscriber_that_does_not_answer(
        self, broker: Client, subscriber: Subscriber
    ) -> None:
        body = _subscription("")
        body["notification"] = {"http": {"url": f"{subscriber.url}/slow30/n", "timeout": 50}}
        location = await _subscribe(broker, body)
        batch = [{"id": f"e{number}"} for number in range(QUEUE_LIMIT)]
        for entities in (batch, [{"id": "last"}]):
            assert (await broker.post("/v2/op/update?options=flowControl", _append(*entities))).status == 204
        assert (await _notification(broker, location))["lastFailureReason"] == "Timeout was reached"
        await broker.delete(location)

    async def test_counters_and_definitions_survive_a_restart(
        self, tmp_path: Path, session: aiohttp.ClientSession, subscriber: Subscriber
    ) -> None:
        async with running_broker(tmp_path, host="127.0.0.1", port=0, history_port=0) as addresses:
            broker = Client(session, f"http://127.0.0.1:{addresses.port}", {"Fiware-Service": "site"})
            body = {
                **_subscription(
                    f"{subscriber.url}/200/n",
                    entities=[{"idPattern": "^m", "type": "Meter"}],
                    condition={"attrs": ["power"], "alterationTypes": ["entityCreate"], "expression": {"q": "power>0"}},
                    attrs=["power"],
                    metadata=["TimeInstant"],
                    maxFailsLimit=3,
                ),
                "description": "mirror",
                "expires": "2099-01-01",
            }
            location = await _subscribe(broker, body)
            await _set(broker, power=1)
            await subscriber.next()

            async def counted() -> bool:
                return "lastSuccess" in await _notification(broker, location)

            await until(counted)
            before = (await broker.get(location)).json
        async with running_broker(tmp_path, host="127.0.0.1", port=0, history_port=0) as addresses:
            broker = Client(session, f"http://127.0.0.1:{addresses.port}", {"Fiware-Service": "site"})
            assert (await broker.get(location)).json == before
            assert before["notification"]["timesSent"] == 1
            assert (await broker.get("/v2/entities/m/attrs/power/value")).text == "1"

    async def test_a_stop_sends_what_waits(self, tmp_path: Path, session: aiohttp.ClientSession, subscriber: Subscriber) -> None:
        async with running_broker(tmp_path, host="127.0.0.1", port=0, history_port=0) as addresses:
            broker = Client(session, f"http://127.0.0.1:{addresses.port}")
            await _subscribe(broker, _subscription(f"{subscriber.url}/200/n"))
            await broker.post("/v2/op/update", _append(*({"id": f"e{number}"} for number in range(50))))
        received = [(await subscriber.next()).body["data"][0]["id"] for _ in range(50)]
        assert received == [f"e{number}" for number in range(50)]

    async def test_a_stop_does_not_wait_for_a_subscriber_that_hangs_and_sends_the_rest_after_the_next_start(
        self,
        tmp_path: Path,
        session: aiohttp.ClientSession,
        subscriber: Subscriber,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        monkeypatch.setattr(notifier, "_DRAIN_SECONDS", 0.05)
        async with running_broker(tmp_path, host="127.0.0.1", port=0, history_port=0) as addresses:
            broker = Client(session, f"http://127.0.0.1:{addresses.port}")
            await _subscribe(broker, _subscription(f"{subscriber.url}/slow30/n"))
            await broker.post("/v2/op/update", _append(*({"id": f"e{number}"} for number in range(3))))
            await subscriber.next()
        assert "2 notifications are left for later" in caplog.text
        subscriber.release()
        async with running_broker(tmp_path, host="127.0.0.1", port=0, history_port=0):
            resent = [(await subscriber.next()).body["data"][0]["id"] for _ in range(3)]
        assert resent == ["e0", "e1", "e2"]
        async with running_broker(tmp_path, host="127.0.0.1", port=0, history_port=0):
            assert await subscriber.nothing_for(_QUIET_SECONDS)

    async def test_counters_that_cannot_be_saved_are_told_and_kept(
        self,
        tmp_path: Path,
        broker: Client,
        subscriber: Subscriber,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        location = await _subscribe(broker, _subscription(f"{subscriber.url}/200/n"))
        monkeypatch.setattr(dispatch, "_SAVE_SECONDS", 0.01)
        with contextlib.closing(sqlite3.connect(tmp_path / "context.db")) as connection:
            connection.execute("ALTER TABLE subscriptions RENAME TO hidden")
        await _set(broker, power=1)

        async def told() -> bool:
            return "Counters of subscriptions are not saved yet" in caplog.text

        await until(told)
        with contextlib.closing(sqlite3.connect(tmp_path / "context.db")) as connection:
            connection.execute("ALTER TABLE hidden RENAME TO subscriptions")
            counters = "SELECT json_extract(counters, '$.times_sent') FROM subscriptions"

            async def saved() -> bool:
                return bool(connection.execute(counters).fetchone() == (1,))

            await until(saved)
        assert (await _notification(broker, location))["timesSent"] == 1


class TestManagement:
    """Reading, changing and removing subscriptions."""

    async def test_a_patch_replaces_whole_members(self, broker: Client, subscriber: Subscriber) -> None:
        body = _subscription(f"{subscriber.url}/200/n", condition={"attrs": ["power"]}, maxFailsLimit=3)
        location = await _subscribe(broker, {**body, "description": "d", "throttling": 5})
        assert (await broker.patch(location, {"throttling": 0, "expires": "2099-01-01T00:00:00Z"})).status == 204
        shown = (await broker.get(location)).json
        assert (shown["description"], shown["expires"], "throttling" in shown) == ("d", "2099-01-01T00:00:00.000Z", False)
        assert (await broker.patch(location, {"subject": {"entities": [{"id": "x"}]}, "expires": ""})).status == 204
        shown = (await broker.get(location)).json
        assert shown["subject"]["condition"]["attrs"] == []
        assert "expires" not in shown
        assert shown["notification"]["maxFailsLimit"] == 3

    async def test_a_changed_subscription_sends_to_its_new_target(self, broker: Client, subscriber: Subscriber) -> None:
        location = await _subscribe(broker, _subscription(f"{subscriber.url}/200/old"))
        await broker.patch(location, {"notification": {"http": {"url": f"{subscriber.url}/200/new"}}})
        await _set(broker, power=1)
        assert (await subscriber.next()).path == "/200/new"

    async def test_an_inactive_subscription_can_be_patched_back(self, broker: Client, subscriber: Subscriber) -> None:
        location = await _subscribe(broker, {**_subscription(f"{subscriber.url}/200/n"), "status": "inactive"})
        await broker.patch(location, {"status": "active"})
        await _set(broker, power=1)
        assert (await subscriber.next()).path == "/200/n"

    async def test_lists_are_paged_and_by_service_path(self, broker: Client, subscriber: Subscriber) -> None:
        for path in ("/a", "/a", "/b"):
            await _subscribe(broker.with_headers(Fiware_ServicePath=path), _subscription(f"{subscriber.url}/200/n"))
        at_a = await broker.with_headers(Fiware_ServicePath="/a").get("/v2/subscriptions?limit=1&options=count")
        assert (len(at_a.json), at_a.headers["Fiware-Total-Count"]) == (1, "2")
        assert len((await broker.get("/v2/subscriptions")).json) == 3

    async def test_an_unknown_subscription_is_not_found(self, broker: Client) -> None:
        unknown = f"/v2/subscriptions/{'0' * 24}"
        assert (await broker.get(unknown)).status == 404
        assert (await broker.delete(unknown)).status == 404
        assert (await broker.patch(unknown, {"status": "active"})).json["description"] == "subscription id not found"
        assert (await broker.get("/v2/subscriptions/short")).status == 400

    @pytest.mark.parametrize(
        ("change", "description"),
        [
            ({"subject": 5}, "subject is not a JSON object"),
            ({"subject": {"entities": 5}}, "subject entities is not an array"),
            ({"subject": {"entities": [5]}}, "subject entities element is not an object"),
            ({"subject": {"entities": [{"id": "a", "type": "b", "typePattern": "c"}]}},
             "/entities/ vector item has both /type/ and /typePattern/"),
            ({"subject": {"entities": [{"id": 5}]}}, "id is not a string"),
            ({"subject": {"entities": [{"id": "ä"}]}}, "Invalid characters in entity id"),
            ({"subject": {"entities": [{"id": "a"}], "condition": {"attrs": [5]}}},
             "the field /attrs/ must be a JSON array of strings"),
            ({"subject": {"entities": [{"id": "a"}], "condition": {"expression": {"q": "a=="}}}},
             "empty right-hand-side in q-item"),
            ({"throttling": True}, "throttling is not an int"),
            ({"notification": {"http": {"url": "http://h/", "timeout": -1}}}, "timeout out of range: 0 to 1800000 ms"),
            ({"notification": {"http": {"url": "http://h/ x"}}}, "Invalid URL parsing notification url"),
            ({"notification": {"httpCustom": {"url": "http://h/", "headers": {"a": 5}}}}, "header value is not a string"),
            ({"notification": {"httpCustom": {"url": "http://h/", "headers": {"a b": "x"}}}}, "invalid header /a b/"),
            ({"notification": {"httpCustom": {"url": "http://h/", "headers": {"a": "x\r\nb: y"}}}}, "invalid header /a/"),
            ({"notification": {"httpCustom": {"url": "http://h/", "headers": {"content-length": "5"}}}},
             "header /content-length/ is set by the broker"),
        ],
    )  # fmt: skip
    async def test_wrong_definitions_are_refused(self, broker: Client, change: Any, description: str) -> None:
        answer = await broker.post("/v2/subscriptions", {**_subscription("http://h/"), **change})
        assert (answer.status, answer.json["description"]) == (400, description)

    @pytest.mark.parametrize(
        "notification",
        [
            {"mqtt": {"url": "mqtt://h", "topic": "t"}},
            {"kafka": {"url": "kafka://h", "topic": "t"}},
            {"httpCustom": {"url": "http://h/", "payload": "T is ${t}"}},
            {"httpCustom": {"url": "http://h/", "ngsi": {"id": "x"}}},
            {"httpCustom": {"url": "http://h/${id}"}},
            {"httpCustom": {"url": "http://h/", "headers": {"X-Id": "${id}"}}},
        ],
    )
    async def test_what_is_not_implemented_is_not_pretended(self, broker: Client, notification: Any) -> None:
        body = {**_subscription("http://h/"), "notification": notification}
        assert (await broker.post("/v2/subscriptions", body)).status == 501
        assert (await broker.get("/v2/subscriptions")).json == []

    async def test_geographical_expressions_are_not_pretended(self, broker: Client) -> None:
        body = _subscription("http://h/", condition={"expression": {"georel": "near", "geometry": "point", "coords": "0,0"}})
        assert (await broker.post("/v2/subscriptions", body)).status == 501
