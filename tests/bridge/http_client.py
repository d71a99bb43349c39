"""An HTTP client that sends exactly what a test says, and a subscriber that records what it gets."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
import contextlib
from dataclasses import dataclass, field
import json
from typing import Any

import aiohttp
from aiohttp import web
from yarl import URL

_AUTOMATIC = ("Content-Type", "Accept", "Accept-Encoding", "User-Agent")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a server answered."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text) if self.text else None

    @property
    def media_type(self) -> str:
        return self.headers.get("Content-Type", "").partition(";")[0]


class Client:
    """Sends requests to one server."""

    def __init__(self, session: aiohttp.ClientSession, url: str, headers: Mapping[str, str] | None = None) -> None:
        """Send to the server at a URL, with these headers on every request."""
        self.url = url.rstrip("/")
        self._session = session
        self._headers = dict(headers or {})

    def with_headers(self, **headers: str) -> Client:
        """Return a client that sends further headers; an underscore in a name is a hyphen."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return Client(self._session, self.url, {**self._headers, **named})

    async def request(
        self, method: str, path: str, *, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send a request with these headers and no others that could matter."""
        async with self._session.request(
            method,
            URL(self.url + path, encoded=True),
            data=body,
            headers={**self._headers, **(headers or {})},
            skip_auto_headers=_AUTOMATIC,
            allow_redirects=False,
        ) as response:
            return Answer(status=response.status, headers=dict(response.headers), text=await response.text())

    async def send(self, method: str, path: str, body: Any) -> Answer:
        """Send a JSON body."""
        data = json.dumps(body).encode()
        return await self.request(method, path, body=data, headers={"Content-Type": "application/json"})

    async def post_in_chunks(self, path: str, size: int) -> Answer:
        """Send so many blanks as JSON without saying how many they are."""

        async def chunks() -> AsyncGenerator[bytes]:
            for start in range(0, size, 65536):
                yield b" " * min(65536, size - start)

        headers = {**self._headers, "Content-Type": "application/json"}
        async with self._session.post(self.url + path, data=chunks(), headers=headers) as response:
            return Answer(status=response.status, headers=dict(response.headers), text=await response.text())

    async def get(self, path: str) -> Answer:
        return await self.request("GET", path)

    async def delete(self, path: str) -> Answer:
        return await self.request("DELETE", path)

    async def post(self, path: str, body: Any) -> Answer:
        return await self.send("POST", path, body)

    async def patch(self, path: str, body: Any) -> Answer:
        return await self.send("PATCH", path, body)

    async def put(self, path: str, body: Any) -> Answer:
        return await self.send("PUT", path, body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A notification as it arrived."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Any


@dataclass(slots=True)
class Subscriber:
    """A server for notifications. The first segment of the path says what it answers: a status, or `slow` seconds."""

    url: str = ""
    received: asyncio.Queue[Received] = field(default_factory=asyncio.Queue)
    _released: asyncio.Event = field(default_factory=asyncio.Event)

    async def next(self, seconds: float = 5) -> Received:
        """Return the next notification."""
        async with asyncio.timeout(seconds):
            return await self.received.get()

    def release(self) -> None:
        """Answer slow requests at once from now on."""
        self._released.set()

    async def nothing_for(self, seconds: float) -> bool:
        """Return whether nothing arrives."""
        try:
            await self.next(seconds)
        except TimeoutError:
            return True
        return False

    async def _handle(self, request: web.Request) -> web.Response:
        text = await request.text()
        try:
            body = json.loads(text)
        except ValueError:
            body = text
        self.received.put_nowait(Received(method=request.method, path=request.path_qs, headers=request.headers, body=body))
        manner = request.match_info["manner"]
        if manner.startswith("slow"):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._released.wait(), float(manner.removeprefix("slow")))
        return web.Response(status=int(manner) if manner.isdecimal() else 200)


@contextlib.asynccontextmanager
async def running_subscriber() -> AsyncGenerator[Subscriber]:
    """Serve a subscriber on a free port."""
    subscriber = Subscriber()
    application = web.Application()
    application.router.add_route("*", "/{manner}/{rest:.*}", subscriber._handle)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    subscriber.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield subscriber
    finally:
        subscriber.release()
        await runner.cleanup()
