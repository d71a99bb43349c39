"""The query languages `q` and `mq`: conditions on attributes and on their metadata.

A query is a list of conditions joined by `;`, all of which must hold. A condition is a name alone (it exists), `!name` (it does
not exist), or a name, an operator and a value: one value, a list `a,b` or a range `a..b`. Dots in a name lead into structured
values; single quotes enclose a name that contains a dot. Values are strictly typed: `20` is a number, `'20'` and `abc` are
text. `2024-01-02T03:04Z` is an instant and only matches attributes of type DateTime.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
import operator
import re
from typing import Any

from ..base.errors import bad_request, not_implemented
from ..base.instants import DATE_TYPES, parse_orion_instant
from ..base.json_text import Json
from .fields import Fields, text_of
from .model import Attribute, Entity, same_json
from .parsing import has_forbidden

_CONDITION = re.compile(r"(?P<name>(?:'[^']*'|[^'=!<>~:])*)(?P<operator>==|!=|~=|<=|>=|<|>|:)(?P<value>.*)", re.DOTALL)
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
GEO_MEMBERS = ("georel", "geometry", "coords")
_TOKEN = re.compile(r"'([^']*)'|([^.']+)")


class Language(StrEnum):
    """The target of the names in a query."""

    ATTRIBUTES = "q"
    METADATA = "mq"


@dataclass(frozen=True, slots=True)
class Instant:
    """A date in a query or in an attribute of type DateTime, in µs since 1970."""

    microseconds: int


type Operand = bool | int | float | str | Instant | list[Json] | dict[str, Json] | None
type _Test = Callable[[Operand], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One condition of a query."""

    name: str
    """Of the attribute."""
    metadatum: str | None
    """Of the metadata, in `mq`."""
    path: tuple[str, ...]
    """Into the structured value."""
    test: _Test | None
    """None tests only for existence."""
    negated: bool
    """Whether the condition holds if the name does not exist; only without a test."""

    def holds(self, entity: Entity) -> bool:
        """Return whether an entity meets the condition."""
        found = list(self._operands(entity))
        if self.test is None:
            return bool(found) is not self.negated
        return any(self.test(operand) for operand in found)

    def _operands(self, entity: Entity) -> Iterator[Operand]:
        """Yield the value of the name, or nothing if it does not exist."""
        builtin = {"dateCreated": entity.created, "dateModified": entity.modified}.get(self.name)
        if builtin is not None and self.metadatum is None:
            yield Instant(builtin)
            return
        attribute = entity.attributes.get(self.name)
        if attribute is None:
            return
        operand = _operand(attribute, self.metadatum)
        for step in self.path:
            if not isinstance(operand, dict) or step not in operand:
                return
            operand = operand[step]
        if operand is not _MISSING:
            yield operand


_MISSING: Operand = {}
"""Represents missing metadata; compared by identity, so it differs from any value."""


def _operand(attribute: Attribute, metadatum: str | None) -> Operand:
    if metadatum is None:
        return _typed(attribute.type, attribute.value)
    builtin = {"dateCreated": attribute.created, "dateModified": attribute.modified}.get(metadatum)
    if builtin is not None:
        return Instant(builtin)
    found = attribute.metadata.get(metadatum)
    return _typed(found.type, found.value) if found else _MISSING


def _typed(kind: str, value: Json) -> Operand:
    if kind in DATE_TYPES and isinstance(value, str):
        instant = parse_orion_instant(value)
        return value if instant is None else Instant(instant)
    return value


def parse_query(text: str, language: Language) -> tuple[Condition, ...]:
    """Return the conditions of a query.

    Raises:
        NgsiError: the text is not a query.
    """
    items = _split(text, ";")
    if items and not items[-1].strip():
        items.pop()
    return tuple(_parse_condition(item.strip(), language) for item in items)


def _split(text: str, separator: str) -> list[str]:
    """Split a text at each separator outside single quotes."""
    parts: list[str] = [""]
    quoted = False
    for character in text:
        quoted ^= character == "'"
        if character == separator and not quoted:
            parts.append("")
        else:
            parts[-1] += character
    return parts


def _parse_condition(item: str, language: Language) -> Condition:
    if not item:
        raise bad_request("empty q-item")
    if item.startswith("!"):
        return _condition(item[1:].strip(), language, test=None, negated=True)
    match = _CONDITION.fullmatch(item)
    if match is None:
        return _condition(item, language, test=None, negated=False)
    value = match["value"].strip()
    if not value:
        raise bad_request("empty right-hand-side in q-item")
    return _condition(match["name"].strip(), language, test=_parse_test(match["operator"], value), negated=False)


