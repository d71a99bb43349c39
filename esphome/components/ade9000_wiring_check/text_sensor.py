"""The wiring check: a text sensor that says which sensors are connected wrongly."""

import esphome.codegen as cg
from esphome.components import text_sensor
import esphome.config_validation as cv
from esphome.const import ENTITY_CATEGORY_DIAGNOSTIC
from esphome.types import ConfigType

from ..ade9000.hub import CONF_ADE9000_ID, OF_HUB, hub_of
from ..ade9000.options.const import CONF_WIRING
from ..ade9000.options.wirings import WIRINGS, wiring_of

DEPENDENCIES = ["ade9000"]

CONF_FLOW = "flow"

ade9000_wiring_check_ns = cg.esphome_ns.namespace("ade9000_wiring_check")
Flow = ade9000_wiring_check_ns.enum("Flow", is_class=True)
WiringCheckSensor = ade9000_wiring_check_ns.class_("WiringCheckSensor", text_sensor.TextSensor, cg.Component)

FLOWS = {"import": Flow.IMPORT, "export": Flow.EXPORT, "any": Flow.ANY}

CONFIG_SCHEMA = (
    text_sensor.text_sensor_schema(WiringCheckSensor, entity_category=ENTITY_CATEGORY_DIAGNOSTIC, icon="mdi:connection")
    .extend({**OF_HUB, cv.Optional(CONF_FLOW, default="import"): cv.enum(FLOWS, lower=True)})
    .extend(cv.COMPONENT_SCHEMA)
)


def _final_validate(config: ConfigType) -> ConfigType:
    """Refuse the check for a wiring that can't be judged."""
    hub = hub_of(config)
    if not wiring_of(hub).has_own_voltages:
        raise cv.Invalid(
            f"There is no wiring check for wiring {hub[CONF_WIRING]}: without a voltage of its own for each current its angles "
            f"depend on all loads. It is there for {', '.join(name for name, other in WIRINGS.items() if other.has_own_voltages)}"
        )
    return config


FINAL_VALIDATE_SCHEMA = _final_validate


async def to_code(config: ConfigType) -> None:
    """Generate the text sensor of a hub."""
    hub = await cg.get_variable(config[CONF_ADE9000_ID])
    var = await text_sensor.new_text_sensor(config)
    await cg.register_component(var, config)
    cg.add(var.set_flow(config[CONF_FLOW]))
    cg.add(var.set_hub(hub))
