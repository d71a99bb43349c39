"""The history: what is kept of notifications, and how it is asked for."""

import asyncio
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from fiware_bridge.edge.app import running_broker

from ..http_client import Answer, Client

METER = "urn:ngsi-ld:ThreePhaseAcMeasurement:main-hall"


def _instant(text: str) -> dict[str, Any]:
    return {"type": "DateTime", "value": text}


def _reading(instant: str, identity: str = METER, kind: str = "Meter", **values: Any) -> dict[str, Any]:
    """Return an entity as Orion notifies it; numbers are Numbers, dicts StructuredValues."""
    attributes = {
        name: {"type": "StructuredValue" if isinstance(value, dict) else "Number", "value": value}
        for name, value in values.items()
    }
    return {"id": identity, "type": kind, "TimeInstant": _instant(instant), **attributes}


async def _notify(history: Client, *entities: Any) -> None:
    answer = await history.post("/v2/notify", {"subscriptionId": "x", "data": list(entities)})
    assert (answer.status, answer.json) == (200, "Notification successfully processed")


async def _series(history: Client, path: str) -> tuple[list[str], list[Any]]:
    answer = await history.get(path)
    assert answer.status == 200, answer.text
    return [index[11:19] for index in answer.json["index"]], answer.json["values"]


def _path(attribute: str, query: str = "") -> str:
    return f"/v2/entities/{METER}/attrs/{attribute}{query}"


