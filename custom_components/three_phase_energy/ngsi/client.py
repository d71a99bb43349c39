"""A context broker by its NGSI-v2 API."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import aiohttp
import orjson

from .access import BrokerAddress
from .entities import Entity
from .errors import (
    BrokerError,
    ContentRefusedError,
    NotABrokerError,
)
from .exchange import Answer, exchange
from .profiles import THREE_PHASE_AC_MEASUREMENT

type Subscription = dict[str, Any]
"""A subscription as JSON, as NGSI-v2 shows it."""

MAX_REQUEST = 1_000_000
"""Bytes of a body; Orion takes 1 048 576."""
_PAGE = 100


class NgsiClient:
    """Requests to one tenant and service path of a broker. All methods raise `BrokerError`, whose subclasses say why."""

    def __init__(self, session: aiohttp.ClientSession, address: BrokerAddress) -> None:
        """Use a session, which stays its owner's to close."""
        self._session = session
        self.address = address
        self._update_options = {"options": "flowControl"}

    async def probe(self) -> str:
        """Return the version of the broker after a read in its tenant and service path, with the token.

        A platform may show its NGSI-v2 API only; its version then reads `NGSI-v2`.
        """
        try:
            answer = await self._get(
                "/v2/entities", {"type": THREE_PHASE_AC_MEASUREMENT.type, "attrs": "TimeInstant", "limit": "1"}
            )
        except ContentRefusedError as error:
            raise NotABrokerError(f"{self.address.url} does not list entities as a broker does: {error}") from error
        if not isinstance(answer.json(), list):
            raise NotABrokerError(f"{self.address.url} does not list entities; is it the address of the broker?")
        try:
            document = (await self._get("/version")).json()
        except BrokerError:
            return "NGSI-v2"
        return self._version(document)

    async def append(self, entities: Sequence[Entity]) -> None:
        """Create or update entities, in order; attributes that are not mentioned stay.

        Not with `forcedUpdate`: each reading has a `TimeInstant` of its own, so it is always a change; and a reading that is
        sent again because its answer was lost is none, and does not reach the history twice.
        """
        content = orjson.dumps({"actionType": "append", "entities": list(entities)})
        if len(content) > MAX_REQUEST:
            raise ContentRefusedError(f"{len(content)} bytes are more than a broker takes", status=413)
        try:
            answer = await self._send("POST", "/v2/op/update", content, self._update_options)
        except ContentRefusedError as error:
            if not self._update_options or "/options/" not in str(error):
                raise
            # Orion knows flowControl since 3.8; older ones refuse what they do not know.
            self._update_options = {}
            answer = await self._send("POST", "/v2/op/update", content, {})
        if answer.body:
            answer.json()

    async def entity(self, entity_id: str, entity_type: str) -> Entity | None:
        """Return an entity, or None when the broker has none."""
        try:
            answer = await self._get(f"/v2/entities/{quote(entity_id, safe=':')}", {"type": entity_type})
        except ContentRefusedError as error:
            if error.status == 404:
                return None
            raise
        return _object(answer)

    async def subscriptions(self) -> list[Subscription]:
        """Return all subscriptions of the tenant and service path."""
        found: dict[str, Subscription] = {}
        while True:
            answer = await self._get("/v2/subscriptions", {"limit": str(_PAGE), "offset": str(len(found))})
            page = answer.json()
            if not isinstance(page, list) or not all(isinstance(item, dict) and "id" in item for item in page):
                raise NotABrokerError(f"{self.address.url} does not list subscriptions as NGSI-v2 does")
            known = len(found)
            found |= {str(subscription["id"]): subscription for subscription in page}
            if len(page) < _PAGE or len(found) == known:
                return list(found.values())

    async def subscribe(self, subscription: Subscription) -> str:
        """Create a subscription and return its id."""
        answer = await self._send("POST", "/v2/subscriptions", orjson.dumps(subscription))
        if not (subscription_id := answer.headers.get("Location", "").rpartition("/")[2]):
            raise NotABrokerError(f"{self.address.url} does not name the subscription that it made")
        return subscription_id

    async def update_subscription(self, subscription_id: str, patch: Subscription) -> None:
        """Replace parts of a subscription; `subject` and `notification` as a whole."""
        await self._send("PATCH", f"/v2/subscriptions/{quote(subscription_id)}", orjson.dumps(patch))

    def _version(self, document: object) -> str:
        """Return the version out of `{"orion": {"version": "4.7.0"}}`. A QuantumLeap tells its own without the name around it."""
        parts = document if isinstance(document, dict) else {}
        if "version" in parts:
            raise NotABrokerError(f"{self.address.url} is a QuantumLeap; the broker has another address")
        versions = (part.get("version") for part in parts.values() if isinstance(part, dict))
        return next((text for text in versions if isinstance(text, str)), "NGSI-v2")

    async def _get(self, path: str, params: Mapping[str, str] | None = None) -> Answer:
        # Orion refuses a GET with a Content-Type.
        headers = {**self.address.scope, **self.address.credentials, "Accept": "application/json"}
        return await exchange(self._session, "GET", self.address.url + path, headers=headers, params=params)

    async def _send(self, method: str, path: str, content: bytes, params: Mapping[str, str] | None = None) -> Answer:
        headers = {**self.address.scope, **self.address.credentials, "Content-Type": "application/json"}
        return await exchange(self._session, method, self.address.url + path, headers=headers, params=params, content=content)


def _object(answer: Answer) -> dict[str, Any]:
    document = answer.json()
    if not isinstance(document, dict):
        raise NotABrokerError(f"{answer.url} does not answer with an entity")
    return document
