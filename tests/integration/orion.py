"""A context broker with QuantumLeap beside it, as a real HTTP server that answers as its state says.

What it answers is what Orion 4.7.0 and QuantumLeap 1.0 answer; it keeps nothing but what it was sent.
"""

from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer


@dataclass
class Orion:
    """The state of the server, and what it has received."""

    status: int = 200
    """Of every answer of the broker; other than 200 it refuses everything."""
    is_web_page: bool = False
    """Whether it answers with HTML, as a router does."""
    tenant_error: bool = False
    quantumleap_status: int = 200
    quantumleap_body: Any = field(default_factory=lambda: {"version": "1.0.0"})
    entities: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    subscriptions: list[dict[str, Any]] = field(default_factory=list)
    subscribe_status: int = 201
    server: TestServer | None = None

    @property
    def url(self) -> str:
        """Address of the broker."""
        assert self.server
        return f"http://127.0.0.1:{self.server.port}"

    @property
    def quantumleap_url(self) -> str:
        """Address of its history."""
        return f"{self.url}/quantumleap"

    @property
    def readings(self) -> list[dict[str, Any]]:
        """What was sent as measurements, in order."""
        return [entity for entity in self.entities if entity["type"] == "ThreePhaseAcMeasurement"]

    async def start(self, port: int | None = None) -> None:
        """Listen on loopback."""
        app = web.Application()
        app.router.add_get("/quantumleap/version", self._quantumleap_version)
        app.router.add_get("/version", self._version)
        app.router.add_get("/v2/entities", self._list)
        app.router.add_get("/v2/entities/{id}", self._entity)
        app.router.add_post("/v2/op/update", self._update)
        app.router.add_get("/v2/subscriptions", self._list_subscriptions)
        app.router.add_post("/v2/subscriptions", self._subscribe)
        self.server = TestServer(app, host="127.0.0.1", port=port)
        await self.server.start_server()

    async def stop(self) -> int:
        """Stop listening; return the port for a restart."""
        assert self.server
        port = self.server.port
        await self.server.close()
        assert port
        return port

    def _refusal(self, request: web.Request) -> web.Response | None:
        self.headers.append(dict(request.headers))
        if self.is_web_page:
            return web.Response(text="<html>A router</html>", content_type="text/html")
        if self.tenant_error:
            return web.json_response({"error": "BadRequest", "description": "bad character in tenant name"}, status=400)
        if self.status != 200:
            return web.json_response({"error": "Refused", "description": "as told"}, status=self.status)
        return None

    async def _quantumleap_version(self, _request: web.Request) -> web.Response:
        return web.json_response(self.quantumleap_body, status=self.quantumleap_status)

    async def _version(self, request: web.Request) -> web.Response:
        return self._refusal(request) or web.json_response({"orion": {"version": "4.7.0"}})

    async def _list(self, request: web.Request) -> web.Response:
        return self._refusal(request) or web.json_response([])

    async def _entity(self, request: web.Request) -> web.Response:
        return self._refusal(request) or web.json_response({"error": "NotFound", "description": "no entity"}, status=404)

    async def _update(self, request: web.Request) -> web.Response:
        if refusal := self._refusal(request):
            return refusal
        self.entities += (await request.json())["entities"]
        return web.Response(status=204)

    async def _list_subscriptions(self, request: web.Request) -> web.Response:
        return self._refusal(request) or web.json_response(self.subscriptions)

    async def _subscribe(self, request: web.Request) -> web.Response:
        if refusal := self._refusal(request):
            return refusal
        if self.subscribe_status != 201:
            return web.json_response({"error": "Forbidden", "description": "no right"}, status=self.subscribe_status)
        self.subscriptions.append({"id": "5f0", "status": "active", **await request.json()})
        return web.Response(status=201, headers={"Location": "/v2/subscriptions/5f0"})
