"""A broker for each test, in the test's own process unless a URL is given."""

from collections.abc import AsyncGenerator
from pathlib import Path

import aiohttp
import pytest

from fiware_bridge.edge.app import Addresses, running_broker

from .http_client import Client, Subscriber, running_subscriber


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--broker-url", help="run the contract against the Orion at this URL instead of the embedded broker")


@pytest.fixture
async def session() -> AsyncGenerator[aiohttp.ClientSession]:
    connector = aiohttp.TCPConnector(force_close=True)
    async with aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as opened:
        yield opened


@pytest.fixture
async def edge(tmp_path: Path) -> AsyncGenerator[Addresses]:
    """The embedded broker on free ports."""
    async with running_broker(tmp_path, host="127.0.0.1", port=0, history_port=0) as addresses:
        yield addresses


@pytest.fixture
def broker(edge: Addresses, session: aiohttp.ClientSession) -> Client:
    """NGSI-v2 of the embedded broker."""
    return Client(session, f"http://127.0.0.1:{edge.port}")


@pytest.fixture
def history(edge: Addresses, session: aiohttp.ClientSession) -> Client:
    """The history of the embedded broker."""
    return Client(session, f"http://127.0.0.1:{edge.history_port}")


@pytest.fixture
async def subscriber() -> AsyncGenerator[Subscriber]:
    async with running_subscriber() as running:
        yield running
