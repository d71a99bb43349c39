"""The context broker below the interface: applies requests to the store and sees to the notifications."""

import contextlib
from dataclasses import dataclass
import sqlite3

from ..base.database import Database
from ..base.instants import now
from ..entities import store, updates
from ..entities.model import EntityUpdate
from ..entities.updates import Action, Outcome, UpdateContext, UpdateOptions
from ..subscriptions import journal
from ..subscriptions.dispatch import Dispatcher
from ..subscriptions.journal import Unsent


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateRequest:
    """Updates of entities in one tenant and service path, which are applied in one transaction."""

    tenant: str
    path: str
    correlator: str
    action: Action
    entities: tuple[EntityUpdate, ...]
    options: UpdateOptions
    flow_control: bool = False
    """Wait for room in the queues of notifications, and lose none of this request."""


class ContextBroker:
    """Entities and subscriptions of all tenants."""

    def __init__(self, database: Database) -> None:
        """Keep everything in a database."""
        self.database = database
        self.dispatcher = Dispatcher(database)
        self._latest = 0

    async def start(self) -> None:
        """Load what the database holds."""
        self._latest = await self.database.read(store.latest_instant)
        await self.dispatcher.start()

    async def stop(self) -> None:
        """Send the notifications that wait and stop."""
        await self.dispatcher.stop()

    async def update(self, request: UpdateRequest) -> list[Outcome]:
        """Apply an update to each of its entities, in order, and notify what has changed."""
        context = UpdateContext(
            tenant=request.tenant, path=request.path, action=request.action, options=request.options, clock=self._clock
        )

        def job(connection: sqlite3.Connection) -> tuple[list[Outcome], list[Unsent]]:
            outcomes = [updates.apply(connection, context, entity) for entity in request.entities]
            changes = [outcome.change for outcome in outcomes if outcome.change is not None]
            return outcomes, [journal.write(connection, request.tenant, request.correlator, change) for change in changes]

        async with self.dispatcher.notifier.room() if request.flow_control else contextlib.nullcontext():
            outcomes, _ = await self.database.write(
                job, then=lambda applied: self.dispatcher.dispatch(applied[1], must_not_drop=request.flow_control)
            )
        return outcomes

    def _clock(self) -> int:
        """Return an instant later than all before, so that `dateModified` gives the order; runs in the writer's thread."""
        self._latest = max(now(), self._latest + 1)
        return self._latest
