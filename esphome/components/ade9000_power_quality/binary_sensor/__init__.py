"""Whether a power-quality event is in progress, by phase."""

import esphome.codegen as cg
from esphome.components import binary_sensor
import esphome.config_validation as cv
from esphome.const import CONF_BINARY_SENSOR, CONF_NAME, DEVICE_CLASS_PROBLEM
from esphome.types import ConfigType

from ...ade9000.hub import Phase, configured, hub_of, reserve
from ...ade9000.options.const import CONF_FITTED
from ...ade9000.quantities import LINES
from .. import CONF_ADE9000_POWER_QUALITY_ID, DOMAIN, OF_POWER_QUALITY, EventType

DEPENDENCIES = [DOMAIN]

PAIRS = ("l12", "l23", "l31")
STATES = {
    **dict.fromkeys(LINES, ("dip", "swell", "over_current", "phase_loss")),
    **dict.fromkeys(PAIRS, ("dip", "swell")),
}
"""Keys that group the sensors, with the events of each; in a three-wire system voltages are between the phases."""
WHOLE = {"wrong_sequence": "total", "neutral_mismatch": "n"}
"""Events of the installation, with the phase of their records."""


def _state_schema() -> cv.All:
    return cv.maybe_simple_value(binary_sensor.binary_sensor_schema(device_class=DEVICE_CLASS_PROBLEM), key=CONF_NAME)


CONFIG_SCHEMA = cv.Schema(
    {
        **OF_POWER_QUALITY,
        **{
            cv.Optional(group): cv.Schema({cv.Optional(event): _state_schema() for event in events})
            for group, events in STATES.items()
        },
        **{cv.Optional(event): _state_schema() for event in WHOLE},
    }
)


def _final_validate(config: ConfigType) -> ConfigType:
    """Refuse a sensor that would never be on."""
    hub = hub_of(configured(DOMAIN, config[CONF_ADE9000_POWER_QUALITY_ID]))
    for line in LINES:
        if config.get(line) and not hub[line][CONF_FITTED]:
            raise cv.Invalid(f"`ade9000:` says `fitted: false` of {line}, so nothing happens there", path=[line])
    return config


FINAL_VALIDATE_SCHEMA = _final_validate


def _wanted(config: ConfigType) -> list[tuple[str, str, ConfigType]]:
    """Return (event, phase, its configuration) of each event that has a sensor in a configuration."""
    grouped = [
        (event, group, config[group][event])
        for group, events in STATES.items()
        for event in events
        if event in config.get(group, {})
    ]
    return grouped + [(event, phase, config[event]) for event, phase in WHOLE.items() if event in config]


async def to_code(config: ConfigType) -> None:
    """Generate the binary sensors of one `binary_sensor:` entry."""
    cg.add_define("USE_ADE9000_POWER_QUALITY_STATES")
    power_quality = await cg.get_variable(config[CONF_ADE9000_POWER_QUALITY_ID])
    reserve(
        power_quality.set_state_count,
        CONF_BINARY_SENSOR,
        config,
        CONF_ADE9000_POWER_QUALITY_ID,
        lambda entry: len(_wanted(entry)),
    )
    for event, phase, conf in _wanted(config):
        var = await binary_sensor.new_binary_sensor(conf)
        cg.add(power_quality.add_state(getattr(EventType, event.upper()), getattr(Phase, phase.upper()), var))
