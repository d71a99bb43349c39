"""A real Home Assistant on loopback, prepared without its online onboarding steps, and a client for its APIs."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
import contextlib
from itertools import count
import json
import os
from pathlib import Path
import sys
from typing import Any, Self

import aiohttp

from .processes import program

ROOT = Path(__file__).parents[2]
USER = "demo"
PASSWORD = "demo-demo"  # noqa: S105 - of a throw-away installation that listens on loopback only

CONFIGURATION = """\
homeassistant:
  name: Demo
  latitude: 48.137
  longitude: 11.575
  elevation: 520
  unit_system: metric
  time_zone: Europe/Berlin
  country: DE
  currency: EUR
  language: en
frontend:
config:
history:
logbook:
energy:
recorder:
  commit_interval: 1
zeroconf:
automation: !include automations.yaml
# Comes along with esphome, and would look for a program that the demo does not need.
ffmpeg:
  ffmpeg_bin: /bin/true
logger:
  default: warning
  logs:
    custom_components.three_phase_energy: info
"""


def prepare(config: Path, port: int) -> None:
    """Write the configuration folder of a new installation; in an existing one change only the port."""
    storage = config / ".storage"
    storage.mkdir(parents=True, exist_ok=True)
    # `http:` in YAML is deprecated: it becomes a trial that reverts after 5 minutes. This store is the one that the UI writes.
    _store(storage, "http", version=3, data={
        "stable": {
            "server_host": ["127.0.0.1"], "server_port": port, "cors_allowed_origins": [], "login_attempts_threshold": -1,
            "ip_ban_enabled": False, "ssl_profile": "intermediate_v6", "use_x_frame_options": True,
        },
        "pending": None,
        "yaml_migration_done": True,
    })  # fmt: skip
    if (config / "configuration.yaml").exists():
        return
    (config / "configuration.yaml").write_text(CONFIGURATION)
    (config / "automations.yaml").write_text("[]\n")
    (config / "custom_components").symlink_to(ROOT / "custom_components")
    # Only the owner is left to create; the other steps would add integrations that need the internet.
    _store(storage, "onboarding", version=4, data={"done": ["core_config", "analytics", "integration"]})


def _store(storage: Path, key: str, *, version: int, data: Mapping[str, Any]) -> None:
    content = {"version": version, "minor_version": 1, "key": key, "data": data}
    (storage / key).write_text(json.dumps(content))


@contextlib.asynccontextmanager
async def home_assistant(folder: Path, *, port: int) -> AsyncGenerator[HomeAssistant]:
    """Run Home Assistant with its configuration in a folder, and yield a client for its owner."""
    config = folder / "config"
    prepare(config, port)
    url = f"http://127.0.0.1:{port}"

    async def ready() -> bool:
        try:
            async with aiohttp.ClientSession() as session, session.get(f"{url}/manifest.json") as response:
                return response.status == 200
        except aiohttp.ClientError:
            return False

    command: list[str | Path] = [Path(sys.executable).with_name("hass"), "--skip-pip", "-c", config]
    async with program(
        "Home Assistant", command, log=folder / "home-assistant.log", ready=ready, env=os.environ, seconds=120
    ) as process:
        token = await _token(url, folder / "token", process)
        async with HomeAssistant(url, token, process) as client:
            await client.started()
            yield client


async def _token(url: str, kept: Path, process: asyncio.subprocess.Process) -> str:
    """Return a long-lived access token of the owner; the first start creates the owner."""
    if kept.exists():
        return kept.read_text()
    async with aiohttp.ClientSession(url, raise_for_status=True) as session:
        owner = {"client_id": f"{url}/", "name": "Demo", "username": USER, "password": PASSWORD, "language": "en"}
        async with session.post("/api/onboarding/users", json=owner) as response:
            code = (await response.json())["auth_code"]
        grant = {"client_id": f"{url}/", "grant_type": "authorization_code", "code": code}
        async with session.post("/auth/token", data=grant) as response:
            access = (await response.json())["access_token"]
    async with HomeAssistant(url, access, process) as client:
        token: str = await client.command("auth/long_lived_access_token", client_name="demo", lifespan=3650)
    kept.touch(mode=0o600)
    kept.write_text(token)
    return token


class CommandError(RuntimeError):
    """Home Assistant refused a command; the text is its own."""


class HomeAssistant:
    """REST and websocket client of one user."""

    def __init__(self, url: str, token: str, process: asyncio.subprocess.Process) -> None:
        """Keep address and user; the connection opens with the context."""
        self.url = url
        self.token = token
        self.process = process
        self._ids = count(1)
        self._results: dict[int, asyncio.Future[Any]] = {}
        self._events: dict[int, asyncio.Queue[dict[str, Any]]] = {}

    async def __aenter__(self) -> Self:
        """Connect and log in."""
        self._session = aiohttp.ClientSession(self.url, headers={"Authorization": f"Bearer {self.token}"})
        self._socket = await self._session.ws_connect("/api/websocket", max_msg_size=0)
        await self._socket.receive_json()
        await self._socket.send_json({"type": "auth", "access_token": self.token})
        answer = await self._socket.receive_json()
        if answer["type"] != "auth_ok":
            raise CommandError(f"login refused: {answer}")
        self._reader = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *_: object) -> None:
        """Disconnect."""
        self._reader.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._reader
        await self._session.close()

    async def _read(self) -> None:
        async for message in self._socket:
            answer = message.json()
            if answer["type"] == "event":
                self._events[answer["id"]].put_nowait(answer["event"])
            elif answer["type"] == "result" and (result := self._results.pop(answer["id"], None)):
                if answer["success"]:
                    result.set_result(answer["result"])
                else:
                    result.set_exception(CommandError(answer["error"]["message"]))
        for result in self._results.values():
            result.set_exception(CommandError("Home Assistant closed the connection"))

    async def command(self, kind: str, **arguments: Any) -> Any:  # noqa: ANN401 - any result of the command
        """Send a websocket command and return its result."""
        number = next(self._ids)
        result = self._results[number] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": number, "type": kind, **arguments})
        return await asyncio.wait_for(result, 60)

    async def events(self, event_type: str) -> asyncio.Queue[dict[str, Any]]:
        """Subscribe to an event type of the bus, and return the queue of its events."""
        number = next(self._ids)
        queue = self._events[number] = asyncio.Queue()
        result = self._results[number] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": number, "type": "subscribe_events", "event_type": event_type})
        await asyncio.wait_for(result, 60)
        return queue

    async def rest(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - any answer of the API
        """Call the REST API and return its JSON answer.

        Raises:
            CommandError: the answer was an error.
        """
        async with self._session.request(method, path, json=body) as response:
            if response.status >= 400:
                raise CommandError(f"{method} {path}: {response.status} {await response.text()}")
            return await response.json()

    async def started(self) -> None:
        """Wait until Home Assistant has loaded everything."""
        while (await self.command("get_config"))["state"] != "RUNNING":
            await asyncio.sleep(0.1)

    async def entries(self, domain: str) -> list[dict[str, Any]]:
        """Return the config entries of an integration."""
        entries: list[dict[str, Any]] = await self.command("config_entries/get", domain=domain)
        return entries

    async def states(self) -> dict[str, dict[str, Any]]:
        """Return all states by entity id."""
        return {state["entity_id"]: state for state in await self.command("get_states")}

    async def start_flow(self, domain: str) -> dict[str, Any]:
        """Start a config flow as the UI does and return its first step."""
        step: dict[str, Any] = await self.rest("POST", "/api/config/config_entries/flow", {"handler": domain})
        return step

    async def continue_flow(self, step: Mapping[str, Any], answers: Mapping[str, Any]) -> dict[str, Any]:
        """Answer a step of a config flow, wait while it shows progress, and return the step after it."""
        path = f"/api/config/config_entries/flow/{step['flow_id']}"
        after: dict[str, Any] = await self.rest("POST", path, answers)
        while after["type"] in {"progress", "progress_done"}:
            await asyncio.sleep(0.2)
            after = await self.rest("GET", path) if after["type"] == "progress" else await self.rest("POST", path, {})
        return after
