"""The way of readings from an outbox to a broker.

One request at a time, with at most 50 readings, in two lanes. The live lane is the newest reading of each meter, the backlog
holds the older ones. A live reading is part of the very next request, however long the backlog. Within a request the backlog
comes first and in order, and each meter's newest reading comes last. If it has been delivered before, it is sent once more. A
broker applies a request in order, so its clients see the newest state after each request, and an old one no longer than a
request lasts. A repeated reading is the same at the same instant, to a history that knows its instants nothing new.

A reading that a broker does not take stays in the outbox:

- No answer, 429, 5xx: the delivery waits longer each time, up to a minute, or as long as the broker asks. Requests become
  smaller meanwhile, and larger again as they succeed, so that the slowest line still carries something.
- 401, 403, a wrong tenant: it tries again each minute, until somebody changes the settings.
- Content: the batch is halved until the refused readings stand alone. They become dead letters, but only while the
  broker takes other readings; one that refuses everything has another trouble, and everything waits.
- An answer that got lost: the delivery looks whether the broker has the last reading of the request, so that it need not be
  sent, and stored in the history, twice.

After each reconnection and every five minutes the device entities and the subscription of the history are made sure.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
import contextlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime
import logging

from ..model.twin import Twin
from ..ngsi.client import NgsiClient
from ..ngsi.entities import device, timestamp
from ..ngsi.errors import (
    BrokerBusyError,
    BrokerError,
    BrokerUnreachableError,
    ContentRefusedError,
)
from ..ngsi.profiles import THREE_PHASE_AC_MEASUREMENT, MeasurementProfile
from ..ngsi.quantumleap import QuantumLeap, ensure_subscription
from ..outbox.errors import OutboxError
from ..outbox.outbox import Outbox
from ..outbox.records import Record, Refusal
from .load import Load, map_records, reading_of, split
from .pace import Pace, Pauses

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryStats:
    """How the delivery goes."""

    connected: bool = False
    last_success: datetime | None = None
    last_error: BrokerError | OutboxError | None = None
    """Why nothing is delivered now; None while it is. A `BrokerRefusedError` asks for new credentials."""
    setup_error: BrokerError | None = None
    """Why a device entity or the history's subscription could not be made sure, while readings are taken."""
    sent: int = 0
    """Readings delivered since the start."""
    refused: int = 0
    """Readings put away since the start."""
    backlog: int = 0
    """Readings that wait."""


_DEFAULT_PAUSES = Pauses()


