"""The common parts of both interfaces, NGSI-v2 and the history: routes, the parts of a request, and answers."""

from collections.abc import Awaitable, Callable, Iterable, Mapping

from aiohttp import web

from .json_text import Json, dump_json

MAX_BODY_BYTES = 1024 * 1024

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def routes(table: Iterable[tuple[str, str, Handler]]) -> list[web.RouteDef]:
    """Return routes for (method, path, handler); a slash at the end of a path makes no difference."""
    return [
        web.get(path + slash, handler, allow_head=False) if method == "GET" else web.route(method, path + slash, handler)
        for method, path, handler in table
        for slash in ("", "/")
    ]


def media_type(header: str) -> str:
    """Return the media type of a header without its parameters."""
    return header.partition(";")[0].strip().lower()


def is_value_request(request: web.Request) -> bool:
    """Return whether a request is for values alone: its route, not maybe the name of an attribute, ends in `/value`."""
    resource = request.match_info.route.resource
    return resource is not None and resource.canonical.rstrip("/").endswith("/value")


def json_answer(value: Json, *, headers: Mapping[str, str] | None = None) -> web.Response:
    """Return an answer with a JSON body."""
    return web.Response(text=dump_json(value), content_type="application/json", charset=None, headers=headers)


def no_content(headers: Mapping[str, str] | None = None) -> web.Response:
    """Return an answer without a body."""
    return web.Response(status=204, headers=headers)