class TestNothingIsLost:
    """Where QuantumLeap loses or doubles data."""

    async def test_the_same_instant_twice_is_one_row_and_the_last_writer_wins(self, history: Client) -> None:
        for power in (1.5, 1.5, 2.5):
            await _notify(history, _reading("2026-03-01T12:00:00Z", power=power))
        assert await _series(history, _path("power")) == (["12:00:00"], [2.5])

    async def test_parts_of_one_instant_are_merged(self, history: Client) -> None:
        await _notify(history, _reading("2026-03-01T12:00:00Z", power=1))
        await _notify(history, _reading("2026-03-01T13:00:00+01:00", voltage=230))
        rows = (await history.get(f"/v2/entities/{METER}?attrs=power,voltage")).json
        assert rows["index"] == ["2026-03-01T12:00:00.000+00:00"]
        assert rows["attributes"] == [{"attrName": "power", "values": [1.0]}, {"attrName": "voltage", "values": [230.0]}]

    async def test_zeros_and_nulls_are_kept(self, history: Client) -> None:
        await _notify(history, _reading("2026-03-01T12:00:00Z", power=0.0), _reading("2026-03-01T12:00:01Z", power=None))
        assert await _series(history, _path("power")) == (["12:00:00", "12:00:01"], [0.0, None])

    async def test_a_value_of_another_type_is_kept_as_it_is(self, history: Client) -> None:
        values = [5, 5.5, "text", True, {"L1": 1}, [1, "a"]]
        for second, value in enumerate(values):
            await _notify(
                history, {"id": "e", "type": "T", "TimeInstant": _instant(f"2026-03-01T12:00:0{second}Z"), "v": {"value": value}}
            )
        assert (await history.get("/v2/entities/e/attrs/v")).json["values"] == values

    async def test_numbers_are_doubles(self, history: Client) -> None:
        exact = 150781.964480123
        await _notify(history, _reading("2026-03-01T12:00:00Z", energy=exact, count="12.50"))
        assert (await history.get(_path("energy/value"))).text.endswith('"values":[150781.964480123]}')
        assert (await _series(history, _path("count")))[1] == [12.5]

    async def test_rows_are_in_order_of_time_however_they_come(self, history: Client) -> None:
        for second in (2, 0, 3, 1):
            await _notify(history, _reading(f"2026-03-01T12:00:0{second}Z", power=second))
        assert (await _series(history, _path("power")))[1] == [0, 1, 2, 3]
        assert (await _series(history, _path("power", "?lastN=2")))[1] == [2, 3]

    async def test_what_was_answered_is_there_after_a_restart(self, tmp_path: Path, session: aiohttp.ClientSession) -> None:
        for power in (1, 2):
            async with running_broker(tmp_path, host="127.0.0.1", port=0, history_port=0) as addresses:
                history = Client(session, f"http://127.0.0.1:{addresses.history_port}")
                await _notify(history, _reading(f"2026-03-01T12:00:0{power}Z", power=power))
                assert (await _series(history, _path("power")))[1] == [1, 2][:power]

    async def test_names_are_any_text(self, history: Client) -> None:
        entity = {"id": "r'1", "type": 'A "b"; DROP', "TimeInstant": _instant("2026-03-01T12:00:00Z"), 'a"b': {"value": 1}}
        await _notify(history, entity, {**entity, "id": "r2"})
        (found,) = [item for item in (await history.get("/v2/entities")).json if item["entityId"] == "r2"]
        assert found["entityType"] == 'A "b"; DROP'
        assert (await history.get("/v2/entities/r2")).json["attributes"][1] == {"attrName": 'a"b', "values": [1]}

    async def test_one_instant_of_a_mirror_reaches_the_history_once(self, broker: Client, history: Client) -> None:
        subscription = {
            "subject": {"entities": [{"idPattern": ".*"}]},
            "notification": {
                "httpCustom": {"url": f"{history.url}/v2/notify", "headers": {"Fiware-TimeIndex-Attribute": "TimeInstant"}},
            },
        }
        tenant = broker.with_headers(Fiware_Service="site", Fiware_ServicePath="/hall")
        await tenant.post("/v2/subscriptions", subscription)
        readings = [_reading(f"2026-03-01T12:00:0{second}Z", power={"L1": second, "L2": -second}) for second in range(5)]
        await tenant.post("/v2/op/update?options=flowControl", {"actionType": "append", "entities": readings})
        at_site = history.with_headers(Fiware_Service="site", Fiware_ServicePath="/hall")
        await _notify(at_site, *readings)
        index, values = await _series(at_site, _path("power"))
        assert index == [f"12:00:0{second}" for second in range(5)]
        assert values == [{"L1": second, "L2": -second} for second in range(5)]

    async def test_quick_changes_without_an_instant_of_their_own_stay_apart(self, broker: Client, history: Client) -> None:
        subscription = {
            "subject": {"entities": [{"idPattern": ".*"}]},
            "notification": {"http": {"url": f"{history.url}/v2/notify"}, "metadata": ["dateModified"]},
        }
        await broker.post("/v2/subscriptions", subscription)
        updates = [{"id": "e", "type": "T", "power": {"value": number}} for number in range(30)]
        await broker.post("/v2/op/update", {"actionType": "append", "entities": updates})
        async with asyncio.timeout(5):
            while (await history.get("/v2/entities/e/attrs/power")).json.get("values") != list(range(30)):
                await asyncio.sleep(0.02)


class TestTimeIndex:
    """Which instant a row gets."""

    async def _index(self, history: Client, entity: dict[str, Any], **headers: str) -> str:
        await _notify(history.with_headers(**headers), {"id": "e", "type": "T", "v": {"value": 1}, **entity})
        index: str = (await history.get("/v2/entities/e/attrs/v")).json["index"][-1]
        return index

    @pytest.mark.parametrize(
        ("entity", "index"),
        [
            ({"TimeInstant": _instant("2026-03-01T01:00:00.123456Z"), "timestamp": _instant("2026-03-02")},
             "2026-03-01T01:00:00.123456+00:00"),
            ({"TimeInstant": _instant("2026-03-01T01:00:00")}, "2026-03-01T01:00:00.000+00:00"),
            ({"timestamp": _instant("2026-03-02T00:00:00Z"), "dateModified": _instant("2026-03-03")},
             "2026-03-02T00:00:00.000+00:00"),
            ({"a": {"value": 1, "metadata": {"TimeInstant": _instant("2026-03-04T00:00:00Z")}},
              "b": {"value": 1, "metadata": {"TimeInstant": _instant("2026-03-05T00:00:00Z")}}},
             "2026-03-05T00:00:00.000+00:00"),
            ({"a": {"value": 1, "metadata": {"dateModified": _instant("2026-03-06T00:00:00Z")}}},
             "2026-03-06T00:00:00.000+00:00"),
            ({"TimeInstant": _instant("garbage"), "timestamp": _instant("2026-03-07T00:00:00Z")},
             "2026-03-07T00:00:00.000+00:00"),
            ({"TimeInstant": {"value": 5}, "dateModified": _instant("2026-03-08T00:00:00Z")},
             "2026-03-08T00:00:00.000+00:00"),
        ],
    )  # fmt: skip
    async def test_the_first_instant_in_order_that_can_be_read(self, history: Client, entity: dict[str, Any], index: str) -> None:
        assert await self._index(history, entity) == index

    async def test_a_header_names_another(self, history: Client) -> None:
        entity = {"TimeInstant": _instant("2026-03-01"), "dateObserved": _instant("2026-03-09T00:00:00Z")}
        index = await self._index(history, entity, Fiware_TimeIndex_Attribute="dateObserved")
        assert index == "2026-03-09T00:00:00.000+00:00"

    async def test_without_any_rows_of_one_notification_stay_apart(self, history: Client) -> None:
        await _notify(history, *({"id": "e", "type": "T", "v": {"value": value}} for value in range(5)))
        assert (await history.get("/v2/entities/e/attrs/v")).json["values"] == [0, 1, 2, 3, 4]


