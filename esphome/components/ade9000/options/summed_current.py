"""The chip's one sum of currents: the neutral calculated from the phases, or the residual current of all conductors."""

import logging

import esphome.config_validation as cv
from esphome.types import ConfigType

from ..quantities import LINES
from .wirings import wiring_of

_LOGGER = logging.getLogger(__name__)

CONF_SUMMED_CURRENT = "summed_current"
NEUTRAL = "neutral"
RESIDUAL = "residual"

SENSORS = {("n", "calculated_current"): NEUTRAL, ("total", "residual_current"): RESIDUAL}
"""The use of the sum that each of its sensors needs."""


def _measured_lines(config: ConfigType) -> list[str]:
    return [line for line in LINES[: wiring_of(config).line_count] if config[line]["fitted"]]


def _obstacle(config: ConfigType) -> str | None:
    """Return why the sum means nothing, if it does."""
    wiring = wiring_of(config)
    lines = _measured_lines(config)
    missing = [line for line in LINES[: wiring.line_count] if line not in lines]
    if missing and not wiring.has_separate_circuits:
        return f"{', '.join(missing)} has no current transformer"
    if not config["l2_current_sensor"]:
        return "the chip computes the current of l2 so that the sum is 0"
    inverted = [line for line in lines if config[line]["invert_current"]]
    if inverted and inverted != lines:
        others = ", ".join(line for line in lines if line not in inverted)
        return (
            f"the chip adds before currents are inverted, and `invert_current` is set for {', '.join(inverted)} but not for "
            f"{others}: turn the transformers of {', '.join(inverted)} round and remove the option"
        )
    return None


def _meaning(config: ConfigType) -> str | None:
    """Return what the sum is, as `summed_current` in chip_config.cpp decides it."""
    if _obstacle(config):
        return None
    if not wiring_of(config).has_neutral:
        return RESIDUAL
    return str(config.get(CONF_SUMMED_CURRENT, RESIDUAL)) if config["neutral"] else NEUTRAL


def sums_residual(config: ConfigType) -> bool:
    """Return whether the sum is the residual current of all conductors."""
    return _meaning(config) == RESIDUAL


def check_option(config: ConfigType) -> ConfigType:
    """Refuse a sum that the wiring does not have."""
    wanted = config.get(CONF_SUMMED_CURRENT)
    has_neutral = wiring_of(config).has_neutral
    if wanted == RESIDUAL and not config["neutral"] and has_neutral:
        raise cv.Invalid(
            "The residual current is the sum over all conductors: it needs a transformer on the neutral, and `neutral: true`",
            path=[CONF_SUMMED_CURRENT],
        )
    if wanted == NEUTRAL and not has_neutral:
        raise cv.Invalid("Three wires have no neutral: their sum is the residual current", path=[CONF_SUMMED_CURRENT])
    return config


def warn_of_mixed_directions(config: ConfigType) -> None:
    """Warn about the lost sums if the configuration inverts some of the currents."""
    if any(config[line]["invert_current"] for line in _measured_lines(config)) and (obstacle := _obstacle(config)):
        _LOGGER.warning("Neither the calculated neutral nor the residual current is valid, because %s", obstacle)


def _refusal(group: str, key: str, needed: str, hub: ConfigType) -> cv.Invalid:
    """Return why a sensor of the sum would never have a value."""
    path = [group, key]
    if obstacle := _obstacle(hub):
        return cv.Invalid(f"{key} is not valid, because {obstacle}", path=path)
    if needed == RESIDUAL:
        return cv.Invalid(
            f"{key} needs a transformer on the neutral, `neutral: true`, and not `summed_current: neutral` in `ade9000:`",
            path=path,
        )
    return cv.Invalid(
        f"{key} takes the chip's one sum of currents, which is the residual current: set `summed_current: neutral`", path=path
    )


def check_sensors(config: ConfigType, hub: ConfigType) -> None:
    """Refuse a sensor of the sum that would never have a value."""
    for (group, key), needed in SENSORS.items():
        if key in config.get(group, {}) and _meaning(hub) != needed:
            raise _refusal(group, key, needed, hub)
