"""The parameters of a request's URL."""

from collections.abc import Mapping
from dataclasses import dataclass

from ..base.errors import bad_request, not_implemented
from ..entities.query import GEO_MEMBERS, Condition, Language, compile_pattern, parse_query
from ..entities.representation import Form, View
from ..entities.selection import EntitySelector

DEFAULT_LIMIT = 20
MAX_LIMIT = 1000

_KNOWN_OPTIONS = frozenset(
    {
        "append", "count", "dateCreated", "dateModified", "flowControl", "forcedUpdate", "fullCounters", "keyValues",
        "noAttrDetail", "normalized", "overrideMetadata", "skipForwarding", "skipInitialNotification", "unique", "upsert",
        "values",
    }
)  # fmt: skip
"""Options that Orion takes anywhere; one without a meaning for the request is ignored."""
_NEVER_EMPTY = ("options", "limit", "offset", "id", "idPattern", "type", "typePattern", "attrs", "metadata", "orderBy", "q", "mq")


@dataclass(frozen=True, slots=True)
class Parameters:
    """Typed access to the parameters; every property raises NgsiError if the parameter is wrong."""

    texts: Mapping[str, str]

    def check(self) -> None:
        """Refuse empty parameters and geographical queries; unknown parameters are ignored, as Orion does.

        Raises:
            NgsiError: a known parameter is empty, or asks for a feature that the embedded broker lacks.
        """
        for name in _NEVER_EMPTY:
            if self.texts.get(name) == "":
                raise bad_request(f"Empty right-hand-side for URI param /{name}/")
        if any(name in self.texts for name in GEO_MEMBERS):
            raise not_implemented("geographical queries")

    def items(self, name: str) -> tuple[str, ...]:
        """Return the items of a comma list."""
        text = self.texts.get(name)
        return tuple(text.split(",")) if text else ()

    @property
    def options(self) -> frozenset[str]:
        """The options, of which at most one may choose a representation."""
        options = frozenset(self.items("options"))
        if not options <= _KNOWN_OPTIONS or len(options & set(Form)) > 1:
            raise bad_request("Invalid value for URI param /options/")
        return options

    @property
    def limit(self) -> int:
        """How many results are wanted."""
        limit = self._number("limit", DEFAULT_LIMIT)
        if limit > MAX_LIMIT:
            raise bad_request(f"Bad pagination limit: /{limit}/ [max: {MAX_LIMIT}]")
        return limit

    @property
    def offset(self) -> int:
        """How many results are skipped."""
        return self._number("offset", 0)

    def _number(self, name: str, default: int) -> int:
        text = self.texts.get(name, str(default))
        if not (text.isascii() and text.isdecimal() and len(text) < 19):
            raise bad_request(f"Bad pagination {name}: /{text}/ [must be a decimal number]")
        return int(text)

    @property
    def order_by(self) -> tuple[str, ...]:
        """Keys of the order, each maybe with `!` for descending."""
        keys = self.items("orderBy")
        names = [key.removeprefix("!") for key in keys]
        if len(set(names)) < len(names):
            raise bad_request("duplicate orderBy token detected")
        return keys

    @property
    def types(self) -> frozenset[str] | None:
        """Types wanted, None for any."""
        return frozenset(self.items("type")) or None

    @property
    def selector(self) -> EntitySelector:
        """Ids and types wanted."""
        for plain, pattern in (("id", "idPattern"), ("type", "typePattern")):
            if plain in self.texts and pattern in self.texts:
                raise bad_request(f"Incompatible parameters: {plain}, {pattern.replace('idP', 'IdP')}")
        id_pattern, type_pattern = (
            compile_pattern(self.texts[name], f"invalid regex in URI param /{name}/") if name in self.texts else None
            for name in ("idPattern", "typePattern")
        )
        return EntitySelector(
            ids=frozenset(self.items("id")) or None, id_pattern=id_pattern, types=self.types, type_pattern=type_pattern
        )

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """Conditions of `q` and `mq`."""
        return tuple(
            condition
            for language in Language
            if language in self.texts
            for condition in parse_query(self.texts[language], language)
        )

    @property
    def form(self) -> Form:
        """The representation wanted."""
        chosen = self.options & set(Form)
        return Form(next(iter(chosen))) if chosen else Form.NORMALIZED

    @property
    def view(self) -> View:
        """Attributes, metadata and representation wanted."""
        return View(form=self.form, attrs=self.items("attrs"), metadata=self.items("metadata"))
