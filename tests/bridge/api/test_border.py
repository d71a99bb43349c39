"""The border: tenants, service paths, headers, bodies and what is not implemented."""

import contextlib
from pathlib import Path
import sqlite3

import pytest

from ..http_client import Answer, Client

_ENTITY = {"id": "e", "type": "T", "a": {"value": 1}}


class TestTenants:
    """The header `Fiware-Service`."""

    async def test_tenants_are_apart(self, broker: Client) -> None:
        one, other = broker.with_headers(Fiware_Service="one"), broker.with_headers(Fiware_Service="other")
        assert (await one.post("/v2/entities", _ENTITY)).status == 201
        assert (await other.get("/v2/entities")).json == []
        assert (await broker.get("/v2/entities/e")).status == 404
        assert (await other.post("/v2/entities", _ENTITY)).status == 201
        assert (await one.delete("/v2/entities/e")).status == 204
        assert (await other.get("/v2/entities/e")).status == 200

    async def test_a_tenant_is_folded_to_lower_case(self, broker: Client) -> None:
        await broker.with_headers(Fiware_Service="SmartMeter").post("/v2/entities", _ENTITY)
        assert (await broker.with_headers(Fiware_Service="smartmeter").get("/v2/entities/e")).status == 200

    @pytest.mark.parametrize("tenant", ["a-b", "a.b", "a b", "ä", "x" * 51])
    async def test_a_wrong_tenant_is_refused(self, broker: Client, tenant: str) -> None:
        assert (await broker.with_headers(Fiware_Service=tenant).get("/v2/entities")).status == 400


class TestServicePaths:
    """The header `Fiware-ServicePath`."""

    @pytest.fixture
    async def paths(self, broker: Client) -> Client:
        for path in ("/", "/a", "/a/b", "/a_b", "/c"):
            at = broker.with_headers(Fiware_ServicePath=path)
            assert (await at.post("/v2/entities", {"id": f"at{path.replace('/', '.')}"})).status == 201
        return broker

    @pytest.mark.parametrize(
        ("header", "ids"),
        [
            ("/", ["at."]),
            ("/a", ["at.a"]),
            ("/a/", ["at.a"]),
            ("/a/#", ["at.a", "at.a.b"]),
            ("/#", ["at.", "at.a", "at.a.b", "at.a_b", "at.c"]),
            ("/c,/a/b", ["at.a.b", "at.c"]),
            ("/nobody", []),
        ],
    )
    async def test_reading_sees_the_paths_it_names(self, paths: Client, header: str, ids: list[str]) -> None:
        client = paths.with_headers(Fiware_ServicePath=header)
        assert [entity["id"] for entity in (await client.get("/v2/entities")).json] == ids
        for identity in ("at.a", "at.a.b"):
            assert ((await client.get(f"/v2/entities/{identity}")).status == 200) is (identity in ids)

    async def test_without_the_header_reading_sees_all_and_writing_goes_to_the_root(self, paths: Client) -> None:
        assert len((await paths.get("/v2/entities")).json) == 5
        assert (await paths.get("/v2/entities/at.a.b")).status == 200
        assert (await paths.patch("/v2/entities/at.a.b/attrs", {"x": {"value": 1}})).status == 404

    @pytest.mark.parametrize("path", ["a", "/a-b", "/a//b", "/" + "x" * 51, "/1/2/3/4/5/6/7/8/9/10/11", ",".join(["/a"] * 11)])
    async def test_a_wrong_path_is_refused(self, broker: Client, path: str) -> None:
        assert (await broker.with_headers(Fiware_ServicePath=path).get("/v2/entities")).status == 400

    @pytest.mark.parametrize("path", ["/a/#", "/a,/b"])
    async def test_writing_needs_one_path(self, broker: Client, path: str) -> None:
        assert (await broker.with_headers(Fiware_ServicePath=path).post("/v2/entities", _ENTITY)).status == 400

    async def test_a_subscription_has_one_path(self, broker: Client) -> None:
        body = {"subject": {"entities": [{"idPattern": ".*"}]}, "notification": {"http": {"url": "http://h/"}}}
        assert (await broker.with_headers(Fiware_ServicePath="/a,/b").post("/v2/subscriptions", body)).status == 400


def _says(answer: Answer, status: int, error: str) -> bool:
    return answer.status == status and answer.json["error"] == error and bool(answer.json["description"])


