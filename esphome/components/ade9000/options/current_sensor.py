"""Sensors of the currents: current transformers with a burden, or Rogowski coils with the chip's integrator."""

import math

import esphome.codegen as cg
import esphome.config_validation as cv
from esphome.const import CONF_LINE_FREQUENCY, CONF_TYPE
from esphome.cpp_generator import Expression
from esphome.types import ConfigType

from .const import CONF_CURRENT_SENSOR, CONF_INVERT_CURRENT, CONF_NEUTRAL_SENSOR
from .validation import LINE_FREQUENCIES, positive, quotient

CONF_BURDEN = "burden"
CONF_PGA_GAIN = "pga_gain"
CONF_PHASE_SHIFT = "phase_shift"
CONF_RATIO = "ratio"
CONF_SENSITIVITY = "sensitivity"
CONF_SENSITIVITY_FREQUENCY = "sensitivity_frequency"

CT = "ct"
ROGOWSKI = "rogowski"

FULL_SCALE_VOLTS = math.sqrt(0.5)
"""RMS at the chip's pins with a gain of 1: a sine of 1 V peak."""
UNITY_GAIN_HZ = 50
"""Where the gain of the chip's integrator is taken as 1, see chip_config.cpp."""

_ns = cg.esphome_ns.namespace("ade9000")
CurrentSensor = _ns.struct("CurrentSensor")
CurrentSensorType = _ns.enum("CurrentSensorType", is_class=True)


def _burden(value: object) -> float:
    return positive("The burden in ohms")(cv.resistance(value))


def _sensitivity(value: object) -> float:
    """Take volts per ampere as a data sheet says it."""
    volts, slash, amperes = str(value).replace(" ", "").partition("/")
    try:
        number: float = cv.voltage(volts) / cv.current(f"1{amperes}")
    except cv.Invalid:
        number = 0
    if not (slash and number > 0):
        raise cv.Invalid(
            f"The sensitivity of a Rogowski coil is a voltage per current, such as 0.5mV/A or 22.5mV/kA, not {value!r}"
        )
    return number


def _type(value: object) -> str:
    if value == "shunt":
        raise cv.Invalid(
            "A shunt is at the voltage of its phase, and all inputs of the chip are within 0.6 V of one ground: use a current "
            "transformer or a Rogowski coil, which insulate"
        )
    return str(cv.one_of(CT, ROGOWSKI, lower=True)(value))


_COMMON = {
    cv.Optional(CONF_TYPE, default=CT): _type,
    cv.Optional(CONF_PHASE_SHIFT, default="0deg"): cv.All(cv.angle, cv.float_range(min=-15, max=2.25)),
    cv.Optional(CONF_PGA_GAIN, default=1): cv.one_of(1, 2, 4, int=True),
}
_NO_COIL = cv.invalid("A current transformer has a ratio and a burden; for a Rogowski coil add `type: rogowski`")
_NO_TRANSFORMER = cv.invalid("A Rogowski coil has neither ratio nor burden, but a `sensitivity` such as 0.5mV/A")
_SCHEMAS = {
    CT: cv.Schema(
        {
            **_COMMON,
            cv.Optional(CONF_RATIO, default=2500): quotient(
                "The ratio of a current transformer is primary over secondary current, such as 2500 or 2500:1; it"
            ),
            cv.Optional(CONF_BURDEN, default="10.2ohm"): _burden,
            cv.Optional(CONF_SENSITIVITY): _NO_COIL,
            cv.Optional(CONF_SENSITIVITY_FREQUENCY): _NO_COIL,
        }
    ),
    ROGOWSKI: cv.Schema(
        {
            **_COMMON,
            cv.Required(CONF_SENSITIVITY): _sensitivity,
            cv.Optional(CONF_SENSITIVITY_FREQUENCY): cv.enum(LINE_FREQUENCIES, upper=True),
            cv.Optional(CONF_RATIO): _NO_TRANSFORMER,
            cv.Optional(CONF_BURDEN): _NO_TRANSFORMER,
        }
    ),
}


_DIRECTION = {cv.Optional(CONF_INVERT_CURRENT, default=False): cv.boolean}
_NEUTRAL_SCHEMAS = {name: schema.extend(_DIRECTION) for name, schema in _SCHEMAS.items()}


def _type_of(value: object) -> str:
    is_coil = isinstance(value, dict) and value.get(CONF_TYPE) == ROGOWSKI
    return ROGOWSKI if is_coil else CT


