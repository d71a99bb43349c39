"""Write the broker's folder beside this file with another version of the program.

    git worktree add ../old 33ab882
    .venv/bin/python -m tests.bridge.written_by_0_1_0.write ../old

It runs the broker of that checkout on fixed ports, fills it in two runs, and kills the second one while a subscriber still
holds back its answer. So the last changes stand in the files beside the databases (`-wal`), and the journal owes a notification.
`answers.json` keeps what the old program answered, byte for byte, and the notification that was on its way.

SQLite's index of a `-wal` file (`-shm`) is left out, because SQLite builds it anew after a crash.
"""

import asyncio
from collections.abc import AsyncGenerator
import contextlib
import json
from pathlib import Path
import shutil
import signal
import sys
import tempfile
from typing import Any

import aiohttp
from aiohttp import web

from tests.bridge.http_client import Answer, Client

HERE = Path(__file__).parent
ANSWERS = HERE / "answers.json"
FILES = ("context.db", "context.db-wal", "history.db", "history.db-wal")

PORT, HISTORY_PORT, SUBSCRIBER_PORT = 29026, 29868, 29931
HISTORY_URL = f"http://localhost:{HISTORY_PORT}"
"""By name, so that a test can have it resolved to a port of its own; so is the subscriber's."""
SUBSCRIBER_URL = f"http://localhost:{SUBSCRIBER_PORT}"

SCOPES = (("", "/"), ("", "/hall/north"), ("plant", "/"), ("plant", "/roof"))
"""Tenants and service paths."""
METER = "urn:ngsi-ld:ThreePhaseAcMeasurement:main-hall"
ALARM = "urn:ngsi-ld:Alert:main-hall"

_EVERYTHING = "attrs=dateCreated,dateModified,*&metadata=dateCreated,dateModified,*&limit=1000"
ENTITY_QUERIES = (
    "/v2/entities?limit=1000",
    f"/v2/entities?{_EVERYTHING}",
    f"/v2/entities/{METER}?type=Room&options=keyValues",
    "/v2/types",
)
HISTORY_QUERIES = (
    "/v2/entities",
    "/v2/types/ThreePhaseAcMeasurement",
    "/v2/types/ThreePhaseAcMeasurement/attrs/activePower",
    "/v2/types/ThreePhaseAcMeasurement/attrs/activePower?aggrMethod=avg&aggrPeriod=hour",
    "/v2/types/Room",
    "/v2/attrs",
)


def scoped(client: Client, tenant: str, path: str) -> Client:
    """Return a client of one tenant and service path."""
    scope = client.with_headers(Fiware_ServicePath=path, Fiware_Correlator="written-by-0.1.0")
    return scope.with_headers(Fiware_Service=tenant) if tenant else scope


def _meter(second: int) -> dict[str, Any]:
    return {
        "id": METER,
        "type": "ThreePhaseAcMeasurement",
        "TimeInstant": {"type": "DateTime", "value": f"2026-11-30T10:59:{second:02d}.250Z"},
        "activePower": {
            "type": "StructuredValue",
            "value": {"L1": 11996.416016 + second, "L2": -9461.501953, "L3": 0},
            "metadata": {
                "unitCode": {"type": "Text", "value": "WTT"},
                "TimeInstant": {"type": "DateTime", "value": "2026-11-30T11:00:00+01:00"},
                "limits": {"type": "StructuredValue", "value": {"low": [-1, 0.5], "high": None}},
            },
        },
        "frequency": {"type": "Number", "value": 50.02},
        "name": {"type": "Text", "value": "Größe „Ω“ 三相"},
    }


def _special() -> dict[str, Any]:
    """Return an entity with the types and values that are kept in ways of their own."""
    return {
        "id": "special",
        "type": "Room",
        "location": {"type": "geo:point", "value": "50.1, 8.6"},
        "area": {
            "type": "geo:json",
            "value": {"type": "Point", "coordinates": [8.6, 50.1]},
            "metadata": {"ignoreType": {"value": True}},
        },
        "since": {"type": "DateTime", "value": "2024-02-29T23:59:59.999+01:00"},
        "day": {"type": "ISO8601", "value": "2024-02-29"},
        "nothing": {"type": "None", "value": None},
        "yes": {"type": "Boolean", "value": True},
        "tags": {"type": "Array", "value": ["a", 7, {"deep": [[[]]]}]},
        "large": {"type": "Number", "value": 1e20},
        "small": {"type": "Number", "value": -0.123456789},
        "a.b": {"type": "Number", "value": 1},
        "a:b": {"type": "Text", "value": ""},
    }


