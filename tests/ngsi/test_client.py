"""The NGSI-v2 client: what it sends, and what it makes of each kind of answer."""

import asyncio
from collections.abc import Awaitable, Callable
import json
from pathlib import Path
import ssl
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port
import pytest

from custom_components.three_phase_energy.ngsi import exchange
from custom_components.three_phase_energy.ngsi.access import BrokerAddress
from custom_components.three_phase_energy.ngsi.client import NgsiClient
from custom_components.three_phase_energy.ngsi.entities import measurement
from custom_components.three_phase_energy.ngsi.errors import (
    BrokerBusyError,
    BrokerError,
    BrokerRefusedError,
    BrokerUnreachableError,
    ContentRefusedError,
    InvalidTenantError,
    InvalidUrlError,
    NotABrokerError,
)
from tests.samples import TWIN, reading

from .recorder import Recorder, cut, orion, status

CONTRACT = Path(__file__).parents[3] / "shared" / "orion_contract" / "orion-4.7.0.jsonl"
ENTITY = measurement(reading(), TWIN)


def client_of(session: aiohttp.ClientSession, url: str) -> NgsiClient:
    return NgsiClient(session, BrokerAddress(url=url))


class TestRequests:
    async def test_an_update_goes_to_tenant_and_service_path_with_the_token(self, client: NgsiClient, broker: Recorder) -> None:
        await client.append([ENTITY])
        (asked,) = broker.asked
        assert (asked.method, asked.path, asked.query) == ("POST", "/v2/op/update", {"options": "flowControl"})
        assert asked.body == {"actionType": "append", "entities": [ENTITY]}
        assert asked.headers["Content-Type"] == "application/json"
        assert asked.headers["Fiware-Service"] == "site"
        assert asked.headers["Fiware-ServicePath"] == "/house/cellar"
        assert asked.headers["Authorization"] == "Bearer t0ken"
        assert asked.headers["X-Auth-Token"] == "t0ken"

    async def test_without_a_tenant_only_the_path_is_named(self, session: aiohttp.ClientSession, broker: Recorder) -> None:
        """Without a path, reads would see every path and writes would go to the root."""
        await client_of(session, broker.url).append([ENTITY])
        headers = broker.asked[0].headers
        assert headers["Fiware-ServicePath"] == "/"
        assert not {"Fiware-Service", "Authorization", "X-Auth-Token"} & headers.keys()

    async def test_a_read_has_no_content_type(self, client: NgsiClient, broker: Recorder) -> None:
        """Orion answers 400 to one that has."""
        await client.subscriptions()
        assert "Content-Type" not in broker.asked[0].headers

    async def test_an_entity_is_read_by_id_and_type(self, client: NgsiClient, broker: Recorder) -> None:
        await client.append([ENTITY])
        assert await client.entity(ENTITY["id"], ENTITY["type"]) == ENTITY
        assert broker.asked[1].query == {"type": "ThreePhaseAcMeasurement"}
        assert await client.entity("urn:ngsi-ld:Device:none", "Device") is None

    async def test_all_pages_of_subscriptions_are_read(self, client: NgsiClient, broker: Recorder) -> None:
        broker.subscriptions = {str(number): {"id": str(number)} for number in range(250)}
        assert [subscription["id"] for subscription in await client.subscriptions()] == [str(number) for number in range(250)]
        assert len(broker.asked) == 3

    async def test_a_broker_that_repeats_its_first_page_is_not_asked_for_ever(self, client: NgsiClient, broker: Recorder) -> None:
        page = [{"id": str(number)} for number in range(100)]

        async def repeat(request: web.Request) -> web.Response:
            return web.json_response(page)

        broker.always = repeat
        assert await client.subscriptions() == page

    async def test_a_subscription_is_made_and_changed(self, client: NgsiClient, broker: Recorder) -> None:
        subscription_id = await client.subscribe({"subject": {}, "notification": {}})
        await client.update_subscription(subscription_id, {"status": "inactive"})
        assert broker.subscriptions[subscription_id]["status"] == "inactive"

    async def test_more_than_a_broker_takes_is_not_sent(self, client: NgsiClient, broker: Recorder) -> None:
        with pytest.raises(ContentRefusedError) as refused:
            await client.append([ENTITY] * 200)
        assert refused.value.status == 413
        assert not broker.asked

    async def test_an_orion_that_does_not_know_flow_control_is_asked_without(self, client: NgsiClient, broker: Recorder) -> None:
        broker.faults.append(orion(400, "BadRequest", "Invalid value for URI param /options/"))
        await client.append([ENTITY])
        await client.append([ENTITY])
        assert [asked.query for asked in broker.asked] == [{"options": "flowControl"}, {}, {}]


