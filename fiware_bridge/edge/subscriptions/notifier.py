"""Sending notifications: one queue and one sender per subscription, so that each subscriber gets them in order.

A notification is sent once, after a crash maybe twice (`journal.py`). Any status is a success, no answer within the timeout is
a failure. The notifier counts both as Orion does and sends nothing again. A queue is bounded: when it is full, further
notifications are lost and count as failures. An update with `flowControl` waits for room before it is done, and loses nothing
for a subscriber that answers. It does not wait for a silent one, which would hold up the others.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable
import contextlib
from dataclasses import dataclass, replace
import logging

import aiohttp

from fiware_bridge import VERSION

from ..base.instants import now
from ..base.json_text import dump_json
from .subscription import Counters, Status, Subscription
from .triggering import Occasion, notification_body

_LOGGER = logging.getLogger(__name__)

QUEUE_LIMIT = 1000
"""Notifications that may wait for one subscriber: with 5 kB each, 5 MB."""
_ROOM = QUEUE_LIMIT // 2
"""An update with `flowControl` waits until no queue is longer."""
_DRAIN_SECONDS = 5.0
"""The time that a stop waits for unsent notifications."""

QUEUE_FULL = "Queue of notifications is full"

_REASONS: tuple[tuple[type[Exception], str], ...] = (
    (TimeoutError, "Timeout was reached"),
    (aiohttp.ClientConnectorDNSError, "Couldn't resolve host name"),
    (aiohttp.ClientSSLError, "SSL connect error"),
    (aiohttp.ClientConnectorError, "Couldn't connect to server"),
    (aiohttp.ServerDisconnectedError, "Server returned nothing (no headers, no data)"),
)
"""`lastFailureReason` in libcurl's words, which clients of Orion look for."""


def _reason(error: Exception) -> str:
    return next((text for kind, text in _REASONS if isinstance(error, kind)), f"{type(error).__name__}: {error}")


class Delivery:
    """A subscription at work: its counters and the notifications that wait for its subscriber."""

    def __init__(self, subscription: Subscription, counters: Counters) -> None:
        """Take a subscription; counters continue."""
        self.subscription = subscription
        self.counters = counters
        self.waiting: deque[Notification] = deque()
        self.sender: asyncio.Task[None] | None = None
        self.answers = True
        """Whether the subscriber answered the last time."""
        self.fired: int | None = counters.last_notification
        """Instant of the last change that was notified, for throttling."""

    @property
    def has_room(self) -> bool:
        """Whether an update with `flowControl` need not wait for this subscriber."""
        return len(self.waiting) <= _ROOM or not self.answers

    def drop_waiting(self) -> None:
        """Lose what waits."""
        while self.waiting:
            self.waiting.popleft().on_done()


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """A change on its way to one subscriber."""

    subscription: Subscription
    """As it was when the change happened."""
    occasion: Occasion
    number: int
    """Among the notifications of the same request, from 1."""
    on_done: Callable[[], None]
    """Called when it was sent, or is lost. Not when the process ends before: then the journal still has its change."""

    def headers(self) -> dict[str, str]:
        """Return the headers that Orion sends, with the subscription's own headers on top."""
        headers = {
            "User-Agent": f"fiware-bridge-edge/{VERSION}",
            "Accept": "application/json",
            "Content-Type": "application/json; charset=utf-8",
            "Fiware-Servicepath": self.occasion.change.entity.path,
            "Fiware-Correlator": f"{self.occasion.correlator}; cbnotif={self.number}",
            "Ngsiv2-AttrsFormat": self.subscription.target.frame.value,
        }
        if self.occasion.tenant:
            headers["Fiware-Service"] = self.occasion.tenant
        own = self.subscription.target.headers
        replaced = {name.lower() for name in own}
        return {name: value for name, value in headers.items() if name.lower() not in replaced} | {
            name.lower(): value for name, value in own.items()
        }


