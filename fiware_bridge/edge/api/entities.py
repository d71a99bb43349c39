"""Handlers of `/v2/entities`: the list, single entities, their attributes and values."""

from collections.abc import Mapping

from aiohttp import web

from ..base.errors import NgsiError, ambiguous_entity, attribute_not_found, bad_request, entity_not_found
from ..base.http import json_answer, media_type, no_content, routes
from ..base.instants import DATE_TYPES, parse_orion_instant
from ..base.json_text import InvalidJsonError, Json, RepeatedNameError, decimal_text, dump_json, parse_json
from ..base.scope import ServicePaths, read_paths, tenant_of, write_path
from ..entities import store
from ..entities.model import DEFAULT_TYPE, Attribute, AttributeUpdate, Entity, EntityUpdate
from ..entities.parsing import checked_value, parse_attribute, parse_attributes, parse_entity
from ..entities.representation import show_attribute, show_attributes, show_entity
from ..entities.store import EntityQuery
from ..entities.updates import Action, Outcome, Refusal
from .border import accepts_json, accepts_text, filled_object, json_object, read_body
from .broker import ContextBroker
from .exchange import parameters_of, total_count, update_request
from .refusals import check_single


class EntityHandlers:
    """Serves entities of a context broker."""

    def __init__(self, broker: ContextBroker) -> None:
        """Serve the entities of a broker."""
        self._broker = broker

    def routes(self) -> list[web.RouteDef]:
        """Return the routes of this part of the interface."""
        entity = "/v2/entities/{id}"
        return routes(
            [
                ("POST", "/v2/entities", self.create),
                ("GET", "/v2/entities", self.list),
                ("GET", entity, self.get),
                ("DELETE", entity, self.delete),
                ("POST", f"{entity}/attrs", self.append_attributes),
                ("PUT", f"{entity}/attrs", self.replace_attributes),
                ("GET", f"{entity}/attrs", self.get_attributes),
                ("PATCH", f"{entity}/attrs", self.update_attributes),
                ("PUT", f"{entity}/attrs/{{name}}", self.update_attribute),
                ("GET", f"{entity}/attrs/{{name}}", self.get_attribute),
                ("DELETE", f"{entity}/attrs/{{name}}", self.delete_attribute),
                ("PUT", f"{entity}/attrs/{{name}}/value", self.update_value),
                ("GET", f"{entity}/attrs/{{name}}/value", self.get_value),
            ]
        )

    async def list(self, request: web.Request) -> web.Response:
        """`GET /v2/entities`."""
        parameters = parameters_of(request)
        query = EntityQuery(
            paths=read_paths(request.headers),
            selectors=(parameters.selector,),
            conditions=parameters.conditions,
            order_by=parameters.order_by,
            limit=parameters.limit,
            offset=parameters.offset,
        )
        view, options, tenant = parameters.view, parameters.options, tenant_of(request.headers)
        page = await self._broker.database.read(lambda connection: store.select(connection, tenant, query))
        return json_answer([show_entity(entity, view) for entity in page.entities], headers=total_count(options, page.total))

    async def create(self, request: web.Request) -> web.Response:
        """`POST /v2/entities`, which with `options=upsert` updates what exists."""
        options = parameters_of(request).options
        parsed = parse_entity(await json_object(request), key_values="keyValues" in options)
        entity = EntityUpdate(id=parsed.id, type=parsed.type or DEFAULT_TYPE, attributes=parsed.attributes)
        upsert = "upsert" in options
        action = Action.APPEND if upsert else Action.CREATE
        (outcome,) = await self._broker.update(update_request(request, action, [entity], options))
        check_single(entity, outcome)
        location = {"Location": f"/v2/entities/{entity.id}?type={entity.type}"}
        return no_content(location) if upsert else web.Response(status=201, headers=location)

    async def get(self, request: web.Request) -> web.Response:
        """`GET /v2/entities/{id}`."""
        view = parameters_of(request).view
        return json_answer(show_entity(await self._entity(request, read_paths(request.headers)), view))

    async def delete(self, request: web.Request) -> web.Response:
        """`DELETE /v2/entities/{id}`."""
        await self._update_addressed(request, Action.DELETE, {})
        return no_content()

    async def get_attributes(self, request: web.Request) -> web.Response:
        """`GET /v2/entities/{id}/attrs`."""
        view = parameters_of(request).view
        return json_answer(show_attributes(await self._entity(request, read_paths(request.headers)), view))

    async def append_attributes(self, request: web.Request) -> web.Response:
        """`POST /v2/entities/{id}/attrs`, which with `options=append` refuses attributes that exist."""
        strict = "append" in parameters_of(request).options
        return await self._change_attributes(request, Action.APPEND_STRICT if strict else Action.APPEND)

    async def update_attributes(self, request: web.Request) -> web.Response:
        """`PATCH /v2/entities/{id}/attrs`."""
        return await self._change_attributes(request, Action.UPDATE)

    async def replace_attributes(self, request: web.Request) -> web.Response:
        """`PUT /v2/entities/{id}/attrs`."""
        return await self._change_attributes(request, Action.REPLACE)

    async def get_attribute(self, request: web.Request) -> web.Response:
        """`GET /v2/entities/{id}/attrs/{name}`."""
        view = parameters_of(request).view
        return json_answer(show_attribute(await self._attribute(request, read_paths(request.headers)), view))

    async def update_attribute(self, request: web.Request) -> web.Response:
        """`PUT /v2/entities/{id}/attrs/{name}`."""
        return await self._change_attribute(request, parse_attribute(await filled_object(request)))

    async def delete_attribute(self, request: web.Request) -> web.Response:
        """`DELETE /v2/entities/{id}/attrs/{name}`."""
        name = request.match_info["name"]
        outcome = await self._update_addressed(request, Action.DELETE, {name: AttributeUpdate(type=None, value=None)})
        return _done_to_attribute(outcome)

    async def get_value(self, request: web.Request) -> web.Response:
        """`GET /v2/entities/{id}/attrs/{name}/value`: structures as JSON, everything else as plain text."""
        parameters_of(request)
        attribute = await self._attribute(request, read_paths(request.headers))
        if isinstance(attribute.value, list | dict) and accepts_json(request):
            return json_answer(attribute.value)
        if not accepts_text(request):
            raise NgsiError("NotAcceptable", "accepted MIME types: text/plain")
        return web.Response(text=_value_text(attribute), content_type="text/plain", charset=None)

    async def update_value(self, request: web.Request) -> web.Response:
        """`PUT /v2/entities/{id}/attrs/{name}/value`, which keeps type and metadata."""
        value = await _value_of(request)
        attribute = await self._attribute(request, ServicePaths((write_path(request.headers),)))
        value = checked_value(value, attribute.type, "attribute value")
        return await self._change_attribute(request, AttributeUpdate(type=None, value=value))

    async def _entity(self, request: web.Request, paths: ServicePaths) -> Entity:
        """Return the entity that the URL names.

        Raises:
            NgsiError: there is none, or several types have the id.
        """
        tenant, identity, kinds = tenant_of(request.headers), request.match_info["id"], parameters_of(request).types
        found = await self._broker.database.read(lambda connection: store.find(connection, tenant, paths, identity, kinds))
        if not found:
            raise entity_not_found()
        if len(found) > 1:
            raise ambiguous_entity()
        return found[0].entity

    async def _attribute(self, request: web.Request, paths: ServicePaths) -> Attribute:
        entity = await self._entity(request, paths)
        attribute = entity.attributes.get(request.match_info["name"])
        if attribute is None:
            raise attribute_not_found()
        return attribute

    async def _update_addressed(self, request: web.Request, action: Action, attributes: Mapping[str, AttributeUpdate]) -> Outcome:
        """Update the entity that the URL names; the caller reports refused attributes."""
        entity = _addressed(request, attributes)
        options = parameters_of(request).options
        (outcome,) = await self._broker.update(update_request(request, action, [entity], options, must_exist=True))
        if outcome.refusal not in {Refusal.NO_ATTRIBUTE, Refusal.ATTRIBUTE_EXISTS}:
            check_single(entity, outcome)
        return outcome

    async def _change_attributes(self, request: web.Request, action: Action) -> web.Response:
        options = parameters_of(request).options
        body = await filled_object(request)
        for member in ("id", "type"):
            if member in body:
                raise bad_request(f"entity {member} specified in payload")
        attributes = parse_attributes(body, key_values="keyValues" in options)
        outcome = await self._update_addressed(request, action, attributes)
        check_single(_addressed(request, attributes), outcome)
        return no_content()

    async def _change_attribute(self, request: web.Request, update: AttributeUpdate) -> web.Response:
        return _done_to_attribute(await self._update_addressed(request, Action.UPDATE, {request.match_info["name"]: update}))


