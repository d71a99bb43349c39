"""Updates of entities: Orion's five actions, applied to the store entity by entity."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
import sqlite3

from ..base.scope import ServicePaths
from . import store
from .model import (
    DEFAULT_TYPE,
    MAX_GEO_ATTRIBUTES,
    Alteration,
    Attribute,
    AttributeUpdate,
    Change,
    Entity,
    EntityUpdate,
    Metadatum,
    same_json,
)
from .store import StoredEntity


class Action(StrEnum):
    """The action of an update, named as in `actionType`; `CREATE` only comes from `POST /v2/entities`."""

    CREATE = "create"
    APPEND = "append"
    APPEND_STRICT = "appendStrict"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"


_CREATING = frozenset({Action.CREATE, Action.APPEND, Action.APPEND_STRICT})


class Refusal(StrEnum):
    """The reason why an update of one entity failed, entirely or in part."""

    NO_ENTITY = "the entity does not exist"
    ENTITY_EXISTS = "the entity exists already"
    AMBIGUOUS = "several entities have the id"
    NO_ATTRIBUTE = "some attributes do not exist"
    ATTRIBUTE_EXISTS = "some attributes exist already"
    TWO_PLACES = "two attributes would say where the entity is"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The effect of an update on one entity."""

    change: Change | None = None
    """None if nothing was done."""
    refusal: Refusal | None = None
    refused: tuple[str, ...] = ()
    """The affected attributes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateOptions:
    """Options of an update."""

    override_metadata: bool = False
    """Drop the metadata that the update does not name."""
    forced: bool = False
    """Treat every attribute as changed, even with the same value."""
    must_exist: bool = False
    """Never create the entity, under any action."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateContext:
    """The context that all updates of a request share."""

    tenant: str
    path: str
    action: Action
    options: UpdateOptions
    clock: Callable[[], int]
    """Returns a new instant at every call, µs since 1970."""


def apply(connection: sqlite3.Connection, context: UpdateContext, update: EntityUpdate) -> Outcome:
    """Apply an update to the entity that it names, inside a job of the database."""
    kinds = frozenset({update.type}) if update.type else None
    found = store.find(connection, context.tenant, ServicePaths((context.path,)), update.id, kinds)
    if len(found) > 1:
        return Outcome(refusal=Refusal.AMBIGUOUS)
    if found:
        if context.action is Action.CREATE:
            return Outcome(refusal=Refusal.ENTITY_EXISTS)
        return _apply_to(connection, context, found[0], update.attributes)
    if context.action in _CREATING and not context.options.must_exist:
        return _create(connection, context, update)
    return Outcome(refusal=Refusal.NO_ENTITY)


def _create(connection: sqlite3.Connection, context: UpdateContext, update: EntityUpdate) -> Outcome:
    now = context.clock()
    attributes = {name: _merged(None, item, context.options, now) for name, item in update.attributes.items()}
    entity = Entity(
        id=update.id, type=update.type or DEFAULT_TYPE, path=context.path, attributes=attributes, created=now, modified=now
    )
    if _has_two_places(entity):
        return Outcome(refusal=Refusal.TWO_PLACES)
    store.insert(connection, context.tenant, entity)
    names = tuple(attributes)
    return Outcome(
        change=Change(alteration=Alteration.CREATE, entity=entity, requested=names, changed=frozenset(names)),
    )


def _apply_to(
    connection: sqlite3.Connection, context: UpdateContext, stored: StoredEntity, updates: Mapping[str, AttributeUpdate]
) -> Outcome:
    if context.action is Action.DELETE and not updates:
        return _delete(connection, stored)
    refusal, refused = _refused(context.action, stored.entity, updates)
    accepted = {name: update for name, update in updates.items() if name not in refused}
    if refused and not accepted:
        return Outcome(refusal=refusal, refused=refused)
    change = _change(stored.entity, accepted, context)
    if _has_two_places(change.entity):
        return Outcome(refusal=Refusal.TWO_PLACES)
    if change.entity is not stored.entity:
        store.update(connection, stored.number, change.entity)
    return Outcome(change=change, refusal=refusal if refused else None, refused=refused)


