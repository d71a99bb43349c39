"""Print every option of the components and their platforms as JSON, with ESPHome's Python.

The answer is {what is configured: {path of the option: {"default": …, "unit": …}}}. What is configured is a component, such as
`ade9000`, or one of its platforms, such as `ade9000/sensor`; a path joins nested options with dots, such as `log.size`. A default
is "required", null where there is none or it depends on the platform, or the value as it is written in YAML. A unit is that of a
sensor, null where there is none. What ESPHome itself defines inside an entity (name, filters …) is left out.

usage: schema_options.py COMPONENTS-FOLDER
"""

from collections.abc import Iterator
import importlib.util
import inspect
import json
from pathlib import Path
import pkgutil
import sys
from typing import Any

from esphome import schema_extractors  # type: ignore[attr-defined]  # installed in ESPHome's environment only

# Before anything else of ESPHome is imported: validators tell what they hold only then.
schema_extractors.EnableSchemaExtraction = True

from esphome.components.binary_sensor import binary_sensor_schema  # type: ignore[import-not-found]  # noqa: E402
from esphome.components.button import Button, button_schema  # type: ignore[import-not-found]  # noqa: E402
from esphome.components.number import Number, number_schema  # type: ignore[import-not-found]  # noqa: E402
from esphome.components.sensor import sensor_schema  # type: ignore[import-not-found]  # noqa: E402
from esphome.components.text_sensor import text_sensor_schema  # type: ignore[import-not-found]  # noqa: E402
import esphome.config_validation as cv  # type: ignore[import-not-found]  # noqa: E402
from esphome.loader import install_meta_finder  # type: ignore[import-not-found]  # noqa: E402
import voluptuous as vol  # noqa: E402

HUB = "ade9000"
SIMULATED = "ade9000_sim"
"""Is not for users."""
ENTITIES = (
    binary_sensor_schema(),
    button_schema(Button),
    number_schema(Number),
    sensor_schema(unit_of_measurement="V"),
    text_sensor_schema(),
    cv.COMPONENT_SCHEMA,
)
OF_ENTITIES = {str(key) for schema in ENTITIES for key in schema.schema}
"""What ESPHome defines inside an entity."""
type Option = dict[str, str | None]


def inner_schemas(validator: Any) -> Iterator[dict[Any, Any]]:
    """Yield the mappings of keys that a validator holds, in whatever it wraps them."""
    if isinstance(validator, vol.Schema):
        yield from inner_schemas(validator.schema)
    elif isinstance(validator, dict):
        yield validator
    elif isinstance(validator, (vol.All, vol.Any)):
        for part in validator.validators:
            yield from inner_schemas(part)
    elif repr(validator) in schema_extractors.list_schemas:
        yield from inner_schemas(schema_extractors.list_schemas[repr(validator)][0])
    elif schema_extractors.hidden_schemas.get(repr(validator)) == "maybe":
        yield from inner_schemas(validator.inner_schema)
    elif repr(validator) in schema_extractors.typed_schemas:
        for schema in schema_extractors.typed_schemas[repr(validator)][0][0].values():
            yield from inner_schemas(schema)
    elif inspect.isfunction(validator) and validator.__module__.startswith(f"esphome.components.{HUB}"):
        yield from referred_schemas(validator)


def referred_schemas(function: Any) -> Iterator[dict[Any, Any]]:
    """Yield the mappings of the schemas that a validator of the component's own hands over to, alone or by name."""
    variables = inspect.getclosurevars(function)
    for value in (*variables.nonlocals.values(), *variables.globals.values()):
        for schema in value.values() if isinstance(value, dict) else [value]:
            if isinstance(schema, vol.Schema):
                yield from inner_schemas(schema)


def is_entity(schema: dict[Any, Any]) -> bool:
    """Return whether a mapping is that of an ESPHome entity, whose own options are ESPHome's."""
    return "disabled_by_default" in schema


def is_refused(validator: Any) -> bool:
    """Return whether an option is there only to say what to give instead of it."""
    return getattr(validator, "__qualname__", "") == "invalid.<locals>.validator"


def is_duration(schema: dict[Any, Any]) -> bool:
    """Return whether a mapping is the long form of a duration, such as {minutes: 5}."""
    return {"days", "milliseconds"} <= set(schema)


def is_internal(key: Any, validator: Any) -> bool:
    """Return whether an option only declares an ID of the component's own, which nobody has to name."""
    declares = schema_extractors.hidden_schemas.get(repr(validator)) == "declare_id"
    return isinstance(key, cv.GenerateID) and declares and str(key) != "id"


def default_of(key: Any) -> str | None:
    """Return the default of an option as it would be written."""
    if isinstance(key, vol.Required):
        return "required"
    if isinstance(key, (cv.SplitDefault, cv.OnlyWith, cv.GenerateID)) or isinstance(key.default, vol.Undefined):
        return None
    value = key.default()
    if isinstance(value, (dict, list)):
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)


def unit_of(validator: Any) -> str | None:
    """Return the unit of a sensor that has one."""
    keys = {key: key for schema in inner_schemas(validator) if is_entity(schema) for key in schema}
    return default_of(keys["unit_of_measurement"]) if "unit_of_measurement" in keys else None


def options(schema: Any, parent: str = "") -> dict[str, Option]:
    """Return the options of a schema by their paths."""
    found: dict[str, Option] = {}
    for mapping in inner_schemas(schema):
        if parent and is_duration(mapping):
            continue
        hidden = OF_ENTITIES if is_entity(mapping) else set()
        for key, validator in mapping.items():
            if str(key) not in hidden and not is_internal(key, validator) and not is_refused(validator):
                found[f"{parent}{key}"] = {"default": default_of(key), "unit": unit_of(validator)}
                found |= options(validator, f"{parent}{key}.")
    return found


def platforms(component: Path) -> Iterator[str]:
    """Yield the domains that a component has platforms for, as modules or packages."""
    for module in pkgutil.iter_modules([str(component)]):
        if importlib.util.find_spec(f"esphome.components.{module.name}"):
            yield module.name


def schemas(component: Path) -> Iterator[tuple[str, Any]]:
    """Yield what is configured of a component, each with a schema of its options."""
    module = importlib.import_module(f"esphome.components.{component.name}")
    if component.name == HUB:
        yield from ((HUB, schema) for schema in (module.HUB_SCHEMA, module.SIMULATED_SCHEMA, module.WIRED_SCHEMA))
    elif hasattr(module, "CONFIG_SCHEMA"):
        yield component.name, module.CONFIG_SCHEMA
    for domain in platforms(component):
        platform = importlib.import_module(f"{module.__name__}.{domain}")
        if hasattr(platform, "CONFIG_SCHEMA"):
            yield f"{component.name}/{domain}", platform.CONFIG_SCHEMA


def main() -> None:
    """Print the options of each component and each platform."""
    folder = Path(sys.argv[1])
    install_meta_finder(folder)
    answer: dict[str, dict[str, Option]] = {}
    for component in sorted(folder.iterdir()):
        if (component / "__init__.py").exists() and component.name != SIMULATED:
            for key, schema in schemas(component):
                answer.setdefault(key, {}).update(options(schema))
    json.dump(answer, sys.stdout, indent=1)


main()
