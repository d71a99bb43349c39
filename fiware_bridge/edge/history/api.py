"""QuantumLeap's interface: notifications in, time series out.

Where QuantumLeap loses or doubles data, this does not:

- a notification of zeros or nulls is kept like any other, and a value of another type than before is kept as it is;
- the same entity at the same instant is one row, however often and in how many parts it comes; the last writer wins;
- numbers are doubles, and answers are in order of time;
- `200` to `/v2/notify` means that the rows are on the disk.
"""

from collections.abc import Mapping
import logging
import sqlite3

from aiohttp import web

from fiware_bridge import VERSION

from ..base.database import Database
from ..base.errors import NgsiError
from ..base.http import MAX_BODY_BYTES, Handler, is_value_request, json_answer, media_type, no_content, routes
from ..base.instants import history_text, now
from ..base.json_text import InvalidJsonError, Json, RepeatedNameError, dump_json, parse_json
from ..base.scope import tenant_of, write_path
from . import store
from .aggregates import aggregate
from .parameters import HistoryError, HistoryQuery, nothing_found, parse_query
from .rows import InvalidNotificationError, parse_notification
from .store import Series, Table

_LOGGER = logging.getLogger(__name__)

API_VERSION = "1.0.0"
"""The QuantumLeap whose answers these are."""


class HistoryHandlers:
    """Serves the history."""

    def __init__(self, database: Database) -> None:
        """Keep the history in a database."""
        self._database = database

    def routes(self) -> list[web.RouteDef]:
        """Return the routes of the interface; every query also exists without the names, under `…/value`."""
        queries = {
            "/v2/entities/{id}": self.entity,
            "/v2/entities/{id}/attrs/{attribute}": self.entity_attribute,
            "/v2/types/{type}": self.type,
            "/v2/types/{type}/attrs/{attribute}": self.type_attribute,
            "/v2/attrs": self.attributes,
            "/v2/attrs/{attribute}": self.attribute,
        }
        return routes(
            [
                ("GET", "/version", self.version),
                ("GET", "/health", self.health),
                ("POST", "/v2/notify", self.notify),
                ("GET", "/v2/entities", self.entities),
                ("DELETE", "/v2/entities/{id}", self.delete),
                ("DELETE", "/v2/types/{type}", self.delete),
                *(("GET", f"{path}/value", handler) for path, handler in queries.items()),
                *(("GET", path, handler) for path, handler in queries.items()),
                ("POST", "/v2/op/query", self.not_implemented),
                ("POST", "/config", self.not_implemented),
            ]
        )

    async def version(self, _: web.Request) -> web.Response:
        """`GET /version`."""
        return json_answer({"version": API_VERSION, "fiware_bridge": VERSION})

    async def health(self, _: web.Request) -> web.Response:
        """`GET /health`: passes if the history can be read."""
        await self._database.read(lambda connection: connection.execute("SELECT 1").fetchone())
        return json_answer({"status": "pass"})

    async def not_implemented(self, request: web.Request) -> web.Response:
        """Refuse what QuantumLeap has and the embedded broker lacks."""
        raise HistoryError(501, "Not Implemented", f"the embedded broker does not support {request.path}")

    async def notify(self, request: web.Request) -> web.Response:
        """`POST /v2/notify`: answered when the rows are on the disk."""
        body = await _json_body(request)
        tenant, path = tenant_of(request.headers), write_path(request.headers)
        try:
            rows = parse_notification(body, request.headers.get("Fiware-TimeIndex-Attribute"), now())
        except InvalidNotificationError as err:
            raise HistoryError(400, "Bad Request", str(err)) from err
        await self._database.write(lambda connection: store.record(connection, tenant, path, rows))
        return json_answer("Notification successfully processed")

    async def entities(self, request: web.Request) -> web.Response:
        """`GET /v2/entities`: which entities have history, with their newest instant."""
        query = _query(request)

        def job(connection: sqlite3.Connection) -> list[tuple[Series, int | None]]:
            found = store.find(connection, query.entities)
            return [(series, store.latest(connection, series, query.span)) for series in found]

        shown: list[Json] = [
            {"entityId": series.id, "entityType": series.type, "index": history_text(instant)}
            for series, instant in await self._database.read(job)
            if instant is not None
        ]
        page = shown[query.span.offset : query.span.offset + query.span.limit]
        if not page:
            raise nothing_found()
        return json_answer(page)

    async def entity(self, request: web.Request) -> web.Response:
        """`GET /v2/entities/{id}`: attributes of one entity."""
        table = await self._table(request)
        named: dict[str, Json] = {"entityId": table.series.id, "entityType": table.series.type}
        return json_answer({"attributes": _columns(table), "index": _index(table), **_unless_value(request, named)})

    async def entity_attribute(self, request: web.Request) -> web.Response:
        """`GET /v2/entities/{id}/attrs/{attribute}`: one attribute of one entity."""
        table = await self._table(request)
        name = request.match_info["attribute"]
        named: dict[str, Json] = {"attrName": name, "entityId": table.series.id, "entityType": table.series.type}
        return json_answer({"index": _index(table), "values": table.columns[name], **_unless_value(request, named)})

    async def type(self, request: web.Request) -> web.Response:
        """`GET /v2/types/{type}`: attributes of all entities of a type."""
        entities: list[Json] = [
            {"entityId": table.series.id, "index": _index(table), "attributes": _columns(table)}
            for table in await self._tables(request)
        ]
        if is_value_request(request):
            return json_answer({"values": entities})
        return json_answer({"entityType": request.match_info["type"], "entities": entities})

    async def type_attribute(self, request: web.Request) -> web.Response:
        """`GET /v2/types/{type}/attrs/{attribute}`: one attribute of all entities of a type."""
        name = request.match_info["attribute"]
        entities: list[Json] = [_entity_values(table, name) for table in await self._tables(request)]
        if is_value_request(request):
            return json_answer({"values": entities})
        return json_answer({"attrName": name, "entityType": request.match_info["type"], "entities": entities})

    async def attribute(self, request: web.Request) -> web.Response:
        """`GET /v2/attrs/{attribute}`: one attribute of all entities."""
        name = request.match_info["attribute"]
        types = _by_type(await self._tables(request), name)
        return json_answer({"values": types} if is_value_request(request) else {"attrName": name, "types": types})

    async def attributes(self, request: web.Request) -> web.Response:
        """`GET /v2/attrs`: all attributes of all entities."""
        tables = await self._tables(request)
        names = sorted({name for table in tables for name in table.columns})
        shown: list[Json] = [{"attrName": name, "types": _by_type(tables, name)} for name in names]
        return json_answer({"values" if is_value_request(request) else "attrs": shown})

    async def delete(self, request: web.Request) -> web.Response:
        """`DELETE /v2/entities/{id}` and `DELETE /v2/types/{type}`, of a span of time if one is given."""
        query = _query(request)

        def job(connection: sqlite3.Connection) -> int:
            found = store.find(connection, query.entities)
            if "id" in request.match_info:
                _check_unique(found)
            return store.delete(connection, found, query.span)

        if not await self._database.write(job):
            raise nothing_found()
        return no_content()

    async def _table(self, request: web.Request) -> Table:
        """Return the values of the one entity that the URL names."""
        (table,) = await self._tables(request)
        return table

    async def _tables(self, request: web.Request) -> list[Table]:
        query = _query(request)

        def job(connection: sqlite3.Connection) -> list[Table]:
            found = store.find(connection, query.entities)
            if "id" in request.match_info:
                _check_unique(found)
            if query.method is not None:
                return aggregate(connection, found, query.span, query.method, query.period)
            return store.read(connection, found, query.span)

        tables = await self._database.read(job)
        if not tables:
            raise nothing_found()
        return tables