class Delivery:
    """Delivers an outbox to a broker for as long as `run` runs."""

    def __init__(
        self,
        outbox: Outbox,
        client: NgsiClient,
        quantumleap: QuantumLeap | None = None,
        *,
        profile: MeasurementProfile = THREE_PHASE_AC_MEASUREMENT,
        on_change: Callable[[], None] = lambda: None,
        pauses: Pauses = _DEFAULT_PAUSES,
    ) -> None:
        """Prepare a delivery; `on_change` is called when `stats` have changed."""
        self._outbox = outbox
        self._client = client
        self._quantumleap = quantumleap
        self._profile = profile
        self._on_change = on_change
        self._pauses = pauses
        self._stats = DeliveryStats()
        self._pace = Pace(pauses)
        self._accepted_at = float("-inf")
        self._check_at = float("-inf")
        self._introduced: dict[str, Twin] = {}
        self._setup_errors: dict[str, BrokerError] = {}
        self._unanswered: Sequence[Record] = ()

    @property
    def stats(self) -> DeliveryStats:
        """How the delivery goes now."""
        return replace(self._stats, backlog=self._outbox.stats.waiting)

    async def run(self) -> None:
        """Deliver until cancelled."""
        while True:
            try:
                await self._settle_unanswered()
                while True:
                    await self._deliver_next()
            except (BrokerError, OutboxError) as error:
                pause = self._fail(error)
            await asyncio.sleep(pause)

    async def _deliver_next(self) -> None:
        if _now() >= self._check_at:
            await self._check()
        self._outbox.arrived.clear()
        batch = await self._outbox.take(self._pace.limit)
        records = (*batch.backlog, *batch.live)
        if not records:
            self._succeed()
            await self._wait()
            return
        await self._deliver(records, batch.restore)

    async def _check(self) -> None:
        """Ensure the parts that readings alone do not show."""
        if not self._outbox.stats.waiting:
            await self._client.probe()
        self._introduced.clear()
        if self._quantumleap:
            await self._set_up("subscription", ensure_subscription(self._client, self._quantumleap, self._profile))
        self._check_at = _now() + self._pauses.check

    async def _wait(self) -> None:
        """Wait for a reading, or until the next look at the broker is due."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(self._check_at):
                await self._outbox.arrived.wait()

    async def _deliver(self, records: Sequence[Record], restore: Sequence[Record]) -> None:
        entities, unreadable = await map_records([*records, *restore], self._profile)
        load = Load(entities=entities, newest={record.twin.key: record for record in restore if record.id in entities})
        refused = await self._offer(load, [record for record in records if record.id in entities])
        if refused and _now() - self._accepted_at > self._pauses.trust:
            await self._bury(unreadable)
            raise ContentRefusedError(refused[0].reason, status=refused[0].status)
        await self._bury([*unreadable, *refused])
        last = {record.twin.key: record for record in (*records, *restore) if record.id in entities}
        for record in last.values():
            await self._introduce(record)

    async def _offer(self, load: Load, records: Sequence[Record]) -> list[Refusal]:
        """Send records, refused ones by halves; return those that are refused alone."""
        if not records:
            return []
        try:
            await self._request(load, records)
        except ContentRefusedError as error:
            suspects = [record for record in records if self._profile.entity_id(record.twin.key) in error.failed] or records
            await self._acknowledge([record for record in records if record not in suspects])
            if len(suspects) == 1:
                return [Refusal(record=suspects[0], status=error.status, reason=str(error))]
            return [refusal for part in split(suspects) for refusal in await self._offer(load, part)]
        load.newest.update({record.twin.key: record for record in records if record.is_newest})
        return []

    async def _request(self, load: Load, records: Sequence[Record]) -> None:
        restored = load.restored(records)
        keys = {record.twin.key for record in restored}
        self._unanswered = [record for record in records if record.twin.key not in keys]
        try:
            await self._client.append([load.entities[record.id] for record in (*records, *restored)])
        except ContentRefusedError:
            self._unanswered = ()
            raise
        self._unanswered = ()
        await self._acknowledge(records)

    async def _settle_unanswered(self) -> None:
        """Acknowledge what the broker took although its answer was lost: it has a meter's last reading, so it has all of them."""
        last = {record.twin.key: record for record in self._unanswered}
        taken = {key for key, record in last.items() if await self._is_state(record)}
        await self._acknowledge([record for record in self._unanswered if record.twin.key in taken])
        self._unanswered = ()

    async def _is_state(self, record: Record) -> bool:
        entity = await self._client.entity(self._profile.entity_id(record.twin.key), self._profile.type)
        instant = entity.get("TimeInstant") if entity else None
        return isinstance(instant, dict) and instant.get("value") == timestamp(record.end)

    async def _acknowledge(self, records: Sequence[Record]) -> None:
        if records:
            await self._outbox.remove([record.id for record in records])
            self._accepted_at = _now()
            self._pace.accepted()
            self._succeed(len(records))

    async def _bury(self, refusals: Sequence[Refusal]) -> None:
        if refusals:
            await self._outbox.bury(refusals)
            _LOGGER.warning("%d readings were put away, the first because %s", len(refusals), refusals[0].reason)
            self._publish(replace(self._stats, refused=self._stats.refused + len(refusals)))

    async def _introduce(self, record: Record) -> None:
        """Send the broker a meter that it does not know yet, or that has changed."""
        if self._introduced.get(record.twin.key) != record.twin:
            entity = device(record.twin, reading_of(record))
            await self._set_up(entity["id"], self._client.append([entity]))
            self._introduced[record.twin.key] = record.twin

    async def _set_up(self, what: str, request: Awaitable[object]) -> None:
        """Make a request that readings do not wait for, unless the broker is away."""
        try:
            await request
        except BrokerUnreachableError, BrokerBusyError:
            raise
        except BrokerError as error:
            if what not in self._setup_errors:
                _LOGGER.warning("the broker takes readings, but: %s", error)
            self._setup_errors[what] = error
        else:
            self._setup_errors.pop(what, None)
        self._publish(replace(self._stats, setup_error=next(iter(self._setup_errors.values()), None)))

    def _succeed(self, sent: int = 0) -> None:
        if self._stats.last_error is not None:
            _LOGGER.info("%s takes readings again", self._client.address.url)
        self._pace.answered()
        stats = replace(self._stats, connected=True, last_error=None, sent=self._stats.sent + sent)
        self._publish(replace(stats, last_success=datetime.now(UTC)) if sent else stats)

    def _fail(self, error: BrokerError | OutboxError) -> float:
        """Note why nothing is delivered, and return how long to wait."""
        if self._stats.last_error is None:
            _LOGGER.warning("readings wait: %s", error)
        self._check_at = float("-inf")
        self._publish(replace(self._stats, connected=False, last_error=error))
        return self._pace.pause_after(error)

    def _publish(self, stats: DeliveryStats) -> None:
        if stats != self._stats:
            self._stats = stats
            self._on_change()


def _now() -> float:
    return asyncio.get_running_loop().time()
