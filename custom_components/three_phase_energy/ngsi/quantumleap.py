"""The history behind a broker: QuantumLeap, and the subscription that feeds it."""

import aiohttp

from .access import BrokerAddress, checked_url
from .client import NgsiClient, Subscription
from .errors import NotABrokerError
from .exchange import exchange
from .profiles import THREE_PHASE_AC_MEASUREMENT, MeasurementProfile

_ANYTHING = ["dateCreated", "dateModified", "*"]
"""Metadata: the ones that brokers omit by default, and with "*" all others."""


class QuantumLeap:
    """A QuantumLeap, or a server with the same API."""

    def __init__(
        self, session: aiohttp.ClientSession, url: str, address: BrokerAddress, notification_url: str | None = None
    ) -> None:
        """Take the history's address from here and, if it differs, its address from the broker.

        Raises:
            InvalidUrlError: an address has a form that cannot work.
        """
        self._session = session
        self._url = checked_url(url)
        self._url_for_broker = checked_url(notification_url or url)
        self._scope = address.scope

    @property
    def notify_url(self) -> str:
        """The URL for the broker's notifications."""
        return f"{self._url_for_broker}/v2/notify"

    async def probe(self) -> str:
        """Return the version. The request carries no broker token, because the token is not for this server.

        Raises:
            BrokerError: the subclass names the failure.
        """
        answer = await exchange(self._session, "GET", f"{self._url}/version", headers=self._scope)
        document = answer.json()
        # A broker answers this path as well, but with its version one level deeper.
        if not isinstance(document, dict) or not isinstance(document.get("version"), str):
            raise NotABrokerError(f"{self._url} is not a QuantumLeap")
        return str(document["version"])


async def ensure_subscription(
    client: NgsiClient, quantumleap: QuantumLeap, profile: MeasurementProfile = THREE_PHASE_AC_MEASUREMENT
) -> str:
    """Ensure that every reading of a profile reaches the history exactly once; return the id of its subscription.

    A broker creates a second subscription if asked twice, and would then store every reading twice. So this looks first.
    It keeps a foreign subscription that covers everything, repairs ours if it was stopped or changed, and stops surplus ones.

    Raises:
        BrokerError: the subclass names the failure.
    """
    wanted = _subscription(quantumleap.notify_url, profile.type)
    present = [sub for sub in await client.subscriptions() if _url(sub) == quantumleap.notify_url]
    if other := next((sub for sub in present if not _is_ours(sub, wanted) and _brings_everything(sub, profile.type)), None):
        return str(other["id"])
    ours = sorted((sub for sub in present if _is_ours(sub, wanted)), key=lambda sub: not _is_right(sub, wanted, profile.type))
    if not ours:
        return await client.subscribe(wanted)
    for surplus in ours[1:]:
        if surplus.get("status") != "inactive":
            await client.update_subscription(str(surplus["id"]), {"status": "inactive"})
    subscription_id = str(ours[0]["id"])
    if not _is_right(ours[0], wanted, profile.type):
        await client.update_subscription(subscription_id, wanted | {"status": "active", "throttling": 0, "expires": ""})
    return subscription_id


def _subscription(notify_url: str, entity_type: str) -> Subscription:
    """Return the subscription: all attributes, all metadata, each reading at its own time.

    It never has `throttling`, because a broker drops all changes within the throttling period. The condition stays empty, as
    `TimeInstant` changes with every reading.
    """
    return {
        "description": "Three-phase energy: readings to the history",
        "subject": {"entities": [{"idPattern": ".*", "type": entity_type}], "condition": {"attrs": []}},
        "notification": {
            "httpCustom": {"url": notify_url, "headers": {"Fiware-TimeIndex-Attribute": "TimeInstant"}},
            "attrs": [],
            "metadata": _ANYTHING,
            "attrsFormat": "normalized",
        },
    }


def _target(subscription: Subscription) -> Subscription:
    notification = subscription.get("notification", {})
    target: Subscription = notification.get("httpCustom") or notification.get("http") or {}
    return target


def _url(subscription: Subscription) -> object:
    return _target(subscription).get("url")


def _is_ours(subscription: Subscription, wanted: Subscription) -> bool:
    return bool(subscription.get("subject", {}).get("entities") == wanted["subject"]["entities"])


def _is_right(subscription: Subscription, wanted: Subscription, entity_type: str) -> bool:
    """Return whether one of our subscriptions is as wanted; a broker adds fields and drops empty ones."""
    notification = subscription.get("notification", {})
    return (
        _brings_everything(subscription, entity_type)
        and _target(subscription) == wanted["notification"]["httpCustom"]
        and notification.get("metadata") == _ANYTHING
    )


def _brings_everything(subscription: Subscription, entity_type: str) -> bool:
    """Return whether a subscription notifies each change of each measurement with all attributes."""
    subject, notification = subscription.get("subject", {}), subscription.get("notification", {})
    condition = subject.get("condition", {})
    covers = {(".*", entity_type), (".*", None)}
    return (
        subscription.get("status") == "active"
        and not subscription.get("throttling")
        and any(
            (entity.get("idPattern"), entity.get("type")) in covers and "typePattern" not in entity
            for entity in subject.get("entities", [])
        )
        and not any(condition.get(restriction) for restriction in ("attrs", "expression", "alterationTypes"))
        and not any(notification.get(restriction) for restriction in ("attrs", "exceptAttrs", "onlyChangedAttrs"))
        and notification.get("attrsFormat", "normalized") == "normalized"
    )