def _delete(connection: sqlite3.Connection, stored: StoredEntity) -> Outcome:
    store.delete(connection, stored.number)
    names = tuple(stored.entity.attributes)
    return Outcome(
        change=Change(
            alteration=Alteration.DELETE,
            entity=stored.entity,
            requested=names,
            changed=frozenset(names),
            before=stored.entity.attributes,
        )
    )


def _refused(action: Action, entity: Entity, updates: Mapping[str, AttributeUpdate]) -> tuple[Refusal, tuple[str, ...]]:
    """Return the attributes that an action may not touch: an unknown one, or for appendStrict one that exists."""
    match action:
        case Action.APPEND_STRICT:
            return Refusal.ATTRIBUTE_EXISTS, tuple(name for name in updates if name in entity.attributes)
        case Action.UPDATE | Action.DELETE:
            return Refusal.NO_ATTRIBUTE, tuple(name for name in updates if name not in entity.attributes)
        case _:
            return Refusal.NO_ATTRIBUTE, ()


def _change(entity: Entity, updates: Mapping[str, AttributeUpdate], context: UpdateContext) -> Change:
    """Return an entity after its update; the same object as before if nothing changes.

    Every change has a millisecond of its own: a history indexed by `dateModified` would merge two changes with the same one.
    """
    now = max(context.clock(), entity.modified // 1000 * 1000 + 1000)
    replacing = context.action is Action.REPLACE
    old: Mapping[str, Attribute] = entity.attributes
    if context.action is Action.DELETE:
        new: dict[str, Attribute] = {}
        removed = set(updates)
    else:
        new = {
            name: _merged(None if replacing else old.get(name), update, context.options, now) for name, update in updates.items()
        }
        removed = set(old) - set(new) if replacing else set()
    forced = context.options.forced or replacing
    changed = removed | {name for name, item in new.items() if forced or _differs(old.get(name), item)}
    metadata_changed = {name for name in new if name not in changed and new[name] is not old[name]}
    alteration = Alteration.UPDATE
    if changed or metadata_changed:
        alteration = Alteration.CHANGE
        kept = {name: item for name, item in old.items() if name not in removed}
        entity = replace(entity, attributes=kept | new, modified=now)
    return Change(
        alteration=alteration,
        entity=entity,
        requested=tuple(updates),
        changed=frozenset(changed),
        metadata_changed=frozenset(metadata_changed),
        before=old,
    )


def _differs(old: Attribute | None, new: Attribute) -> bool:
    return old is None or old.type != new.type or not same_json(old.value, new.value)


def _merged(old: Attribute | None, update: AttributeUpdate, options: UpdateOptions, now: int) -> Attribute:
    """Return an attribute after its update: metadata persist unless overridden; the same object if nothing changes."""
    if old is None:
        kind = update.type if update.type is not None else "None"
        return Attribute(type=kind, value=update.value, metadata=update.metadata, created=now, modified=now)
    metadata = update.metadata if options.override_metadata else _merged_metadata(old.metadata, update.metadata)
    new = Attribute(
        type=old.type if update.type is None else update.type,
        value=update.value,
        metadata=metadata,
        created=old.created,
        modified=now,
    )
    if options.forced or _differs(old, new) or not _same_metadata(old.metadata, metadata):
        return new
    return old


def _merged_metadata(old: Mapping[str, Metadatum], new: Mapping[str, Metadatum]) -> Mapping[str, Metadatum]:
    return dict(sorted({**old, **new}.items())) if new else old


def _same_metadata(one: Mapping[str, Metadatum], other: Mapping[str, Metadatum]) -> bool:
    if one is other:
        return True
    return one.keys() == other.keys() and all(
        item.type == other[name].type and same_json(item.value, other[name].value) for name, item in one.items()
    )


def _has_two_places(entity: Entity) -> bool:
    return sum(attribute.locates for attribute in entity.attributes.values()) > MAX_GEO_ATTRIBUTES
