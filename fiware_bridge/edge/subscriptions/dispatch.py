"""The subscriptions at work: which of them a change fires, and keeping their counters.

Everything here runs in the event loop. The database calls `dispatch` in the order of its commits, so every subscriber gets
its notifications in the order in which the changes happened.
"""

import asyncio
from collections.abc import Iterable
import contextlib
from dataclasses import replace
import logging
import sqlite3

from ..base.database import Database
from ..base.instants import now
from ..base.scope import ServicePaths
from . import journal, store
from .journal import Unsent
from .notifier import Delivery, Notification, Notifier
from .subscription import Counters, Status, Subscription
from .triggering import Occasion, fires

_LOGGER = logging.getLogger(__name__)

_SAVE_SECONDS = 1.0
"""Counters and the journal are written at most this often; a killed process forgets the newest counts, never a subscription."""


class _Debt:
    """The number of unsent notifications of a change, and the step after the last one."""

    def __init__(self, number: int, paid: set[int]) -> None:
        """Begin with one for the dispatching itself; add the number of the change to `paid` in the end."""
        self._number = number
        self._paid = paid
        self._left = 1

    def add(self) -> None:
        """Count one more notification."""
        self._left += 1

    def pay(self) -> None:
        """Count one as sent or lost."""
        self._left -= 1
        if not self._left:
            self._paid.add(self._number)


class Dispatcher:
    """All subscriptions of all tenants."""

    def __init__(self, database: Database) -> None:
        """Keep subscriptions in a database."""
        self.notifier = Notifier(self._on_outcome)
        self._database = database
        self._deliveries: dict[str, dict[str, Delivery]] = {}
        self._unsaved: set[Delivery] = set()
        self._paid: set[int] = set()
        """Changes in the journal whose notifications are all sent."""
        self._saver: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Load the subscriptions, be ready to notify, and notify what an earlier process owed."""
        for subscription, counters in await self._database.read(lambda connection: list(store.load_all(connection))):
            self.put(subscription, counters)
        owed = await self._database.read(lambda connection: list(journal.load_all(connection)))
        await self.notifier.start()
        self.dispatch(owed, must_not_drop=True)
        self._saver = asyncio.create_task(self._save_regularly(), name="save counters")

    async def stop(self) -> None:
        """Send what waits, save the counters and end."""
        await self.notifier.stop()
        if self._saver is not None:
            self._saver.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._saver
        await self._save()

    def put(self, subscription: Subscription, counters: Counters | None = None) -> None:
        """Take a new subscription, or a new definition of a known one."""
        deliveries = self._deliveries.setdefault(subscription.tenant, {})
        delivery = deliveries.get(subscription.id)
        if delivery is None:
            deliveries[subscription.id] = Delivery(subscription, counters or Counters())
        else:
            delivery.subscription = subscription
            self._unsaved.add(delivery)

    def forget(self, tenant: str, identity: str) -> None:
        """Drop a subscription with all that waits for its subscriber."""
        delivery = self._deliveries.get(tenant, {}).pop(identity, None)
        if delivery is not None:
            delivery.drop_waiting()

    def get(self, tenant: str, identity: str) -> Delivery | None:
        """Return a subscription."""
        return self._deliveries.get(tenant, {}).get(identity)

    def listed(self, tenant: str, paths: ServicePaths) -> list[Delivery]:
        """Return the subscriptions whose service path is covered, in order of creation."""
        return [delivery for delivery in self._deliveries.get(tenant, {}).values() if paths.cover(delivery.subscription.path)]

    def dispatch(self, changes: Iterable[Unsent], *, must_not_drop: bool) -> None:
        """Notify all subscriptions that the changes of one request fire."""
        number = 0
        for unsent in changes:
            debt = _Debt(unsent.number, self._paid)
            occasion = Occasion(tenant=unsent.tenant, correlator=unsent.correlator, change=unsent.change)
            for delivery in list(self._deliveries.get(unsent.tenant, {}).values()):
                subscription = delivery.subscription
                if not self._is_due(delivery) or not fires(subscription, unsent.change):
                    continue
                number += 1
                delivery.fired = now()
                if subscription.status is Status.ONESHOT:
                    delivery.subscription = replace(subscription, status=Status.INACTIVE)
                debt.add()
                notification = Notification(subscription=subscription, occasion=occasion, number=number, on_done=debt.pay)
                self.notifier.send(delivery, notification, must_not_drop=must_not_drop)
            debt.pay()

    def _is_due(self, delivery: Delivery) -> bool:
        subscription = delivery.subscription
        if subscription.status is Status.INACTIVE or subscription.expired(now()):
            return False
        pause = subscription.throttling * 1_000_000
        return pause <= 0 or delivery.fired is None or now() - delivery.fired >= pause

    def _on_outcome(self, delivery: Delivery) -> None:
        self._unsaved.add(delivery)

    async def _save_regularly(self) -> None:
        while True:
            await asyncio.sleep(_SAVE_SECONDS)
            await self._save()

    async def _save(self) -> None:
        unsaved, self._unsaved = self._unsaved, set()
        paid = frozenset(self._paid)
        self._paid.clear()
        if not unsaved and not paid:
            return
        outcomes = [(delivery.subscription, replace(delivery.counters)) for delivery in unsaved]

        def job(connection: sqlite3.Connection) -> None:
            for subscription, counters in outcomes:
                store.save_outcome(connection, subscription, counters)
            journal.remove(connection, paid)

        try:
            await self._database.write(job)
        except sqlite3.Error as err:
            _LOGGER.warning("Counters of subscriptions are not saved yet: %s", err)
            self._unsaved |= unsaved
            self._paid |= paid