def _query(request: web.Request) -> HistoryQuery:
    path = request.match_info
    return parse_query(
        request.headers, request.query, identity=path.get("id"), kind=path.get("type"), attribute=path.get("attribute")
    )


def _check_unique(found: list[Series]) -> None:
    """Refuse to mix the history of entities that share their id; the type or the service path distinguishes them."""
    if len(found) > 1:
        types = ", ".join(sorted({series.type for series in found}))
        text = f"There are {len(found)} entities with the id {found[0].id}, of types {types}: name type or service path"
        raise HistoryError(409, "Conflict", text, problem=False)


async def _json_body(request: web.Request) -> Json:
    content_type = request.headers.get("Content-Type", "")
    if media_type(content_type) != "application/json":
        raise HistoryError(415, "Unsupported Media Type", f"Invalid Content-type ({content_type}), expected JSON data")
    if request.content_length is not None and request.content_length > MAX_BODY_BYTES:
        raise HistoryError(413, "Request Entity Too Large", f"more than {MAX_BODY_BYTES} bytes")
    try:
        return parse_json(await request.read(), exact_numbers=True)
    except web.HTTPRequestEntityTooLarge as err:
        raise HistoryError(413, "Request Entity Too Large", f"more than {MAX_BODY_BYTES} bytes") from err
    except (InvalidJsonError, RepeatedNameError) as err:
        raise HistoryError(400, "Bad Request", f"Request body is not valid JSON: {err}") from err


def _unless_value(request: web.Request, named: Mapping[str, Json]) -> Mapping[str, Json]:
    return {} if is_value_request(request) else named


def _index(table: Table) -> list[Json]:
    return [history_text(item) if isinstance(item, int) else item for item in table.index]


def _columns(table: Table) -> list[Json]:
    return [{"attrName": name, "values": values} for name, values in table.columns.items()]


def _entity_values(table: Table, name: str) -> dict[str, Json]:
    return {"entityId": table.series.id, "index": _index(table), "values": table.columns[name]}


def _by_type(tables: list[Table], name: str) -> list[Json]:
    """Return one attribute of all entities that have it, grouped by their types."""
    having = [table for table in tables if name in table.columns]
    types = dict.fromkeys(table.series.type for table in having)
    return [
        {"entityType": kind, "entities": [_entity_values(table, name) for table in having if table.series.type == kind]}
        for kind in types
    ]


def _response(error: HistoryError) -> web.Response:
    if error.problem:
        body: Json = {"type": "about:blank", "title": error.title, "status": error.status, "detail": error.detail}
        return web.Response(status=error.status, text=dump_json(body), content_type="application/problem+json", charset=None)
    body = {"error": error.title, "description": error.detail}
    return web.Response(status=error.status, text=dump_json(body), content_type="application/json", charset=None)


def _not_routed(error: web.HTTPException) -> web.Response:
    response = _response(HistoryError(error.status, error.reason, "There is no such URL or method."))
    if isinstance(error, web.HTTPMethodNotAllowed):
        response.headers["Allow"] = ", ".join(sorted(error.allowed_methods))
    return response


@web.middleware
async def history_border(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Serve a request with QuantumLeap's forms of errors around it."""
    error = request.match_info.http_exception
    if error is not None:
        return _not_routed(error)
    try:
        return await handler(request)
    except HistoryError as err:
        return _response(err)
    except NgsiError as err:
        return err.response()
    except Exception as err:  # the border: a client gets an answer and the log a traceback, for any fault
        _LOGGER.exception("%s %s failed", request.method, request.path)
        return _response(HistoryError(500, "Internal Server Error", f"{type(err).__name__}: {err}"))
