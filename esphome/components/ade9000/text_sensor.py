"""What the meter says in words: what is wrong with it or its wiring, what became of a calibration, the last event."""

import esphome.codegen as cg
from esphome.components import text_sensor
import esphome.config_validation as cv
from esphome.const import CONF_CALIBRATION, CONF_NAME, CONF_STATUS, ENTITY_CATEGORY_DIAGNOSTIC
import esphome.final_validate as fv

from . import ADE9000, CONF_ADE9000_ID
from .calibration import CHANNELS, check_groups, component_of
from .power_quality import power_quality_of, require_power_quality
from .wiring_check import CONF_WIRING_CHECK, WIRING_CHECK_SCHEMA, check_wiring_of_hub, wiring_check_to_code

CONF_CALIBRATION_YAML = "calibration_yaml"
CONF_LAST_EVENT = "last_event"

TEXT = cv.maybe_simple_value(text_sensor.text_sensor_schema(entity_category=ENTITY_CATEGORY_DIAGNOSTIC), key=CONF_NAME)
CONFIG_SCHEMA = cv.All(
    cv.Schema(
        {
            cv.GenerateID(CONF_ADE9000_ID): cv.use_id(ADE9000),
            cv.Optional(CONF_STATUS): TEXT,
            cv.Optional(CONF_WIRING_CHECK): WIRING_CHECK_SCHEMA,
            cv.Optional(CONF_CALIBRATION): TEXT,
            cv.Optional(CONF_LAST_EVENT): cv.maybe_simple_value(text_sensor.text_sensor_schema(), key=CONF_NAME),
            **{cv.Optional(group): cv.Schema({cv.Optional(CONF_CALIBRATION_YAML): TEXT}) for group in CHANNELS},
        }
    ),
    cv.has_at_least_one_key(CONF_STATUS, CONF_WIRING_CHECK, CONF_CALIBRATION, CONF_LAST_EVENT, *CHANNELS),
)


def _check_events(config):
    full_config = fv.full_config.get()
    hub = full_config.get_config_for_path(full_config.get_path_for_id(config[CONF_ADE9000_ID])[:-1])
    require_power_quality(hub, config, [CONF_LAST_EVENT])
    return config


FINAL_VALIDATE_SCHEMA = cv.All(check_wiring_of_hub, check_groups, _check_events)


async def to_code(config):
    """Generate the text sensors of one `text_sensor:` entry."""
    hub = await cg.get_variable(config[CONF_ADE9000_ID])
    if conf := config.get(CONF_STATUS):
        cg.add_define("USE_ADE9000_STATUS")
        cg.add(hub.set_status(await text_sensor.new_text_sensor(conf)))
    if conf := config.get(CONF_WIRING_CHECK):
        await wiring_check_to_code(hub, conf)
    if conf := config.get(CONF_CALIBRATION):
        calibration = await component_of(config[CONF_ADE9000_ID])
        cg.add(calibration.set_words(await text_sensor.new_text_sensor(conf)))
    if conf := config.get(CONF_LAST_EVENT):
        cg.add_define("USE_ADE9000_LAST_EVENT")
        power_quality = await power_quality_of(config[CONF_ADE9000_ID])
        cg.add(power_quality.set_last_event(await text_sensor.new_text_sensor(conf)))
    for channel, group in enumerate(CHANNELS):
        if conf := config.get(group, {}).get(CONF_CALIBRATION_YAML):
            calibration = await component_of(config[CONF_ADE9000_ID])
            cg.add(calibration.set_yaml(await text_sensor.new_text_sensor(conf), channel))