@pytest.fixture
async def day(history: Client) -> Client:
    """A meter's quarter hours of one day, and a second meter's first hour."""
    readings = [
        _reading(
            f"2026-03-01T{hour:02d}:{quarter * 15:02d}:00Z",
            power=hour * 4 + quarter,
            phases={"L1": hour, "L2": -hour, "note": "x"},
        )
        for hour in range(24)
        for quarter in range(4)
    ]
    other = [_reading(f"2026-03-01T00:{minute:02d}:30Z", "plug", "Plug", power=100 + minute) for minute in range(2)]
    await _notify(history, *readings, *other)
    return history


class TestQueries:
    """Series of attributes, entities and types."""

    @pytest.mark.parametrize(
        ("query", "values"),
        [
            ("?limit=2", [0, 1]),
            ("?limit=2&offset=3", [3, 4]),
            ("?lastN=2", [94, 95]),
            ("?lastN=3&limit=1", [93]),
            ("?fromDate=2026-03-01T23:30:00Z", [94, 95]),
            ("?fromDate=2026-03-02T00:30:00%2B01:00&toDate=2026-03-01T23:30:00.000Z", [94]),
            ("?fromDate=2026-03-01T23:30:00+00:00", [94, 95]),
            ("?toDate=2026-03-01", [0]),
            ("?type=Meter&lastN=1", [95]),
        ],
    )
    async def test_spans_and_pages(self, day: Client, query: str, values: list[float]) -> None:
        assert (await _series(day, _path("power", query)))[1] == values

    async def test_one_entity(self, day: Client) -> None:
        assert (await day.get("/v2/entities/plug?lastN=1")).json == {
            "entityId": "plug",
            "entityType": "Plug",
            "index": ["2026-03-01T00:01:30.000+00:00"],
            "attributes": [
                {"attrName": "TimeInstant", "values": ["2026-03-01T00:01:30.000+00:00"]},
                {"attrName": "power", "values": [101.0]},
            ],
        }
        assert sorted((await day.get("/v2/entities/plug/value?attrs=power")).json) == ["attributes", "index"]

    async def test_several_entities(self, day: Client) -> None:
        await _notify(day, _reading("2026-03-01T00:00:15Z", "plug2", "Plug", power=7))
        by_type = (await day.get("/v2/types/Plug/attrs/power")).json
        assert by_type["entities"] == [
            {
                "entityId": "plug",
                "index": ["2026-03-01T00:00:30.000+00:00", "2026-03-01T00:01:30.000+00:00"],
                "values": [100, 101],
            },
            {"entityId": "plug2", "index": ["2026-03-01T00:00:15.000+00:00"], "values": [7]},
        ]
        first_two = (await day.get("/v2/types/Plug/value?attrs=power&limit=2")).json["values"]
        assert [(entity["entityId"], entity["attributes"][0]["values"]) for entity in first_two] == [
            ("plug", [100]),
            ("plug2", [7]),
        ]
        assert (await day.get("/v2/types/Plug?id=plug2&attrs=power")).json["entities"][0]["index"] == [
            "2026-03-01T00:00:15.000+00:00"
        ]

    async def test_all_types(self, day: Client) -> None:
        types = (await day.get("/v2/attrs/power?lastN=97")).json["types"]
        assert [(item["entityType"], len(item["entities"][0]["values"])) for item in types] == [("Meter", 95), ("Plug", 2)]
        assert [item["entityType"] for item in (await day.get("/v2/attrs/phases/value")).json["values"]] == ["Meter"]
        names = [item["attrName"] for item in (await day.get("/v2/attrs?limit=5")).json["attrs"]]
        assert names == ["TimeInstant", "phases", "power"]
        assert len((await day.get("/v2/attrs/value?type=Plug")).json["values"]) == 2

    async def test_entities_with_their_newest_instant(self, day: Client) -> None:
        assert (await day.get("/v2/entities?toDate=2026-03-01T12:00:00Z")).json == [
            {"entityId": METER, "entityType": "Meter", "index": "2026-03-01T12:00:00.000+00:00"},
            {"entityId": "plug", "entityType": "Plug", "index": "2026-03-01T00:01:30.000+00:00"},
        ]
        assert [item["entityId"] for item in (await day.get("/v2/entities?limit=1&offset=1")).json] == ["plug"]
        assert [item["entityId"] for item in (await day.get("/v2/entities?type=Meter")).json] == [METER]

    @pytest.mark.parametrize(
        "path",
        [
            _path("nothing"),
            "/v2/entities/nobody",
            "/v2/types/None",
            "/v2/entities?type=None",
            _path("power", "?fromDate=2030-01-01"),
        ],
    )
    async def test_nothing_found(self, day: Client, path: str) -> None:
        answer = await day.get(path)
        assert answer.status == 404
        assert answer.json == {"error": "Not Found", "description": "No records were found for such query."}

    async def test_two_types_of_one_id_are_never_mixed(self, history: Client) -> None:
        for kind in ("A", "B"):
            await _notify(history, _reading("2026-03-01T12:00:00Z", "e", kind, power=1))
        assert (await history.get("/v2/entities/e/attrs/power")).status == 409
        assert (await history.delete("/v2/entities/e")).status == 409
        assert (await history.get("/v2/entities/e/attrs/power?type=B")).json["entityType"] == "B"


