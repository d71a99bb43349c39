"""The official schemas of the Smart Data Models, to hold entities against."""

import json
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource

_FOLDER = Path(__file__).parent / "schemas"


def _schema(name: str) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads((_FOLDER / f"{name}.json").read_text())
    return schema


_REGISTRY: Registry[Any] = Registry().with_resources(
    (_schema(name)["$id"], Resource.from_contents(_schema(name))) for name in ("common-schema", "device-schema")
)


def key_values(entity: dict[str, Any]) -> dict[str, Any]:
    """Return the form of an entity that the schemas describe; null is NGSI-v2's "no value", for which they have no word."""
    values = {name: part["value"] if isinstance(part, dict) else part for name, part in entity.items()}
    return {name: value for name, value in values.items() if value is not None}


def faults(entity: dict[str, Any]) -> list[str]:
    """Return what the schema of the entity's type finds wrong with it."""
    validator = Draft202012Validator(_schema(entity["type"]), registry=_REGISTRY, format_checker=FormatChecker())
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(key_values(entity))]
