"""The broker as its user runs it: a process of its own."""

import asyncio
from collections.abc import AsyncGenerator
import contextlib
import logging
from pathlib import Path
import re
import signal
import sqlite3
import sys
from typing import Any

import aiohttp
import pytest

from fiware_bridge import VERSION
from fiware_bridge.__main__ import _edge as _run_edge, main

from .http_client import Client, Subscriber

ROOT = Path(__file__).parents[2]
_STARTED = re.compile(r"Context broker on http://([\d.]+):(\d+), history on http://[\d.]+:(\d+), data in (.+)")


class EdgeProcess:
    """A running `python -m fiware_bridge edge`."""

    def __init__(self, process: asyncio.subprocess.Process, session: aiohttp.ClientSession) -> None:
        """Watch a process that was just started."""
        self.process = process
        self.log: list[str] = []
        self._session = session
        self._ports: tuple[int, int] = (0, 0)

    async def started(self) -> None:
        """Wait for the line that tells the addresses."""
        assert self.process.stderr is not None
        async with asyncio.timeout(20):
            while line := (await self.process.stderr.readline()).decode():
                self.log.append(line)
                if found := _STARTED.search(line):
                    self._ports = (int(found[2]), int(found[3]))
                    return
        pytest.fail("the broker did not start:\n" + "".join(self.log))

    async def ended(self) -> int:
        """Wait for the end and return the status."""
        _, errors = await asyncio.wait_for(self.process.communicate(), 20)
        self.log.append(errors.decode())
        assert self.process.returncode is not None
        return self.process.returncode

    @property
    def broker(self) -> Client:
        return Client(self._session, f"http://127.0.0.1:{self._ports[0]}")

    @property
    def history(self) -> Client:
        return Client(self._session, f"http://127.0.0.1:{self._ports[1]}")


@contextlib.asynccontextmanager
async def _edge(data: Path, session: aiohttp.ClientSession, *options: str) -> AsyncGenerator[EdgeProcess]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "fiware_bridge", "edge", "--data", data, "--port", "0", "--history-port", "0", *options,
        cwd=ROOT, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        yield EdgeProcess(process, session)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def _row(number: int) -> dict[str, Any]:
    instant = f"2026-03-01T{number // 3600:02d}:{number // 60 % 60:02d}:{number % 60:02d}Z"
    return {
        "id": "meter",
        "type": "Meter",
        "TimeInstant": {"type": "DateTime", "value": instant},
        "power": {"type": "Number", "value": number},
    }


async def test_it_tells_its_addresses_and_stops_cleanly(tmp_path: Path, session: aiohttp.ClientSession) -> None:
    async with _edge(tmp_path / "data", session) as edge:
        await edge.started()
        assert str(tmp_path / "data") in edge.log[-1]
        assert (await edge.broker.post("/v2/entities", {"id": "e"})).status == 201
        edge.process.send_signal(signal.SIGTERM)
        assert await edge.ended() == 0
    assert "warning" not in "".join(edge.log).lower()
    assert sorted(path.name for path in (tmp_path / "data").iterdir()) == ["context.db", "history.db"]


async def test_it_warns_of_other_addresses_than_loopback(tmp_path: Path, session: aiohttp.ClientSession) -> None:
    everywhere = "0.0.0.0"  # noqa: S104 - what the warning is about
    async with _edge(tmp_path, session, "--host", everywhere) as edge:
        await edge.started()
        assert "Serving on 0.0.0.0 without authentication" in "".join(edge.log)
        edge.process.send_signal(signal.SIGINT)
        assert await edge.ended() == 0


async def test_it_says_why_it_cannot_run(tmp_path: Path, session: aiohttp.ClientSession) -> None:
    (tmp_path / "context.db").write_text("this is not a database, and long enough to be sure of it " * 20)
    async with _edge(tmp_path, session) as edge:
        assert await edge.ended() == 1
    assert "Cannot run: file is not a database" in "".join(edge.log)


@pytest.mark.parametrize("name", ["context.db", "history.db"])
async def test_it_refuses_a_folder_of_a_newer_version_in_a_sentence(
    tmp_path: Path, session: aiohttp.ClientSession, name: str
) -> None:
    async with _edge(tmp_path, session) as edge:
        await edge.started()
        assert (await edge.broker.post("/v2/entities", {"id": "e"})).status == 201
        edge.process.kill()
        await edge.ended()
    with contextlib.closing(sqlite3.connect(tmp_path / name, isolation_level=None)) as newer:
        newer.execute("PRAGMA user_version=7")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    async with _edge(tmp_path, session) as edge:
        assert await edge.ended() == 1
    assert "".join(edge.log) == (
        f"Cannot run: a newer version of the program wrote {tmp_path / name}: the file has version 7, "
        "and this program reads versions up to 1. "
        "Update the program, or choose another folder with --data. The file was not changed.\n"
    )
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


