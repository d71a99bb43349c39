"""Tenants and service paths: the part of the data that a request sees.

The headers `Fiware-Service` and `Fiware-ServicePath` select it. Tenants are folded to lower case. A service path is
hierarchical; `/a/#` means `/a` and everything below. Without the header a read sees everything, and a write goes to `/`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
import re

from .errors import bad_request

_TENANT = re.compile(r"[A-Za-z0-9_]*", re.ASCII)
_COMPONENT = re.compile(r"[A-Za-z0-9_]+", re.ASCII)
_MAX_NAME = 50
_MAX_LEVELS = 10
_MAX_PATHS = 10

EVERYTHING = "/#"


@dataclass(frozen=True, slots=True)
class ServicePaths:
    """The service paths that a read request or a subscription covers, as `/a` or `/a/#`."""

    patterns: tuple[str, ...]

    def globs(self) -> list[str]:
        """Return the paths as patterns of SQLite's GLOB; the letters of a path have no special meaning there."""
        globs: list[str] = []
        for pattern in self.patterns:
            parent, wildcard, _ = pattern.partition("/#")
            globs += [parent or "/", f"{parent}/*"] if wildcard else [pattern]
        return globs

    def cover(self, path: str) -> bool:
        """Return whether the scope covers an entity of a service path."""
        for pattern in self.patterns:
            parent, wildcard, _ = pattern.partition("/#")
            if path == pattern or (wildcard and (path == parent or path.startswith(f"{parent}/"))):
                return True
        return False


def tenant_of(headers: Mapping[str, str]) -> str:
    """Return the tenant of a request, empty for the default one.

    Raises:
        NgsiError: the header is too long or has other letters than `A-Za-z0-9_`.
    """
    tenant = headers.get("Fiware-Service", "")
    if len(tenant) > _MAX_NAME:
        raise bad_request(f"bad length - a tenant name can be max {_MAX_NAME} characters long")
    if not _TENANT.fullmatch(tenant):
        raise bad_request("bad character in tenant name - only underscore and alphanumeric characters are allowed")
    return tenant.lower()


def _checked(path: str, *, wildcard: bool) -> str:
    path = path.strip()
    if not path.startswith("/"):
        raise bad_request("Only /absolute/ Service Paths allowed [a service path must begin with /]")
    inner = path[1:].removesuffix("/")
    levels = inner.split("/") if inner else []
    if len(levels) > _MAX_LEVELS:
        raise bad_request(f"too many components in ServicePath [max {_MAX_LEVELS}]")
    names = levels[:-1] if wildcard and levels and levels[-1] == "#" else levels
    if any(len(name) > _MAX_NAME for name in names):
        raise bad_request(f"component-name too long in ServicePath [max {_MAX_NAME} characters]")
    if not all(_COMPONENT.fullmatch(name) for name in names):
        raise bad_request("a component of ServicePath contains an illegal character")
    return "/" + "/".join(levels)


def read_paths(headers: Mapping[str, str]) -> ServicePaths:
    """Return the service paths that a read request covers.

    Raises:
        NgsiError: a path is invalid, or there are more than 10.
    """
    paths = headers.get("Fiware-ServicePath", EVERYTHING).split(",")
    if len(paths) > _MAX_PATHS:
        raise bad_request(f"too many service paths - a maximum of {_MAX_PATHS} service paths is allowed")
    return ServicePaths(tuple(_checked(path, wildcard=True) for path in paths))


def write_path(headers: Mapping[str, str]) -> str:
    """Return the single service path of a write request.

    Raises:
        NgsiError: the path is invalid or has `#`, or there are several.
    """
    path = headers.get("Fiware-ServicePath", "/")
    if "," in path:
        raise bad_request("more than one service path in context update request")
    return _checked(path, wildcard=False)


def subscription_path(headers: Mapping[str, str]) -> str:
    """Return the single service path, possibly with `#`, that a new subscription covers.

    Raises:
        NgsiError: the path is invalid, or there are several.
    """
    path = headers.get("Fiware-ServicePath", EVERYTHING)
    if "," in path:
        raise bad_request("max *one* service-path allowed for subscriptions")
    return _checked(path, wildcard=True)