class TestAggregates:
    """`aggrMethod` and `aggrPeriod`."""

    @pytest.mark.parametrize(("method", "value"), [("count", 96), ("sum", 4560.0), ("avg", 47.5), ("min", 0.0), ("max", 95.0)])
    async def test_over_all(self, day: Client, method: str, value: float) -> None:
        answer = (await day.get(_path("power", f"?aggrMethod={method}"))).json
        assert (answer["index"], answer["values"]) == ([], [value])

    @pytest.mark.parametrize(
        ("period", "index", "value"),
        [
            ("year", "2026-01-01T00:00:00.000+00:00", 47.5),
            ("month", "2026-03-01T00:00:00.000+00:00", 47.5),
            ("day", "2026-03-01T00:00:00.000+00:00", 47.5),
            ("hour", "2026-03-01T23:00:00.000+00:00", 93.5),
            ("minute", "2026-03-01T23:45:00.000+00:00", 95.0),
            ("second", "2026-03-01T23:45:00.000+00:00", 95.0),
        ],
    )
    async def test_by_period(self, day: Client, period: str, index: str, value: float) -> None:
        answer = (await day.get(_path("power", f"?aggrMethod=avg&aggrPeriod={period}&lastN=1"))).json
        assert (answer["index"], answer["values"]) == ([index], [value])

    async def test_structured_values_member_by_member(self, day: Client) -> None:
        assert (await _series(day, _path("phases", "?aggrMethod=sum&aggrPeriod=hour&limit=2&offset=2"))) == (
            ["02:00:00", "03:00:00"],
            [{"L1": 8, "L2": -8}, {"L1": 12, "L2": -12}],
        )
        assert (await _series(day, _path("phases", "?aggrMethod=count")))[1] == [96]

    async def test_text_counts_and_has_no_average(self, history: Client) -> None:
        for second, value in enumerate(["a", True, None, 5]):
            await _notify(
                history, {"id": "e", "type": "T", "TimeInstant": _instant(f"2026-03-01T12:00:0{second}Z"), "v": {"value": value}}
            )
        assert (await _series(history, "/v2/entities/e/attrs/v?aggrMethod=count"))[1] == [3]
        assert (await _series(history, "/v2/entities/e/attrs/v?aggrMethod=avg"))[1] == [5]
        assert (await _series(history, "/v2/entities/e/attrs/v?aggrMethod=avg&toDate=2026-03-01T12:00:01Z"))[1] == [None]

    async def test_numbers_win_over_members_of_the_same_period(self, history: Client) -> None:
        for second, value in enumerate([{"L1": 100}, 4, 6]):
            await _notify(
                history, {"id": "e", "type": "T", "TimeInstant": _instant(f"2026-03-01T12:00:0{second}Z"), "v": {"value": value}}
            )
        assert (await _series(history, "/v2/entities/e/attrs/v?aggrMethod=avg"))[1] == [5]

    async def test_several_attributes_and_entities(self, day: Client) -> None:
        entity = (await day.get(f"/v2/entities/{METER}?attrs=power,phases&aggrMethod=max")).json
        assert entity["attributes"] == [
            {"attrName": "phases", "values": [{"L1": 23, "L2": 0}]},
            {"attrName": "power", "values": [95.0]},
        ]
        types = (await day.get("/v2/attrs/power?aggrMethod=min")).json["types"]
        assert [item["entities"][0]["values"] for item in types] == [[0.0], [100.0]]


