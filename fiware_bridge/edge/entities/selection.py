"""Which entities a query or a subscription is about: by id or pattern of ids, and by type or pattern of types."""

from collections.abc import Mapping
from dataclasses import dataclass
import re

from ..base.json_text import Json
from .query import compile_pattern


@dataclass(frozen=True, slots=True, kw_only=True)
class EntitySelector:
    """A set of ids and types; None means any. Patterns match anywhere in the text, as Orion's do."""

    ids: frozenset[str] | None = None
    id_pattern: re.Pattern[str] | None = None
    types: frozenset[str] | None = None
    type_pattern: re.Pattern[str] | None = None

    def matches(self, identity: str, kind: str) -> bool:
        """Return whether an entity of this id and type is meant."""
        return (
            (self.ids is None or identity in self.ids)
            and (self.types is None or kind in self.types)
            and (self.id_pattern is None or self.id_pattern.search(identity) is not None)
            and (self.type_pattern is None or self.type_pattern.search(kind) is not None)
        )


ANY_ENTITY = EntitySelector()


def selector_of(item: Mapping[str, Json]) -> EntitySelector:
    """Return the selector of an object with texts at `id` or `idPattern`, and maybe at `type` or `typePattern`.

    Raises:
        NgsiError: a pattern is no regular expression.
    """

    def one(name: str) -> frozenset[str] | None:
        return frozenset({str(item[name])}) if name in item else None

    def pattern(name: str) -> re.Pattern[str] | None:
        return compile_pattern(str(item[name]), f"Invalid regex for entity {name}") if name in item else None

    return EntitySelector(ids=one("id"), id_pattern=pattern("idPattern"), types=one("type"), type_pattern=pattern("typePattern"))
