"""Orion's contract: every exchange recorded from Orion 4.7.0, replayed against the embedded broker.

With `--broker-url` the same exchanges run against any Orion. `DIFFERENCES` lists where the embedded broker answers otherwise
on purpose; a listed step has to differ in exactly that way.
"""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
import json
import re
import secrets
from typing import Any

import aiohttp
import pytest

from fiware_bridge.edge.app import running_broker

from ..http_client import Answer, Client, Subscriber
from ..recording import Case, Translation, case_parameters, differences

_RECORDED_SUBSCRIBER = "http://127.0.0.1:9931"
_COMPARED_HEADERS = ("Allow", "Fiware-Total-Count")
_NOTIFICATION_HEADERS = ("Accept", "Content-Type", "Fiware-Service", "Fiware-Servicepath", "Ngsiv2-AttrsFormat")
_ASYNCHRONOUS = re.compile(r"/v2/subscriptions(/|\?|$)")
"""Answers that change while notifications are sent: asked again until they agree."""
_SETTLE_SECONDS = 8.0
"""Longer than the 5 s that a subscriber may take."""
_QUICK_WAIT_SECONDS = 0.15
"""How long nothing has to arrive from a broker in this process; a real one is given the recorded time."""
_WAITS_FOR_TIME = frozenset({"notif_throttling"})
"""Cases whose waits are not only there to see that nothing arrives."""

_NO_GEO = "the embedded broker does not support geographical queries"
_NO_CUSTOM = "the embedded broker does not support {} of httpCustom"
_NO_REGISTRATIONS = "the embedded broker does not support registrations of context providers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A step at which the embedded broker answers otherwise, and why."""

    reason: str
    status: int | None = None
    body: Any = None
    correlator: str | None = None
    """Of a notification."""
    skip: bool = False
    """The step makes no sense after what was answered before."""


def _not_implemented(reason: str, description: str) -> Difference:
    return Difference(reason=reason, status=501, body={"error": "NotImplemented", "description": description})


def _number(reason: str, identity: str, value: float) -> Difference:
    return Difference(reason=reason, body={"id": identity, "type": "N", "v": value})


def _without(reason: str) -> Difference:
    return Difference(reason=reason, skip=True)


_NOT_REGISTERED = _without("nothing was registered")
_NOT_SUBSCRIBED = _without("this was not subscribed to")
DIFFERENCES: dict[str, dict[int, Difference]] = {
    "attr_number": {
        19: _number("Orion cuts the zeros of an exponent, so 1e20 comes back as 100", "n09", 1e20),
        43: _number("Orion reads the number one unit in the last place too high", "n21", 123456789.123456789),
    },
    "attr_datetime_fractions": {
        11: Difference(reason="Orion prints the rounding error of its double", body="1704164645.123"),
    },
    "entry_points": {
        1: Difference(reason="the embedded broker says what it is", body={"orion": ..., "fiware_bridge": ...}),
    },
    "geo_query_errors": dict.fromkeys(range(1, 7), _not_implemented("geographical queries", _NO_GEO)),
    "notif_custom": {
        0: _not_implemented("custom payloads", _NO_CUSTOM.format("method, payload, qs")),
        1: _not_implemented("custom payloads", _NO_CUSTOM.format("json")),
        2: _not_implemented("custom payloads", _NO_CUSTOM.format("ngsi")),
        4: _NOT_SUBSCRIBED,
        6: _NOT_SUBSCRIBED,
        7: _NOT_SUBSCRIBED,
        8: _NOT_SUBSCRIBED,
        9: Difference(reason="it is the only notification of the update", correlator="cbnotif=1"),
    },
    "registrations": {
        0: _not_implemented("registrations", _NO_REGISTRATIONS),
        1: _not_implemented("registrations", _NO_REGISTRATIONS),
        2: _not_implemented("registrations", _NO_REGISTRATIONS),
        4: _NOT_REGISTERED,
        8: _NOT_REGISTERED,
        9: _not_implemented("registrations", _NO_REGISTRATIONS),
        10: _not_implemented("registrations", _NO_REGISTRATIONS),
    },
}
"""Case → number of the step → difference."""

_UNRECORDED_SETUP: dict[str, Any] = {
    "attr_type_on_update": {
        "id": "e1",
        "type": "Room",
        "a": {"type": "Celsius", "value": 20, "metadata": {"m": {"type": "MyType", "value": "x"}}},
    },
}
"""An entity that stood there before each write of a case, made by requests that are not in the recording."""


@pytest.fixture
async def contract_broker(
    request: pytest.FixtureRequest, tmp_path: Any, session: aiohttp.ClientSession
) -> AsyncGenerator[Client]:
    url = request.config.getoption("--broker-url", default=None)
    if url:
        yield Client(session, url)
        return
    async with running_broker(tmp_path, host="127.0.0.1", port=0, history_port=0) as addresses:
        yield Client(session, f"http://127.0.0.1:{addresses.port}")


