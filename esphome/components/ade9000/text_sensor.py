"""What is wrong with the meter or with its wiring, in words for the person who can act; OK while nothing is."""

import esphome.codegen as cg
from esphome.components import text_sensor
import esphome.config_validation as cv
from esphome.const import CONF_NAME, CONF_STATUS, ENTITY_CATEGORY_DIAGNOSTIC

from . import ADE9000, CONF_ADE9000_ID
from .wiring_check import CONF_WIRING_CHECK, WIRING_CHECK_SCHEMA, check_wiring_of_hub, wiring_check_to_code

CONFIG_SCHEMA = cv.All(
    cv.Schema(
        {
            cv.GenerateID(CONF_ADE9000_ID): cv.use_id(ADE9000),
            cv.Optional(CONF_STATUS): cv.maybe_simple_value(
                text_sensor.text_sensor_schema(entity_category=ENTITY_CATEGORY_DIAGNOSTIC), key=CONF_NAME
            ),
            cv.Optional(CONF_WIRING_CHECK): WIRING_CHECK_SCHEMA,
        }
    ),
    cv.has_at_least_one_key(CONF_STATUS, CONF_WIRING_CHECK),
)
FINAL_VALIDATE_SCHEMA = check_wiring_of_hub


async def to_code(config):
    """Generate the text sensors."""
    hub = await cg.get_variable(config[CONF_ADE9000_ID])
    if status := config.get(CONF_STATUS):
        cg.add_define("USE_ADE9000_STATUS")
        cg.add(hub.set_status(await text_sensor.new_text_sensor(status)))
    if wiring_check := config.get(CONF_WIRING_CHECK):
        await wiring_check_to_code(hub, wiring_check)
