"""What measures the voltages: dividers, with voltage transformers before them where the board needs them."""

import math

import esphome.config_validation as cv

from .const import CONF_DIVIDER, CONF_NOMINAL_VOLTAGE, CONF_TRANSFORMER, CONF_VOLTAGE_SENSOR
from .current_sensor import CONF_PGA_GAIN, FULL_SCALE_VOLTS
from .validation import positive, quotient


def _divider(value):
    """Take the ratio of the divider, or its two resistances, the one to the line first."""
    if isinstance(value, list):
        if len(value) != 2:
            raise cv.Invalid("A divider is two resistances, the one to the line first: [800kohm, 1kohm]")
        upper, lower = (positive("A resistance of the divider")(cv.resistance(resistance)) for resistance in value)
        return (upper + lower) / lower
    ratio = positive("The ratio of the divider")(value)
    if ratio < 1:
        raise cv.Invalid(f"The divider is line volts over volts at the chip, such as 801; {value} would be an amplifier")
    return ratio


VOLTAGE_SENSOR_SCHEMA = cv.Schema(
    {
        cv.Optional(CONF_DIVIDER, default=801): _divider,
        cv.Optional(CONF_TRANSFORMER, default=1): quotient(
            "The ratio of a voltage transformer is primary over secondary voltage, such as 230:9; it"
        ),
        cv.Optional(CONF_PGA_GAIN, default=1): cv.one_of(1, 2, 4, int=True),
    }
)


def full_scale_volts(sensor):
    """Return the RMS of the line at which the chip saturates."""
    return FULL_SCALE_VOLTS * sensor[CONF_DIVIDER] * sensor[CONF_TRANSFORMER] / sensor[CONF_PGA_GAIN]


def check_voltage_range(config):
    """Refuse a full scale that a swell exceeds, or that is too coarse."""
    sensor, nominal = config[CONF_VOLTAGE_SENSOR], config[CONF_NOMINAL_VOLTAGE]
    full_scale = full_scale_volts(sensor)
    if full_scale < 1.2 * nominal:
        raise cv.Invalid(
            f"This divider saturates the chip at {full_scale:.0f} V, but nominal_voltage is {nominal:g} V and needs "
            f"{1.2 * nominal:.0f} V with a margin for swells: a divider of "
            f"{1.7 * nominal * math.sqrt(2) / sensor[CONF_TRANSFORMER]:.0f} or more fits at a gain of 1",
            path=[CONF_VOLTAGE_SENSOR, CONF_DIVIDER],
        )
    if full_scale > max(20 * nominal, 1000):
        raise cv.Invalid(
            f"This divider makes {full_scale:.0f} V of the chip's full scale, too coarse for a nominal_voltage of {nominal:g} V",
            path=[CONF_VOLTAGE_SENSOR, CONF_DIVIDER],
        )
    return config
