"""What a meter does at the press of a button: the steps of a calibration, and the capture of a waveform."""

from esphome.components import button
import esphome.config_validation as cv
from esphome.const import CONF_NAME, ENTITY_CATEGORY_CONFIG
import esphome.final_validate as fv

from . import ADE9000, CONF_ADE9000_ID
from .calibration import CHANNELS, ade9000_ns, check_groups, component_of
from .waveform_button import OPTIONS, check_capture_button, new_capture_button

CalibrationAction = ade9000_ns.enum("CalibrationAction", is_class=True)
CalibrationButton = ade9000_ns.class_("CalibrationButton", button.Button)

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


def _schema(icon):
    return cv.maybe_simple_value(
        button.button_schema(CalibrationButton, entity_category=ENTITY_CATEGORY_CONFIG, icon=icon), key=CONF_NAME
    )


def _group_schema(group):
    return cv.Schema(
        {cv.Optional(key): _schema(icon) for key, (_, icon) in STEPS.items() if group != "n" or key in STEPS_OF_NEUTRAL}
    )


CONFIG_SCHEMA = cv.Schema(
    {
        cv.GenerateID(CONF_ADE9000_ID): cv.use_id(ADE9000),
        **{cv.Optional(key): _schema(icon) for key, (_, icon) in (STEPS | OTHERS).items()},
        **{cv.Optional(group): _group_schema(group) for group in CHANNELS},
        **OPTIONS,
    }
)


def _check_capture(config):
    full_config = fv.full_config.get()
    check_capture_button(full_config.get_config_for_path(full_config.get_path_for_id(config[CONF_ADE9000_ID])[:-1]), config)
    return config


FINAL_VALIDATE_SCHEMA = cv.All(check_groups, _check_capture)


async def to_code(config):
    """Generate the buttons of one `button:` entry."""
    wanted = [(key, ALL, config) for key in STEPS | OTHERS]
    wanted += [(key, 1 << channel, config.get(group, {})) for channel, group in enumerate(CHANNELS) for key in STEPS]
    for key, channels, group in wanted:
        if conf := group.get(key):
            calibration = await component_of(config[CONF_ADE9000_ID])
            action, _ = (STEPS | OTHERS)[key]
            await button.new_button(conf, calibration, action, channels)
    await new_capture_button(config, config[CONF_ADE9000_ID])
