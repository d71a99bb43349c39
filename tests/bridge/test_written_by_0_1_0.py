"""A folder that version 0.1.0 left when it was killed: today's program opens it and loses nothing.

`written_by_0_1_0/write.py` says how the folder was made.
"""

import asyncio
from collections.abc import AsyncGenerator
import contextlib
import json
from pathlib import Path
import shutil
import socket
import sqlite3
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
import pytest
from yarl import URL

from fiware_bridge.edge.app import running_broker
from fiware_bridge.edge.base.migrations import migrate
from fiware_bridge.edge.files import FILES, DataFile

from .http_client import Client, Subscriber
from .written_by_0_1_0 import write

KEPT = json.loads(write.ANSWERS.read_text())
ALERTS = "Alerts"
COUNTERS = ("timesSent", "lastNotification", "lastSuccess", "lastSuccessCode")


class _Redirecting(AbstractResolver):
    """Leads the ports that stand in the folder to those of the test."""

    def __init__(self, ports: dict[int, int]) -> None:
        """Take the test's port for each port in the folder."""
        self._ports = ports

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_INET,  # noqa: ARG002 - aiohttp gives it by name
    ) -> list[ResolveResult]:
        to = self._ports[port]
        return [ResolveResult(hostname=host, host="127.0.0.1", port=to, family=socket.AF_INET, proto=0, flags=0)]

    async def close(self) -> None:
        pass


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A copy of the folder."""
    for name in write.FILES:
        shutil.copy(write.HERE / name, tmp_path / name)
    return tmp_path


@pytest.fixture
async def servers(
    data: Path,
    session: aiohttp.ClientSession,
    subscriber: Subscriber,
    unused_tcp_port: int,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncGenerator[dict[str, Client]]:
    """The broker and its history on the copy, with the subscriber that the folder names."""
    resolver = _Redirecting({write.HISTORY_PORT: unused_tcp_port, write.SUBSCRIBER_PORT: URL(subscriber.url).port or 0})
    connector = aiohttp.TCPConnector
    monkeypatch.setattr(aiohttp, "TCPConnector", lambda **options: connector(resolver=resolver, **options))
    async with running_broker(data, host="127.0.0.1", port=0, history_port=unused_tcp_port) as addresses:
        yield {
            "broker": Client(session, f"http://127.0.0.1:{addresses.port}"),
            "history": Client(session, f"http://127.0.0.1:{addresses.history_port}"),
        }


@pytest.mark.parametrize(
    "kept", KEPT["answers"], ids=lambda kept: f"{kept['server']} {kept['tenant']}{kept['path']} {kept['url']}"
)
async def test_every_answer_is_the_same_to_the_byte(kept: dict[str, str], servers: dict[str, Client]) -> None:
    answer = await write.scoped(servers[kept["server"]], kept["tenant"], kept["path"]).get(kept["url"])
    assert answer.text == kept["text"]


def _schema(path: Path) -> tuple[int, list[str]]:
    """Return the version of a file, and how its tables are made."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        made = connection.execute("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name")
        return connection.execute("PRAGMA user_version").fetchone()[0], [" ".join(row[0].split()) for row in made]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_version_1_of_a_file_is_still_what_0_1_0_wrote(file: DataFile, data: Path, tmp_path: Path) -> None:
    new = tmp_path / f"new {file.name}"
    with contextlib.closing(sqlite3.connect(new, isolation_level=None)) as connection:
        migrate(connection, new, file.migrations[:1])
    assert _schema(new) == _schema(data / file.name)


def _without_counters(subscriptions: list[Any]) -> list[Any]:
    return [
        {**item, "notification": {name: value for name, value in item["notification"].items() if name not in COUNTERS}}
        for item in subscriptions
    ]


@pytest.mark.parametrize("tenant", KEPT["subscriptions"])
async def test_every_subscription_is_there(tenant: str, servers: dict[str, Client], subscriber: Subscriber) -> None:
    await subscriber.next()
    found = (await write.scoped(servers["broker"], tenant, "/#").get("/v2/subscriptions?limit=100")).json
    kept = KEPT["subscriptions"][tenant]
    assert len(found) == 8
    assert _without_counters(found) == _without_counters(kept)


async def test_the_counters_go_on(servers: dict[str, Client], subscriber: Subscriber) -> None:
    await subscriber.next()
    for tenant, kept in KEPT["subscriptions"].items():
        found = (await write.scoped(servers["broker"], tenant, "/#").get("/v2/subscriptions?limit=100")).json
        owed = {item["id"] for item in kept if item["description"] == ALERTS and tenant == "plant"}
        for before, after in zip(kept, found, strict=True):
            sent = before["notification"].get("timesSent", 0) + (before["id"] in owed)
            assert after["notification"].get("timesSent", 0) == sent


async def test_the_notification_that_was_owed_is_delivered(servers: dict[str, Client], subscriber: Subscriber) -> None:
    received = await subscriber.next()
    owed = KEPT["owed"]
    assert received.path == owed["path"]
    assert received.body == json.loads(owed["body"])
    for name in ("Fiware-Service", "Fiware-Servicepath", "Fiware-Correlator", "Ngsiv2-AttrsFormat"):
        assert received.headers[name] == owed["headers"][name]
    assert await subscriber.nothing_for(0.3)


async def test_the_history_goes_on_recording(servers: dict[str, Client]) -> None:
    path = f"/v2/types/ThreePhaseAcMeasurement/attrs/frequency?id={write.METER}"
    history = write.scoped(servers["history"], "plant", "/roof")
    before = (await history.get(path)).json["entities"][0]["values"]
    update = {
        "TimeInstant": {"type": "DateTime", "value": "2026-12-01T00:00:00Z"},
        "frequency": {"type": "Number", "value": 49.5},
    }
    broker = write.scoped(servers["broker"], "plant", "/roof")
    answer = await broker.patch(f"/v2/entities/{write.METER}/attrs?type=ThreePhaseAcMeasurement", update)
    assert answer.status == 204
    async with asyncio.timeout(5):
        while (await history.get(path)).json["entities"][0]["values"] != [*before, 49.5]:
            await asyncio.sleep(0.02)
