"""The hub, as its platforms and the features that extend it see it: its names in YAML and C++, and how it is found."""

from collections.abc import Callable

import esphome.codegen as cg
from esphome.components import spi
import esphome.config_validation as cv
from esphome.const import CONF_ID, CONF_PLATFORM
from esphome.core import CORE, ID
from esphome.cpp_generator import MockObj
import esphome.final_validate as fv
from esphome.types import ConfigType

DOMAIN = "ade9000"

CONF_ADE9000_ID = "ade9000_id"
CONF_READINGS = "readings"

ade9000_ns = cg.esphome_ns.namespace(DOMAIN)
ADE9000 = ade9000_ns.class_("ADE9000", cg.Component, spi.SPIDevice)
Phase = ade9000_ns.enum("Phase", is_class=True)

OF_HUB = {cv.GenerateID(CONF_ADE9000_ID): cv.use_id(ADE9000)}
"""The option by which a feature or a platform names its hub."""


def configured(domain: str, component_id: ID) -> ConfigType:
    """Return the configuration of a component, while configurations are validated and while code is generated."""
    full_config = fv.full_config.get(CORE.config)
    return next(config for config in full_config[domain] if config[CONF_ID].id == component_id.id)


def hub_of(config: ConfigType) -> ConfigType:
    """Return the configuration of the hub that another one names."""
    return configured(DOMAIN, config[CONF_ADE9000_ID])


def refuse_second(domain: str, config: ConfigType) -> None:
    """Refuse a feature that a hub has already."""
    hub_id = config[CONF_ADE9000_ID].id
    if sum(other[CONF_ADE9000_ID].id == hub_id for other in fv.full_config.get()[domain]) > 1:
        raise cv.Invalid(f"There is more than one `{domain}:` for one `ade9000:`; put all options into one of them")


def sends_readings(hub: ConfigType) -> bool:
    """Return whether a hub sends its readings to Home Assistant: by default, if there is an API for them."""
    return bool(hub.get(CONF_READINGS, "api" in CORE.loaded_integrations))


def reserve(setter: MockObj, platform: str, config: ConfigType, key: str, count: Callable[[ConfigType], int]) -> None:
    """Let an object take memory for the entities of all entries of a platform that name it by a key, once.

    `config` is one of them, and `setter` what the object takes their number by.
    """
    reserved: set[str] = CORE.data.setdefault(f"{DOMAIN}_reserved", set())
    if str(setter) in reserved:
        return
    reserved.add(str(setter))
    entries = (
        entry
        for entry in CORE.config[platform]
        if entry[CONF_PLATFORM] == config[CONF_PLATFORM] and entry[key].id == config[key].id
    )
    cg.add(setter(sum(map(count, entries))))
