"""The pace of a delivery: the size of a request and the pause after a failure.

Requests become smaller while the broker does not answer, and larger again as they succeed, so that the slowest line still
carries something.
"""

from dataclasses import dataclass
import random

from ..ngsi.errors import BrokerBusyError, BrokerError, BrokerRefusedError, BrokerUnreachableError, InvalidTenantError
from ..outbox.errors import OutboxError

BATCH = 50
"""Readings of a request; more gain nothing, as Orion applies them one by one, and keep live ones waiting for longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pauses:
    """How long the delivery waits, in seconds."""

    first: float = 1.0
    """After a failure; doubles with each further one."""
    longest: float = 60.0
    settings: float = 60.0
    """While the settings have to be changed."""
    check: float = 300.0
    """Between two looks at the device entities and the subscription."""
    trust: float = 60.0
    """How long a broker that took a reading counts as one that takes readings."""


class Pace:
    """How much is sent at once, and how long the delivery waits."""

    def __init__(self, pauses: Pauses) -> None:
        """Begin with full requests."""
        self._pauses = pauses
        self._failures = 0
        self.limit = BATCH
        """Readings of the next request."""

    def answered(self) -> None:
        """Note that the broker answers as it should."""
        self._failures = 0

    def accepted(self) -> None:
        """Note that the broker took readings."""
        self.limit = min(BATCH, self.limit * 2)

    def pause_after(self, error: BrokerError | OutboxError) -> float:
        """Note a failure, and return how many seconds to wait."""
        if isinstance(error, (BrokerUnreachableError, BrokerBusyError)):
            self.limit = max(1, self.limit // 2)
        self._failures += 1
        jitter = random.uniform(0.5, 1)  # noqa: S311  # spreads requests, keeps no secret
        if isinstance(error, (BrokerRefusedError, InvalidTenantError)):
            return self._pauses.settings
        if isinstance(error, BrokerBusyError) and error.retry_after is not None:
            return error.retry_after + jitter * self._pauses.first
        # 2**10 is beyond any sensible limit, and far from an overflow.
        return min(self._pauses.longest, self._pauses.first * 2.0 ** min(self._failures - 1, 10)) * jitter
