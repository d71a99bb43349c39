"""Counters of energy that a device may be built without: each costs memory in every record of the log."""

import esphome.codegen as cg
import esphome.config_validation as cv
import esphome.final_validate as fv
from esphome.types import ConfigType

from .. import core_features
from ..quantities import Quantity
from ..quantity_table import QUANTITIES

CONF_ENERGY = "energy"
CONF_RESTORE = "restore"

FEATURES = {"quadrants": core_features.QUADRANT_ENERGY, "fundamental": core_features.FUNDAMENTAL_ENERGY}

ENERGY_SCHEMA = cv.Schema(
    {
        **{cv.SplitDefault(option, esp8266=False, esp32=True, rp2=True, host=True): cv.boolean for option in FEATURES},
        cv.Optional(CONF_RESTORE, default=True): cv.boolean,
    }
)

BASE_RECORD_BYTES = 520
COUNTER_BYTES = 8


def record_bytes(config: ConfigType) -> int:
    """Return the size of one record of the log, `sizeof(Record)` with the counters that are built."""
    counters = sum(len(quantity.phases) for quantity in QUANTITIES if config[CONF_ENERGY].get(quantity.build_group))
    return BASE_RECORD_BYTES + COUNTER_BYTES * counters


def check_same_for_all(domain: str) -> None:
    """Refuse chips of one device that want to be built in different ways."""
    hubs = fv.full_config.get()[domain]
    if any(hub[CONF_ENERGY] != hubs[0][CONF_ENERGY] for hub in hubs):
        raise cv.Invalid("`energy:` is the same for all chips of a device: give each `ade9000:` the same options")


def check_is_built(hub: ConfigType, group: str, quantity: Quantity) -> None:
    """Refuse a sensor of a counter that is not built."""
    if (option := quantity.build_group) and not hub[CONF_ENERGY][option]:
        raise cv.Invalid(
            f"{quantity.key} is not counted: set `energy: {{{option}: true}}` in `ade9000:`, "
            "which takes memory from the log's records",
            path=[group, quantity.key],
        )


def build_counters(config: ConfigType) -> None:
    """Build what the options ask for."""
    for option, feature in FEATURES.items():
        if config[CONF_ENERGY][option]:
            core_features.build(feature)
    if config[CONF_ENERGY][CONF_RESTORE]:
        cg.add_define("USE_ADE9000_ENERGY_STORE")
