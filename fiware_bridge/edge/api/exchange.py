"""Shared by the handlers: the parameters and the update of a request, and the count of its results."""

from collections.abc import Iterable

from aiohttp import web

from ..base.scope import tenant_of, write_path
from ..entities.model import EntityUpdate
from ..entities.updates import Action, UpdateOptions
from .border import CORRELATOR
from .broker import UpdateRequest
from .parameters import Parameters


def parameters_of(request: web.Request) -> Parameters:
    """Return the checked parameters of a request.

    Raises:
        NgsiError: one is empty or asks for a feature that the embedded broker lacks.
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


def total_count(options: frozenset[str], total: int) -> dict[str, str]:
    """Return the header with the number of all results, if it was asked for."""
    return {"Fiware-Total-Count": str(total)} if "count" in options else {}
