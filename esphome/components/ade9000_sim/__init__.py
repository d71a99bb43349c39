"""A simulated ADE9000 for ESPHome's platform `host`: its mains, its connections and its faults."""

from collections.abc import Iterable

import esphome.codegen as cg
from esphome.components import spi
import esphome.config_validation as cv
from esphome.const import (
    CONF_ANGLE,
    CONF_CURRENT,
    CONF_DURATION,
    CONF_FREQUENCY,
    CONF_ID,
    CONF_VOLTAGE,
    PLATFORM_HOST,
)
from esphome.cpp_generator import Expression, MockObj
from esphome.types import ConfigType

MULTI_CONF = True
AUTO_LOAD = ["spi"]

CONF_ABSENT = "absent"
CONF_BIT_ERROR_RATE = "bit_error_rate"
CONF_BROWN_OUT_AT = "brown_out_at"
CONF_BURDEN = "burden"
CONF_CHIP_TEMPERATURE = "chip_temperature"
CONF_COIL = "coil"
CONF_CROSSTALK = "crosstalk"
CONF_CT_LEAD = "ct_lead"
CONF_CT_REVERSED = "ct_reversed"
CONF_CURRENT_FITTED = "current_fitted"
CONF_CURRENT_GAIN = "current_gain"
CONF_CURRENT_HARMONICS = "current_harmonics"
CONF_CURRENT_LAG = "current_lag"
CONF_CURRENT_NOISE = "current_noise"
CONF_CURRENT_SOURCE = "current_source"
CONF_DIVIDER = "divider"
CONF_FAULTS = "faults"
CONF_FRONT_END = "front_end"
CONF_IRQ1_PIN = "irq1_pin"
CONF_MISO = "miso"
CONF_NEUTRAL_ANGLE = "neutral_angle"
CONF_NEUTRAL_BALANCED = "neutral_balanced"
CONF_NEUTRAL_BURDEN = "neutral_burden"
CONF_NEUTRAL_COIL = "neutral_coil"
CONF_NEUTRAL_CT_LEAD = "neutral_ct_lead"
CONF_NEUTRAL_CT_REVERSED = "neutral_ct_reversed"
CONF_NEUTRAL_CURRENT = "neutral_current"
CONF_NEUTRAL_CURRENT_SOURCE = "neutral_current_source"
CONF_NEUTRAL_GAIN = "neutral_gain"
CONF_NEUTRAL_RATIO = "neutral_ratio"
CONF_ORDER = "order"
CONF_PROFILE = "profile"
CONF_RATIO = "ratio"
CONF_VOLTAGE_ANGLE = "voltage_angle"
CONF_VOLTAGE_FITTED = "voltage_fitted"
CONF_VOLTAGE_GAIN = "voltage_gain"
CONF_VOLTAGE_HARMONICS = "voltage_harmonics"
CONF_VOLTAGE_NOISE = "voltage_noise"
CONF_VOLTAGE_SOURCE = "voltage_source"

LINES = ("l1", "l2", "l3")
CURRENTS = (*LINES, "n")
MAX_HARMONICS = 16
MAX_STEPS = 32
BIT_ERROR_SEED = 9000
"""A fixed seed, so that a test that fails due to bit errors fails again."""

sim_ns = cg.esphome_ns.namespace("ade9000_sim")
ADE9000Sim = sim_ns.class_("ADE9000Sim", cg.Component, spi.spi_ns.class_("SPIDelegate"))
InterruptPin = sim_ns.class_("InterruptPin", cg.InternalGPIOPin)
FrontEnd = sim_ns.struct("FrontEnd")
Harmonic = sim_ns.struct("Harmonic")
LoadStep = sim_ns.struct("LoadStep")
MisoFault = sim_ns.enum("MisoFault", is_class=True)
MISO_FAULTS = {"stuck_low": MisoFault.STUCK_LOW, "stuck_high": MisoFault.STUCK_HIGH}


