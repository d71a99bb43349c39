"""The meter's fault in words."""

import esphome.codegen as cg
from esphome.components import text_sensor
import esphome.config_validation as cv
from esphome.const import CONF_NAME, CONF_STATUS, ENTITY_CATEGORY_DIAGNOSTIC
from esphome.types import ConfigType

from ..hub import CONF_ADE9000_ID, OF_HUB

CONFIG_SCHEMA = cv.Schema(
    {
        **OF_HUB,
        cv.Required(CONF_STATUS): cv.maybe_simple_value(
            text_sensor.text_sensor_schema(entity_category=ENTITY_CATEGORY_DIAGNOSTIC), key=CONF_NAME
        ),
    }
)


async def to_code(config: ConfigType) -> None:
    """Generate the text sensor of one `text_sensor:` entry."""
    cg.add_define("USE_ADE9000_STATUS")
    hub = await cg.get_variable(config[CONF_ADE9000_ID])
    cg.add(hub.set_status(await text_sensor.new_text_sensor(config[CONF_STATUS])))
