"""The wiring check: a text sensor that says which sensors are connected wrongly."""

import esphome.codegen as cg
from esphome.components import text_sensor
import esphome.config_validation as cv
from esphome.const import CONF_NAME, ENTITY_CATEGORY_DIAGNOSTIC
import esphome.final_validate as fv

from . import CONF_ADE9000_ID, CONF_WIRING, ade9000_ns

CONF_FLOW = "flow"
CONF_WIRING_CHECK = "wiring_check"

Flow = ade9000_ns.enum("Flow", is_class=True)
WiringCheckSensor = ade9000_ns.class_("WiringCheckSensor", text_sensor.TextSensor, cg.Component)

FLOWS = {"import": Flow.IMPORT, "export": Flow.EXPORT, "any": Flow.ANY}
WIRINGS = ("4wire_wye", "single_phases", "split_phase", "3wire_network")
"""Where each current has a voltage of its own to be compared with.

Without a neutral the currents are compared with voltages between phases, and how they lag depends on all three loads.
"""

WIRING_CHECK_SCHEMA = cv.maybe_simple_value(
    text_sensor.text_sensor_schema(WiringCheckSensor, entity_category=ENTITY_CATEGORY_DIAGNOSTIC, icon="mdi:connection")
    .extend({cv.Optional(CONF_FLOW, default="import"): cv.enum(FLOWS, lower=True)})
    .extend(cv.COMPONENT_SCHEMA),
    key=CONF_NAME,
)


def check_wiring_of_hub(config):
    """Refuse the check for a wiring that can't be judged."""
    full_config = fv.full_config.get()
    hub = full_config.get_config_for_path(full_config.get_path_for_id(config[CONF_ADE9000_ID])[:-1])
    wiring = str(hub[CONF_WIRING])
    if CONF_WIRING_CHECK in config and wiring not in WIRINGS:
        raise cv.Invalid(
            f"There is no wiring check for wiring {wiring}: without a voltage of its own for each current its angles depend on "
            f"all loads. It is there for {', '.join(WIRINGS)}",
            path=[CONF_WIRING_CHECK],
        )
    return config


async def wiring_check_to_code(hub, config):
    """Generate the text sensor of a hub."""
    cg.add_define("USE_ADE9000_WIRING_CHECK")
    var = await text_sensor.new_text_sensor(config)
    await cg.register_component(var, config)
    cg.add(var.set_flow(config[CONF_FLOW]))
    cg.add(var.set_hub(hub))
