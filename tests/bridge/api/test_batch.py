"""Batches: `/v2/op/update`, `/v2/op/query` and `/v2/op/notify`."""

from typing import Any

import pytest

from ..http_client import Answer, Client


def _meter(number: int, power: float, second: int = 0) -> dict[str, Any]:
    return {
        "id": f"meter{number}",
        "type": "Meter",
        "TimeInstant": {"type": "DateTime", "value": f"2026-03-01T12:00:{second:02d}Z"},
        "power": {"type": "Number", "value": power},
    }


async def _update(broker: Client, action: str, *entities: dict[str, Any], options: str = "") -> Answer:
    query = f"?options={options}" if options else ""
    return await broker.post(f"/v2/op/update{query}", {"actionType": action, "entities": list(entities)})


async def _powers(broker: Client) -> dict[str, Any]:
    entities = (await broker.get("/v2/entities?options=keyValues&limit=1000")).json
    return {entity["id"]: entity.get("power") for entity in entities}


async def test_append_creates_and_updates(broker: Client) -> None:
    assert (await _update(broker, "append", _meter(1, 1), _meter(2, 2))).status == 204
    assert (await _update(broker, "append", _meter(2, 20), _meter(3, 30))).status == 204
    assert await _powers(broker) == {"meter1": 1, "meter2": 20, "meter3": 30}


async def test_the_same_entity_twice_is_applied_in_order(broker: Client) -> None:
    await _update(broker, "append", _meter(1, 1, second=1), _meter(1, 2, second=2))
    shown = (await broker.get("/v2/entities/meter1?options=keyValues")).json
    assert (shown["power"], shown["TimeInstant"]) == (2, "2026-03-01T12:00:02.000Z")


async def test_an_entity_without_type_is_found_by_its_id(broker: Client) -> None:
    await _update(broker, "append", _meter(1, 1))
    await _update(broker, "append", {"id": "meter1", "power": {"value": 5}}, {"id": "new"})
    assert await _powers(broker) == {"meter1": 5, "new": None}
    await _update(broker, "append", {**_meter(1, 7), "type": "Device"})
    ambiguous = await _update(broker, "update", {"id": "meter1", "power": {"value": 6}})
    assert (ambiguous.status, ambiguous.json["error"]) == (409, "TooManyResults")


@pytest.mark.parametrize(
    "poison",
    [
        {"id": "bad id"},
        {"type": "T"},
        {"id": "e", "a": {"value": "<"}},
        {"id": "e", "a": {"type": "DateTime", "value": "nope"}},
        5,
    ],
)
async def test_one_wrong_entity_refuses_the_whole_batch(broker: Client, poison: Any) -> None:
    assert (await _update(broker, "append", _meter(1, 1), poison)).status == 400
    assert await _powers(broker) == {}


async def test_what_cannot_be_applied_leaves_the_rest_done(broker: Client) -> None:
    await _update(broker, "append", _meter(1, 1))
    answer = await _update(broker, "update", _meter(1, 5), _meter(2, 2), _meter(3, 3))
    assert answer.status == 422
    assert answer.json == {
        "error": "PartialUpdate",
        "description": "do not exist: meter2/Meter - [entity itself], meter3/Meter [entity itself]",
    }
    assert await _powers(broker) == {"meter1": 5}


async def test_when_nothing_was_done_the_error_says_so(broker: Client) -> None:
    await _update(broker, "append", _meter(1, 1))
    assert (await _update(broker, "update", _meter(2, 2))).status == 404
    unknown = await _update(broker, "update", {"id": "meter1", "type": "Meter", "zz": {"value": 1}}, _meter(2, 2))
    assert unknown.json == {
        "error": "Unprocessable",
        "description": "do not exist: meter1/Meter - [ zz ], meter2/Meter [entity itself]",
    }
    twice = [{"id": "meter1", "zz": {"value": 1}}, {"id": "meter1", "yy": {"value": 1}}]
    assert (await _update(broker, "update", *twice)).json["description"] == "do not exist: meter1 - [ zz ], meter1 - [ yy ]"


async def test_two_places_in_one_entity_leave_the_others(broker: Client) -> None:
    place = {"type": "geo:json", "value": {"type": "Point", "coordinates": [6.9, 50.9]}}
    lost = {"id": "lost", "a": place, "b": place}
    assert (await _update(broker, "append", lost)).json["error"] == "NoResourcesAvailable"
    answer = await _update(broker, "append", _meter(1, 1), lost, {**lost, "id": "lost2"})
    assert answer.json == {
        "error": "PartialUpdate",
        "description": "two attributes would say where the entity is: lost, two attributes would say where the entity is: lost2",
    }
    assert await _powers(broker) == {"meter1": 1}


async def test_append_strict_refuses_what_exists(broker: Client) -> None:
    await _update(broker, "append", {"id": "e", "a": {"value": 1}})
    answer = await _update(broker, "appendStrict", {"id": "e", "a": {"value": 2}, "b": {"value": 2}})
    assert answer.json["description"] == "one or more of the attributes in the request already exist: e - [ a ]"
    assert (await broker.get("/v2/entities/e?options=values")).json == [1, 2]


