"""Entities: what a client writes and reads one by one."""

import pytest

from ..http_client import Client

METER = "urn:ngsi-ld:ThreePhaseAcMeasurement:main-hall"
READING = {
    "id": METER,
    "type": "ThreePhaseAcMeasurement",
    "TimeInstant": {"type": "DateTime", "value": "2026-03-01T12:00:00.123456+01:00"},
    "activePower": {
        "type": "StructuredValue",
        "value": {"L1": 11996.416016, "L2": -9461.501953, "L3": 0.0},
        "metadata": {"unitCode": {"type": "Text", "value": "WTT"}},
    },
    "frequency": {"type": "Number", "value": 50.02},
}


def _path(rest: str = "") -> str:
    return f"/v2/entities/{METER}{rest}"


async def test_an_entity_comes_back_with_its_instant_in_utc_and_milliseconds(broker: Client) -> None:
    created = await broker.post("/v2/entities", READING)
    assert created.status == 201
    assert created.headers["Location"] == f"/v2/entities/{METER}?type=ThreePhaseAcMeasurement"
    assert (await broker.get(_path())).json == {
        "id": METER,
        "type": "ThreePhaseAcMeasurement",
        "TimeInstant": {"type": "DateTime", "value": "2026-03-01T11:00:00.123Z", "metadata": {}},
        "activePower": {
            "type": "StructuredValue",
            "value": {"L1": 11996.416016, "L2": -9461.501953, "L3": 0},
            "metadata": {"unitCode": {"type": "Text", "value": "WTT"}},
        },
        "frequency": {"type": "Number", "value": 50.02, "metadata": {}},
    }


async def test_representations(broker: Client) -> None:
    await broker.post("/v2/entities?options=keyValues", {"id": "e", "type": "T", "b": 1, "a": "x", "c": 1, "d": True})
    assert (await broker.get("/v2/entities/e?options=keyValues")).text == '{"id":"e","type":"T","a":"x","b":1,"c":1,"d":true}'
    assert (await broker.get("/v2/entities/e?options=values&attrs=c,a")).json == [1, "x"]
    assert (await broker.get("/v2/entities/e?options=unique")).text == '["x",1,true]'
    assert (await broker.get("/v2/entities/e/attrs?options=keyValues&attrs=b")).json == {"b": 1}
    assert (await broker.get("/v2/entities/e/attrs?options=values")).json == ["x", 1, 1, True]


async def test_builtins_are_shown_when_asked_for(broker: Client) -> None:
    client = broker.with_headers(Fiware_ServicePath="/site")
    await client.post("/v2/entities", READING)
    shown = (await client.get(_path("?attrs=dateCreated,servicePath,frequency&metadata=dateModified"))).json
    assert list(shown) == ["id", "type", "dateCreated", "servicePath", "frequency"]
    assert shown["servicePath"]["value"] == "/site"
    assert shown["frequency"]["metadata"]["dateModified"]["value"] == shown["dateCreated"]["value"]


async def test_an_entity_exists_once_per_id_type_and_service_path(broker: Client) -> None:
    assert (await broker.post("/v2/entities", READING)).status == 201
    again = await broker.post("/v2/entities", READING)
    assert (again.status, again.json["description"]) == (422, "Already Exists")
    assert (await broker.post("/v2/entities", {**READING, "type": "Device"})).status == 201
    assert (await broker.get(_path())).status == 409
    assert (await broker.delete(_path())).status == 409
    assert (await broker.get(_path("?type=Device"))).json["type"] == "Device"
    below = broker.with_headers(Fiware_ServicePath="/site")
    assert (await below.post("/v2/entities", READING)).status == 201


async def test_upsert_keeps_what_it_does_not_mention(broker: Client) -> None:
    for body in ({"id": "e", "a": {"value": 1}}, {"id": "e", "b": {"value": 2}}):
        assert (await broker.post("/v2/entities?options=upsert", body)).status == 204
    assert (await broker.get("/v2/entities/e?options=keyValues")).json == {"id": "e", "type": "Thing", "a": 1, "b": 2}


async def test_metadata_stick_until_they_are_overridden(broker: Client) -> None:
    await broker.post("/v2/entities", READING)
    metadata = f"{_path()}/attrs/activePower"
    await broker.put(metadata, {"type": "StructuredValue", "value": {"L1": 1}, "metadata": {"timestamp": {"value": "x"}}})
    assert sorted((await broker.get(metadata)).json["metadata"]) == ["timestamp", "unitCode"]
    await broker.patch(_path("/attrs?options=overrideMetadata"), {"activePower": {"value": {"L1": 1}}})
    assert (await broker.get(metadata)).json["metadata"] == {}


