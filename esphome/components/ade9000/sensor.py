"""Any quantity of the meter as an ordinary ESPHome sensor, averaged over the hub's update interval."""

import esphome.codegen as cg
from esphome.components import sensor
import esphome.config_validation as cv
from esphome.const import CONF_NAME, CONF_PLATFORM, CONF_SENSOR, ENTITY_CATEGORY_DIAGNOSTIC
from esphome.core import CORE
import esphome.final_validate as fv

from . import ADE9000, CONF_ADE9000_ID, CONF_FITTED, CONF_NEUTRAL, DOMAIN, Phase, Quantity, ade9000_ns, generated
from .energy_groups import check_is_built
from .harmonics import check_harmonics, new_sensors, options_of
from .power_quality import COUNTERS, power_quality_of, require_power_quality
from .quantities import GROUPS, LINES
from .quantity_table import QUANTITIES
from .summed_current import check_sensors

Diagnostic = ade9000_ns.enum("Diagnostic", is_class=True)

DIAGNOSTICS = {
    "crc_errors": "total_increasing",
    "rejected_windows": "total_increasing",
    "estimated_windows": "total_increasing",
    "unmeasured_windows": "total_increasing",
    "restarts": "total_increasing",
    "waiting_records": "measurement",
}
"""What the meter counts about itself, with its state class."""


def _quantity_schema(quantity):
    optional = {"device_class": quantity.device_class} if quantity.device_class else {}
    if quantity.diagnostic:
        optional["entity_category"] = ENTITY_CATEGORY_DIAGNOSTIC
    return cv.maybe_simple_value(
        sensor.sensor_schema(
            unit_of_measurement=quantity.unit,
            accuracy_decimals=quantity.accuracy_decimals,
            state_class=quantity.state_class,
            **optional,
        ),
        key=CONF_NAME,
    )


def _diagnostic_schema(state_class):
    return cv.maybe_simple_value(
        sensor.sensor_schema(
            accuracy_decimals=0, state_class=state_class, entity_category=ENTITY_CATEGORY_DIAGNOSTIC, icon="mdi:counter"
        ),
        key=CONF_NAME,
    )


def _group_schema(group):
    return cv.Schema(
        {
            **{cv.Optional(quantity.key): _quantity_schema(quantity) for quantity in QUANTITIES if group in quantity.phases},
            **options_of(group),
        }
    )


CONFIG_SCHEMA = cv.Schema(
    {
        cv.GenerateID(CONF_ADE9000_ID): cv.use_id(ADE9000),
        **{cv.Optional(group): _group_schema(group) for group in GROUPS},
        **{cv.Optional(key): _diagnostic_schema(state_class) for key, state_class in DIAGNOSTICS.items()},
        **{cv.Optional(key): _diagnostic_schema("total_increasing") for key in COUNTERS},
    }
)


def _final_validate(config):
    """Refuse a sensor that would never have a value."""
    full_config = fv.full_config.get()
    hub = full_config.get_config_for_path(full_config.get_path_for_id(config[CONF_ADE9000_ID])[:-1])
    if "current" in config.get("n", {}) and not hub[CONF_NEUTRAL]:
        raise cv.Invalid("The neutral is not measured: set `neutral: true` in `ade9000:` where it has a transformer", path=["n"])
    for line in LINES:
        if config.get(line) and not hub[line][CONF_FITTED]:
            raise cv.Invalid(f"`ade9000:` says `fitted: false` of {line}, so there is nothing to publish", path=[line])
    check_sensors(config, hub)
    for group, quantity, _ in _wanted(config):
        check_is_built(hub, group, quantity)
    require_power_quality(hub, config, COUNTERS)
    check_harmonics(hub, config)
    return config


FINAL_VALIDATE_SCHEMA = _final_validate


def _wanted(config):
    """Return (group, quantity, its configuration) of each quantity that has a sensor in a configuration."""
    return [
        (group, quantity, config[group][quantity.key])
        for group in GROUPS
        for quantity in QUANTITIES
        if quantity.key in config.get(group, {})
    ]


def _sensor_count(hub_id):
    """Return how many sensors all `sensor:` entries of a hub have together."""
    entries = [
        entry for entry in CORE.config[CONF_SENSOR] if entry[CONF_PLATFORM] == DOMAIN and entry[CONF_ADE9000_ID].id == hub_id
    ]
    return sum(len(_wanted(entry)) + len(DIAGNOSTICS.keys() & entry.keys()) for entry in entries)


async def to_code(config):
    """Generate the sensors of one `sensor:` entry."""
    cg.add_define("USE_ADE9000_SENSORS")
    hub = await cg.get_variable(config[CONF_ADE9000_ID])
    hub_id = config[CONF_ADE9000_ID].id
    if hub_id not in (hubs := generated().hubs_with_sensors):
        hubs.add(hub_id)
        cg.add(hub.set_sensor_count(_sensor_count(hub_id)))
    for group, quantity, conf in _wanted(config):
        var = await sensor.new_sensor(conf)
        cg.add(hub.add_sensor(var, getattr(Quantity, quantity.key.upper()), getattr(Phase, group.upper()), quantity.scale))
    for key in DIAGNOSTICS:
        if conf := config.get(key):
            cg.add(hub.add_diagnostic(await sensor.new_sensor(conf), getattr(Diagnostic, key.upper())))
    if wanted := [key for key in COUNTERS if key in config]:
        cg.add_define("USE_ADE9000_EVENT_COUNTERS")
        power_quality = await power_quality_of(config[CONF_ADE9000_ID])
        for key in wanted:
            cg.add(power_quality.set_counter(COUNTERS[key], await sensor.new_sensor(config[key])))
    await new_sensors(config, config[CONF_ADE9000_ID], generated().hubs_with_harmonics)
