"""The parameters of a query of the history, with QuantumLeap's limits."""

from collections.abc import Mapping
from dataclasses import dataclass

from ..base.instants import parse_iso_instant
from ..base.scope import ServicePaths, read_paths, tenant_of
from .aggregates import PERIODS, Method
from .store import EARLIEST, LATEST, EntityFilter, Span

DEFAULT_LIMIT = 10_000
_NOT_SUPPORTED = ("georel", "geometry", "coords", "idPattern", "aggrScope")


class HistoryError(Exception):
    """A query that is answered with an error."""

    def __init__(self, status: int, title: str, detail: str, *, problem: bool = True) -> None:
        """Take the status, a title and a text; `problem` chooses the form of RFC 9457 over `{"error", "description"}`.

        QuantumLeap answers in the first if a parameter breaks its schema, in the second if it found nothing.
        """
        super().__init__(f"{status} {title}: {detail}")
        self.status = status
        self.title = title
        self.detail = detail
        self.problem = problem


def nothing_found() -> HistoryError:
    """Return QuantumLeap's answer to a query without results."""
    return HistoryError(404, "Not Found", "No records were found for such query.", problem=False)


def _bad(detail: str) -> HistoryError:
    return HistoryError(400, "Bad Request", detail)


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryQuery:
    """A query's request."""

    entities: EntityFilter
    span: Span
    method: Method | None
    period: str | None


def parse_query(
    headers: Mapping[str, str], texts: Mapping[str, str], *, identity: str | None, kind: str | None, attribute: str | None
) -> HistoryQuery:
    """Return what a query asks for; entity, type and attribute come from the path of the URL if it has them.

    Raises:
        HistoryError: a parameter is wrong, or asks for a feature that the embedded broker lacks.
        NgsiError: tenant or service path are wrong.
    """
    unsupported = [name for name in _NOT_SUPPORTED if texts.get(name, "entity") != "entity"]
    if unsupported:
        raise HistoryError(501, "Not Implemented", f"the embedded broker does not support {', '.join(unsupported)}")
    attributes = (attribute,) if attribute is not None else _items(texts, "attrs")
    method, period = _aggregation(texts, attributes)
    entities = EntityFilter(
        tenant=tenant_of(headers),
        globs=_globs(headers),
        ids=(identity,) if identity is not None else _items(texts, "id"),
        types=(kind,) if kind is not None else _items(texts, "type"),
    )
    return HistoryQuery(entities=entities, span=_span(texts, attributes), method=method, period=period)


def _aggregation(texts: Mapping[str, str], attributes: tuple[str, ...] | None) -> tuple[Method | None, str | None]:
    name = _one_of(texts, "aggrMethod", tuple(method.value for method in Method))
    period = _one_of(texts, "aggrPeriod", tuple(PERIODS))
    if period and name is None:
        text = "aggrMethod is compulsory when using aggrPeriod."
        raise HistoryError(400, "Bad parameters use", text, problem=False)
    if name and attributes is None:
        text = f"Specified aggrMethod = {name} but missing attrs parameter."
        raise HistoryError(400, "Bad parameters use", text, problem=False)
    return Method(name) if name else None, period


def _span(texts: Mapping[str, str], attributes: tuple[str, ...] | None) -> Span:
    return Span(
        first=_instant(texts, "fromDate", EARLIEST),
        last=_instant(texts, "toDate", LATEST),
        attributes=attributes,
        last_n=_number(texts, "lastN", minimum=1) if "lastN" in texts else None,
        limit=_number(texts, "limit", minimum=1) if "limit" in texts else DEFAULT_LIMIT,
        offset=_number(texts, "offset", minimum=0) if "offset" in texts else 0,
    )


def _globs(headers: Mapping[str, str]) -> tuple[str, ...]:
    """Return the service paths seen: QuantumLeap's `/a` includes `/a/b`, unlike Orion's."""
    patterns = tuple(f"{path.removesuffix('/')}/#" for path in read_paths(headers).patterns if not path.endswith("#"))
    return tuple(ServicePaths(patterns or ("/#",)).globs())


def _items(texts: Mapping[str, str], name: str) -> tuple[str, ...] | None:
    return tuple(texts[name].split(",")) if texts.get(name) else None


def _one_of(texts: Mapping[str, str], name: str, allowed: tuple[str, ...]) -> str | None:
    text = texts.get(name)
    if text is not None and text not in allowed:
        raise _bad(f"'{text}' is not one of {list(allowed)}")
    return text


def _number(texts: Mapping[str, str], name: str, *, minimum: int) -> int:
    text = texts[name]
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdecimal() and len(digits) < 19):
        raise _bad(f"Wrong type, expected 'integer' for query parameter '{name}'")
    number = int(text)
    if number < minimum:
        raise _bad(f"{number} is less than the minimum of {minimum}")
    return number


def _instant(texts: Mapping[str, str], name: str, default: int) -> int:
    """Return an instant in µs since 1970; a `+` of a zone that was not percent-encoded arrives as a blank."""
    text = texts.get(name)
    if text is None:
        return default
    instant = parse_iso_instant(text.replace(" ", "+") if "T" in text else text)
    if instant is None:
        raise _bad(f"'{text}' is not a date for query parameter '{name}'")
    return instant