async def test_an_update_without_change_does_not_move_date_modified(broker: Client) -> None:
    await broker.post("/v2/entities", READING)
    modified = _path("?attrs=dateModified&options=values")
    before = (await broker.get(modified)).json
    await broker.patch(_path("/attrs"), {"frequency": {"type": "Number", "value": 50.02}})
    assert (await broker.get(modified)).json == before
    await broker.patch(_path("/attrs?options=forcedUpdate"), {"frequency": {"type": "Number", "value": 50.02}})
    assert (await broker.get(modified)).json >= before


async def test_one_and_true_are_different_values(broker: Client) -> None:
    await broker.post("/v2/entities", {"id": "e", "a": {"type": "Any", "value": 1}})
    await broker.put("/v2/entities/e/attrs/a", {"type": "Any", "value": True})
    assert (await broker.get("/v2/entities/e/attrs/a/value")).text == "true"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (7.25, "7.25"),
        ("hey", '"hey"'),
        (True, "true"),
        (None, "null"),
        (0.0000001, "0.0000001"),
        (230.0, "230"),
    ],
)
async def test_a_scalar_value_is_plain_text(broker: Client, value: object, shown: str) -> None:
    await broker.post("/v2/entities", {"id": "e", "a": {"value": value}})
    answer = await broker.get("/v2/entities/e/attrs/a/value")
    assert (answer.text, answer.media_type) == (shown, "text/plain")


async def test_a_value_written_as_text_keeps_type_and_metadata(broker: Client) -> None:
    await broker.post("/v2/entities", READING)
    plain = {"Content-Type": "text/plain"}
    written = await broker.request("PUT", _path("/attrs/frequency/value"), body=b"49.98", headers=plain)
    assert written.status == 204
    assert (await broker.get(_path("/attrs/frequency"))).json == {"type": "Number", "value": 49.98, "metadata": {}}
    await broker.request("PUT", _path("/attrs/TimeInstant/value"), body=b'"2026-03-01T13:00+02:00"', headers=plain)
    assert (await broker.get(_path("/attrs/TimeInstant/value"))).text == "1772362800.000"
    assert (await broker.get(_path("/attrs/TimeInstant"))).json["value"] == "2026-03-01T11:00:00.000Z"


@pytest.mark.parametrize(
    ("body", "content_type", "description"),
    [
        (b"unquoted", "text/plain", "attribute value type not recognized"),
        (b'{"L1": 1}', "text/plain", "attribute value type not recognized"),
        (b"7", "application/json", "Neither JSON Object nor JSON Array for attribute::value"),
        (b"{", "application/json", "Errors found in incoming JSON buffer"),
        (b'"a<b"', "text/plain", "Invalid characters in attribute value"),
    ],
)
async def test_a_wrong_value_is_refused(broker: Client, body: bytes, content_type: str, description: str) -> None:
    await broker.post("/v2/entities", READING)
    answer = await broker.request("PUT", _path("/attrs/frequency/value"), body=body, headers={"Content-Type": content_type})
    assert (answer.status, answer.json["description"]) == (400, description)


async def test_attributes_appear_vanish_and_are_replaced(broker: Client) -> None:
    await broker.post("/v2/entities?options=keyValues", {"id": "e", "a": 1})
    assert (await broker.post("/v2/entities/e/attrs?options=keyValues", {"b": 2})).status == 204
    refused = await broker.post("/v2/entities/e/attrs?options=append,keyValues", {"b": 3, "c": 3})
    assert refused.json["description"] == "one or more of the attributes in the request already exist: e - [ b ]"
    assert (await broker.delete("/v2/entities/e/attrs/a")).status == 204
    assert (await broker.delete("/v2/entities/e/attrs/a")).status == 404
    assert (await broker.get("/v2/entities/e?options=keyValues")).json == {"id": "e", "type": "Thing", "b": 2, "c": 3}
    assert (await broker.put("/v2/entities/e/attrs?options=keyValues", {"d": 4})).status == 204
    assert (await broker.get("/v2/entities/e?options=keyValues")).json == {"id": "e", "type": "Thing", "d": 4}