def _row(number: int, identity: str) -> dict[str, Any]:
    return {
        "id": identity,
        "type": "Room",
        "TimeInstant": {"type": "DateTime", "value": f"2026-11-{1 + number:02d}T12:00:00.{number:06d}Z"},
        "temperature": {"type": "Number", "value": 20.1 + number / 3},
        "phases": {"type": "StructuredValue", "value": {"L1": number, "L2": -number / 7, "L3": None}},
        "tags": {"type": "Array", "value": ["a", number, {"b": [True]}]},
        "open": {"type": "Boolean", "value": number % 2 == 0},
        "note": {"type": "Text", "value": "Größe" if number % 2 else None},
    }


def _subscriptions() -> list[dict[str, Any]]:
    """Return one of every manner; only the one about alerts and the history's are fired."""
    target = {"http": {"url": f"{SUBSCRIBER_URL}/200/other"}}
    rooms = {"entities": [{"idPattern": "^never$", "type": "Room"}]}
    return [
        {
            "description": "History",
            "subject": {"entities": [{"idPattern": ".*", "type": "ThreePhaseAcMeasurement"}]},
            "notification": {
                "httpCustom": {"url": f"{HISTORY_URL}/v2/notify", "headers": {"Fiware-TimeIndex-Attribute": "TimeInstant"}},
            },
        },
        {
            "description": "Alerts",
            "subject": {"entities": [{"idPattern": ".*", "type": "Alert"}], "condition": {"attrs": ["severity"]}},
            "notification": {
                "http": {"url": f"{SUBSCRIBER_URL}/200/alerts", "timeout": 60_000},
                "attrs": ["severity", "note"],
                "metadata": ["previousValue", "actionType", "*"],
            },
        },
        {"description": "Throttled", "subject": rooms, "notification": target, "throttling": 60},
        {"description": "Expiring", "subject": rooms, "notification": target, "expires": "2040-01-02T03:04:05.678Z"},
        {"description": "Expired", "subject": rooms, "notification": target, "expires": "2020-01-01T00:00:00.000Z"},
        {"description": "Inactive", "subject": rooms, "notification": target, "status": "inactive"},
        {"description": "Oneshot", "subject": rooms, "notification": target, "status": "oneshot"},
        {
            "description": "With conditions",
            "subject": {
                "entities": [{"id": "special", "typePattern": "^Nev.r"}],
                "condition": {
                    "attrs": ["temperature"],
                    "expression": {"q": "temperature>20;name=='a'", "mq": "temperature.accuracy<1"},
                    "alterationTypes": ["entityCreate", "entityDelete"],
                    "notifyOnMetadataChange": False,
                },
            },
            "notification": {
                **target, "attrs": ["temperature"], "attrsFormat": "simplifiedKeyValues", "onlyChangedAttrs": True,
                "covered": True, "maxFailsLimit": 3,
            },
        },
    ]  # fmt: skip


async def _expect(answer: Answer, status: int) -> None:
    if answer.status != status:
        raise RuntimeError(f"{answer.status}: {answer.text}")


async def _fill(broker: Client, history: Client) -> None:
    """First run, which ends well: what it writes stands in the databases themselves."""
    for tenant in dict.fromkeys(tenant for tenant, _ in SCOPES):
        for subscription in _subscriptions():
            await _expect(await scoped(broker, tenant, "/#").post("/v2/subscriptions", subscription), 201)
    for tenant, path in SCOPES:
        batch = {"actionType": "append", "entities": [_meter(1), _special(), {"id": METER, "type": "Room", "n": {"value": 1}}]}
        await _expect(await scoped(broker, tenant, path).post("/v2/op/update", batch), 204)
        rows = [_row(number, identity) for identity in ("hall", "roof") for number in range(3)]
        await _expect(await scoped(history, tenant, path).post("/v2/notify", {"data": rows}), 200)


