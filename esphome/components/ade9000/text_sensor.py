"""What the meter says in words: what is wrong with it, OK while it measures, and the last event of the supply."""

import esphome.codegen as cg
from esphome.components import text_sensor
import esphome.config_validation as cv
from esphome.const import CONF_NAME, CONF_STATUS, ENTITY_CATEGORY_DIAGNOSTIC
import esphome.final_validate as fv

from . import ADE9000, CONF_ADE9000_ID
from .power_quality import power_quality_of, require_power_quality

CONF_LAST_EVENT = "last_event"

CONFIG_SCHEMA = cv.All(
    cv.Schema(
        {
            cv.GenerateID(CONF_ADE9000_ID): cv.use_id(ADE9000),
            cv.Optional(CONF_STATUS): cv.maybe_simple_value(
                text_sensor.text_sensor_schema(entity_category=ENTITY_CATEGORY_DIAGNOSTIC), key=CONF_NAME
            ),
            cv.Optional(CONF_LAST_EVENT): cv.maybe_simple_value(text_sensor.text_sensor_schema(), key=CONF_NAME),
        }
    ),
    cv.has_at_least_one_key(CONF_STATUS, CONF_LAST_EVENT),
)


def _final_validate(config):
    full_config = fv.full_config.get()
    hub = full_config.get_config_for_path(full_config.get_path_for_id(config[CONF_ADE9000_ID])[:-1])
    require_power_quality(hub, config, [CONF_LAST_EVENT])
    return config


FINAL_VALIDATE_SCHEMA = _final_validate


async def to_code(config):
    """Generate the text sensors."""
    hub = await cg.get_variable(config[CONF_ADE9000_ID])
    if status := config.get(CONF_STATUS):
        cg.add_define("USE_ADE9000_STATUS")
        cg.add(hub.set_status(await text_sensor.new_text_sensor(status)))
    if last_event := config.get(CONF_LAST_EVENT):
        cg.add_define("USE_ADE9000_LAST_EVENT")
        power_quality = await power_quality_of(config[CONF_ADE9000_ID])
        cg.add(power_quality.set_last_event(await text_sensor.new_text_sensor(last_event)))
