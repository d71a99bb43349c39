"""The result of a calibration, and the YAML to keep it."""

import esphome.codegen as cg
from esphome.components import text_sensor
import esphome.config_validation as cv
from esphome.const import CONF_CALIBRATION, CONF_NAME, ENTITY_CATEGORY_DIAGNOSTIC
from esphome.types import ConfigType

from .. import CHANNELS, CONF_ADE9000_CALIBRATION_ID, DOMAIN, OF_CALIBRATION, check_groups

DEPENDENCIES = [DOMAIN]

CONF_CALIBRATION_YAML = "calibration_yaml"

TEXT = cv.maybe_simple_value(text_sensor.text_sensor_schema(entity_category=ENTITY_CATEGORY_DIAGNOSTIC), key=CONF_NAME)
CONFIG_SCHEMA = cv.All(
    cv.Schema(
        {
            **OF_CALIBRATION,
            cv.Optional(CONF_CALIBRATION): TEXT,
            **{cv.Optional(group): cv.Schema({cv.Optional(CONF_CALIBRATION_YAML): TEXT}) for group in CHANNELS},
        }
    ),
    cv.has_at_least_one_key(CONF_CALIBRATION, *CHANNELS),
)
FINAL_VALIDATE_SCHEMA = check_groups


async def to_code(config: ConfigType) -> None:
    """Generate the text sensors of one `text_sensor:` entry."""
    calibration = await cg.get_variable(config[CONF_ADE9000_CALIBRATION_ID])
    if conf := config.get(CONF_CALIBRATION):
        cg.add(calibration.set_words(await text_sensor.new_text_sensor(conf)))
    for channel, group in enumerate(CHANNELS):
        if conf := config.get(group, {}).get(CONF_CALIBRATION_YAML):
            cg.add(calibration.set_yaml(await text_sensor.new_text_sensor(conf), channel))