class TestProbe:
    async def test_tells_the_version_after_reading_in_the_tenant(self, client: NgsiClient, broker: Recorder) -> None:
        assert await client.probe() == "4.7.0"
        assert broker.asked[0].path == "/v2/entities"
        assert broker.asked[0].headers["Fiware-Service"] == "site"
        assert broker.asked[0].headers["X-Auth-Token"] == "t0ken"

    async def test_a_platform_that_shows_only_its_api_is_a_broker(self, client: NgsiClient, broker: Recorder) -> None:
        async def only_api(request: web.Request) -> web.StreamResponse | None:
            return web.Response(status=404, text="<html>") if request.path == "/version" else None

        broker.always = only_api
        assert await client.probe() == "NGSI-v2"

    async def test_a_version_in_another_form_is_no_obstacle(self, client: NgsiClient, broker: Recorder) -> None:
        async def other(request: web.Request) -> web.StreamResponse | None:
            return web.json_response(["1.0"]) if request.path == "/version" else None

        broker.always = other
        assert await client.probe() == "NGSI-v2"

    async def test_a_web_page_is_not_a_broker(self, client: NgsiClient, broker: Recorder) -> None:
        broker.always = status(200)
        with pytest.raises(NotABrokerError, match="JSON"):
            await client.probe()

    async def test_other_json_is_not_a_broker(self, client: NgsiClient, broker: Recorder) -> None:
        async def other(request: web.Request) -> web.StreamResponse:
            return web.json_response({"hello": "world"})

        broker.always = other
        with pytest.raises(NotABrokerError):
            await client.probe()

    async def test_a_quantumleap_is_not_a_broker_although_it_lists_entities(self, client: NgsiClient, broker: Recorder) -> None:
        """1.0.0 answers 404 while it is empty, its successor an empty list."""

        async def history(request: web.Request) -> web.StreamResponse:
            return web.json_response([] if request.path == "/v2/entities" else {"version": "1.0.1-dev"})

        broker.always = history
        with pytest.raises(NotABrokerError, match="is a QuantumLeap"):
            await client.probe()
        broker.always = orion(404, "Not Found", "No records were found for such query.")
        with pytest.raises(NotABrokerError, match="as a broker does"):
            await client.probe()

    async def test_a_wrong_token_shows(self, client: NgsiClient, broker: Recorder) -> None:
        broker.always = status(401)
        with pytest.raises(BrokerRefusedError):
            await client.probe()


