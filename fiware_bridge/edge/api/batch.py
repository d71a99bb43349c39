"""Handlers of `/v2/op`: update, query and notify many entities at once."""

from aiohttp import web

from ..base.errors import NgsiError, bad_request
from ..base.http import json_answer, no_content, routes
from ..base.json_text import Json
from ..base.scope import read_paths, tenant_of
from ..entities import store
from ..entities.model import EntityUpdate
from ..entities.parsing import parse_entity
from ..entities.query import parse_expression
from ..entities.representation import View, show_entity
from ..entities.selection import ANY_ENTITY, EntitySelector, selector_of
from ..entities.store import EntityQuery
from ..entities.updates import Action
from .border import filled_object
from .broker import ContextBroker
from .exchange import parameters_of, total_count, update_request
from .refusals import check_batch

_ACTIONS = {
    "append": Action.APPEND,
    "append_strict": Action.APPEND_STRICT,
    "appendStrict": Action.APPEND_STRICT,
    "update": Action.UPDATE,
    "replace": Action.REPLACE,
    "delete": Action.DELETE,
}
_QUERY_MEMBERS = frozenset({"entities", "attrs", "metadata", "expression"})


class BatchHandlers:
    """Serves the batch operations of a context broker."""

    def __init__(self, broker: ContextBroker) -> None:
        """Serve the entities of a broker."""
        self._broker = broker

    def routes(self) -> list[web.RouteDef]:
        """Return the routes of this part of the interface."""
        return routes(
            [
                ("POST", "/v2/op/update", self.update),
                ("POST", "/v2/op/query", self.query),
                ("POST", "/v2/op/notify", self.notify),
            ]
        )

    async def update(self, request: web.Request) -> web.Response:
        """`POST /v2/op/update`: all entities are checked before the first is touched, then applied in order."""
        options = parameters_of(request).options
        body = await filled_object(request)
        action, entities = _parse_update(body, key_values="keyValues" in options)
        outcomes = await self._broker.update(update_request(request, action, entities, options))
        check_batch(entities, outcomes)
        return no_content()

    async def query(self, request: web.Request) -> web.Response:
        """`POST /v2/op/query`."""
        parameters = parameters_of(request)
        body = await filled_object(request)
        if body.keys().isdisjoint(_QUERY_MEMBERS):
            raise bad_request("Invalid JSON payload, no relevant fields found")
        expression = body.get("expression", {})
        if not isinstance(expression, dict):
            raise bad_request("expression is not a JSON object")
        query = EntityQuery(
            paths=read_paths(request.headers),
            selectors=_selectors(body),
            conditions=parse_expression(expression)[1],
            order_by=parameters.order_by,
            limit=parameters.limit,
            offset=parameters.offset,
        )
        view = View(form=parameters.form, attrs=_names(body, "attrs"), metadata=_names(body, "metadata"))
        tenant = tenant_of(request.headers)
        page = await self._broker.database.read(lambda connection: store.select(connection, tenant, query))
        shown = [show_entity(entity, view) for entity in page.entities]
        return json_answer(shown, headers=total_count(parameters.options, page.total))

    async def notify(self, request: web.Request) -> web.Response:
        """`POST /v2/op/notify`: takes the notification of another broker as an update."""
        options = parameters_of(request).options
        body = await filled_object(request)
        if "subscriptionId" not in body:
            raise bad_request("invalid JSON payload, mandatory field /subscriptionId/ not found")
        if not isinstance(body["subscriptionId"], str):
            raise bad_request("/subscriptionId/ must be a JSON String")
        data = body.get("data")
        if not isinstance(data, list):
            raise bad_request("/data/ must be a JSON Array")
        entities = [parse_entity(item, key_values="keyValues" in options) for item in data]
        await self._broker.update(update_request(request, Action.APPEND, entities, options))
        return web.Response(status=200)


def _parse_update(body: dict[str, Json], *, key_values: bool) -> tuple[Action, list[EntityUpdate]]:
    for member in body:
        if member not in {"actionType", "entities"}:
            raise bad_request(f"Unrecognized field in JSON payload: /{member}/")
    for member in ("actionType", "entities"):
        if member not in body:
            raise bad_request(f"Invalid JSON payload, mandatory field /{member}/ not found")
    entities = body["entities"]
    if not isinstance(entities, list):
        raise bad_request("not a JSON array")
    if not entities:
        raise bad_request("empty entities vector")
    name = body["actionType"]
    action = _ACTIONS.get(name) or _ACTIONS.get(name.lower()) if isinstance(name, str) else None
    if action is None:
        raise bad_request("invalid update action type: right ones are: append, appendStric, delete, replace, update")
    return action, [_parse_batch_entity(item, key_values=key_values) for item in entities]


def _parse_batch_entity(item: Json, *, key_values: bool) -> EntityUpdate:
    if not isinstance(item, dict):
        raise bad_request("entity is not a JSON object")
    if "idPattern" in item or "typePattern" in item:
        raise NgsiError("NotImplemented", "NotImplemented")
    if "id" not in item:
        raise bad_request("nor /id/ nor /idPattern/ present")
    return parse_entity(item, key_values=key_values)


def _selectors(body: dict[str, Json]) -> tuple[EntitySelector, ...]:
    items = body.get("entities", [])
    if not isinstance(items, list):
        raise bad_request("the field /entities/ must be a JSON array")
    return tuple(_selector(item) for item in items) or (ANY_ENTITY,)


def _selector(item: Json) -> EntitySelector:
    if not isinstance(item, dict):
        raise bad_request("entity is not a JSON object")
    if "id" not in item and "idPattern" not in item:
        raise bad_request("nor /id/ nor /idPattern/ present")
    for name in ("id", "type"):
        if name in item and f"{name}Pattern" in item:
            raise bad_request(f"both /{name}/ and /{name}Pattern/ present")
    if not all(isinstance(text, str) for text in item.values()):
        raise bad_request("Invalid JSON type for entity id")
    return selector_of(item)


def _names(body: dict[str, Json], name: str) -> tuple[str, ...]:
    items = body.get(name, [])
    if not isinstance(items, list):
        raise bad_request(f"the field /{name}/ must be a JSON array")
    names = tuple(item for item in items if isinstance(item, str))
    if len(names) < len(items):
        raise bad_request(f"the field /{name}/ must be a JSON array of strings")
    return names
