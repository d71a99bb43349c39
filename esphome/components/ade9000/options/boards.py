"""The parts in front of the chip on known boards, so that a configuration need not repeat them.

Every entry comes from the board's own schematic, bill of materials or library. None of them fixes the ratio of the
current transformers, because those are plugged in.
"""

from dataclasses import dataclass

import esphome.config_validation as cv
from esphome.const import CONF_TYPE
from esphome.types import ConfigType

from .const import CONF_CURRENT_SENSOR, CONF_DIVIDER, CONF_NEUTRAL_SENSOR, CONF_TRANSFORMER, CONF_VOLTAGE_SENSOR
from .current_sensor import CONF_BURDEN, ROGOWSKI

CONF_BOARD = "board"


@dataclass(frozen=True, kw_only=True)
class Board:
    """The parts of a board that measured values depend on."""

    burden: str
    """Across each current input, both halves together."""
    divider: float | list[str]
    takes_mains: bool
    """Whether its voltage inputs may be connected to the mains; else they are for transformers."""


BOARDS = {
    # Analog Devices' library for this shield (ADE9000API.h): "Burden resistor on board = 5.1*2", "attenuation factor 801".
    "ev_ade9000shieldz": Board(burden="10.2ohm", divider=801.0, takes_mains=True),
    # github.com/whatnick/ADE9000_Breakout at 5ae6fdc, bom/ADE9000_Breakout_BOM.csv: R17–R20 across the jacks of the CTs,
    # R21–R26 over R27–R32 at each pin of the voltage inputs. Earlier revisions without jacks have neither.
    "whatnick_ade9000_breakout": Board(burden="2.4ohm", divider=["100kohm", "2.49kohm"], takes_mains=False),
}


def apply_board(config: object) -> object:
    """Fill in a board's options that the configuration lacks. Options in the configuration stay."""
    if not isinstance(config, dict) or CONF_BOARD not in config:
        return config
    name = cv.one_of(*BOARDS, lower=True)(config[CONF_BOARD])
    board = BOARDS[name]
    voltage = dict(config.get(CONF_VOLTAGE_SENSOR) or {})
    if not board.takes_mains and CONF_TRANSFORMER not in voltage and CONF_DIVIDER not in voltage:
        raise cv.Invalid(
            f"The voltage inputs of {name} are for transformers, never for the mains: give their ratio, such as 230:9 for an "
            "AC adapter of 9 V, as `voltage_sensor: transformer:`",
            path=[CONF_BOARD],
        )
    filled = {**config, CONF_VOLTAGE_SENSOR: {CONF_DIVIDER: board.divider, **voltage}}
    for key in (CONF_CURRENT_SENSOR, CONF_NEUTRAL_SENSOR):
        if key in config or key == CONF_CURRENT_SENSOR:
            filled[key] = _with_burden(name, board, config.get(key) or {}, key)
    return filled


def _with_burden(name: str, board: Board, sensor: ConfigType, key: str) -> ConfigType:
    if isinstance(sensor, dict) and sensor.get(CONF_TYPE) == ROGOWSKI:
        raise cv.Invalid(
            f"A Rogowski coil must not be loaded by the burden of {board.burden} on {name}: take the burden off, and give "
            "the divider yourself instead of `board:`",
            path=[key, CONF_TYPE],
        )
    return {CONF_BURDEN: board.burden, **sensor}
