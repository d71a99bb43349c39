"""QuantumLeap's contract: the exchanges recorded from QuantumLeap 1.0, replayed against the embedded broker's history.

`DIFFERENCES` lists where the embedded broker answers otherwise on purpose, mostly because QuantumLeap loses or doubles data
there; a listed step has to differ in exactly that way.
"""

import asyncio
from dataclasses import dataclass
import json
from typing import Any

import pytest

from fiware_bridge import VERSION

from ..http_client import Answer, Client
from ..recording import Case, Translation, case_parameters, differences

_RECORDED_HISTORY = "http://127.0.0.1:8668"
_SETTLE_SECONDS = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A step at which the embedded broker answers otherwise, and why."""

    reason: str
    status: int | None = None
    body: Any = None
    """What is answered; None is not compared."""


def _minute(minute: int) -> str:
    return f"2024-01-01T01:{minute:02d}:00.000+00:00"


def _history(index: list[str], **attributes: list[Any]) -> dict[str, Any]:
    """Return the answer to a query of the entity r1."""
    columns = [{"attrName": name, "values": values} for name, values in {"TimeInstant": index, **attributes}.items()]
    return {"attributes": columns, "entityId": "r1", "entityType": "Room", "index": index}


def _attribute_history(name: str, points: dict[int, Any]) -> dict[str, Any]:
    """Return the answer to a query of one attribute of r1, from values by minute."""
    index = [_minute(minute) for minute in points]
    return {"attrName": name, "entityId": "r1", "entityType": "Room", "index": index, "values": list(points.values())}


_NOT_LOST = "QuantumLeap loses values that do not fit the type of the first one"
_ONE_ROW = "QuantumLeap makes a row of every notification of the same instant"
_QUOTES = "QuantumLeap breaks at a quote in a name"
_OWN_NAMES = "QuantumLeap takes names that differ in case for the same"
_EVERY_V = {
    1: 1.0, 2: 12.5, 3: "abc", 4: "hello", 5: "7", 6: 5, 7: True, 8: {"a": 1}, 9: None, 10: 2.0, 12: 1e308,
    13: "2024-01-01T00:00:00.000+00:00", 14: 9.0,
}  # fmt: skip
_ISSUED = "Notification successfully processed"

DIFFERENCES: dict[str, dict[int, Difference]] = {
    "queries": {19: Difference(reason="a wrong date is the client's fault", status=400)},
    "duplicates": {
        6: Difference(
            reason=_ONE_ROW,
            body=_history(
                ["1970-01-01T00:00:00.000+00:00", "2024-01-01T00:30:00.000+00:00", _minute(0)],
                t=[0.0, 0.0, 2.0],
                u=[None, None, 5.0],
            ),
        ),
        7: Difference(reason=_ONE_ROW, body=_history([_minute(0)], t=[2.0], u=[5.0])),
        8: Difference(
            reason=_ONE_ROW,
            body={"attrName": "t", "entityId": "r1", "entityType": "Room", "index": [], "values": [3]},
        ),
    },
    "column_types": {5: Difference(reason=_OWN_NAMES, status=404)},
    "type_changes": {
        14: Difference(reason=_NOT_LOST, body=_attribute_history("v", _EVERY_V)),
        15: Difference(reason=_OWN_NAMES, body=_attribute_history("V", {11: 3.0})),
    },
    "type_first": {
        2: Difference(
            reason=_NOT_LOST,
            body=_history([_minute(1), _minute(2)], i=[1, 2.7], nt=[5, 5.5], v=["a", 5.5]),
        ),
    },
    "bad": {
        10: Difference(reason="a notification that is not normalized is the sender's fault", status=400),
        12: Difference(reason=_QUOTES, status=200, body=_ISSUED),
        16: Difference(reason="no attribute name is reserved", status=200, body=_ISSUED),
        17: Difference(reason="a notification that is not normalized is the sender's fault", status=400),
        18: Difference(reason="the error is Orion's", status=400),
        20: Difference(reason=_QUOTES, status=200),
        21: Difference(reason=_QUOTES, status=200),
        22: Difference(reason=_QUOTES, status=200),
        24: Difference(reason=_QUOTES, status=200),
    },
    "quote_in_type": {
        2: Difference(reason=_QUOTES, status=200, body=_ISSUED),
        3: Difference(reason=_QUOTES, status=200),
        4: Difference(reason=_QUOTES, status=200, body=_history([_minute(1)], t=[1.0])),
    },
    "quote_in_attr": {
        2: Difference(reason=_QUOTES, body=[{"entityId": "r1", "entityType": "Room", "index": _minute(2)}]),
        3: Difference(reason=_QUOTES, body=_history([_minute(1), _minute(2)], **{'a"b': [None, 1.0], "t": [1.0, None]})),
    },
    "subscribe": {
        2: Difference(reason="the list of the interface's parts is left out", status=404),
        3: Difference(reason="the embedded broker says what it is", body={"version": "1.0.0", "fiware_bridge": VERSION}),
    },
    "bad_value_batch": {
        3: Difference(
            reason=_NOT_LOST,
            body={
                "attrName": "t",
                "entities": [
                    {"entityId": "r0", "index": ["2024-01-01T00:01:00.000+00:00"], "values": [1.0]},
                    {"entityId": "r1", "index": [_minute(1)], "values": [1.0]},
                    {"entityId": "r2", "index": [_minute(2)], "values": ["oops"]},
                    {"entityId": "r3", "index": [_minute(3)], "values": [3.0]},
                ],
                "entityType": "Room",
            },
        ),
    },
}
"""Case → number of the step → difference."""


class Replay:
    """One case on its way."""

    def __init__(self, case: Case, broker: Client, history: Client) -> None:
        """Replay a case against a broker and its history."""
        self._case = case
        self._broker = broker
        self._history = history
        self._translation = Translation({_RECORDED_HISTORY: history.url})

    async def run(self) -> None:
        for number, step in enumerate(self._case.steps):
            if "request" in step:
                difference = DIFFERENCES.get(self._case.name, {}).get(number)
                await self._exchange(step, difference, f"{self._case.name}, step {number}")

    async def _exchange(self, step: Any, difference: Difference | None, where: str) -> None:
        answer = await self._send(step)
        for recorded in step.get("captures", {}).values():
            self._translation.texts[recorded] = answer.headers["Location"].rpartition("/")[2]
        deadline = asyncio.get_running_loop().time() + _SETTLE_SECONDS
        while found := list(self._compare(step["response"], answer, difference)):
            if step["request"]["method"] != "GET" or asyncio.get_running_loop().time() > deadline:
                pytest.fail(f"{where}: {step['request']['method']} {step['request']['path']}\n" + "\n".join(found))
            await asyncio.sleep(0.05)
            answer = await self._send(step)

    async def _send(self, step: Any) -> Answer:
        request = step["request"]
        body: bytes | None = None
        if "body_raw" in request:
            body = request["body_raw"].encode()
        elif "body" in request:
            text = request["body"] if request.get("body_is") == "text" else json.dumps(request["body"])
            body = self._translation.text(text).encode()
        from_history = step["response"]["headers"].get("Server") == "gunicorn"
        client = self._history if from_history else self._broker
        path = self._translation.text(request["path"])
        return await client.request(request["method"], path, body=body, headers=request["headers"])

    def _compare(self, response: Any, answer: Answer, difference: Difference | None) -> list[str]:
        status = difference.status if difference is not None and difference.status else response["status"]
        found = [] if answer.status == status else [f"status {answer.status} instead of {status}: {answer.text}"]
        if difference is not None:
            return found if difference.body is None else found + list(differences(difference.body, answer.json, ordered=False))
        if response["headers"].get("Content-Type", "").startswith("application/problem+json"):
            return found + list(differences(response["body"]["title"], answer.json["title"]))
        return found + list(differences(self._translation.value(response.get("body")), answer.json, ordered=False))


async def _unrecorded_set_up(history: Client) -> None:
    """Record what the case `queries` finds: every quarter of an hour a value, from 2024-01-01T00:00 on."""
    client = history.with_headers(Fiware_Service="5840_queries", Fiware_ServicePath="/")
    data = [
        {
            "id": "r1",
            "type": "Room",
            "t": {"type": "Number", "value": hour * 10 + quarter},
            "TimeInstant": {"type": "DateTime", "value": f"2024-01-01T0{hour}:{quarter * 15:02d}:00.000Z"},
        }
        for hour in range(3)
        for quarter in range(4)
    ]
    assert (await client.post("/v2/notify", {"data": data})).status == 200


@pytest.mark.parametrize("case", case_parameters("quantumleap-1.0.jsonl"))
async def test_answers_as_quantumleap_1_0(case: Case, broker: Client, history: Client) -> None:
    if case.name == "queries":
        await _unrecorded_set_up(history)
    await Replay(case, broker, history).run()