async def test_replace_and_delete(broker: Client) -> None:
    await _update(broker, "append", {"id": "e", "a": {"value": 1}, "b": {"value": 2}}, {"id": "f", "a": {"value": 3}})
    assert (await _update(broker, "replace", {"id": "e", "c": {"value": 4}})).status == 204
    assert (await broker.get("/v2/entities/e?options=keyValues")).json == {"id": "e", "type": "Thing", "c": 4}
    assert (await _update(broker, "delete", {"id": "e", "c": {}}, {"id": "f"})).status == 204
    assert (await broker.get("/v2/entities?options=keyValues")).json == [{"id": "e", "type": "Thing"}]


@pytest.mark.parametrize(
    ("body", "description"),
    [
        ({}, "empty payload"),
        ({"actionType": "append"}, "Invalid JSON payload, mandatory field /entities/ not found"),
        ({"entities": []}, "Invalid JSON payload, mandatory field /actionType/ not found"),
        ({"actionType": "append", "entities": []}, "empty entities vector"),
        ({"actionType": "append", "entities": {}}, "not a JSON array"),
        (
            {"actionType": 5, "entities": [{"id": "e"}]},
            "invalid update action type: right ones are: append, appendStric, delete, replace, update",
        ),
        ({"actionType": "append", "entities": [{"id": "e"}], "x": 1}, "Unrecognized field in JSON payload: /x/"),
    ],
)
async def test_a_wrong_update_is_refused(broker: Client, body: object, description: str) -> None:
    answer = await broker.post("/v2/op/update", body)
    assert (answer.status, answer.json["description"]) == (400, description)


async def test_patterns_in_an_update_are_not_pretended(broker: Client) -> None:
    assert (await _update(broker, "update", {"idPattern": ".*"})).status == 501


class TestQuery:
    """`POST /v2/op/query`."""

    @pytest.fixture
    async def meters(self, broker: Client) -> Client:
        await _update(broker, "append", *(_meter(number, number * 10) for number in range(1, 6)), {"id": "plug"})
        return broker

    @pytest.mark.parametrize(
        ("body", "ids"),
        [
            ({"entities": []}, ["meter1", "meter2", "meter3", "meter4", "meter5", "plug"]),
            ({"entities": [{"id": "meter2"}, {"idPattern": "^p"}]}, ["meter2", "plug"]),
            ({"entities": [{"idPattern": ".*", "type": "Meter"}], "expression": {"q": "power>30"}}, ["meter4", "meter5"]),
            ({"entities": [{"idPattern": ".*", "typePattern": "^T"}]}, ["plug"]),
            ({"expression": {"mq": "power.unit"}}, []),
        ],
    )
    async def test_selects_entities(self, meters: Client, body: object, ids: list[str]) -> None:
        answer = await meters.post("/v2/op/query?options=keyValues", body)
        assert [entity["id"] for entity in answer.json] == ids

    async def test_shows_what_is_asked_for(self, meters: Client) -> None:
        body = {"entities": [{"id": "meter1"}], "attrs": ["power", "dateModified"], "metadata": ["dateCreated"]}
        (entity,) = (await meters.post("/v2/op/query", body)).json
        assert list(entity) == ["id", "type", "power", "dateModified"]
        assert list(entity["power"]["metadata"]) == ["dateCreated"]

    async def test_pages(self, meters: Client) -> None:
        answer = await meters.post("/v2/op/query?options=count,values&limit=1&orderBy=!power", {"attrs": ["power"]})
        assert (answer.json, answer.headers["Fiware-Total-Count"]) == ([[50]], "6")

    @pytest.mark.parametrize(
        ("body", "status"),
        [
            ({}, 400),
            ({"nope": 1}, 400),
            ({"entities": 5}, 400),
            ({"entities": [5]}, 400),
            ({"entities": [{"type": "Meter"}]}, 400),
            ({"entities": [{"id": 5}]}, 400),
            ({"entities": [{"id": "a", "idPattern": "b"}]}, 400),
            ({"entities": [{"idPattern": "["}]}, 400),
            ({"attrs": "power"}, 400),
            ({"attrs": [5]}, 400),
            ({"expression": "power>5"}, 400),
            ({"expression": {"q": 5}}, 400),
            ({"expression": {"georel": "near"}}, 501),
        ],
    )
    async def test_refuses_what_is_wrong(self, meters: Client, body: object, status: int) -> None:
        assert (await meters.post("/v2/op/query", body)).status == status


async def test_a_notification_of_another_broker_is_an_update(broker: Client) -> None:
    body = {"subscriptionId": "5aeb0ee97d4ef10a12a0262f", "data": [_meter(1, 5)]}
    assert (await broker.post("/v2/op/notify", body)).status == 200
    assert await _powers(broker) == {"meter1": 5}
    wrong_bodies: list[Any] = [
        {"data": []},
        {"subscriptionId": 5, "data": []},
        {"subscriptionId": "x"},
        {"subscriptionId": "x", "data": [5]},
        {"subscriptionId": "x", "data": [{"id": 5}]},
        {"subscriptionId": "x", "data": [{"id": "e", "type": 5}]},
    ]
    for wrong in wrong_bodies:
        assert (await broker.post("/v2/op/notify", wrong)).status == 400