def _condition(name: str, language: Language, *, test: _Test | None, negated: bool) -> Condition:
    if not name:
        raise bad_request("empty left-hand-side in q-item")
    if has_forbidden(name.replace("'", "")):
        raise bad_request(f"invalid character found in URI param /{language}/")
    attribute, *path = [quoted or plain for quoted, plain in _TOKEN.findall(name)] or [""]
    metadatum = None
    if language is Language.METADATA:
        if not path:
            raise bad_request("no metadata in right-hand-side of q-item")
        metadatum = path.pop(0)
    return Condition(name=attribute, metadatum=metadatum, path=tuple(path), test=test, negated=negated)


def _parse_value(text: str) -> Operand:
    text = text.strip()
    if text.startswith("'"):
        if len(text) < 2 or not text.endswith("'"):
            raise bad_request("non-terminated forced string")
        text = text[1:-1]
    elif _NUMBER.fullmatch(text):
        return float(text)
    elif (instant := parse_orion_instant(text)) is not None:
        return Instant(instant)
    elif text in _WORDS:
        return _WORDS[text]
    if has_forbidden(text):
        raise bad_request("forbidden characters in String Filter")
    return text


_WORDS: dict[str, Operand] = {"true": True, "false": False, "null": None}


def _parse_test(symbol: str, text: str) -> _Test:
    if symbol == "~=":
        return _pattern_test(text)
    if symbol in _ORDERS:
        return _order_test(symbol, text)
    test = _range_test(text) if ".." in text else _any_of_test(text)
    if symbol == "!=":
        return lambda operand: not test(operand)
    return test


def compile_pattern(text: str, error: str) -> re.Pattern[str]:
    """Return a regular expression, or refuse the request with the error's text."""
    try:
        return re.compile(text)
    except re.error as err:
        raise bad_request(error) from err


def _pattern_test(text: str) -> _Test:
    if has_forbidden(text):
        raise bad_request("forbidden characters in String Filter")
    pattern = compile_pattern(text, f"error compiling filter regex: {text}")
    return lambda operand: isinstance(operand, str) and pattern.search(operand) is not None


_ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def _comparable(operand: Operand) -> tuple[str, float | str] | None:
    """Return an operand with the kind that it can be ordered among, or None if it has no order."""
    if isinstance(operand, bool):
        return None
    match operand:
        case int() | float():
            return "number", operand
        case str():
            return "text", operand
        case Instant():
            return "instant", operand.microseconds
        case _:
            return None


def _members(operand: Operand) -> Iterator[Operand]:
    """Yield the operand and, for an array, its elements: a condition on an array holds if it holds for any element."""
    yield operand
    if isinstance(operand, list):
        yield from operand


def _order_test(symbol: str, text: str) -> _Test:
    if ".." in text:
        raise bad_request("ranges only valid for equal and not equal ops")
    if len(_split(text, ",")) > 1:
        raise bad_request("lists only valid for equal and not equal ops")
    limit = _comparable(_parse_value(text))
    if limit is None:
        raise bad_request(f"values of this type not supported for operator /{symbol}/")
    kind, bound = limit
    holds = _ORDERS[symbol]

    def test(operand: Operand) -> bool:
        candidates = (_comparable(member) for member in _members(operand))
        return any(candidate[0] == kind and holds(candidate[1], bound) for candidate in candidates if candidate)

    return test


def _range_test(text: str) -> _Test:
    low, _, high = text.partition("..")
    if not low.strip() or not high.strip():
        raise bad_request("empty item in range")
    at_least, at_most = _order_test(">=", low), _order_test("<=", high)
    lower, upper = _comparable(_parse_value(low)), _comparable(_parse_value(high))
    if lower and upper and lower[0] != upper[0]:
        raise bad_request("invalid range: types mixed")
    return lambda operand: any(at_least(member) and at_most(member) for member in _members(operand))


def _any_of_test(text: str) -> _Test:
    items = _split(text, ",")
    if not all(item.strip() for item in items):
        raise bad_request("empty item in list")
    wanted = [_parse_value(item) for item in items]
    return lambda operand: any(_equal(member, value) for member in _members(operand) for value in wanted)


def _equal(operand: Operand, wanted: Operand) -> bool:
    if isinstance(wanted, Instant) or isinstance(operand, Instant):
        return operand == wanted
    if isinstance(wanted, float):
        return isinstance(operand, int | float) and not isinstance(operand, bool) and operand == wanted
    return same_json(operand, wanted)


def parse_expression(fields: Fields) -> tuple[dict[str, Json], tuple[Condition, ...]]:
    """Return the members `q` and `mq` of an expression, and their conditions.

    Raises:
        NgsiError: a query is wrong, or the expression is geographical.
    """
    if any(name in fields for name in GEO_MEMBERS):
        raise not_implemented("geographical queries")
    expression: dict[str, Json] = {}
    conditions: tuple[Condition, ...] = ()
    for language in Language:
        if language in fields:
            text = text_of(fields, language, "")
            conditions += parse_query(text, language)
            expression[language] = text
    return expression, conditions
