"""The last power-quality event, in words."""

import esphome.codegen as cg
from esphome.components import text_sensor
import esphome.config_validation as cv
from esphome.const import CONF_NAME
from esphome.types import ConfigType

from .. import CONF_ADE9000_POWER_QUALITY_ID, DOMAIN, OF_POWER_QUALITY

DEPENDENCIES = [DOMAIN]

CONF_LAST_EVENT = "last_event"

CONFIG_SCHEMA = cv.Schema(
    {
        **OF_POWER_QUALITY,
        cv.Required(CONF_LAST_EVENT): cv.maybe_simple_value(text_sensor.text_sensor_schema(), key=CONF_NAME),
    }
)


async def to_code(config: ConfigType) -> None:
    """Generate the text sensor of one `text_sensor:` entry."""
    cg.add_define("USE_ADE9000_POWER_QUALITY_LAST_EVENT")
    power_quality = await cg.get_variable(config[CONF_ADE9000_POWER_QUALITY_ID])
    cg.add(power_quality.set_last_event(await text_sensor.new_text_sensor(config[CONF_LAST_EVENT])))
