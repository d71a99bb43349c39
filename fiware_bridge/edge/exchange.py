"""What the handlers share: reading the parts of a request and writing the parts of an answer."""

from collections.abc import Iterable, Mapping

from aiohttp import web

from .border import CORRELATOR, Handler
from .broker import UpdateRequest
from .json_text import Json, dump_json
from .model import EntityUpdate
from .parameters import Parameters
from .scope import tenant_of, write_path
from .updates import Action, UpdateOptions


def routes(table: Iterable[tuple[str, str, Handler]]) -> list[web.RouteDef]:
    """Return routes for (method, path, handler); a slash at the end of a path makes no difference."""
    return [
        web.get(path + slash, handler, allow_head=False) if method == "GET" else web.route(method, path + slash, handler)
        for method, path, handler in table
        for slash in ("", "/")
    ]


def parameters_of(request: web.Request) -> Parameters:
    """Return the checked parameters of a request.

    Raises:
        NgsiError: one is empty or asks for what the embedded broker lacks.
    """
    parameters = Parameters(request.query)
    parameters.check()
    return parameters


def update_request(
    request: web.Request,
    action: Action,
    entities: Iterable[EntityUpdate],
    options: frozenset[str],
    *,
    must_exist: bool = False,
) -> UpdateRequest:
    """Return the update that a request asks for; with `must_exist` it never creates an entity.

    Raises:
        NgsiError: the tenant or the service path is wrong.
    """
    return UpdateRequest(
        tenant=tenant_of(request.headers),
        path=write_path(request.headers),
        correlator=request[CORRELATOR],
        action=action,
        entities=tuple(entities),
        options=UpdateOptions(
            override_metadata="overrideMetadata" in options, forced="forcedUpdate" in options, must_exist=must_exist
        ),
        flow_control="flowControl" in options,
    )


def json_answer(value: Json, *, headers: Mapping[str, str] | None = None) -> web.Response:
    """Return an answer with a JSON body."""
    return web.Response(text=dump_json(value), content_type="application/json", charset=None, headers=headers)


def no_content(headers: Mapping[str, str] | None = None) -> web.Response:
    """Return an answer without a body."""
    return web.Response(status=204, headers=headers)


def total_count(options: frozenset[str], total: int) -> dict[str, str]:
    """Return the header with the number of all results, if it was asked for."""
    return {"Fiware-Total-Count": str(total)} if "count" in options else {}