async def test_a_kill_loses_nothing_that_was_answered(tmp_path: Path, session: aiohttp.ClientSession) -> None:
    answered: set[int] = set()

    async def send(edge: EdgeProcess, start: int) -> None:
        """Notify row after row until the broker is gone."""
        with contextlib.suppress(aiohttp.ClientError):
            for number in range(start, start + 10_000):
                answer = await edge.history.post("/v2/notify", {"data": [_row(number)]})
                assert answer.status == 200
                answered.add(number)

    async with _edge(tmp_path, session) as edge:
        await edge.started()
        senders = [asyncio.create_task(send(edge, start)) for start in (0, 10_000, 20_000)]
        async with asyncio.timeout(20):
            while len(answered) < 150:
                await asyncio.sleep(0.005)
        edge.process.kill()
        await asyncio.gather(*senders)
    async with _edge(tmp_path, session) as edge:
        await edge.started()
        kept = (await edge.history.get("/v2/entities/meter/attrs/power?limit=10000")).json["values"]
    assert answered <= set(kept)
    assert len(kept) == len(set(kept)) <= len(answered) + 3


async def test_a_kill_keeps_entities_and_subscriptions(tmp_path: Path, session: aiohttp.ClientSession) -> None:
    subscription = {"subject": {"entities": [{"id": "e"}]}, "notification": {"http": {"url": "http://127.0.0.1:9/n"}}}
    async with _edge(tmp_path, session) as edge:
        await edge.started()
        location = (await edge.broker.post("/v2/subscriptions", subscription)).headers["Location"]
        assert (await edge.broker.post("/v2/entities", {"id": "m", "power": {"value": 230.5}})).status == 201
        edge.process.kill()
        await edge.ended()
    async with _edge(tmp_path, session) as edge:
        await edge.started()
        assert (await edge.broker.get("/v2/entities/m/attrs/power/value")).text == "230.5"
        assert (await edge.broker.get(location)).json["subject"]["entities"] == [{"id": "e"}]


async def test_a_kill_loses_no_notification(tmp_path: Path, session: aiohttp.ClientSession, subscriber: Subscriber) -> None:
    # The first notification is not answered before the kill, so all others wait behind it.
    notification = {"http": {"url": f"{subscriber.url}/slow30/n"}, "metadata": ["previousValue"]}
    subscription = {"subject": {"entities": [{"idPattern": ".*"}]}, "notification": notification}
    async with _edge(tmp_path, session) as edge:
        await edge.started()
        assert (await edge.broker.post("/v2/subscriptions", subscription)).status == 201
        batch = {"actionType": "append", "entities": [_row(number) for number in range(20)]}
        assert (await edge.broker.post("/v2/op/update?options=flowControl", batch)).status == 204
        before = await subscriber.next()
        edge.process.kill()
        await edge.ended()
    subscriber.release()
    async with _edge(tmp_path, session) as edge:
        await edge.started()
        after = [(await subscriber.next()).body["data"][0] for _ in range(20)]
    assert before.body["data"][0] == after[0]
    assert [entity["power"]["value"] for entity in after] == list(range(20))
    assert after[7]["power"]["metadata"]["previousValue"]["value"] == 6


@pytest.mark.parametrize(
    ("host", "warns"),
    [("127.0.0.1", False), ("localhost", False), ("0.0.0.0", True)],  # noqa: S104 - what the warning is about
)
async def test_a_signal_ends_it_and_frees_its_files(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, host: str, warns: bool
) -> None:
    caplog.set_level(logging.INFO)
    running = asyncio.create_task(_run_edge(tmp_path, host, 0, 0))
    async with asyncio.timeout(20):
        while not _STARTED.search(caplog.text.replace("localhost", "127.0.0.1")):
            await asyncio.sleep(0.01)
        signal.raise_signal(signal.SIGTERM)
        await running
    assert ("without authentication" in caplog.text) is warns
    assert sorted(path.name for path in tmp_path.iterdir()) == ["context.db", "history.db"]


def test_a_port_that_is_taken_is_told(tmp_path: Path, unused_tcp_port: int) -> None:
    arguments = ["edge", "--data", str(tmp_path), "--port", str(unused_tcp_port), "--history-port", str(unused_tcp_port)]
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert str(caught.value).startswith("Cannot run: ")
    assert "address already in use" in str(caught.value)


def test_the_version_is_that_of_the_project() -> None:
    assert f'\nversion = "{VERSION}"\n' in (ROOT / "pyproject.toml").read_text()
