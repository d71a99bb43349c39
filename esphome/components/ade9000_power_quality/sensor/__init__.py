"""Numbers of power-quality events of each type since the boot."""

import esphome.codegen as cg
from esphome.components import sensor
import esphome.config_validation as cv
from esphome.const import CONF_NAME, ENTITY_CATEGORY_DIAGNOSTIC, STATE_CLASS_TOTAL_INCREASING
from esphome.types import ConfigType

from .. import CONF_ADE9000_POWER_QUALITY_ID, DOMAIN, EVENT_TYPES, OF_POWER_QUALITY, EventType

DEPENDENCIES = [DOMAIN]

COUNTERS = {f"{event}_count": getattr(EventType, event.upper()) for event in EVENT_TYPES}
COUNTER_SCHEMA = cv.maybe_simple_value(
    sensor.sensor_schema(
        accuracy_decimals=0,
        state_class=STATE_CLASS_TOTAL_INCREASING,
        entity_category=ENTITY_CATEGORY_DIAGNOSTIC,
        icon="mdi:counter",
    ),
    key=CONF_NAME,
)
CONFIG_SCHEMA = cv.Schema({**OF_POWER_QUALITY, **{cv.Optional(key): COUNTER_SCHEMA for key in COUNTERS}})


async def to_code(config: ConfigType) -> None:
    """Generate the counters of one `sensor:` entry."""
    cg.add_define("USE_ADE9000_POWER_QUALITY_COUNTERS")
    power_quality = await cg.get_variable(config[CONF_ADE9000_POWER_QUALITY_ID])
    for key, event in COUNTERS.items():
        if conf := config.get(key):
            cg.add(power_quality.set_counter(event, await sensor.new_sensor(conf)))
