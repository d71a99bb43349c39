"""Any quantity of the meter as an ordinary ESPHome sensor, averaged over the hub's update interval."""

import esphome.codegen as cg
from esphome.components import sensor
import esphome.config_validation as cv
from esphome.const import CONF_NAME, CONF_SENSOR, ENTITY_CATEGORY_DIAGNOSTIC
from esphome.types import ConfigType

from ..hub import CONF_ADE9000_ID, OF_HUB, Phase, ade9000_ns, hub_of, reserve
from ..options.const import CONF_FITTED, CONF_NEUTRAL
from ..options.energy_groups import check_is_built
from ..options.summed_current import check_sensors
from ..quantities import GROUPS, LINES, Quantity
from ..quantity_table import QUANTITIES

QuantityOfReading = ade9000_ns.enum("Quantity", is_class=True)
Diagnostic = ade9000_ns.enum("Diagnostic", is_class=True)

DIAGNOSTICS = {
    "crc_errors": "total_increasing",
    "rejected_windows": "total_increasing",
    "estimated_windows": "total_increasing",
    "unmeasured_windows": "total_increasing",
    "restarts": "total_increasing",
    "waiting_records": "measurement",
}
"""Counters of the meter itself, with their state class."""


def _quantity_schema(quantity: Quantity) -> cv.All:
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


def _diagnostic_schema(state_class: str) -> cv.All:
    return cv.maybe_simple_value(
        sensor.sensor_schema(
            accuracy_decimals=0, state_class=state_class, entity_category=ENTITY_CATEGORY_DIAGNOSTIC, icon="mdi:counter"
        ),
        key=CONF_NAME,
    )


def _group_schema(group: str) -> cv.Schema:
    return cv.Schema(
        {cv.Optional(quantity.key): _quantity_schema(quantity) for quantity in QUANTITIES if group in quantity.phases}
    )


CONFIG_SCHEMA = cv.Schema(
    {
        **OF_HUB,
        **{cv.Optional(group): _group_schema(group) for group in GROUPS},
        **{cv.Optional(key): _diagnostic_schema(state_class) for key, state_class in DIAGNOSTICS.items()},
    }
)


def _final_validate(config: ConfigType) -> ConfigType:
    """Refuse a sensor that would never have a value."""
    hub = hub_of(config)
    if "current" in config.get("n", {}) and not hub[CONF_NEUTRAL]:
        raise cv.Invalid("The neutral is not measured: set `neutral: true` in `ade9000:` where it has a transformer", path=["n"])
    for line in LINES:
        if config.get(line) and not hub[line][CONF_FITTED]:
            raise cv.Invalid(f"`ade9000:` says `fitted: false` of {line}, so there is nothing to publish", path=[line])
    check_sensors(config, hub)
    for group, quantity, _ in _wanted(config):
        check_is_built(hub, group, quantity)
    return config


FINAL_VALIDATE_SCHEMA = _final_validate


def _wanted(config: ConfigType) -> list[tuple[str, Quantity, ConfigType]]:
    """Return (group, quantity, its configuration) of each quantity that has a sensor in a configuration."""
    return [
        (group, quantity, config[group][quantity.key])
        for group in GROUPS
        for quantity in QUANTITIES
        if quantity.key in config.get(group, {})
    ]


def _sensor_count(entry: ConfigType) -> int:
    return len(_wanted(entry)) + len(DIAGNOSTICS.keys() & entry.keys())


async def to_code(config: ConfigType) -> None:
    """Generate the sensors of one `sensor:` entry."""
    cg.add_define("USE_ADE9000_SENSORS")
    hub = await cg.get_variable(config[CONF_ADE9000_ID])
    reserve(hub.set_sensor_count, CONF_SENSOR, config, CONF_ADE9000_ID, _sensor_count)
    for group, quantity, conf in _wanted(config):
        var = await sensor.new_sensor(conf)
        value, phase = getattr(QuantityOfReading, quantity.key.upper()), getattr(Phase, group.upper())
        cg.add(hub.add_sensor(var, value, phase, quantity.scale))
    for key in DIAGNOSTICS:
        if conf := config.get(key):
            cg.add(hub.add_diagnostic(await sensor.new_sensor(conf), getattr(Diagnostic, key.upper())))
