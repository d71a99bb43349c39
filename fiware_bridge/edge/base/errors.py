"""Errors of the NGSI-v2 interface, in Orion's form: a status and `{"error": …, "description": …}`."""

from aiohttp import web

from .json_text import dump_json

_STATUS = {
    "BadRequest": 400,
    "ParseError": 400,
    "NotFound": 404,
    "MethodNotAllowed": 405,
    "NotAcceptable": 406,
    "TooManyResults": 409,
    "ContentLengthRequired": 411,
    "RequestEntityTooLarge": 413,
    "NoResourcesAvailable": 413,
    "UnsupportedMediaType": 415,
    "Unprocessable": 422,
    "PartialUpdate": 422,
    "InternalServerError": 500,
    "NotImplemented": 501,
}


class NgsiError(Exception):
    """A request that is answered with an error."""

    def __init__(self, error: str, description: str) -> None:
        """Take one of Orion's names of errors, which decides the status, and a description for people."""
        super().__init__(f"{error}: {description}")
        self.error = error
        self.description = description

    @property
    def status(self) -> int:
        """HTTP status."""
        return _STATUS[self.error]

    def response(self, *, content_type: str = "application/json") -> web.Response:
        """Return the answer to the client."""
        text = dump_json({"error": self.error, "description": self.description})
        return web.Response(status=self.status, text=text, content_type=content_type, charset=None)


def bad_request(description: str) -> NgsiError:
    """Return the error for a request that is wrong in itself."""
    return NgsiError("BadRequest", description)


def not_implemented(what: str) -> NgsiError:
    """Return the error for a feature of Orion that this broker lacks, so that it never looks like a success."""
    return NgsiError("NotImplemented", f"the embedded broker does not support {what}")


def entity_not_found() -> NgsiError:
    """Return the error for an access to one entity that does not exist."""
    return NgsiError("NotFound", "The requested entity has not been found. Check type and id")


def attribute_not_found() -> NgsiError:
    """Return the error for an access to one attribute that does not exist."""
    return NgsiError("NotFound", "The entity does not have such an attribute")


def subscription_not_found() -> NgsiError:
    """Return the error for an access to a subscription that does not exist."""
    return NgsiError("NotFound", "The requested subscription has not been found. Check id")


def ambiguous_entity() -> NgsiError:
    """Return the error for an access that names an id of which several types exist."""
    return NgsiError("TooManyResults", "More than one matching entity. Please refine your query")