class TestTenantsAndPaths:
    """The headers `Fiware-Service` and `Fiware-ServicePath`."""

    async def test_tenants_are_apart(self, history: Client) -> None:
        await _notify(history.with_headers(Fiware_Service="Site"), _reading("2026-03-01T12:00:00Z", power=1))
        assert (await history.get(f"/v2/entities/{METER}")).status == 404
        site = history.with_headers(Fiware_Service="site")
        assert (await site.get(f"/v2/entities/{METER}")).status == 200
        assert (await history.delete(f"/v2/entities/{METER}")).status == 404
        assert (await site.get(f"/v2/entities/{METER}")).status == 200

    @pytest.mark.parametrize(("path", "ids"), [("/", ["a", "b", "c"]), ("/hall", ["a", "b"]), ("/hall/east", ["b"]), ("/x", [])])
    async def test_a_path_includes_those_below(self, history: Client, path: str, ids: list[str]) -> None:
        for identity, at in (("a", "/hall"), ("b", "/hall/east"), ("c", "/hall2")):
            await _notify(history.with_headers(Fiware_ServicePath=at), _reading("2026-03-01T12:00:00Z", identity, power=1))
        answer = await history.with_headers(Fiware_ServicePath=path).get("/v2/entities")
        assert [item["entityId"] for item in (answer.json if answer.status == 200 else [])] == ids

    async def test_deleting(self, day: Client) -> None:
        assert (await day.delete(f"/v2/entities/{METER}?toDate=2026-03-01T22:59:59Z")).status == 204
        assert (await _series(day, _path("power")))[1] == [92, 93, 94, 95]
        assert (await day.delete("/v2/types/Meter")).status == 204
        assert (await day.delete("/v2/types/Meter")).status == 404
        assert [item["entityId"] for item in (await day.get("/v2/entities")).json] == ["plug"]


def _is_problem(answer: Answer, status: int) -> bool:
    return (answer.status, answer.media_type, answer.json["status"]) == (status, "application/problem+json", status)


