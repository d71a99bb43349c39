"""A small context broker over real HTTP that remembers what it was asked, keeps entities as Orion does, and fails as told."""

from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
import contextlib
from dataclasses import dataclass, field
from http import HTTPStatus
import time
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

type Json = dict[str, Any]
type Fault = Callable[[web.Request], Awaitable[web.StreamResponse | None]]
"""What happens to one update instead of an answer; None lets it go on."""


def nothing(entity: Json) -> bool:
    """Choose no entity."""
    return False


def everything(entity: Json) -> bool:
    """Choose every entity."""
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request as it came."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any
    size: int
    at: float


@dataclass(slots=True)
class Recorder:
    """The broker.

    An update is applied entity by entity. One that changes an entity is a notification, that is, a row of `history`; one that
    changes nothing is none.
    """

    asked: list[Asked] = field(default_factory=list)
    entities: dict[str, Json] = field(default_factory=dict)
    history: list[Json] = field(default_factory=list)
    subscriptions: dict[str, Json] = field(default_factory=dict)
    faults: deque[Fault] = field(default_factory=deque)
    """For the next updates, one each."""
    always: Fault | None = None
    """For every request for which `faults` has none."""
    refused: Callable[[Json], bool] = nothing
    """Which entities make the whole update a 400, as forbidden characters do."""
    failing: Callable[[Json], bool] = nothing
    """Which entities fail while the update is applied, as those with two locations do."""
    url: str = ""

    def updates(self, kind: str = "ThreePhaseAcMeasurement") -> list[list[Json]]:
        """Return the entities of each update that has some of this type, whatever became of it."""
        bodies = [asked.body["entities"] for asked in self.asked if asked.path == "/v2/op/update"]
        return [entities for entities in bodies if any(entity["type"] == kind for entity in entities)]

    def instants(self, entity_type: str = "ThreePhaseAcMeasurement") -> list[str]:
        """Return the times of the history's rows, in the order of their arrival."""
        return [row["TimeInstant"]["value"] for row in self.history if row["type"] == entity_type]

    def application(self) -> web.Application:
        """Return the web server."""
        application = web.Application(client_max_size=1024 * 1024)
        application.router.add_route("*", "/{path:.*}", self._handle)
        return application

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.json() if request.can_read_body else None
        self.asked.append(
            Asked(
                method=request.method,
                path=request.path,
                query=dict(request.query),
                headers=dict(request.headers),
                body=body,
                size=request.content_length or 0,
                at=time.monotonic(),
            )
        )
        fault = self.faults.popleft() if self.faults and request.path == "/v2/op/update" else self.always
        if fault and (answer := await fault(request)):
            return answer
        return self._answer(request, body)

    def _answer(self, request: web.Request, body: Any) -> web.Response:
        path = request.path.strip("/").split("/")
        if request.method == "GET":
            return self._read(path, request.query)
        match request.method, path:
            case "POST", ["v2", "op", "update"]:
                return self._update(body["entities"])
            case "POST", ["v2", "subscriptions"]:
                subscription_id = f"{len(self.subscriptions) + 1:024x}"
                self.subscriptions[subscription_id] = {"id": subscription_id, "status": "active", **body}
                return web.Response(status=201, headers={"Location": f"/v2/subscriptions/{subscription_id}"})
            case "PATCH", ["v2", "subscriptions", subscription_id]:
                self.subscriptions[subscription_id] |= body
                return web.Response(status=204)
        return error(405, "MethodNotAllowed", "method not allowed")

    def _read(self, path: list[str], query: Mapping[str, str]) -> web.Response:
        match path:
            case ["version"]:
                return web.json_response({"orion": {"version": "4.7.0"}})
            case ["v2", "entities"]:
                return web.json_response(list(self.entities.values()))
            case ["v2", "entities", entity_id] if entity := self.entities.get(entity_id):
                return web.json_response(entity)
            case ["v2", "entities", _]:
                return error(404, "NotFound", "The requested entity has not been found. Check type and id")
            case ["v2", "subscriptions"]:
                offset, limit = int(query["offset"]), int(query["limit"])
                return web.json_response(list(self.subscriptions.values())[offset : offset + limit])
        return error(400, "BadRequest", "Service not found. Check your URL as probably it is wrong.")

    def _update(self, entities: list[Json]) -> web.Response:
        if any(self.refused(entity) for entity in entities):
            return error(400, "BadRequest", "Invalid characters in attribute value")
        failed = [entity for entity in entities if self.failing(entity)]
        for entity in entities:
            if entity not in failed:
                self._apply(entity)
        if failed:
            names = ", ".join(f"{entity['id']}/{entity['type']} - [ location ]" for entity in failed)
            return error(422, "PartialUpdate", f"do not exist: {names}")
        return web.Response(status=204)

    def _apply(self, entity: Json) -> None:
        state = self.entities.get(entity["id"], {})
        if state | entity != state:
            self.entities[entity["id"]] = state | entity
            self.history.append(state | entity)


def error(status: int, name: str, description: str) -> web.Response:
    """Return an error in Orion's form."""
    return web.json_response({"error": name, "description": description}, status=status)


def status(code: int, **headers: str) -> Fault:
    """Answer with a status and no NGSI-v2, as a proxy does."""

    async def fault(request: web.Request) -> web.StreamResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.Response(status=code, headers=named, text=HTTPStatus(code).phrase, content_type="text/html")

    return fault


def orion(code: int, name: str, description: str) -> Fault:
    """Answer with an error as Orion does."""

    async def fault(request: web.Request) -> web.StreamResponse:
        return error(code, name, description)

    return fault


async def cut(request: web.Request) -> web.StreamResponse:
    """Close the connection instead of answering."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def good(request: web.Request) -> None:
    """Let one request through."""


@contextlib.asynccontextmanager
async def listening(recorder: Recorder) -> AsyncGenerator[Recorder]:
    """Serve on a port of this machine."""
    server = TestServer(recorder.application())
    await server.start_server()
    recorder.url = str(server.make_url("")).rstrip("/")
    try:
        yield recorder
    finally:
        await server.close()