def current_sensor(value: object) -> ConfigType:
    """Take a current transformer, or a Rogowski coil by `type: rogowski`."""
    return _SCHEMAS[_type_of(value)](value)


def neutral_sensor(value: object) -> ConfigType:
    """Take the same for the neutral, which has its direction here because there is no phase to say it."""
    return _NEUTRAL_SCHEMAS[_type_of(value)](value)


def complete_neutral_sensor(config: ConfigType) -> ConfigType:
    """Take what `neutral_sensor` leaves open from a `current_sensor` of the same type."""
    phases, neutral = config.get(CONF_CURRENT_SENSOR), config.get(CONF_NEUTRAL_SENSOR)
    if not isinstance(phases, dict) or not isinstance(neutral, dict) or _type_of(phases) != _type_of({**phases, **neutral}):
        return config
    return {**config, CONF_NEUTRAL_SENSOR: {**phases, **neutral}}


def _coil_volts_per_ampere(sensor: ConfigType, line_frequency: str) -> float:
    """Return what a coil gives at 50 Hz: its voltage grows with the frequency."""
    frequency = LINE_FREQUENCIES[sensor.get(CONF_SENSITIVITY_FREQUENCY, line_frequency)]
    return float(sensor[CONF_SENSITIVITY] * UNITY_GAIN_HZ / frequency)


def full_scale_amperes(sensor: ConfigType, line_frequency: str) -> float:
    """Return the RMS of the current at which a sensor saturates the chip."""
    is_coil = sensor[CONF_TYPE] == ROGOWSKI
    volts_per_ampere = _coil_volts_per_ampere(sensor, line_frequency) if is_coil else sensor[CONF_BURDEN] / sensor[CONF_RATIO]
    return float(FULL_SCALE_VOLTS / volts_per_ampere / sensor[CONF_PGA_GAIN])


def check_range(sensor: ConfigType, line_frequency: str, key: str) -> None:
    """Refuse a sensor whose full scale nobody can mean."""
    if sensor[CONF_TYPE] == ROGOWSKI:
        what, path = f"A Rogowski coil of {1000 * sensor[CONF_SENSITIVITY]:g} mV/A", CONF_SENSITIVITY
        check = "sensitivity and pga_gain"
    else:
        what, path = f"A burden of {sensor[CONF_BURDEN]:g} ohm on a transformer of {sensor[CONF_RATIO]:g}:1", CONF_BURDEN
        check = "ratio, burden and pga_gain"
    full_scale = full_scale_amperes(sensor, line_frequency)
    if not 5 <= full_scale <= 20_000:
        raise cv.Invalid(
            f"{what} saturates the chip at {full_scale:.3g} A; 5 A to 20 kA are usual: check {check}", path=[key, path]
        )


def check_neutral_range(config: ConfigType) -> ConfigType:
    """Refuse a neutral that the chip cannot match to the phases, whose gain register ends at a factor of 16."""
    if CONF_NEUTRAL_SENSOR not in config:
        return config
    neutral, phases = (
        full_scale_amperes(config[key], config[CONF_LINE_FREQUENCY]) for key in (CONF_NEUTRAL_SENSOR, CONF_CURRENT_SENSOR)
    )
    if neutral >= 16 * phases:
        raise cv.Invalid(
            f"The neutral is measured up to {neutral:.3g} A and the phases up to {phases:.3g} A; the chip takes less than 16 "
            "times as much: check ratio, burden and pga_gain",
            path=[CONF_NEUTRAL_SENSOR],
        )
    return config


def current_sensor_expression(sensor: ConfigType, line_frequency: str) -> Expression:
    """Generate one sensor."""
    if sensor[CONF_TYPE] == ROGOWSKI:
        return cg.StructInitializer(
            CurrentSensor,
            ("phase_shift_deg", sensor[CONF_PHASE_SHIFT]),
            ("pga_gain", sensor[CONF_PGA_GAIN]),
            ("type", CurrentSensorType.ROGOWSKI),
            ("coil_volts_per_ampere", _coil_volts_per_ampere(sensor, line_frequency)),
        )
    return cg.StructInitializer(
        CurrentSensor,
        ("ratio", sensor[CONF_RATIO]),
        ("burden_ohm", sensor[CONF_BURDEN]),
        ("phase_shift_deg", sensor[CONF_PHASE_SHIFT]),
        ("pga_gain", sensor[CONF_PGA_GAIN]),
    )
