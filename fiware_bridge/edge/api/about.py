"""Handlers of the requests about the broker itself, and of the parts of Orion that it lacks."""

import time

from aiohttp import web

from fiware_bridge import VERSION

from ..base.errors import not_implemented
from ..base.http import json_answer, routes

ORION_VERSION = "4.7.0"
"""The Orion whose answers the broker gives."""


class AboutHandlers:
    """Serves the entry points."""

    def __init__(self) -> None:
        """Count the uptime from now."""
        self._started = time.monotonic()

    def routes(self) -> list[web.RouteDef]:
        """Return the routes of this part of the interface."""
        registrations = "/v2/registrations"
        return routes(
            [
                ("GET", "/version", self.version),
                ("GET", "/v2", self.entry_points),
                ("POST", registrations, self.registrations),
                ("GET", registrations, self.registrations),
                ("GET", f"{registrations}/{{id}}", self.registrations),
                ("DELETE", f"{registrations}/{{id}}", self.registrations),
                ("PATCH", f"{registrations}/{{id}}", self.registrations),
            ]
        )

    async def version(self, _: web.Request) -> web.Response:
        """`GET /version`: the Orion that it answers like, and its real name and version."""
        minutes, seconds = divmod(int(time.monotonic() - self._started), 60)
        hours, minutes = divmod(minutes, 60)
        days, hours = divmod(hours, 24)
        uptime = f"{days} d, {hours} h, {minutes} m, {seconds} s"
        return json_answer({"orion": {"version": ORION_VERSION, "uptime": uptime}, "fiware_bridge": {"version": VERSION}})

    async def entry_points(self, _: web.Request) -> web.Response:
        """`GET /v2`."""
        return json_answer(
            {
                "entities_url": "/v2/entities",
                "types_url": "/v2/types",
                "subscriptions_url": "/v2/subscriptions",
                "registrations_url": "/v2/registrations",
            }
        )

    async def registrations(self, _: web.Request) -> web.Response:
        """Refuse registrations of context providers."""
        raise not_implemented("registrations of context providers")