async def _change(broker: Client, history: Client) -> None:
    """Second run: what it writes is left in the `-wal` files."""
    for tenant, path in SCOPES[1:3]:
        batch = {
            "actionType": "append",
            "entities": [_meter(2), {"id": "late", "type": "Room", "n": {"type": "Number", "value": 2}}],
        }
        await _expect(await scoped(broker, tenant, path).post("/v2/op/update", batch), 204)
        rows = [_row(number, "hall") for number in range(3, 5)]
        await _expect(await scoped(history, tenant, path).post("/v2/notify", {"data": rows}), 200)


def _alert(severity: str) -> dict[str, Any]:
    return {
        "id": ALARM,
        "type": "Alert",
        "severity": {"type": "Text", "value": severity, "metadata": {"source": {"type": "Text", "value": "L2"}}},
        "note": {"type": "StructuredValue", "value": {"lines": ["L2"], "depth": 0.35}},
    }


async def _answers(broker: Client, history: Client) -> list[dict[str, str]]:
    asked = [(broker, "broker", url) for url in ENTITY_QUERIES] + [(history, "history", url) for url in HISTORY_QUERIES]
    answers = []
    for tenant, path in SCOPES:
        for client, server, url in asked:
            answer = await scoped(client, tenant, path).get(url)
            answers.append({"server": server, "tenant": tenant, "path": path, "url": url, "text": answer.text})
    return answers


async def _subscriptions_of(broker: Client) -> dict[str, list[Any]]:
    tenants = dict.fromkeys(tenant for tenant, _ in SCOPES)
    return {tenant: (await scoped(broker, tenant, "/#").get("/v2/subscriptions?limit=100")).json for tenant in tenants}


@contextlib.asynccontextmanager
async def _running(checkout: Path, data: Path) -> AsyncGenerator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "fiware_bridge", "edge", "--data", data, "--port", str(PORT), "--history-port", str(HISTORY_PORT),
        cwd=checkout, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        if process.stderr is None or b"Context broker on" not in await process.stderr.readline():
            raise RuntimeError("the broker did not start")
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


@contextlib.asynccontextmanager
async def _subscriber(received: asyncio.Queue[dict[str, Any]]) -> AsyncGenerator[asyncio.Event]:
    """Serve a subscriber that holds back its answer from the event on."""
    silent = asyncio.Event()

    async def handle(request: web.Request) -> web.Response:
        body = await request.text()
        received.put_nowait({"path": request.path, "headers": dict(request.headers), "body": body})
        if silent.is_set():
            await asyncio.sleep(60)
        return web.Response()

    application = web.Application()
    application.router.add_route("*", "/{rest:.*}", handle)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", SUBSCRIBER_PORT).start()
    try:
        yield silent
    finally:
        await runner.cleanup()


async def _write(checkout: Path, data: Path) -> dict[str, Any]:
    """Fill a folder and return what the tests compare."""
    received: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    connector = aiohttp.TCPConnector(force_close=True)
    async with aiohttp.ClientSession(connector=connector) as session, _subscriber(received) as silent:
        broker, history = Client(session, f"http://127.0.0.1:{PORT}"), Client(session, f"http://127.0.0.1:{HISTORY_PORT}")
        alerts = scoped(broker, *SCOPES[3])
        async with _running(checkout, data) as process:
            await _fill(broker, history)
            await _expect(await alerts.post("/v2/entities", _alert("low")), 201)
            await received.get()
            await asyncio.sleep(2)  # counters are saved every second
            process.send_signal(signal.SIGTERM)
            await process.wait()
        async with _running(checkout, data) as process:
            await _change(broker, history)
            await asyncio.sleep(2)
            subscriptions = await _subscriptions_of(broker)
            silent.set()
            await _expect(await alerts.post("/v2/entities?options=upsert", _alert("critical")), 204)
            owed = await received.get()
            answers = await _answers(broker, history)
            process.kill()
    return {"answers": answers, "subscriptions": subscriptions, "owed": owed}


def main() -> None:
    """Write the folder with the program of a checkout."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        kept = asyncio.run(_write(Path(sys.argv[1]).resolve(), data))
        for name in FILES:
            shutil.copy(data / name, HERE / name)
    ANSWERS.write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    main()
