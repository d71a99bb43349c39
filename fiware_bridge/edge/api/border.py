"""The border of the NGSI-v2 interface: every request passes here first, and every error leaves here.

It checks headers and body as Orion does, gives every answer a `Fiware-Correlator`, and turns errors into Orion's form.
"""

import logging
import uuid

from aiohttp import web

from ..base.errors import NgsiError, bad_request
from ..base.http import MAX_BODY_BYTES, Handler, is_value_request, media_type
from ..base.json_text import InvalidJsonError, Json, RepeatedNameError, parse_json

_LOGGER = logging.getLogger(__name__)

CORRELATOR = web.RequestKey("correlator", str)

_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
_JSON_TYPES = frozenset({"application/json", "application/*", "*/*"})
_TEXT_TYPES = frozenset({"text/plain", "text/*", "*/*"})
_METHOD_ORDER = ("POST", "PUT", "GET", "DELETE", "PATCH")
"""The order of methods in Orion's `Allow`."""


def _accepted(request: web.Request) -> frozenset[str]:
    header = request.headers.get("Accept", "*/*")
    return frozenset(media_type(item) for item in header.split(","))


def accepts_json(request: web.Request) -> bool:
    """Return whether the client takes JSON."""
    return not _JSON_TYPES.isdisjoint(_accepted(request))


def accepts_text(request: web.Request) -> bool:
    """Return whether the client takes plain text."""
    return not _TEXT_TYPES.isdisjoint(_accepted(request))


async def read_body(request: web.Request) -> bytes:
    """Return the body of a request, of at most 1 MiB.

    Raises:
        NgsiError: it is larger.
    """
    try:
        return await request.read()
    except web.HTTPRequestEntityTooLarge as err:
        raise _too_large(MAX_BODY_BYTES + 1) from err


def _too_large(size: int) -> NgsiError:
    return NgsiError("RequestEntityTooLarge", f"payload size: {size}, max size supported: {MAX_BODY_BYTES}")


async def _json_body(request: web.Request) -> Json:
    try:
        return parse_json(await read_body(request))
    except RepeatedNameError as err:
        raise bad_request(f"duplicated attribute /{err.name}/") from err
    except InvalidJsonError as err:
        raise parse_error() from err


async def json_object(request: web.Request) -> dict[str, Json]:
    """Return the body of a request as an object.

    Raises:
        NgsiError: it is too large or no object.
    """
    body = await _json_body(request)
    if not isinstance(body, dict):
        raise parse_error()
    return body


async def filled_object(request: web.Request) -> dict[str, Json]:
    """Return the body of a request as an object with at least one member.

    Raises:
        NgsiError: it is too large or no such object.
    """
    body = await json_object(request)
    if not body:
        raise bad_request("empty payload")
    return body


def parse_error() -> NgsiError:
    """Return the error for a body that is no JSON or of the wrong shape."""
    return NgsiError("ParseError", "Errors found in incoming JSON buffer")


def _check_body_headers(request: web.Request) -> None:
    length = request.content_length
    if length == 0 or (length is None and not request.body_exists):
        raise NgsiError("ContentLengthRequired", "Zero/No Content-Length in PUT/POST/PATCH request")
    if length is not None and length > MAX_BODY_BYTES:
        raise _too_large(length)
    if "Content-Type" not in request.headers:
        text = "Content-Type header not used, default application/octet-stream is not supported"
        raise NgsiError("UnsupportedMediaType", text)
    kind = media_type(request.headers["Content-Type"])
    if kind != "application/json" and not (kind == "text/plain" and is_value_request(request)):
        raise NgsiError("UnsupportedMediaType", f"not supported content type: {kind}")


def _check_headers(request: web.Request) -> None:
    if request.method in _WITH_BODY:
        _check_body_headers(request)
    elif "Content-Type" in request.headers:
        raise bad_request("Orion accepts no payload for GET/DELETE requests. HTTP header Content-Type is thus forbidden")
    if not accepts_json(request) and not accepts_text(request):
        raise NgsiError("NotAcceptable", "no acceptable mime-type in accept header")


def _not_routed(error: web.HTTPException) -> web.Response:
    """Return Orion's answer to an unknown path or method."""
    if isinstance(error, web.HTTPMethodNotAllowed):
        response = NgsiError("MethodNotAllowed", "method not allowed").response()
        response.headers["Allow"] = ", ".join(method for method in _METHOD_ORDER if method in error.allowed_methods)
        return response
    return bad_request("Service not found. Check your URL as probably it is wrong.").response()


async def _answer(request: web.Request, handler: Handler) -> web.StreamResponse:
    error = request.match_info.http_exception
    if error is not None:
        return _not_routed(error)
    try:
        _check_headers(request)
        if not accepts_json(request) and not is_value_request(request):
            only_json = NgsiError("NotAcceptable", "acceptable MIME types: application/json")
            return only_json.response(content_type="text/plain")
        return await handler(request)
    except NgsiError as err:
        return err.response()
    except Exception as err:  # the border: a client gets an answer and the log a traceback, for any fault
        _LOGGER.exception("%s %s failed", request.method, request.path)
        return NgsiError("InternalServerError", f"{type(err).__name__}: {err}").response()


@web.middleware
async def border(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Serve a request with Orion's rules around it."""
    correlator = request.headers.get("Fiware-Correlator") or str(uuid.uuid1())
    request[CORRELATOR] = correlator
    response = await _answer(request, handler)
    response.headers["Fiware-Correlator"] = correlator
    return response