async def _abandon(delivery: Delivery) -> None:
    """End the sender of a subscriber; waiting notifications are sent after the next start."""
    _LOGGER.warning("Subscription %s: %d notifications are left for later", delivery.subscription.id, len(delivery.waiting))
    if delivery.sender is not None:
        delivery.sender.cancel()
        await asyncio.wait([delivery.sender])


class Notifier:
    """Sends notifications in the background."""

    def __init__(self, on_outcome: Callable[[Delivery], None]) -> None:
        """Call `on_outcome` whenever counters or status of a delivery have changed."""
        self._on_outcome = on_outcome
        self._session: aiohttp.ClientSession | None = None
        self._busy: set[Delivery] = set()
        self._emptier = asyncio.Condition()
        self._entrance = asyncio.Lock()

    async def start(self) -> None:
        """Open the HTTP client.

        Every notification has a connection of its own, as with Orion: one that the subscriber closed meanwhile would
        cost a notification.
        """
        self._session = aiohttp.ClientSession(
            cookie_jar=aiohttp.DummyCookieJar(), connector=aiohttp.TCPConnector(limit=0, force_close=True)
        )

    async def stop(self) -> None:
        """Send what waits, for a few seconds, and end all senders."""
        senders = [delivery.sender for delivery in self._busy if delivery.sender is not None]
        if senders:
            await asyncio.wait(senders, timeout=_DRAIN_SECONDS)
        for delivery in list(self._busy):
            await _abandon(delivery)
        if self._session is not None:
            await self._session.close()

    def send(self, delivery: Delivery, notification: Notification, *, must_not_drop: bool) -> None:
        """Put a notification into its queue."""
        if len(delivery.waiting) >= QUEUE_LIMIT and not (must_not_drop and delivery.answers):
            self._failed(delivery, QUEUE_FULL)
            self._on_outcome(delivery)
            notification.on_done()
            return
        delivery.waiting.append(notification)
        if delivery.sender is None:
            self._busy.add(delivery)
            delivery.sender = asyncio.create_task(self._send_all(delivery), name=f"notify {delivery.subscription.id}")

    @contextlib.asynccontextmanager
    async def room(self) -> AsyncGenerator[None]:
        """Wait until the queues have room, and keep others with `flowControl` out until the update is done."""
        async with self._entrance:
            async with self._emptier:
                await self._emptier.wait_for(lambda: all(delivery.has_room for delivery in self._busy))
            yield

    async def _send_all(self, delivery: Delivery) -> None:
        try:
            while delivery.waiting:
                await self._send_one(delivery, delivery.waiting.popleft())
                async with self._emptier:
                    self._emptier.notify_all()
        finally:
            delivery.sender = None
            self._busy.discard(delivery)

    async def _send_one(self, delivery: Delivery, notification: Notification) -> None:
        if self._session is None:
            raise RuntimeError("the notifier was not started")
        counters = delivery.counters
        counters.sent(now())
        target = notification.subscription.target
        body = notification_body(notification.subscription, notification.occasion.change)
        try:
            async with self._session.post(
                target.url,
                data=dump_json(body).encode(),
                headers=notification.headers(),
                timeout=aiohttp.ClientTimeout(total=target.timeout),
                allow_redirects=False,
            ) as response:
                counters.succeeded(now(), response.status)
                delivery.answers = True
        except (aiohttp.ClientError, OSError) as err:
            self._failed(delivery, _reason(err))
            delivery.answers = False
        self._on_outcome(delivery)
        notification.on_done()

    def _failed(self, delivery: Delivery, reason: str) -> None:
        """Count a lost notification, and turn the subscription inactive if its client set a limit."""
        identity = delivery.subscription.id
        if not delivery.counters.fails:
            _LOGGER.warning("Subscription %s: notification lost: %s", identity, reason)
        delivery.counters.failed(now(), reason)
        limit = delivery.subscription.target.max_fails
        if limit is not None and delivery.counters.fails > limit and delivery.subscription.status is not Status.INACTIVE:
            _LOGGER.warning("Subscription %s: inactive after %d failures", identity, delivery.counters.fails)
            delivery.subscription = replace(delivery.subscription, status=Status.INACTIVE)
            delivery.drop_waiting()
