"""JSON as the broker reads and writes it: strict, with numbers as doubles and unique names in an object."""

from collections.abc import Callable
import json
import math

type Json = bool | int | float | str | list[Json] | dict[str, Json] | None

_EXACT_INTEGERS = 2**53
"""Above this limit a double no longer holds every integer."""
MAX_NESTING = 50
"""Levels of arrays and objects in a value, as in Orion; SQLite's JSON functions allow 1000."""
_LARGEST_INTEGER = 2.0**63
"""From this value on, Orion writes whole numbers with an exponent."""


class InvalidJsonError(ValueError):
    """A text that is not JSON, or a number that is not a double."""


class RepeatedNameError(ValueError):
    """An object with a repeated name, of which one value would be lost."""

    def __init__(self, name: str) -> None:
        """Keep the name for the answer."""
        super().__init__(f"{name} stands twice in one object")
        self.name = name


def _finite(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise InvalidJsonError(f"{text} is too large for a number")
    return value


def _rendered_as_orion_does(text: str) -> int | float:
    """Return a number with at most 9 decimals, and a whole one as an integer, as Orion writes it."""
    value = round(_finite(text), 9)
    return int(value) if value.is_integer() and abs(value) < _LARGEST_INTEGER else value


def _integer_as_orion_does(text: str) -> int | float:
    value = int(text)
    return value if -_EXACT_INTEGERS <= value <= _EXACT_INTEGERS else _rendered_as_orion_does(text)


def _exact_integer(text: str) -> int | float:
    value = int(text)
    return value if abs(value) < _LARGEST_INTEGER else _finite(text)


def _refuse_constant(text: str) -> float:
    raise InvalidJsonError(f"{text} is not a number of JSON")


def _object_with_unique_names(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    members = dict(pairs)
    if len(members) != len(pairs):
        names = [name for name, _ in pairs]
        raise RepeatedNameError(next(name for name in names if names.count(name) > 1))
    return members


def _decoder(parse_float: Callable[[str], float], parse_int: Callable[[str], float]) -> json.JSONDecoder:
    return json.JSONDecoder(
        parse_float=parse_float,
        parse_int=parse_int,
        parse_constant=_refuse_constant,
        object_pairs_hook=_object_with_unique_names,
    )


_ORION_DECODER = _decoder(_rendered_as_orion_does, _integer_as_orion_does)
_EXACT_DECODER = _decoder(_finite, _exact_integer)
_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def parse_json(body: bytes, *, exact_numbers: bool = False) -> Json:
    """Return the value of a body in UTF-8.

    Numbers get at most 9 decimals, as in every answer of Orion, unless `exact_numbers` asks for the double itself.

    Raises:
        InvalidJsonError: it is not JSON, not UTF-8, nested too deeply, or has a number that is no finite double.
        RepeatedNameError: an object has a repeated name.
    """
    decoder = _EXACT_DECODER if exact_numbers else _ORION_DECODER
    try:
        value: Json = decoder.decode(body.decode())
        if b"\\u" in body:
            dump_json(value).encode()
    except RepeatedNameError:
        raise
    except (ValueError, RecursionError) as err:
        raise InvalidJsonError(str(err)) from err
    return value


def nested_beyond(value: Json, levels: int) -> bool:
    """Return whether arrays and objects are nested more deeply than this number of levels."""
    if not isinstance(value, list | dict):
        return False
    members = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(nested_beyond(member, levels - 1) for member in members)


def dump_json(value: Json) -> str:
    """Return the shortest text of a value."""
    return _ENCODER.encode(value)


def decimal_text(value: float) -> str:
    """Return a double with at most 9 decimals and no exponent, as in Orion's plain-text answers."""
    return f"{value:.9f}".rstrip("0").rstrip(".")