class TestBodies:
    """What is sent."""

    async def test_a_body_of_1_mib_passes_and_one_more_byte_does_not(self, broker: Client) -> None:
        start, end = b'{"id":"big","v":{"value":"', b'"}}'
        body = start + b"x" * (1024 * 1024 - len(start) - len(end)) + end
        json_type = {"Content-Type": "application/json"}
        assert (await broker.request("POST", "/v2/entities", body=body, headers=json_type)).status == 201
        refused = await broker.request("POST", "/v2/entities", body=body + b" ", headers=json_type)
        assert _says(refused, 413, "RequestEntityTooLarge")
        assert refused.json["description"] == "payload size: 1048577, max size supported: 1048576"

    async def test_a_body_without_a_length_is_limited_too(self, broker: Client) -> None:
        assert _says(await broker.post_in_chunks("/v2/entities", 1024 * 1024), 400, "ParseError")
        assert _says(await broker.post_in_chunks("/v2/entities", 1024 * 1024 + 1), 413, "RequestEntityTooLarge")

    @pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
    async def test_an_empty_body_is_refused(self, broker: Client, method: str) -> None:
        answer = await broker.request(method, "/v2/entities/e/attrs", headers={"Content-Type": "application/json"})
        assert _says(answer, 411, "ContentLengthRequired")

    @pytest.mark.parametrize("content_type", [None, "text/plain", "application/ld+json"])
    async def test_only_json_is_taken(self, broker: Client, content_type: str | None) -> None:
        headers = {"Content-Type": content_type} if content_type else {}
        assert _says(await broker.request("POST", "/v2/entities", body=b"{}", headers=headers), 415, "UnsupportedMediaType")

    @pytest.mark.parametrize("body", [b"{", b"[]", b"5", b'"x"', b"{'id': 1}", b'{"id":"e","a":{"value":NaN}}', b"\xff"])
    async def test_what_is_no_json_object_is_refused(self, broker: Client, body: bytes) -> None:
        answer = await broker.request("POST", "/v2/entities", body=body, headers={"Content-Type": "application/json"})
        assert _says(answer, 400, "ParseError")

    async def test_an_attribute_twice_is_refused(self, broker: Client) -> None:
        body = b'{"id":"e","power":{"value":1},"power":{"value":2}}'
        answer = await broker.request("POST", "/v2/entities", body=body, headers={"Content-Type": "application/json"})
        assert answer.json["description"] == "duplicated attribute /power/"

    async def test_a_get_with_a_content_type_is_refused(self, broker: Client) -> None:
        answer = await broker.request("GET", "/v2/entities", headers={"Content-Type": "application/json"})
        assert _says(answer, 400, "BadRequest")


class TestAnswers:
    """What is answered."""

    @pytest.mark.parametrize(
        ("accept", "status"),
        [("application/json", 200), ("text/html, */*;q=0.1", 200), ("text/plain", 406), ("application/xml", 406)],
    )
    async def test_entities_are_json(self, broker: Client, accept: str, status: int) -> None:
        assert (await broker.request("GET", "/v2/entities", headers={"Accept": accept})).status == status

    async def test_a_correlator_is_echoed_or_made(self, broker: Client) -> None:
        named = await broker.request("GET", "/v2/entities", headers={"Fiware-Correlator": "mine"})
        assert named.headers["Fiware-Correlator"] == "mine"
        assert (await broker.get("/v2/nope")).headers["Fiware-Correlator"]

    async def test_an_unknown_url_is_a_bad_request(self, broker: Client) -> None:
        for path in ("/", "/v2/nope", "/v1/contextEntities"):
            assert _says(await broker.get(path), 400, "BadRequest")

    async def test_a_wrong_method_is_told_the_right_ones(self, broker: Client) -> None:
        answer = await broker.delete("/v2/entities/e/attrs")
        assert _says(answer, 405, "MethodNotAllowed")
        assert answer.headers["Allow"] == "POST, PUT, GET, PATCH"

    async def test_the_entry_points(self, broker: Client) -> None:
        assert (await broker.get("/v2/")).json["entities_url"] == "/v2/entities"
        version = (await broker.get("/version")).json
        assert version["orion"]["version"] == "4.7.0"
        assert version["orion"]["uptime"].startswith("0 d, 0 h, 0 m")

    @pytest.mark.parametrize("method", ["POST", "GET"])
    async def test_registrations_are_not_pretended(self, broker: Client, method: str) -> None:
        body, headers = (b"{}", {"Content-Type": "application/json"}) if method == "POST" else (None, {})
        answer = await broker.request(method, "/v2/registrations", body=body, headers=headers)
        assert _says(answer, 501, "NotImplemented")

    async def test_an_unforeseen_error_is_told_and_logged(
        self, broker: Client, history: Client, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        for file in ("context.db", "history.db"):
            with contextlib.closing(sqlite3.connect(tmp_path / file)) as connection:
                connection.execute("DROP TABLE entities")
        answer = await broker.post("/v2/entities", _ENTITY)
        assert _says(answer, 500, "InternalServerError")
        assert answer.json["description"] == "OperationalError: no such table: entities"
        assert (await history.get("/v2/entities")).status == 500
        assert "POST /v2/entities failed" in caplog.text
        assert "Traceback" in caplog.text
