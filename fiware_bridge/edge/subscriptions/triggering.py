"""The subscriptions that a change fires, and the contents of their notifications."""

from dataclasses import dataclass, replace

from ..base.json_text import Json
from ..base.scope import ServicePaths
from ..entities.model import Alteration, Change, Entity
from ..entities.representation import show_entity
from .subscription import Frame, Subscription

_BARE = frozenset({Frame.SIMPLIFIED_NORMALIZED, Frame.SIMPLIFIED_KEY_VALUES})
"""Frames that send the entity alone, without the subscription's id around it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """A change, and the request that caused it."""

    tenant: str
    correlator: str
    change: Change


def fires(subscription: Subscription, change: Change) -> bool:
    """Return whether a change fires a subscription, regardless of status, expiry and throttling.

    `entityUpdate` covers every update, including those that change a value.
    """
    entity = change.entity
    alterations = subscription.alterations
    wanted = change.alteration in alterations or (change.alteration is Alteration.CHANGE and Alteration.UPDATE in alterations)
    return (
        wanted
        and ServicePaths((subscription.path,)).cover(entity.path)
        and any(selector.matches(entity.id, entity.type) for selector in subscription.entities)
        and _touches(subscription, change)
        and all(condition.holds(entity) for condition in subscription.conditions)
    )


def _touches(subscription: Subscription, change: Change) -> bool:
    """Return whether the change affects an attribute that the subscription watches."""
    if change.alteration is Alteration.CHANGE and Alteration.UPDATE not in subscription.alterations:
        touched = change.changed
        if subscription.notify_on_metadata_change:
            touched |= change.metadata_changed
    else:
        touched = frozenset(change.requested) | change.changed
    watched = subscription.condition_attrs
    if not watched:
        return bool(touched) or change.alteration is not Alteration.CHANGE
    return not watched.isdisjoint(touched)


def notification_body(subscription: Subscription, change: Change) -> Json:
    """Return the content of the notification: one entity, in the subscription's format."""
    target = subscription.target
    entity = _only_requested(change) if target.only_changed_attrs else change.entity
    shown = show_entity(entity, target.view, change)
    if target.frame in _BARE:
        return shown
    return {"subscriptionId": subscription.id, "data": [shown]}


def _only_requested(change: Change) -> Entity:
    attributes = change.entity.attributes
    return replace(change.entity, attributes={name: attributes[name] for name in change.requested if name in attributes})