def _addressed(request: web.Request, attributes: Mapping[str, AttributeUpdate]) -> EntityUpdate:
    """Return the update of the entity that the URL names."""
    return EntityUpdate(id=request.match_info["id"], type=request.query.get("type"), attributes=attributes)


def _done_to_attribute(outcome: Outcome) -> web.Response:
    if outcome.refusal is Refusal.NO_ATTRIBUTE:
        raise attribute_not_found()
    return no_content()


def _value_text(attribute: Attribute) -> str:
    """Return a value as plain text: text in quotes, an instant as seconds since 1970, as Orion has it."""
    value = attribute.value
    if attribute.type in DATE_TYPES and isinstance(value, str):
        seconds, microseconds = divmod(parse_orion_instant(value) or 0, 1_000_000)
        return f"{seconds}.{microseconds // 1000:03d}"
    return decimal_text(value) if isinstance(value, float) else dump_json(value)


async def _value_of(request: web.Request) -> Json:
    """Return the value in a body: a structure as JSON, everything else as plain text.

    Raises:
        NgsiError: the body is none of it.
    """
    plain = media_type(request.headers["Content-Type"]) == "text/plain"
    try:
        value = parse_json(await read_body(request))
    except (InvalidJsonError, RepeatedNameError) as err:
        if plain:
            raise bad_request("attribute value type not recognized") from err
        raise NgsiError("ParseError", "Errors found in incoming JSON buffer") from err
    structured = isinstance(value, list | dict)
    if plain and structured:
        raise bad_request("attribute value type not recognized")
    if not plain and not structured:
        raise bad_request("Neither JSON Object nor JSON Array for attribute::value")
    return value