def _three_factors(value: object) -> list[float]:
    """Accept one factor for each phase, or one for all."""
    factors = value if isinstance(value, list) else [value] * len(LINES)
    if len(factors) != len(LINES):
        raise cv.Invalid(f"Give one factor, or one for each of {', '.join(LINES)}")
    return [cv.positive_float(factor) for factor in factors]


HARMONICS = cv.All(
    cv.ensure_list(
        {
            cv.Required(CONF_ORDER): cv.int_range(min=2, max=50),
            cv.Required(CONF_RATIO): cv.percentage,
            cv.Optional(CONF_ANGLE, default="0deg"): cv.angle,
        }
    ),
    cv.Length(max=MAX_HARMONICS),
)


def _phase_schema(angle: int) -> cv.Schema:
    return cv.Schema(
        {
            cv.Optional(CONF_VOLTAGE, default="230V"): cv.All(cv.voltage, cv.positive_float),
            cv.Optional(CONF_VOLTAGE_ANGLE, default=f"{angle}deg"): cv.angle,
            cv.Optional(CONF_CURRENT, default="0A"): cv.All(cv.current, cv.positive_float),
            cv.Optional(CONF_CURRENT_LAG, default="0deg"): cv.angle,
            cv.Optional(CONF_VOLTAGE_HARMONICS, default=[]): HARMONICS,
            cv.Optional(CONF_CURRENT_HARMONICS, default=[]): HARMONICS,
        }
    )


FRONT_END_PHASE_SCHEMA = cv.Schema(
    {
        cv.Optional(CONF_VOLTAGE_GAIN, default=1.0): cv.positive_float,
        cv.Optional(CONF_CURRENT_GAIN, default=1.0): cv.positive_float,
        cv.Optional(CONF_VOLTAGE_NOISE, default="0V"): cv.All(cv.voltage, cv.positive_float),
        cv.Optional(CONF_CURRENT_NOISE, default="0A"): cv.All(cv.current, cv.positive_float),
        cv.Optional(CONF_CROSSTALK, default="0S"): cv.float_with_unit("conductance", "S"),
        cv.Optional(CONF_CT_REVERSED, default=False): cv.boolean,
        cv.Optional(CONF_VOLTAGE_FITTED, default=True): cv.boolean,
        cv.Optional(CONF_CURRENT_FITTED, default=True): cv.boolean,
    }
)


def _front_end_phase_schema(line: str) -> cv.Schema:
    """Return the schema of the sensors at one phase's channels; by default they measure `line`."""
    return FRONT_END_PHASE_SCHEMA.extend(
        {
            cv.Optional(CONF_VOLTAGE_SOURCE, default=line): cv.one_of(*LINES, lower=True),
            cv.Optional(CONF_CURRENT_SOURCE, default=line): cv.one_of(*CURRENTS, lower=True),
        }
    )


