"""Calibration of a meter by numbers, buttons and texts: finds what the hub then has in YAML or flash."""

import esphome.codegen as cg
import esphome.config_validation as cv
from esphome.const import CONF_ID
from esphome.types import ConfigType

from ..ade9000.hub import CONF_ADE9000_ID, OF_HUB, configured, hub_of, refuse_second
from ..ade9000.options.const import CONF_FITTED, CONF_NEUTRAL
from ..ade9000.quantities import LINES

DEPENDENCIES = ["ade9000"]
MULTI_CONF = True
DOMAIN = "ade9000_calibration"

CONF_ADE9000_CALIBRATION_ID = "ade9000_calibration_id"

ade9000_calibration_ns = cg.esphome_ns.namespace(DOMAIN)
CalibrationComponent = ade9000_calibration_ns.class_("CalibrationComponent", cg.Component)

CHANNELS = (*LINES, "n")
"""The inputs that are calibrated, in the firmware's order."""
OF_CALIBRATION = {cv.GenerateID(CONF_ADE9000_CALIBRATION_ID): cv.use_id(CalibrationComponent)}
"""The option by which a platform names the calibration that it belongs to."""

CONFIG_SCHEMA = cv.Schema({cv.GenerateID(): cv.declare_id(CalibrationComponent), **OF_HUB}).extend(cv.COMPONENT_SCHEMA)


def _final_validate(config: ConfigType) -> ConfigType:
    refuse_second(DOMAIN, config)
    return config


FINAL_VALIDATE_SCHEMA = _final_validate


def check_groups(config: ConfigType) -> ConfigType:
    """Refuse an entity of an input that is not fitted."""
    hub = hub_of(configured(DOMAIN, config[CONF_ADE9000_CALIBRATION_ID]))
    if config.get("n") and not hub[CONF_NEUTRAL]:
        raise cv.Invalid("The neutral is not measured: set `neutral: true` in `ade9000:` where it has a transformer", path=["n"])
    for line in LINES:
        if config.get(line) and not hub[line][CONF_FITTED]:
            raise cv.Invalid(f"`ade9000:` says `fitted: false` of {line}, so there is nothing to calibrate", path=[line])
    return config


async def to_code(config: ConfigType) -> None:
    """Generate the calibration of one hub."""
    var = cg.new_Pvariable(config[CONF_ID], await cg.get_variable(config[CONF_ADE9000_ID]))
    await cg.register_component(var, config)
