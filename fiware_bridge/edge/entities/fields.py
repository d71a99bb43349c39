"""Members of a JSON object by their type, with Orion's refusals of any other type."""

from collections.abc import Mapping
import re

from ..base.errors import bad_request
from ..base.json_text import Json
from .parsing import has_forbidden

type Fields = Mapping[str, Json]


def member_of(fields: Fields, name: str) -> dict[str, Json]:
    """Return a member that is an object, empty if it is missing.

    Raises:
        NgsiError: it is something else.
    """
    member = fields.get(name, {})
    if not isinstance(member, dict):
        raise bad_request(f"{name} is not a JSON object")
    return member


def text_of(fields: Fields, name: str, default: str) -> str:
    """Return a member that is a text.

    Raises:
        NgsiError: it is something else.
    """
    value = fields.get(name, default)
    if not isinstance(value, str):
        raise bad_request(f"{name} is not a string")
    return value


def flag_of(fields: Fields, name: str, *, default: bool) -> bool:
    """Return a member that is a truth value.

    Raises:
        NgsiError: it is something else.
    """
    value = fields.get(name, default)
    if not isinstance(value, bool):
        raise bad_request(f"{name} is not a bool")
    return value


def integer_of(fields: Fields, name: str, default: int) -> int:
    """Return a member that is a whole number.

    Raises:
        NgsiError: it is something else.
    """
    value = fields.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool):
        raise bad_request(f"{name} is not an int")
    return value


def texts_of(fields: Fields, name: str) -> list[str]:
    """Return a member that is a list of texts, none of them empty.

    Raises:
        NgsiError: it is something else.
    """
    items = fields.get(name, [])
    if not isinstance(items, list):
        raise bad_request(f"the field /{name}/ must be a JSON array")
    texts = [item for item in items if isinstance(item, str)]
    if len(texts) != len(items):
        raise bad_request(f"the field /{name}/ must be a JSON array of strings")
    if "" in texts:
        raise bad_request(f"empty string found in string vector /{name}/")
    return texts


def names_of(fields: Fields, name: str) -> list[str]:
    """Return a member that is a list of names of attributes.

    Raises:
        NgsiError: it is something else.
    """
    names = texts_of(fields, name)
    if any(has_forbidden(item) or not item.isascii() or re.search(r"[\s&?/#]", item) for item in names):
        raise bad_request("forbidden characters in attribute name")
    return names