class TestErrors:
    """What is refused."""

    @pytest.mark.parametrize(
        "body",
        [
            b"", b"{", b"null", b"5", b"{}", b'{"data": 5}', b'{"data": [5]}', b'{"data": [{"id": "a"}]}',
            b'{"data": [{"id": "a", "type": 5}]}', b'{"data": [{"id": "a", "type": "T", "v": 5}]}',
            b'{"data": [{"id": "a", "type": "T", "v": {"value": NaN}}]}', b'{"data": [], "data": []}',
            b'{"data": [{"id": "a", "type": "T", "v": {"value": ' + b"[" * 51 + b"]" * 51 + b"}}]}",
        ],
    )  # fmt: skip
    async def test_wrong_notifications(self, history: Client, body: bytes) -> None:
        answer = await history.request("POST", "/v2/notify", body=body, headers={"Content-Type": "application/json"})
        assert _is_problem(answer, 400)

    async def test_one_wrong_entity_refuses_all(self, history: Client) -> None:
        body = {"data": [_reading("2026-03-01T12:00:00Z", power=1), {"id": "x"}]}
        assert _is_problem(await history.post("/v2/notify", body), 400)
        assert (await history.get("/v2/entities")).status == 404

    async def test_entities_without_attributes_leave_nothing(self, history: Client) -> None:
        await _notify(history, {"id": "e", "type": "T"})
        assert (await history.get("/v2/entities")).status == 404

    async def test_content_types_and_sizes(self, history: Client) -> None:
        plain = await history.request("POST", "/v2/notify", body=b"{}", headers={"Content-Type": "text/plain"})
        assert _is_problem(plain, 415)
        headers = {"Content-Type": "application/json"}
        large = await history.request("POST", "/v2/notify", body=b" " * (1024 * 1024 + 1), headers=headers)
        assert _is_problem(large, 413)
        assert _is_problem(await history.post_in_chunks("/v2/notify", 1024 * 1024 + 1), 413)

    @pytest.mark.parametrize(
        "query",
        [
            "lastN=0", "lastN=x", "limit=0", "offset=-1", "fromDate=nope", "aggrMethod=median",
            "aggrMethod=avg&aggrPeriod=week",
        ],
    )  # fmt: skip
    async def test_wrong_parameters(self, day: Client, query: str) -> None:
        assert _is_problem(await day.get(_path("power", f"?{query}")), 400)

    async def test_parameters_that_need_each_other(self, day: Client) -> None:
        for path in (_path("power", "?aggrPeriod=hour"), f"/v2/entities/{METER}?aggrMethod=avg"):
            answer = await day.get(path)
            assert (answer.status, answer.json["error"]) == (400, "Bad parameters use")

    async def test_what_is_not_implemented_is_not_pretended(self, day: Client) -> None:
        for query in ("georel=near", "idPattern=x", "aggrScope=global"):
            assert _is_problem(await day.get(_path("power", f"?{query}")), 501)
        assert _is_problem(await day.post("/v2/op/query", {}), 501)
        assert (await day.get(_path("power", "?aggrScope=entity&lastN=1"))).status == 200

    async def test_urls_methods_and_headers(self, history: Client) -> None:
        assert _is_problem(await history.get("/v2/nope"), 404)
        wrong = await history.get("/v2/notify")
        assert _is_problem(wrong, 405)
        assert wrong.headers["Allow"] == "POST"
        for headers in ({"Fiware_Service": "a-b"}, {"Fiware_ServicePath": "x"}):
            assert (await history.with_headers(**headers).get("/v2/entities")).status == 400

    async def test_an_attribute_may_be_called_value(self, broker: Client, history: Client) -> None:
        await _notify(history, _reading("2026-03-01T12:00:00Z", "e", value=5))
        assert (await history.get("/v2/entities/e/attrs/value")).json["attrName"] == "value"
        assert (await history.get("/v2/entities/e/attrs/value/value")).json["values"] == [5.0]
        await broker.post("/v2/entities", {"id": "e", "value": {"value": 5}})
        assert (await broker.get("/v2/entities/e/attrs/value")).json["type"] == "Number"
        plain = await broker.request("PUT", "/v2/entities/e/attrs/value", body=b"5", headers={"Content-Type": "text/plain"})
        assert plain.status == 415

    async def test_version_and_health(self, history: Client) -> None:
        assert (await history.get("/version")).json["version"] == "1.0.0"
        assert (await history.get("/health")).json == {"status": "pass"}
