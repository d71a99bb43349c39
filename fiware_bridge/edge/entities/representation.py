"""The representation of an entity: its attributes and metadata, in one of NGSI-v2's forms."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from ..base.instants import orion_text
from ..base.json_text import Json
from .model import Attribute, Change, Entity, Metadatum, same_json

EVERY = "*"


class Form(StrEnum):
    """Representations of an entity."""

    NORMALIZED = "normalized"
    KEY_VALUES = "keyValues"
    VALUES = "values"
    UNIQUE = "unique"


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """The requested representation."""

    form: Form = Form.NORMALIZED
    attrs: tuple[str, ...] = ()
    """Requested attributes and builtins, in order; empty means all attributes and no builtin."""
    except_attrs: frozenset[str] = frozenset()
    metadata: tuple[str, ...] = ()
    """Requested metadata and builtins; empty means all metadata and no builtin."""
    covered: bool = False
    """Whether the answer shows missing attributes as null."""


def show_entity(entity: Entity, view: View, change: Change | None = None) -> Json:
    """Return an entity as requested; a notification passes its change, which feeds the builtins about it."""
    shown = dict(_selected(entity, view, change))
    match view.form:
        case Form.VALUES:
            return list(shown.values())
        case Form.UNIQUE:
            values = list(shown.values())
            return [value for place, value in enumerate(values) if not any(same_json(value, one) for one in values[:place])]
        case _:
            return {"id": entity.id, "type": entity.type, **shown}


def show_attributes(entity: Entity, view: View) -> Json:
    """Return the attributes of an entity without its id and type."""
    shown = show_entity(entity, view)
    if isinstance(shown, dict):
        return {name: value for name, value in shown.items() if name not in {"id", "type"}}
    return shown


def show_attribute(attribute: Attribute, view: View) -> Json:
    """Return one attribute in the normalized form."""
    return _normalized(attribute, view, None, "")


def _selected(entity: Entity, view: View, change: Change | None) -> Iterator[tuple[str, Json]]:
    for wanted in view.attrs or (EVERY,):
        if wanted == EVERY:
            for name, attribute in entity.attributes.items():
                if name not in view.except_attrs:
                    yield name, _show(attribute, view, change, name)
        elif wanted in entity.attributes:
            yield wanted, _show(entity.attributes[wanted], view, change, wanted)
        elif (builtin := _builtin(wanted, entity, change)) is not None:
            yield wanted, _show_bare(*builtin, view.form)
        elif view.covered:
            yield wanted, _show_bare("None", None, view.form)


def _builtin(name: str, entity: Entity, change: Change | None) -> tuple[str, str] | None:
    """Return type and value of an attribute that every entity has by itself."""
    match name:
        case "dateCreated":
            return "DateTime", orion_text(entity.created)
        case "dateModified":
            return "DateTime", orion_text(entity.modified)
        case "servicePath":
            return "Text", entity.path
        case "alterationType" if change is not None:
            return "Text", change.alteration.value
        case _:
            return None


def _show(attribute: Attribute, view: View, change: Change | None, name: str) -> Json:
    return _normalized(attribute, view, change, name) if view.form is Form.NORMALIZED else attribute.value


def _show_bare(kind: str, value: Json, form: Form) -> Json:
    return {"type": kind, "value": value, "metadata": {}} if form is Form.NORMALIZED else value


def _normalized(attribute: Attribute, view: View, change: Change | None, name: str) -> Json:
    metadata: dict[str, Json] = {
        key: {"type": item.type, "value": item.value} for key, item in _selected_metadata(attribute, view, change, name)
    }
    return {"type": attribute.type, "value": attribute.value, "metadata": metadata}


def _selected_metadata(attribute: Attribute, view: View, change: Change | None, name: str) -> Iterator[tuple[str, Metadatum]]:
    for wanted in view.metadata or (EVERY,):
        if wanted == EVERY:
            yield from attribute.metadata.items()
            continue
        item = attribute.metadata.get(wanted) or _builtin_metadata(wanted, attribute, change, name)
        if item is not None:
            yield wanted, item


def _builtin_metadata(wanted: str, attribute: Attribute, change: Change | None, name: str) -> Metadatum | None:
    before: Mapping[str, Attribute] = change.before if change else {}
    match wanted:
        case "dateCreated":
            return Metadatum("DateTime", orion_text(attribute.created))
        case "dateModified":
            return Metadatum("DateTime", orion_text(attribute.modified))
        case "previousValue" if name in before:
            return Metadatum(before[name].type, before[name].value)
        case "actionType" if change is not None and name in change.requested:
            return Metadatum("Text", "update" if name in before else "append")
        case _:
            return None
