"""A connection to a device's native API."""

from collections.abc import AsyncGenerator
import contextlib

from aioesphomeapi.client import APIClient


@contextlib.asynccontextmanager
async def connected_client(port: int) -> AsyncGenerator[APIClient]:
    """Connect to a device on this machine."""
    client = APIClient("127.0.0.1", port, None)
    await client.connect(login=True)
    try:
        yield client
    finally:
        await client.disconnect()