class Replay:
    """One case on its way."""

    def __init__(self, case: Case, broker: Client, subscriber: Subscriber, *, embedded: bool) -> None:
        """Replay a case against a broker; `embedded` says that the list of differences holds."""
        self._case = case
        self._broker = broker
        self._subscriber = subscriber
        self._embedded = embedded
        self._suffix = f"_{secrets.token_hex(3)}"
        self._translation = Translation({_RECORDED_SUBSCRIBER: subscriber.url})

    async def run(self) -> None:
        for number, step in enumerate(self._case.steps):
            difference = DIFFERENCES.get(self._case.name, {}).get(number) if self._embedded else None
            where = f"{self._case.name}, step {number}"
            if difference is not None and difference.skip:
                continue
            if "request" in step:
                await self._exchange(step, difference, where)
            else:
                await self._notification(step, difference, where)

    async def _exchange(self, step: Any, difference: Difference | None, where: str) -> None:
        request = step["request"]
        if self._case.name in _UNRECORDED_SETUP and request["method"] != "GET":
            await self._set_up(request["headers"]["Fiware-Service"])
        answer = await self._send(request)
        self._capture(step, answer)
        deadline = asyncio.get_running_loop().time() + _SETTLE_SECONDS
        while found := list(self._compare(step, answer, difference)):
            settled = request["method"] != "GET" or not _ASYNCHRONOUS.match(request["path"])
            if settled or asyncio.get_running_loop().time() > deadline:
                pytest.fail(f"{where}: {request['method']} {request['path']}\n" + "\n".join(found))
            await asyncio.sleep(0.02)
            answer = await self._send(request)

    async def _set_up(self, tenant: str) -> None:
        broker = self._broker.with_headers(Fiware_Service=tenant + self._suffix)
        entity = _UNRECORDED_SETUP[self._case.name]
        await broker.delete(f"/v2/entities/{entity['id']}")
        assert (await broker.post("/v2/entities", entity)).status == 201

    async def _send(self, request: Any) -> Answer:
        headers = {
            name: value + self._suffix if name == "Fiware-Service" else value for name, value in request["headers"].items()
        }
        path = self._translation.text(request["path"])
        return await self._broker.request(request["method"], path, body=self._body(request), headers=headers)

    def _body(self, request: Any) -> bytes | None:
        if "body_note" in request:
            return _body_of_size(int(request["body_note"].partition(" ")[0]))
        if "body_raw" in request:
            return self._translation.text(request["body_raw"]).encode()
        if "body" not in request:
            return None
        body = self._translation.value(request["body"])
        return body.encode() if request.get("body_is") == "text" else json.dumps(body).encode()

    def _capture(self, step: Any, answer: Answer) -> None:
        for recorded in step.get("captures", {}).values():
            if "Location" in answer.headers:
                self._translation.texts[recorded] = answer.headers["Location"].rpartition("/")[2]

    def _compare(self, step: Any, answer: Answer, difference: Difference | None) -> list[str]:
        expected = dict(step["response"])
        if difference is not None:
            expected["status"] = difference.status or expected["status"]
            expected["body"] = difference.body
        found = [] if answer.status == expected["status"] else [f"status {answer.status} instead of {expected['status']}"]
        headers = {} if difference is not None and difference.status else expected["headers"]
        for name in _COMPARED_HEADERS:
            found += differences(headers.get(name), answer.headers.get(name), name)
        if "Location" in headers:
            found += differences(self._translation.text(headers["Location"]), answer.headers.get("Location"), "Location")
        if "Content-Type" in headers:
            found += differences(headers["Content-Type"].partition(";")[0], answer.media_type, "Content-Type")
        correlator = step["request"]["headers"].get("Fiware-Correlator", answer.headers.get("Fiware-Correlator"))
        found += differences(correlator, answer.headers.get("Fiware-Correlator"), "Fiware-Correlator")
        return found + self._compare_body(expected, answer)

    def _compare_body(self, expected: Any, answer: Answer) -> list[str]:
        body = self._translation.value(expected.get("body"))
        if expected.get("body_is") == "text":
            return list(differences(body, answer.text))
        if isinstance(body, dict) and ... in body.values():
            return [f"names {sorted(answer.json)}"] if answer.json.keys() != body.keys() else []
        return list(differences(body, answer.json))

    async def _notification(self, step: Any, difference: Difference | None, where: str) -> None:
        expected = step["notification"]
        if expected is None:
            seconds = step["waited_ms"] / 1000
            if self._embedded and self._case.name not in _WAITS_FOR_TIME:
                seconds = min(seconds, _QUICK_WAIT_SECONDS)
            assert await self._subscriber.nothing_for(seconds), f"{where}: a notification arrived"
            return
        received = await self._subscriber.next()
        found = list(differences(self._translation.value(expected["body"]), received.body))
        found += differences((expected["method"], expected["path"]), (received.method, received.path), "request")
        sent = {name.lower(): value for name, value in received.headers.items()}
        for name in _NOTIFICATION_HEADERS:
            value = expected["headers"].get(name)
            value = value + self._suffix if name == "Fiware-Service" else value
            found += differences(value, sent.get(name.lower()), name)
        correlator = expected["headers"]["Fiware-Correlator"].partition("; ")[2]
        if difference is not None and difference.correlator:
            correlator = difference.correlator
        found += differences(correlator, sent["fiware-correlator"].partition("; ")[2], "correlator")
        assert not found, f"{where}: " + "\n".join(found)


def _body_of_size(size: int) -> bytes:
    start, end = b'{"id":"big","type":"T","v":{"type":"Text","value":"', b'"}}'
    return start + b"x" * (size - len(start) - len(end)) + end


@pytest.mark.parametrize("case", case_parameters("orion-4.7.0.jsonl"))
async def test_answers_as_orion_4_7_0(
    case: Case, contract_broker: Client, subscriber: Subscriber, request: pytest.FixtureRequest
) -> None:
    embedded = request.config.getoption("--broker-url", default=None) is None
    await Replay(case, contract_broker, subscriber, embedded=embedded).run()