FRONT_END_SCHEMA = cv.Schema(
    {
        cv.Optional(CONF_DIVIDER, default=801.0): cv.positive_not_null_float,
        cv.Optional(CONF_RATIO, default=2500.0): cv.positive_not_null_float,
        cv.Optional(CONF_BURDEN, default="10.2ohm"): cv.All(cv.resistance, cv.positive_not_null_float),
        cv.Optional(CONF_CT_LEAD, default="0deg"): cv.angle,
        cv.Optional(CONF_NEUTRAL_RATIO, default=2500.0): cv.positive_not_null_float,
        cv.Optional(CONF_NEUTRAL_BURDEN, default="10.2ohm"): cv.All(cv.resistance, cv.positive_not_null_float),
        cv.Optional(CONF_COIL, default="0V"): cv.All(cv.voltage, cv.positive_float),
        cv.Optional(CONF_NEUTRAL_COIL, default="0V"): cv.All(cv.voltage, cv.positive_float),
        cv.Optional(CONF_NEUTRAL_CURRENT_SOURCE, default="n"): cv.one_of(*CURRENTS, lower=True),
        cv.Optional(CONF_NEUTRAL_GAIN, default=1.0): cv.positive_float,
        cv.Optional(CONF_NEUTRAL_CT_LEAD, default="0deg"): cv.angle,
        cv.Optional(CONF_NEUTRAL_CT_REVERSED, default=False): cv.boolean,
        **{cv.Optional(line, default={}): _front_end_phase_schema(line) for line in LINES},
    }
)
FAULTS_SCHEMA = cv.Schema(
    {
        cv.Optional(CONF_ABSENT, default=False): cv.boolean,
        cv.Optional(CONF_MISO): cv.enum(MISO_FAULTS, lower=True),
        cv.Optional(CONF_BIT_ERROR_RATE): cv.float_range(min=0, max=1),
        cv.Optional(CONF_BROWN_OUT_AT): cv.positive_time_period_microseconds,
    }
)
STEP_SCHEMA = cv.Schema(
    {
        cv.Required(CONF_DURATION): cv.All(cv.positive_time_period_milliseconds, cv.Range(min=cv.TimePeriod(milliseconds=10))),
        cv.Optional(CONF_CURRENT, default=1.0): _three_factors,
        cv.Optional(CONF_VOLTAGE, default=1.0): _three_factors,
    }
)
CONFIG_SCHEMA = cv.All(
    cv.only_on(PLATFORM_HOST),
    cv.Schema(
        {
            cv.GenerateID(): cv.declare_id(ADE9000Sim),
            cv.Optional(CONF_FREQUENCY, default="50Hz"): cv.All(cv.frequency, cv.float_range(min=40, max=70)),
            **{cv.Optional(line, default={}): _phase_schema(angle) for line, angle in zip(LINES, (0, -120, 120), strict=True)},
            cv.Optional(CONF_NEUTRAL_CURRENT, default="0A"): cv.All(cv.current, cv.positive_float),
            cv.Optional(CONF_NEUTRAL_ANGLE, default="0deg"): cv.angle,
            cv.Optional(CONF_NEUTRAL_BALANCED, default=False): cv.boolean,
            cv.Optional(CONF_CHIP_TEMPERATURE, default="25°C"): cv.All(cv.temperature, cv.float_range(min=-40, max=85)),
            cv.Optional(CONF_PROFILE, default=[]): cv.All(cv.ensure_list(STEP_SCHEMA), cv.Length(max=MAX_STEPS)),
            cv.Optional(CONF_IRQ1_PIN): cv.declare_id(InterruptPin),
            cv.Optional(CONF_FRONT_END, default={}): FRONT_END_SCHEMA,
            cv.Optional(CONF_FAULTS, default={}): FAULTS_SCHEMA,
        }
    ).extend(cv.COMPONENT_SCHEMA),
)


def _by_phase(config: ConfigType, key: str) -> Expression:
    return cg.ArrayInitializer(*(config[line][key] for line in LINES))


def _current_sources(config: ConfigType) -> Iterable[str]:
    """Return the owner of the sensor at each current channel, the neutral's channel last."""
    return [*(config[line][CONF_CURRENT_SOURCE] for line in LINES), config[CONF_NEUTRAL_CURRENT_SOURCE]]


