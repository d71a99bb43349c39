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

from . import subscription_store
from .database import Database
from .instants import now
from .model import Change
from .notifier import Delivery, Notification, Notifier
from .scope import ServicePaths
from .subscription import Counters, Status, Subscription
from .triggering import Occasion, fires

_LOGGER = logging.getLogger(__name__)

_SAVE_SECONDS = 1.0
"""Counters are written at most this often; a killed process forgets the newest counts, never a subscription."""


class Dispatcher:
    """All subscriptions of all tenants."""

    def __init__(self, database: Database) -> None:
        """Keep subscriptions in a database."""
        self.notifier = Notifier(self._on_outcome)
        self._database = database
        self._deliveries: dict[str, dict[str, Delivery]] = {}
        self._unsaved: set[Delivery] = set()
        self._saver: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Load the subscriptions and be ready to notify."""
        for subscription, counters in await self._database.read(lambda connection: list(subscription_store.load_all(connection))):
            self.put(subscription, counters)
        await self.notifier.start()
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
            delivery.waiting.clear()

    def get(self, tenant: str, identity: str) -> Delivery | None:
        """Return a subscription."""
        return self._deliveries.get(tenant, {}).get(identity)

    def listed(self, tenant: str, paths: ServicePaths) -> list[Delivery]:
        """Return the subscriptions whose service path is covered, in order of creation."""
        return [delivery for delivery in self._deliveries.get(tenant, {}).values() if paths.cover(delivery.subscription.path)]

    def dispatch(self, tenant: str, correlator: str, changes: Iterable[Change], *, must_not_drop: bool) -> None:
        """Notify all subscriptions that the changes of one request fire."""
        number = 0
        for change in changes:
            occasion = Occasion(tenant=tenant, correlator=correlator, change=change)
            for delivery in list(self._deliveries.get(tenant, {}).values()):
                subscription = delivery.subscription
                if not self._is_due(delivery) or not fires(subscription, change):
                    continue
                number += 1
                delivery.fired = now()
                if subscription.status is Status.ONESHOT:
                    delivery.subscription = replace(subscription, status=Status.INACTIVE)
                notification = Notification(subscription=subscription, occasion=occasion, number=number)
                self.notifier.send(delivery, notification, must_not_drop=must_not_drop)

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
        if not unsaved:
            return
        outcomes = [(delivery.subscription, replace(delivery.counters)) for delivery in unsaved]

        def job(connection: sqlite3.Connection) -> None:
            for subscription, counters in outcomes:
                subscription_store.save_outcome(connection, subscription, counters)

        try:
            await self._database.write(job)
        except sqlite3.Error as err:
            _LOGGER.warning("Counters of subscriptions are not saved yet: %s", err)
            self._unsaved |= unsaved