class TestAnswers:
    @pytest.mark.parametrize(
        ("fault", "expected"),
        [
            (status(401), BrokerRefusedError),
            (status(403), BrokerRefusedError),
            (status(404), NotABrokerError),
            (status(400), NotABrokerError),
            (status(405), NotABrokerError),
            (status(413), ContentRefusedError),
            (status(422), ContentRefusedError),
            (status(408), BrokerBusyError),
            (status(429), BrokerBusyError),
            (status(500), BrokerBusyError),
            (status(503), BrokerBusyError),
            (orion(400, "BadRequest", "Invalid characters in attribute value"), ContentRefusedError),
            (orion(404, "NotFound", "do not exist: e1/Room - [entity itself]"), ContentRefusedError),
            (orion(409, "TooManyResults", "More than one matching entity."), ContentRefusedError),
            (orion(400, "BadRequest", "Service not found. Check your URL as probably it is wrong."), NotABrokerError),
            (orion(400, "BadRequest", "bad length - a tenant name can be max 50 characters long"), InvalidTenantError),
            (orion(400, "BadRequest", "a component of ServicePath contains an illegal character"), InvalidTenantError),
            (orion(406, "NotAcceptable", "acceptable MIME types: application/json"), NotABrokerError),
            (status(200), NotABrokerError),
            (cut, BrokerUnreachableError),
        ],
    )
    async def test_each_answer_has_its_meaning(
        self, client: NgsiClient, broker: Recorder, fault: Callable[[web.Request], Awaitable[Any]], expected: type[BrokerError]
    ) -> None:
        broker.always = fault
        with pytest.raises(BrokerError) as raised:
            await client.append([ENTITY])
        assert type(raised.value) is expected
        assert "t0ken" not in str(raised.value)

    async def test_a_redirect_is_not_followed_with_the_token(self, client: NgsiClient, broker: Recorder) -> None:
        broker.always = status(307, Location=f"{broker.url}/elsewhere")
        with pytest.raises(NotABrokerError, match=r"redirects to .*/elsewhere"):
            await client.append([ENTITY])
        assert [asked.path for asked in broker.asked] == ["/v2/op/update"]

    async def test_a_partial_update_names_who_was_not_updated(self, client: NgsiClient, broker: Recorder) -> None:
        description = "do not exist: nope/Room - [entity itself], urn:ngsi-ld:X:2/Room [entity itself], e1/Room - [ zz ]"
        broker.always = orion(422, "PartialUpdate", description)
        with pytest.raises(ContentRefusedError) as refused:
            await client.append([ENTITY])
        assert refused.value.failed == {"nope", "urn:ngsi-ld:X:2", "e1"}
        assert refused.value.status == 422

    async def test_an_update_that_did_nothing_names_nobody(self, client: NgsiClient, broker: Recorder) -> None:
        broker.always = orion(404, "NotFound", "do not exist: nope/Room - [entity itself]")
        with pytest.raises(ContentRefusedError) as refused:
            await client.append([ENTITY])
        assert refused.value.failed == frozenset()

    @pytest.mark.parametrize(
        ("header", "seconds"), [("30", 30), ("0", 0), ("999999", 3600), ("soon", None), ("Thu, 01 Jan 1970 00:00:00 GMT", 0)]
    )
    async def test_a_wish_to_be_left_alone_is_understood(
        self, client: NgsiClient, broker: Recorder, header: str, seconds: float | None
    ) -> None:
        broker.always = status(503, Retry_After=header)
        with pytest.raises(BrokerBusyError) as busy:
            await client.append([ENTITY])
        assert busy.value.retry_after == seconds

    async def test_an_error_in_another_form_is_not_a_brokers(self, client: NgsiClient, broker: Recorder) -> None:
        async def other(request: web.Request) -> web.StreamResponse:
            return web.json_response(["no"], status=400)

        broker.always = other
        with pytest.raises(NotABrokerError, match="answered 400"):
            await client.append([ENTITY])

    async def test_a_long_error_page_is_not_repeated(self, client: NgsiClient, broker: Recorder) -> None:
        broker.always = orion(400, "BadRequest", "x" * 10_000)
        with pytest.raises(ContentRefusedError) as refused:
            await client.append([ENTITY])
        assert len(str(refused.value)) < 400

    async def test_an_answer_without_end_is_not_read_to_its_end(self, client: NgsiClient, broker: Recorder) -> None:
        async def endless(request: web.Request) -> web.StreamResponse:
            response = web.StreamResponse()
            await response.prepare(request)
            while True:
                await response.write(bytes(1024 * 1024))

        broker.always = endless
        with pytest.raises(NotABrokerError, match="4194304 bytes"):
            await client.subscriptions()

    @pytest.mark.parametrize("body", [b"[]", b'"x"', b"5"])
    async def test_an_entity_that_is_none_is_not_taken_for_one(self, client: NgsiClient, broker: Recorder, body: bytes) -> None:
        async def other(request: web.Request) -> web.StreamResponse:
            return web.Response(body=body, content_type="application/json")

        broker.always = other
        with pytest.raises(NotABrokerError):
            await client.entity("e", "T")

    async def test_a_failed_read_of_an_entity_is_not_an_absent_one(self, client: NgsiClient, broker: Recorder) -> None:
        broker.always = orion(409, "TooManyResults", "More than one matching entity.")
        with pytest.raises(ContentRefusedError):
            await client.entity("e", "T")

    @pytest.mark.parametrize("body", [{"a": 1}, ["x"], [{"status": "active"}]])
    async def test_a_list_of_something_else_is_not_one_of_subscriptions(
        self, client: NgsiClient, broker: Recorder, body: object
    ) -> None:
        async def other(request: web.Request) -> web.StreamResponse:
            return web.json_response(body)

        broker.always = other
        with pytest.raises(NotABrokerError):
            await client.subscriptions()

    async def test_a_subscription_without_a_name_is_noticed(self, client: NgsiClient, broker: Recorder) -> None:
        async def nameless(request: web.Request) -> web.StreamResponse:
            return web.Response(status=201)

        broker.always = nameless
        with pytest.raises(NotABrokerError, match="does not name"):
            await client.subscribe({})


