"""Readings of a reference instrument, as numbers to enter before a calibration."""

import esphome.codegen as cg
from esphome.components import number
import esphome.config_validation as cv
from esphome.const import CONF_MODE, CONF_NAME, ENTITY_CATEGORY_CONFIG
from esphome.types import ConfigType

from .. import CHANNELS, CONF_ADE9000_CALIBRATION_ID, DOMAIN, OF_CALIBRATION, ade9000_calibration_ns, check_groups

DEPENDENCIES = [DOMAIN]

ReferenceKind = ade9000_calibration_ns.enum("ReferenceKind", is_class=True)
ReferenceNumber = ade9000_calibration_ns.class_("ReferenceNumber", number.Number)

REFERENCES = {
    "reference_voltage": (ReferenceKind.VOLTAGE, "V", "voltage", 0, 1000, 0.01),
    "reference_current": (ReferenceKind.CURRENT, "A", "current", 0, 20_000, 0.001),
    "reference_angle": (ReferenceKind.ANGLE, "°", None, -180, 180, 0.01),
    "reference_active_power": (ReferenceKind.ACTIVE_POWER, "W", "power", -1e6, 1e6, 0.1),
}
"""Kind, unit, device class, smallest and largest value, and step of each number. 0 is: there is none."""


def _schema(key: str) -> cv.All:
    _, unit, device_class, *_ = REFERENCES[key]
    classes = {"device_class": device_class} if device_class else {}
    schema = number.number_schema(
        ReferenceNumber, unit_of_measurement=unit, entity_category=ENTITY_CATEGORY_CONFIG, icon="mdi:scale-balance", **classes
    )
    # A slider could not be set to a hundredth of a volt.
    return cv.maybe_simple_value(
        schema.extend({cv.Optional(CONF_MODE, default="BOX"): cv.enum(number.NUMBER_MODES, upper=True)}), key=CONF_NAME
    )


def _group_schema(group: str) -> cv.Schema:
    keys = REFERENCES if group != "n" else ("reference_current",)
    return cv.Schema({cv.Optional(key): _schema(key) for key in keys})


CONFIG_SCHEMA = cv.Schema(
    {
        **OF_CALIBRATION,
        **{cv.Optional(group): _group_schema(group) for group in CHANNELS},
    }
)
FINAL_VALIDATE_SCHEMA = check_groups


async def to_code(config: ConfigType) -> None:
    """Generate the numbers of one `number:` entry."""
    calibration = await cg.get_variable(config[CONF_ADE9000_CALIBRATION_ID])
    for channel, group in enumerate(CHANNELS):
        for key, (kind, _, _, least, largest, step) in REFERENCES.items():
            if conf := config.get(group, {}).get(key):
                var = await number.new_number(conf, calibration, channel, kind, min_value=least, max_value=largest, step=step)
                cg.add(calibration.set_number(var, channel, kind))