def _front_end(config: ConfigType) -> Expression:
    return cg.StructInitializer(
        FrontEnd,
        ("voltage_divider", config[CONF_DIVIDER]),
        ("ct_ratio", config[CONF_RATIO]),
        ("burden_ohm", config[CONF_BURDEN]),
        ("ct_lead_deg", config[CONF_CT_LEAD]),
        ("neutral_ct_ratio", config[CONF_NEUTRAL_RATIO]),
        ("neutral_burden_ohm", config[CONF_NEUTRAL_BURDEN]),
        ("neutral_ct_lead_deg", config[CONF_NEUTRAL_CT_LEAD]),
        ("neutral_ct_reversed", config[CONF_NEUTRAL_CT_REVERSED]),
        ("coil_volts_per_ampere", config[CONF_COIL]),
        ("neutral_coil_volts_per_ampere", config[CONF_NEUTRAL_COIL]),
        ("neutral_gain", config[CONF_NEUTRAL_GAIN]),
        ("voltage_gain", _by_phase(config, CONF_VOLTAGE_GAIN)),
        ("current_gain", _by_phase(config, CONF_CURRENT_GAIN)),
        ("voltage_noise_v", _by_phase(config, CONF_VOLTAGE_NOISE)),
        ("current_noise_a", _by_phase(config, CONF_CURRENT_NOISE)),
        ("crosstalk_s", _by_phase(config, CONF_CROSSTALK)),
        ("ct_reversed", _by_phase(config, CONF_CT_REVERSED)),
        ("voltage_source", cg.ArrayInitializer(*(LINES.index(config[line][CONF_VOLTAGE_SOURCE]) for line in LINES))),
        ("current_source", cg.ArrayInitializer(*(CURRENTS.index(source) for source in _current_sources(config)))),
        ("voltage_fitted", _by_phase(config, CONF_VOLTAGE_FITTED)),
        ("current_fitted", _by_phase(config, CONF_CURRENT_FITTED)),
    )


def _harmonic(config: ConfigType) -> Expression:
    return cg.StructInitializer(
        Harmonic, ("order", config[CONF_ORDER]), ("ratio", config[CONF_RATIO]), ("angle_deg", config[CONF_ANGLE])
    )


def _step(config: ConfigType) -> Expression:
    return cg.StructInitializer(
        LoadStep,
        ("duration_s", config[CONF_DURATION].total_milliseconds / 1000),
        ("current_factor", cg.ArrayInitializer(*config[CONF_CURRENT])),
        ("voltage_factor", cg.ArrayInitializer(*config[CONF_VOLTAGE])),
    )


def _add_faults(chip: MockObj, config: ConfigType) -> None:
    cg.add(chip.set_absent(config[CONF_ABSENT]))
    if miso := config.get(CONF_MISO):
        cg.add(chip.set_miso_fault(miso))
    if rate := config.get(CONF_BIT_ERROR_RATE):
        cg.add(chip.flip_miso_bits(rate, BIT_ERROR_SEED))
    if at := config.get(CONF_BROWN_OUT_AT):
        cg.add(chip.brown_out_at(at.total_microseconds))


async def to_code(config: ConfigType) -> None:
    """Generate one simulated chip."""
    var = cg.new_Pvariable(config[CONF_ID])
    await cg.register_component(var, config)
    cg.add(var.set_frequency(config[CONF_FREQUENCY]))
    for line, key in enumerate(LINES):
        phase = config[key]
        values = (phase[name] for name in (CONF_VOLTAGE, CONF_VOLTAGE_ANGLE, CONF_CURRENT, CONF_CURRENT_LAG))
        cg.add(var.set_phase(line, *values))
        for harmonic in phase[CONF_VOLTAGE_HARMONICS]:
            cg.add(var.add_voltage_harmonic(line, _harmonic(harmonic)))
        for harmonic in phase[CONF_CURRENT_HARMONICS]:
            cg.add(var.add_current_harmonic(line, _harmonic(harmonic)))
    cg.add(var.set_neutral(config[CONF_NEUTRAL_CURRENT], config[CONF_NEUTRAL_ANGLE], config[CONF_NEUTRAL_BALANCED]))
    cg.add(var.set_chip_temperature(config[CONF_CHIP_TEMPERATURE]))
    for step in config[CONF_PROFILE]:
        cg.add(var.add_step(_step(step)))
    if pin := config.get(CONF_IRQ1_PIN):
        cg.add(var.set_irq1_pin(cg.new_Pvariable(pin)))
    cg.add(var.set_front_end(_front_end(config[CONF_FRONT_END])))
    _add_faults(var.chip(), config[CONF_FAULTS])
