"""Which input of the board each phase is measured at: sensors that were connected to the inputs of others are put right."""

import esphome.codegen as cg
import esphome.config_validation as cv
from esphome.cpp_generator import MockObj
from esphome.types import ConfigType

from ..quantities import LINES
from .const import CONF_FITTED, CONF_L2_CURRENT_SENSOR, CONF_NEUTRAL
from .wirings import wiring_of

CONF_CURRENT_CHANNEL = "current_channel"
CONF_NEUTRAL_CHANNEL = "neutral_channel"
CONF_VOLTAGE_CHANNEL = "voltage_channel"

NEUTRAL = "n"

_Input = cg.esphome_ns.namespace("ade9000").enum("Input", is_class=True)
_CURRENT_INPUTS = {"l1": _Input.IA, "l2": _Input.IB, "l3": _Input.IC, NEUTRAL: _Input.IN}
_VOLTAGE_INPUTS = {"l1": _Input.VA, "l2": _Input.VB, "l3": _Input.VC}

CURRENT_CHANNEL = cv.one_of(*_CURRENT_INPUTS, lower=True)
PHASE_CHANNELS = {
    cv.Optional(CONF_VOLTAGE_CHANNEL): cv.one_of(*_VOLTAGE_INPUTS, lower=True),
    cv.Optional(CONF_CURRENT_CHANNEL): CURRENT_CHANNEL,
}


def _refuse_twice(what: str, channels: dict[str, str], advice: str) -> None:
    """Refuse two users of one input."""
    users: dict[str, list[str]] = {}
    for user, channel in channels.items():
        users.setdefault(channel, []).append(user)
    for channel, names in users.items():
        if len(names) > 1:
            raise cv.Invalid(f"{' and '.join(names)} both take their {what} from input {channel}: {advice}")


def check_channels(config: ConfigType) -> ConfigType:
    """Check that every phase has inputs of its own.

    Only separate circuits may share a voltage: they can be on one phase, with one sensor for all.
    """
    wiring = wiring_of(config)
    lines = [line for line in LINES[: wiring.line_count] if config[line][CONF_FITTED]]
    if CONF_NEUTRAL_CHANNEL in config and not config[CONF_NEUTRAL]:
        raise cv.Invalid("neutral_channel is only used with `neutral: true`", path=[CONF_NEUTRAL_CHANNEL])
    if not wiring.has_separate_circuits:
        has_voltage = [line for line in lines if not (line == "l2" and wiring.computes_l2_voltage)]
        voltages = {line: config[line].get(CONF_VOLTAGE_CHANNEL, line) for line in has_voltage}
        _refuse_twice(
            "voltage", voltages, "only the circuits of wiring single_phases may share one; give each its voltage_channel"
        )
    has_current = [line for line in lines if line != "l2" or config[CONF_L2_CURRENT_SENSOR]]
    currents = {line: config[line].get(CONF_CURRENT_CHANNEL, line) for line in has_current}
    if config[CONF_NEUTRAL]:
        currents["the neutral"] = config.get(CONF_NEUTRAL_CHANNEL, NEUTRAL)
    _refuse_twice("current", currents, "give each its own current_channel, and the neutral its neutral_channel")
    return config


def phase_inputs(line: str, config: ConfigType) -> tuple[tuple[str, MockObj], tuple[str, MockObj]]:
    """Return the fields of a `PhaseConfig` with the inputs of a phase."""
    voltage, current = config.get(CONF_VOLTAGE_CHANNEL, line), config.get(CONF_CURRENT_CHANNEL, line)
    return ("voltage_input", _VOLTAGE_INPUTS[voltage]), ("current_input", _CURRENT_INPUTS[current])


def neutral_input(config: ConfigType) -> MockObj:
    """Return the input of the neutral's current."""
    return _CURRENT_INPUTS[config.get(CONF_NEUTRAL_CHANNEL, NEUTRAL)]