@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT"])
async def test_attributes_of_an_unknown_entity_are_refused(broker: Client, method: str) -> None:
    answer = await broker.send(method, "/v2/entities/nobody/attrs", {"a": {"value": 1}})
    assert (answer.status, answer.json["error"]) == (404, "NotFound")
    assert (await broker.get("/v2/entities")).json == []


@pytest.mark.parametrize("forbidden", list("<>\"'=;()"))
async def test_forbidden_characters_are_refused_in_values_at_any_depth(broker: Client, forbidden: str) -> None:
    for value in (f"a{forbidden}b", {"names": [f"a{forbidden}b"]}):
        answer = await broker.post("/v2/entities", {"id": "e", "name": {"value": value}})
        assert (answer.status, answer.json["description"]) == (400, "Invalid characters in attribute value")
    in_metadata = {"id": "e", "a": {"value": 1, "metadata": {"m": {"value": forbidden}}}}
    assert (await broker.post("/v2/entities", in_metadata)).json["description"] == "Invalid characters in metadata value"
    free = {"id": "e", "name": {"type": "TextUnrestricted", "value": f"a{forbidden}b"}}
    assert (await broker.post("/v2/entities", free)).status == 201
    assert (await broker.get("/v2/entities/e/attrs/name")).json["value"] == f"a{forbidden}b"


@pytest.mark.parametrize("name", ["a b", "Größe", "a/b", "a?b", "a#b", "a&b", "a\nb", ""])
async def test_names_are_ascii_without_blanks(broker: Client, name: str) -> None:
    for body in ({"id": name}, {"id": "e", "type": name}, {"id": "e", name: {"value": 1}}, {"id": "e", "a": {"type": name}}):
        assert (await broker.post("/v2/entities", body)).status == 400


@pytest.mark.parametrize(
    ("attribute", "description"),
    [
        (5, "attribute must be a JSON object, unless keyValues option is used"),
        ({"type": 5, "value": 1}, "invalid JSON type for attribute type"),
        ({"value": 1, "unit": "V"}, "unrecognized property for context attribute"),
        ({"value": 1, "metadata": 5}, "metadata not a JSON object"),
        ({"value": 1, "metadata": {"m": 5}}, "metadata must be a JSON object"),
        ({"value": 1, "metadata": {"m": {"value": 1, "x": 1}}}, "unrecognized property for metadata"),
        ({"type": "DateTime", "value": 5}, "date has invalid format in attribute value"),
        ({"value": 1, "metadata": {"m": {"type": "DateTime", "value": "x"}}}, "date has invalid format in metadata value"),
        (
            {"type": "geo:point", "value": "91, 0"},
            "error parsing location attribute: geo coordinates format error [see Orion user manual]: 91, 0",
        ),
        (
            {"type": "geo:point", "value": "1..2, 0"},
            "error parsing location attribute: geo coordinates format error [see Orion user manual]: 1..2, 0",
        ),
    ],
)
async def test_a_wrong_attribute_is_refused(broker: Client, attribute: object, description: str) -> None:
    answer = await broker.post("/v2/entities", {"id": "e", "a": attribute})
    assert (answer.status, answer.json["description"]) == (400, description)


async def test_values_nest_to_50_levels(broker: Client) -> None:
    value: object = 1
    for _ in range(50):
        value = [value]
    assert (await broker.post("/v2/entities", {"id": "deep", "a": {"value": value}})).status == 201
    assert (await broker.post("/v2/entities", {"id": "deeper", "a": {"value": [value]}})).json["error"] == "ParseError"


async def test_an_entity_has_one_place(broker: Client) -> None:
    place = {"type": "geo:point", "value": "50.9, 6.9"}
    assert (await broker.post("/v2/entities", {"id": "e", "a": place, "b": {"type": "geo:json", "value": None}})).status == 201
    assert (await broker.post("/v2/entities/e/attrs", {"c": place})).status == 413
    informative = {**place, "metadata": {"ignoreType": {"type": "Boolean", "value": True}}}
    assert (await broker.post("/v2/entities/e/attrs", {"c": informative})).status == 204


async def test_expiring_entities_are_not_pretended(broker: Client) -> None:
    body = {"id": "e", "dateExpires": {"type": "DateTime", "value": "2030-01-01T00:00:00Z"}}
    assert (await broker.post("/v2/entities", body)).status == 501


