"""Sensors of the voltages: dividers, with voltage transformers before them if the board needs them."""

import logging
import math

import esphome.config_validation as cv
from esphome.types import ConfigType

from .const import CONF_DIVIDER, CONF_NOMINAL_VOLTAGE, CONF_TRANSFORMER, CONF_VOLTAGE_SENSOR
from .current_sensor import CONF_PGA_GAIN, FULL_SCALE_VOLTS
from .validation import positive, quotient

_LOGGER = logging.getLogger(__name__)

SWELL_MARGIN = 1.2
PIN_VOLTS = 0.6 * math.sqrt(0.5)
"""RMS of a sine that keeps a pin within ±0.6 V of ground, the chip's limit, while the other pin of its input is on ground."""


def _divider(value: object) -> float:
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


def full_scale_volts(sensor: ConfigType) -> float:
    """Return the RMS of the line at which the chip saturates."""
    return float(FULL_SCALE_VOLTS * sensor[CONF_DIVIDER] * sensor[CONF_TRANSFORMER] / sensor[CONF_PGA_GAIN])


def _divider_for(config: ConfigType) -> int:
    """Return the least divider that bears a swell at a gain of 1, also with one pin of each input on ground."""
    sensor, nominal = config[CONF_VOLTAGE_SENSOR], config[CONF_NOMINAL_VOLTAGE]
    return math.ceil(float(SWELL_MARGIN * nominal / PIN_VOLTS / sensor[CONF_TRANSFORMER]))


def check_voltage_range(config: ConfigType) -> ConfigType:
    """Refuse a full scale that a swell exceeds, or that is too coarse."""
    sensor, nominal = config[CONF_VOLTAGE_SENSOR], config[CONF_NOMINAL_VOLTAGE]
    full_scale = full_scale_volts(sensor)
    if full_scale < SWELL_MARGIN * nominal:
        raise cv.Invalid(
            f"This divider saturates the chip at {full_scale:.0f} V, but nominal_voltage is {nominal:g} V and needs "
            f"{SWELL_MARGIN * nominal:.0f} V with a margin for swells: a divider of {_divider_for(config)} or more fits at a "
            "gain of 1",
            path=[CONF_VOLTAGE_SENSOR, CONF_DIVIDER],
        )
    if full_scale > max(20 * nominal, 1000):
        raise cv.Invalid(
            f"This divider makes {full_scale:.0f} V of the chip's full scale, too coarse for a nominal_voltage of {nominal:g} V",
            path=[CONF_VOLTAGE_SENSOR, CONF_DIVIDER],
        )
    return config


def warn_of_pin_limit(config: ConfigType) -> None:
    """Warn that a swell exceeds the limit if one pin of each input is on ground. At higher gains full scale is below it."""
    sensor, nominal = config[CONF_VOLTAGE_SENSOR], config[CONF_NOMINAL_VOLTAGE]
    limit = PIN_VOLTS * sensor[CONF_DIVIDER] * sensor[CONF_TRANSFORMER]
    if sensor[CONF_PGA_GAIN] == 1 and limit < SWELL_MARGIN * nominal:
        _LOGGER.warning(
            "voltage_sensor: where one pin of each input is on ground, the chip measures up to %.0f V with this divider, and "
            "nominal_voltage needs %.0f V with a margin for swells: take a divider of %d or more. With a divider at both pins of "
            "each input it is right as it is",
            limit,
            SWELL_MARGIN * nominal,
            _divider_for(config),
        )
