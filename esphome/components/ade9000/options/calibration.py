"""Calibration of a meter: its options in YAML. `ade9000_calibration:` finds it."""

import itertools

import esphome.codegen as cg
import esphome.config_validation as cv
from esphome.const import CONF_CALIBRATION, CONF_CURRENT, CONF_VOLTAGE
from esphome.cpp_generator import Expression, MockObj
from esphome.types import ConfigType

from .. import core_features
from ..hub import ade9000_ns
from ..quantities import LINES

CONF_ABOVE = "above"
CONF_ACTIVE_POWER_OFFSET = "active_power_offset"
CONF_CURRENT_OFFSET = "current_offset"
CONF_MULTIPOINT = "multipoint"
CONF_MULTIPOINT_ID = "multipoint_id"
CONF_NEUTRAL_CALIBRATION = "neutral_calibration"
CONF_PHASE = "phase"
CONF_REACTIVE_POWER_OFFSET = "reactive_power_offset"
CONF_VOLTAGE_OFFSET = "voltage_offset"

Calibration = ade9000_ns.struct("Calibration")
CurrentRegion = ade9000_ns.struct("CurrentRegion")
Multipoint = ade9000_ns.class_("Multipoint")

MOST_REGIONS = 5
SHIFT_RANGE_DEG = (-15, 2.25)
"""The chip's range at 50 Hz."""

GAIN = cv.float_range(min=0.5, max=2)
ANGLE = cv.All(cv.angle, cv.float_range(*SHIFT_RANGE_DEG))
POWER_RANGE = cv.float_range(min=-1000, max=1000)
CURRENT_SCHEMA = {
    cv.Optional(CONF_CURRENT, default=1.0): GAIN,
    cv.Optional(CONF_CURRENT_OFFSET, default="0A"): cv.All(cv.current, cv.float_range(min=-5, max=5)),
}
NEUTRAL_CALIBRATION_SCHEMA = cv.Schema(CURRENT_SCHEMA)
CALIBRATION_SCHEMA = cv.Schema(
    {
        **CURRENT_SCHEMA,
        cv.Optional(CONF_VOLTAGE, default=1.0): GAIN,
        cv.Optional(CONF_PHASE, default="0deg"): ANGLE,
        cv.Optional(CONF_VOLTAGE_OFFSET, default="0V"): cv.All(cv.voltage, cv.float_range(min=-20, max=20)),
        cv.Optional(CONF_ACTIVE_POWER_OFFSET, default="0W"): cv.All(cv.float_with_unit("active power", "W"), POWER_RANGE),
        cv.Optional(CONF_REACTIVE_POWER_OFFSET, default="0var"): cv.All(cv.float_with_unit("reactive power", "var"), POWER_RANGE),
    }
)
REGION_PHASE_SCHEMA = cv.Schema({cv.Optional(CONF_CURRENT, default=1.0): GAIN, cv.Optional(CONF_PHASE, default="0deg"): ANGLE})
MULTIPOINT_SCHEMA = cv.ensure_list(
    {
        cv.Optional(CONF_ABOVE, default="0A"): cv.All(cv.current, cv.float_range(min=0)),
        **{cv.Optional(line, default={}): REGION_PHASE_SCHEMA for line in LINES},
    }
)
HUB_SCHEMA = {
    cv.GenerateID(CONF_MULTIPOINT_ID): cv.declare_id(Multipoint),
    cv.Optional(CONF_NEUTRAL_CALIBRATION): NEUTRAL_CALIBRATION_SCHEMA,
    cv.Optional(CONF_MULTIPOINT): MULTIPOINT_SCHEMA,
}
"""The hub's own options; each of its phases also has `calibration:`."""


def check(config: ConfigType, sensor_shift_deg: float, full_scale_a: float) -> ConfigType:
    """Refuse a calibration that the chip cannot do, given the phase shift of the transformers and the largest current."""
    regions = config.get(CONF_MULTIPOINT, [])
    _check_regions(regions, full_scale_a)
    least, largest = SHIFT_RANGE_DEG
    for line in LINES:
        base = sensor_shift_deg + config[line][CONF_CALIBRATION][CONF_PHASE]
        for shift in (base, *(base + region[line][CONF_PHASE] for region in regions)):
            if not least <= shift <= largest:
                raise cv.Invalid(
                    f"The phase shift of the current sensor and the calibration of {line} are {shift:.2f}° together; the chip "
                    f"does {least}° to {largest}°",
                    path=[line, CONF_CALIBRATION, CONF_PHASE],
                )
    return config


def _check_regions(regions: list[ConfigType], full_scale_a: float) -> None:
    borders = [region[CONF_ABOVE] for region in regions]
    if not borders:
        return
    if len(borders) > MOST_REGIONS:
        raise cv.Invalid(f"The chip has {MOST_REGIONS} ranges of the current, not {len(borders)}", path=[CONF_MULTIPOINT])
    if borders[0] != 0:
        raise cv.Invalid("The first range begins at 0 A: give no `above` for it", path=[CONF_MULTIPOINT, 0, CONF_ABOVE])
    for index, (lower, upper) in enumerate(itertools.pairwise(borders), start=1):
        # Ranges overlap by 5 % of their border on either side.
        if upper <= lower * 1.11:
            raise cv.Invalid(
                f"Each range begins at least 11 % above the one before, because they overlap; {upper:g} A follows {lower:g} A",
                path=[CONF_MULTIPOINT, index, CONF_ABOVE],
            )
    if borders[-1] * 1.05 >= full_scale_a:
        raise cv.Invalid(
            f"A range above {borders[-1]:g} A is never reached: full scale is {full_scale_a:.4g} A",
            path=[CONF_MULTIPOINT, len(borders) - 1, CONF_ABOVE],
        )


def calibration_of_phase(config: ConfigType) -> Expression:
    """Return the initializer of a phase's calibration."""
    return cg.StructInitializer(
        Calibration,
        ("voltage", config[CONF_VOLTAGE]),
        ("current", config[CONF_CURRENT]),
        ("phase_deg", config[CONF_PHASE]),
        ("voltage_offset", config[CONF_VOLTAGE_OFFSET]),
        ("current_offset", config[CONF_CURRENT_OFFSET]),
        ("active_power_offset", config[CONF_ACTIVE_POWER_OFFSET]),
        ("reactive_power_offset", config[CONF_REACTIVE_POWER_OFFSET]),
    )


def calibration_of_neutral(config: ConfigType) -> Expression:
    """Return the initializer of the neutral's calibration."""
    neutral = config.get(CONF_NEUTRAL_CALIBRATION) or NEUTRAL_CALIBRATION_SCHEMA({})
    return cg.StructInitializer(Calibration, ("current", neutral[CONF_CURRENT]), ("current_offset", neutral[CONF_CURRENT_OFFSET]))


def add_multipoint(hub: MockObj, config: ConfigType) -> None:
    """Generate the current ranges of a hub, if there are any."""
    if not (regions := config.get(CONF_MULTIPOINT)):
        return
    core_features.build(core_features.MULTIPOINT)
    multipoint = cg.new_Pvariable(config[CONF_MULTIPOINT_ID])
    for region in regions:
        values = cg.StructInitializer(
            CurrentRegion,
            ("above_a", region[CONF_ABOVE]),
            ("current", cg.ArrayInitializer(*(region[line][CONF_CURRENT] for line in LINES))),
            ("phase_deg", cg.ArrayInitializer(*(region[line][CONF_PHASE] for line in LINES))),
        )
        cg.add(multipoint.add_region(values))
    cg.add(hub.chip().extend(cg.RawExpression(f"*{multipoint}")))