class TestLists:
    """`GET /v2/entities`."""

    async def _fill(self, broker: Client) -> None:
        entities = [
            {"id": f"m{number}", "type": "Meter" if number % 2 else "Plug", "power": number % 3, "name": f"n{9 - number}"}
            for number in range(1, 8)
        ]
        body = {"actionType": "append", "entities": entities}
        assert (await broker.post("/v2/op/update?options=keyValues", body)).status == 204

    async def _ids(self, broker: Client, query: str) -> list[str]:
        answer = await broker.get(f"/v2/entities?{query}")
        assert answer.status == 200, answer.text
        return [entity["id"] for entity in answer.json]

    async def test_pages_come_in_order_of_creation(self, broker: Client) -> None:
        await self._fill(broker)
        answer = await broker.get("/v2/entities?limit=2&offset=3&options=count,keyValues")
        assert [entity["id"] for entity in answer.json] == ["m4", "m5"]
        assert answer.headers["Fiware-Total-Count"] == "7"
        assert await self._ids(broker, "limit=0") == []

    @pytest.mark.parametrize(
        ("query", "ids"),
        [
            ("type=Plug", ["m2", "m4", "m6"]),
            ("id=m1,m4", ["m1", "m4"]),
            ("idPattern=[67]$", ["m6", "m7"]),
            ("typePattern=^M&q=power==0..1", ["m1", "m3", "m7"]),
            ("q=power>1", ["m2", "m5"]),
            ("mq=power.unit", []),
            ("orderBy=power,!name&type=Meter", ["m3", "m1", "m7", "m5"]),
            ("orderBy=!id&limit=2", ["m7", "m6"]),
            ("orderBy=type,!dateCreated&limit=3", ["m7", "m5", "m3"]),
        ],
    )
    async def test_filters_and_orders(self, broker: Client, query: str, ids: list[str]) -> None:
        await self._fill(broker)
        assert await self._ids(broker, query) == ids

    async def test_nothing_sorts_before_numbers_texts_structures_and_truth(self, broker: Client) -> None:
        for number, value in enumerate([True, {"a": 1}, "x", 5, None, -5]):
            await broker.post("/v2/entities", {"id": f"e{number}", "v": {"value": value}})
        await broker.post("/v2/entities", {"id": "e6"})
        assert await self._ids(broker, "orderBy=v") == ["e4", "e6", "e5", "e3", "e2", "e1", "e0"]

    @pytest.mark.parametrize(
        ("query", "description"),
        [
            ("limit=1001", "Bad pagination limit: /1001/ [max: 1000]"),
            ("limit=x", "Bad pagination limit: /x/ [must be a decimal number]"),
            ("offset=-1", "Bad pagination offset: /-1/ [must be a decimal number]"),
            ("id=", "Empty right-hand-side for URI param /id/"),
            ("id=a&idPattern=b", "Incompatible parameters: id, IdPattern"),
            ("idPattern=[", "invalid regex in URI param /idPattern/"),
            ("options=nope", "Invalid value for URI param /options/"),
            ("options=values,keyValues", "Invalid value for URI param /options/"),
            ("orderBy=a,!a", "duplicate orderBy token detected"),
        ],
    )
    async def test_wrong_parameters_are_refused(self, broker: Client, query: str, description: str) -> None:
        answer = await broker.get(f"/v2/entities?{query}")
        assert (answer.status, answer.json["description"]) == (400, description)

    @pytest.mark.parametrize("query", ["georel=near", "geometry=point", "coords=1,1"])
    async def test_geographical_queries_are_not_pretended(self, broker: Client, query: str) -> None:
        assert (await broker.get(f"/v2/entities?{query}")).status == 501


async def test_types_tell_their_attributes(broker: Client) -> None:
    for body in ({"id": "a", "type": "M", "v": {"value": 1}}, {"id": "b", "type": "M", "v": {"value": "x"}}, {"id": "c"}):
        await broker.post("/v2/entities", body)
    assert (await broker.get("/v2/types")).json == [
        {"type": "M", "attrs": {"v": {"types": ["Number", "Text"]}}, "count": 2},
        {"type": "Thing", "attrs": {}, "count": 1},
    ]
    names = await broker.get("/v2/types?options=values,count&limit=1&offset=1")
    assert (names.json, names.headers["Fiware-Total-Count"]) == (["Thing"], "2")
    assert (await broker.get("/v2/types/M?options=noAttrDetail")).json == {"attrs": {"v": {"types": []}}, "count": 2}
    assert (await broker.get("/v2/types/X")).status == 404
