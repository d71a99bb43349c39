"""Handlers of `/v2/types`: which types of entities there are, and their attributes."""

from collections import defaultdict
from dataclasses import dataclass, field
import sqlite3

from aiohttp import web

from ..base.errors import NgsiError
from ..base.http import json_answer, routes
from ..base.json_text import Json
from ..base.scope import ServicePaths, read_paths, tenant_of
from ..entities import store
from .broker import ContextBroker
from .exchange import parameters_of, total_count


@dataclass(slots=True)
class TypeSummary:
    """The common properties of the entities of one type."""

    count: int = 0
    attributes: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Types of each attribute."""

    def show(self, *, detailed: bool) -> dict[str, Json]:
        """Return the summary as Orion shows it."""
        attributes: dict[str, Json] = {
            name: {"types": list[Json](sorted(types)) if detailed else []} for name, types in sorted(self.attributes.items())
        }
        return {"attrs": attributes, "count": self.count}


def summarize(connection: sqlite3.Connection, tenant: str, paths: ServicePaths) -> dict[str, TypeSummary]:
    """Return the types of a tenant's entities in alphabetical order; runs inside a job of the database."""
    summaries: dict[str, TypeSummary] = defaultdict(TypeSummary)
    for entity in store.all_of(connection, tenant, paths):
        summary = summaries[entity.type]
        summary.count += 1
        for name, attribute in entity.attributes.items():
            summary.attributes[name].add(attribute.type)
    return dict(sorted(summaries.items()))


class TypeHandlers:
    """Serves the types of a context broker's entities."""

    def __init__(self, broker: ContextBroker) -> None:
        """Serve the entities of a broker."""
        self._broker = broker

    def routes(self) -> list[web.RouteDef]:
        """Return the routes of this part of the interface."""
        return routes([("GET", "/v2/types", self.list), ("GET", "/v2/types/{type}", self.get)])

    async def list(self, request: web.Request) -> web.Response:
        """`GET /v2/types`."""
        parameters = parameters_of(request)
        options, start, limit = parameters.options, parameters.offset, parameters.limit
        summaries = await self._summaries(request)
        page = list(summaries.items())[start : start + limit]
        detailed = "noAttrDetail" not in options
        shown: list[Json] = [{"type": kind, **summary.show(detailed=detailed)} for kind, summary in page]
        names: list[Json] = [kind for kind, _ in page]
        return json_answer(names if "values" in options else shown, headers=total_count(options, len(summaries)))

    async def get(self, request: web.Request) -> web.Response:
        """`GET /v2/types/{type}`."""
        options = parameters_of(request).options
        summary = (await self._summaries(request)).get(request.match_info["type"])
        if summary is None:
            raise NgsiError("NotFound", "Entity type not found")
        return json_answer(summary.show(detailed="noAttrDetail" not in options))

    async def _summaries(self, request: web.Request) -> dict[str, TypeSummary]:
        tenant, paths = tenant_of(request.headers), read_paths(request.headers)
        return await self._broker.database.read(lambda connection: summarize(connection, tenant, paths))