class TestUnreachable:
    async def test_nobody_listens(self, session: aiohttp.ClientSession) -> None:
        with pytest.raises(BrokerUnreachableError, match="cannot be reached"):
            await client_of(session, f"http://127.0.0.1:{unused_port()}").append([ENTITY])

    async def test_an_address_that_no_request_can_go_to(self, session: aiohttp.ClientSession) -> None:
        with pytest.raises(InvalidUrlError):
            await client_of(session, "http://ori\\on:1026").append([ENTITY])

    async def test_no_such_host(self, session: aiohttp.ClientSession) -> None:
        with pytest.raises(BrokerUnreachableError):
            await client_of(session, "http://no-such-host.invalid").append([ENTITY])

    async def test_silence_ends(self, client: NgsiClient, broker: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
        async def silent(request: web.Request) -> web.StreamResponse:
            await asyncio.sleep(5)
            return web.Response()

        monkeypatch.setattr(exchange, "_TIMEOUT", aiohttp.ClientTimeout(total=0.1))
        broker.always = silent
        with pytest.raises(BrokerUnreachableError, match="did not answer"):
            await client.append([ENTITY])

    async def test_every_request_has_a_limit(self) -> None:
        assert exchange._TIMEOUT.total == 30

    async def test_a_certificate_that_nobody_vouches_for_is_not_accepted(
        self, session: aiohttp.ClientSession, self_signed: ssl.SSLContext
    ) -> None:
        recorder = Recorder()
        server = TestServer(recorder.application(), scheme="https")
        await server.start_server(ssl=self_signed)
        try:
            with pytest.raises(BrokerUnreachableError, match="no secure connection"):
                await client_of(session, f"https://127.0.0.1:{server.port}").append([ENTITY])
            assert not recorder.asked
        finally:
            await server.close()

    async def test_plain_http_where_tls_is_expected(self, session: aiohttp.ClientSession, broker: Recorder) -> None:
        with pytest.raises(BrokerUnreachableError):
            await client_of(session, broker.url.replace("http:", "https:")).append([ENTITY])


@pytest.mark.skipif(not CONTRACT.exists(), reason="the recordings of Orion are not on this machine")
class TestOrionRecorded:
    """Answers that Orion 4.7.0 gave, replayed to the client."""

    @pytest.mark.parametrize(
        ("case", "meaning"),
        [
            ("batch_parse_errors", ContentRefusedError),
            ("batch_append_strict", ContentRefusedError),
            ("batch_delete", ContentRefusedError),
            ("body_too_large", ContentRefusedError),
            ("entity_duplicate_and_ambiguous", ContentRefusedError),
            ("sub_validation", ContentRefusedError),
        ],
    )
    async def test_what_it_refuses_for_its_content(
        self, client: NgsiClient, broker: Recorder, case: str, meaning: type[BrokerError]
    ) -> None:
        recorded = [json.loads(line) for line in CONTRACT.read_text().splitlines()]
        steps = next(entry["steps"] for entry in recorded if entry["name"] == case)
        answers = [step["response"] for step in steps if step.get("response", {}).get("status") in (400, 404, 409, 413, 422)]
        assert answers
        for answer in answers:
            broker.always = orion(answer["status"], answer["body"]["error"], answer["body"]["description"])
            with pytest.raises(meaning):
                await client.append([ENTITY])

    async def test_its_partial_updates_name_the_entities(self, client: NgsiClient, broker: Recorder) -> None:
        recorded = [json.loads(line) for line in CONTRACT.read_text().splitlines()]
        responses = [step["response"] for entry in recorded for step in entry["steps"] if "response" in step]
        partial = [
            body
            for response in responses
            if isinstance(body := response.get("body"), dict) and body.get("error") == "PartialUpdate"
        ]
        assert partial
        for body in partial:
            broker.always = orion(422, body["error"], body["description"])
            with pytest.raises(ContentRefusedError) as refused:
                await client.append([ENTITY])
            assert all(f"{entity}/" in body["description"] for entity in refused.value.failed)
            assert refused.value.failed or "/" not in body["description"].partition(":")[2]
