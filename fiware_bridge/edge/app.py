"""The embedded broker as a whole: two databases, two HTTP servers, started and stopped together."""

import asyncio
from collections.abc import AsyncGenerator
import contextlib
from dataclasses import dataclass
import logging
from pathlib import Path

from aiohttp import web

from .api.about import AboutHandlers
from .api.batch import BatchHandlers
from .api.border import border
from .api.broker import ContextBroker
from .api.entities import EntityHandlers
from .api.subscriptions import SubscriptionHandlers
from .api.types import TypeHandlers
from .base.database import Database
from .base.http import MAX_BODY_BYTES
from .base.migrations import refuse_newer
from .files import CONTEXT, FILES, HISTORY, DataFile
from .history.api import HistoryHandlers, history_border

_LOGGER = logging.getLogger(__name__)

_SHUTDOWN_SECONDS = 3.0
"""How long requests may still take when the broker stops."""
_LINGERING_SECONDS = 1.0
"""How long the rest of a refused body is read, so that the client sees the answer before the connection closes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where a running broker serves."""

    host: str
    port: int
    """NGSI-v2."""
    history_port: int
    """QuantumLeap's interface."""


@contextlib.asynccontextmanager
async def running_broker(data: Path, *, host: str, port: int, history_port: int) -> AsyncGenerator[Addresses]:
    """Run the broker with its data in a folder until the context ends; port 0 takes a free one.

    It stops in the order that loses nothing: no new requests, then the waiting notifications, which may go to the broker's own
    history, then the history and the databases.

    Raises:
        OSError: the folder cannot be written or an address is taken.
        NewerDatabaseError: a newer version has written a file in the folder; all files are as they were.
        sqlite3.Error: a file in the folder is no database.
    """
    await asyncio.to_thread(_refuse_newer_files, data)
    async with (
        _opened(data, CONTEXT) as context,
        _opened(data, HISTORY) as history,
        _served(_history_application(history), host, history_port) as served_history_port,
        _started(ContextBroker(context)) as broker,
        _served(_context_application(broker), host, port) as served_port,
    ):
        yield Addresses(host=host, port=served_port, history_port=served_history_port)


def _refuse_newer_files(data: Path) -> None:
    """Check all files before the first is opened, and so maybe upgraded."""
    for file in FILES:
        refuse_newer(data / file.name, file.migrations)


@contextlib.asynccontextmanager
async def _opened(data: Path, file: DataFile) -> AsyncGenerator[Database]:
    database = Database(data / file.name, migrations=file.migrations, durable=file.durable)
    try:
        await database.open()
        yield database
    finally:
        await database.close()


@contextlib.asynccontextmanager
async def _started(broker: ContextBroker) -> AsyncGenerator[ContextBroker]:
    await broker.start()
    try:
        yield broker
    finally:
        await broker.stop()


@contextlib.asynccontextmanager
async def _served(application: web.Application, host: str, port: int) -> AsyncGenerator[int]:
    """Serve an application and give the port that it is served on."""
    access_log = _LOGGER if _LOGGER.isEnabledFor(logging.DEBUG) else None
    runner = web.AppRunner(
        application, access_log=access_log, shutdown_timeout=_SHUTDOWN_SECONDS, lingering_time=_LINGERING_SECONDS
    )
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()


def _context_application(broker: ContextBroker) -> web.Application:
    application = web.Application(middlewares=[border], client_max_size=MAX_BODY_BYTES)
    for handlers in (
        AboutHandlers(),
        BatchHandlers(broker),
        EntityHandlers(broker),
        SubscriptionHandlers(broker),
        TypeHandlers(broker),
    ):
        application.add_routes(handlers.routes())
    return application


def _history_application(database: Database) -> web.Application:
    application = web.Application(middlewares=[history_border], client_max_size=MAX_BODY_BYTES)
    application.add_routes(HistoryHandlers(database).routes())
    return application
