"""What is wrong with the meter, in words for the person who can act; OK while it measures."""

import esphome.codegen as cg
from esphome.components import text_sensor
import esphome.config_validation as cv
from esphome.const import CONF_NAME, CONF_STATUS, ENTITY_CATEGORY_DIAGNOSTIC

from . import ADE9000, CONF_ADE9000_ID

CONFIG_SCHEMA = cv.Schema(
    {
        cv.GenerateID(CONF_ADE9000_ID): cv.use_id(ADE9000),
        cv.Required(CONF_STATUS): cv.maybe_simple_value(
            text_sensor.text_sensor_schema(entity_category=ENTITY_CATEGORY_DIAGNOSTIC), key=CONF_NAME
        ),
    }
)


async def to_code(config):
    """Generate the text sensor."""
    cg.add_define("USE_ADE9000_STATUS")
    hub = await cg.get_variable(config[CONF_ADE9000_ID])
    cg.add(hub.set_status(await text_sensor.new_text_sensor(config[CONF_STATUS])))
