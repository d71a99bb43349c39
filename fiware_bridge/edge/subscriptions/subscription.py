"""A subscription: its subject, its conditions, its notifications and their address."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ..base.instants import orion_text
from ..base.json_text import Json
from ..entities.model import Alteration
from ..entities.query import Condition
from ..entities.representation import View
from ..entities.selection import EntitySelector


class Status(StrEnum):
    """The status that a client may set; `expired` is derived from the expiry date."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    ONESHOT = "oneshot"


class Frame(StrEnum):
    """Values of `attrsFormat`."""

    NORMALIZED = "normalized"
    SIMPLIFIED_NORMALIZED = "simplifiedNormalized"
    KEY_VALUES = "keyValues"
    SIMPLIFIED_KEY_VALUES = "simplifiedKeyValues"
    VALUES = "values"


DEFAULT_ALTERATIONS = frozenset({Alteration.CREATE, Alteration.CHANGE})
DEFAULT_TIMEOUT_SECONDS = 5.0
"""How long a subscriber may take to answer, as with Orion."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where notifications go, and in which shape."""

    url: str
    headers: Mapping[str, str]
    """Headers of the client's own (httpCustom)."""
    timeout: float
    """Seconds until the subscriber must have answered."""
    frame: Frame
    view: View
    only_changed_attrs: bool
    """Whether only attributes named by the update are sent."""
    max_fails: int | None
    """Consecutive failures after which the subscription turns inactive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A subscription as its client defined it."""

    id: str
    tenant: str
    path: str
    """Service path that it covers, maybe with `#`."""
    status: Status
    expires: int | None
    """µs since 1970."""
    throttling: int
    """Seconds after a notification in which updates are not notified; they are lost, not delayed."""
    entities: tuple[EntitySelector, ...]
    condition_attrs: frozenset[str]
    """Attributes of which a change fires it; empty means any."""
    conditions: tuple[Condition, ...]
    alterations: frozenset[Alteration]
    notify_on_metadata_change: bool
    target: Target
    definition: Mapping[str, Json]
    """The request's fields in canonical form, from which the same subscription can be parsed again."""

    def expired(self, now: int) -> bool:
        """Return whether it ended before an instant, in µs since 1970."""
        return self.expires is not None and self.expires < now


@dataclass(slots=True, kw_only=True)
class Counters:
    """Results of a subscription's notifications; instants in µs since 1970."""

    times_sent: int = 0
    last_notification: int | None = None
    last_failure: int | None = None
    last_failure_reason: str = ""
    last_success: int | None = None
    last_success_code: int = 0
    fails: int = 0
    """Consecutive failures."""

    def sent(self, now: int) -> None:
        """Count an attempt."""
        self.times_sent += 1
        self.last_notification = now

    def succeeded(self, now: int, code: int) -> None:
        """Count an answer of the subscriber; any HTTP status is one."""
        self.last_success, self.last_success_code, self.fails = now, code, 0

    def failed(self, now: int, reason: str) -> None:
        """Count an attempt without an answer."""
        self.last_failure, self.last_failure_reason = now, reason
        self.fails += 1


def show_subscription(subscription: Subscription, counters: Counters, now: int) -> dict[str, Json]:
    """Return a subscription as Orion shows it, with its counters; instants there are whole seconds."""
    definition: dict[str, Any] = dict(subscription.definition)
    notification: dict[str, Json] = dict(definition["notification"])
    covered = notification.pop("covered")
    max_fails = notification.pop("maxFailsLimit", None)
    shown: dict[str, Json] = {"id": subscription.id}
    shown |= {name: definition[name] for name in ("description", "expires") if name in definition}
    shown["status"] = "expired" if subscription.expired(now) else subscription.status.value
    shown["subject"] = definition["subject"]
    shown["notification"] = {
        **_sent(counters),
        **notification,
        **_outcomes(counters),
        **({"maxFailsLimit": max_fails} if max_fails else {}),
        **({"failsCounter": counters.fails} if counters.fails else {}),
        "covered": covered,
    }
    if subscription.throttling > 0:
        shown["throttling"] = subscription.throttling
    return shown


def _second(instant: int) -> str:
    return orion_text(instant - instant % 1_000_000)


def _sent(counters: Counters) -> dict[str, Json]:
    if counters.last_notification is None:
        return {}
    return {"timesSent": counters.times_sent, "lastNotification": _second(counters.last_notification)}


def _outcomes(counters: Counters) -> dict[str, Json]:
    shown: dict[str, Json] = {}
    if counters.last_failure is not None:
        shown |= {"lastFailure": _second(counters.last_failure), "lastFailureReason": counters.last_failure_reason}
    if counters.last_success is not None:
        shown |= {"lastSuccess": _second(counters.last_success), "lastSuccessCode": counters.last_success_code}
    return shown
