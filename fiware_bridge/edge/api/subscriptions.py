"""Handlers of `/v2/subscriptions`."""

import secrets

from aiohttp import web

from ..base.errors import NgsiError, bad_request, subscription_not_found
from ..base.http import json_answer, no_content, routes
from ..base.instants import now
from ..base.json_text import Json
from ..base.scope import read_paths, subscription_path, tenant_of
from ..subscriptions import store
from ..subscriptions.notifier import Delivery
from ..subscriptions.parsing import parse_subscription
from ..subscriptions.subscription import Counters, show_subscription
from .border import filled_object, json_object
from .broker import ContextBroker
from .exchange import parameters_of, total_count

_ID_LENGTH = 24
_DEFINING_MEMBERS = ("subject", "notification", "description", "expires", "throttling", "status")


class SubscriptionHandlers:
    """Serves the subscriptions of a context broker."""

    def __init__(self, broker: ContextBroker) -> None:
        """Serve the subscriptions of a broker."""
        self._database = broker.database
        self._dispatcher = broker.dispatcher

    def routes(self) -> list[web.RouteDef]:
        """Return the routes of this part of the interface."""
        one = "/v2/subscriptions/{id}"
        return routes(
            [
                ("POST", "/v2/subscriptions", self.create),
                ("GET", "/v2/subscriptions", self.list),
                ("GET", one, self.get),
                ("DELETE", one, self.delete),
                ("PATCH", one, self.update),
            ]
        )

    async def create(self, request: web.Request) -> web.Response:
        """`POST /v2/subscriptions`."""
        parameters_of(request)
        subscription = parse_subscription(
            await json_object(request),
            identity=secrets.token_hex(_ID_LENGTH // 2),
            tenant=tenant_of(request.headers),
            path=subscription_path(request.headers),
        )
        await self._database.write(
            lambda connection: store.save(connection, subscription, Counters()),
            then=lambda _: self._dispatcher.put(subscription),
        )
        return web.Response(status=201, headers={"Location": f"/v2/subscriptions/{subscription.id}"})

    async def list(self, request: web.Request) -> web.Response:
        """`GET /v2/subscriptions`."""
        parameters = parameters_of(request)
        start, limit, options = parameters.offset, parameters.limit, parameters.options
        found = self._dispatcher.listed(tenant_of(request.headers), read_paths(request.headers))
        shown: list[Json] = [_show(delivery) for delivery in found[start : start + limit]]
        return json_answer(shown, headers=total_count(options, len(found)))

    async def get(self, request: web.Request) -> web.Response:
        """`GET /v2/subscriptions/{id}`."""
        identity = request.match_info["id"]
        if len(identity) != _ID_LENGTH:
            raise bad_request(f"Invalid subscription ID: bad length - {_ID_LENGTH} chars expected")
        return json_answer(_show(self._delivery(request)))

    async def update(self, request: web.Request) -> web.Response:
        """`PATCH /v2/subscriptions/{id}`: each member of the body replaces the whole member of the subscription."""
        patch = await filled_object(request)
        try:
            delivery = self._delivery(request)
        except NgsiError as err:
            raise NgsiError("NotFound", "subscription id not found") from err
        old = delivery.subscription
        fields = {**old.definition, "status": old.status.value, **patch}
        new = parse_subscription(
            {name: fields[name] for name in _DEFINING_MEMBERS if name in fields},
            identity=old.id,
            tenant=old.tenant,
            path=old.path,
        )
        await self._database.write(
            lambda connection: store.save(connection, new, delivery.counters),
            then=lambda _: self._dispatcher.put(new),
        )
        return no_content()

    async def delete(self, request: web.Request) -> web.Response:
        """`DELETE /v2/subscriptions/{id}`."""
        subscription = self._delivery(request).subscription
        await self._database.write(
            lambda connection: store.remove(connection, subscription.tenant, subscription.id),
            then=lambda _: self._dispatcher.forget(subscription.tenant, subscription.id),
        )
        return no_content()

    def _delivery(self, request: web.Request) -> Delivery:
        """Return the subscription that the URL names.

        Raises:
            NgsiError: there is none.
        """
        delivery = self._dispatcher.get(tenant_of(request.headers), request.match_info["id"])
        if delivery is None:
            raise subscription_not_found()
        return delivery


def _show(delivery: Delivery) -> dict[str, Json]:
    return show_subscription(delivery.subscription, delivery.counters, now())
