"""The steps of a calibration, each at the press of a button."""

import esphome.codegen as cg
from esphome.components import button
import esphome.config_validation as cv
from esphome.const import CONF_NAME, ENTITY_CATEGORY_CONFIG
from esphome.types import ConfigType

from .. import CHANNELS, CONF_ADE9000_CALIBRATION_ID, DOMAIN, OF_CALIBRATION, ade9000_calibration_ns, check_groups

DEPENDENCIES = [DOMAIN]

CalibrationAction = ade9000_calibration_ns.enum("CalibrationAction", is_class=True)
CalibrationButton = ade9000_calibration_ns.class_("CalibrationButton", button.Button)

STEPS = {
    "calibrate_gain": (CalibrationAction.GAIN, "mdi:scale-balance"),
    "calibrate_phase": (CalibrationAction.PHASE, "mdi:sine-wave"),
    "calibrate_offset": (CalibrationAction.OFFSET, "mdi:set-center"),
    "calibrate_voltage_offset": (CalibrationAction.VOLTAGE_OFFSET, "mdi:set-center"),
}
OTHERS = {
    "undo_calibration": (CalibrationAction.UNDO, "mdi:undo"),
    "clear_calibration": (CalibrationAction.CLEAR, "mdi:delete"),
}
STEPS_OF_NEUTRAL = ("calibrate_gain", "calibrate_offset")
ALL = (1 << len(CHANNELS)) - 1


def _schema(icon: str) -> cv.All:
    return cv.maybe_simple_value(
        button.button_schema(CalibrationButton, entity_category=ENTITY_CATEGORY_CONFIG, icon=icon), key=CONF_NAME
    )


def _group_schema(group: str) -> cv.Schema:
    return cv.Schema(
        {cv.Optional(key): _schema(icon) for key, (_, icon) in STEPS.items() if group != "n" or key in STEPS_OF_NEUTRAL}
    )


CONFIG_SCHEMA = cv.Schema(
    {
        **OF_CALIBRATION,
        **{cv.Optional(key): _schema(icon) for key, (_, icon) in (STEPS | OTHERS).items()},
        **{cv.Optional(group): _group_schema(group) for group in CHANNELS},
    }
)
FINAL_VALIDATE_SCHEMA = check_groups


async def to_code(config: ConfigType) -> None:
    """Generate the buttons of one `button:` entry."""
    calibration = await cg.get_variable(config[CONF_ADE9000_CALIBRATION_ID])
    wanted = [(key, ALL, config) for key in STEPS | OTHERS]
    wanted += [(key, 1 << channel, config.get(group, {})) for channel, group in enumerate(CHANNELS) for key in STEPS]
    for key, channels, group in wanted:
        if conf := group.get(key):
            action, _ = (STEPS | OTHERS)[key]
            await button.new_button(conf, calibration, action, channels)
