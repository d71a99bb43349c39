"""Whether an event of the supply goes on, by phase."""

import esphome.codegen as cg
from esphome.components import binary_sensor
import esphome.config_validation as cv
from esphome.const import CONF_NAME, CONF_PLATFORM, DEVICE_CLASS_PROBLEM
from esphome.core import CORE
import esphome.final_validate as fv

from . import ADE9000, CONF_ADE9000_ID, CONF_FITTED, DOMAIN, Phase, generated
from .power_quality import EventType, power_quality_of, require_power_quality
from .quantities import LINES

PAIRS = ("l12", "l23", "l31")
STATES = {
    **dict.fromkeys(LINES, ("dip", "swell", "over_current", "phase_loss")),
    **dict.fromkeys(PAIRS, ("dip", "swell")),
}
"""Keys that group the sensors, with the events of each; in a three-wire system voltages are between the phases."""
WHOLE = {"wrong_sequence": "total", "neutral_mismatch": "n"}
"""Events of the installation, with the phase that they are told of."""


def _state_schema():
    return cv.maybe_simple_value(binary_sensor.binary_sensor_schema(device_class=DEVICE_CLASS_PROBLEM), key=CONF_NAME)


CONFIG_SCHEMA = cv.Schema(
    {
        cv.GenerateID(CONF_ADE9000_ID): cv.use_id(ADE9000),
        **{
            cv.Optional(group): cv.Schema({cv.Optional(event): _state_schema() for event in events})
            for group, events in STATES.items()
        },
        **{cv.Optional(event): _state_schema() for event in WHOLE},
    }
)


def _final_validate(config):
    """Refuse a sensor that would never be on."""
    full_config = fv.full_config.get()
    hub = full_config.get_config_for_path(full_config.get_path_for_id(config[CONF_ADE9000_ID])[:-1])
    require_power_quality(hub, config, (*STATES, *WHOLE))
    for line in LINES:
        if config.get(line) and not hub[line][CONF_FITTED]:
            raise cv.Invalid(f"`ade9000:` says `fitted: false` of {line}, so nothing happens there", path=[line])
    return config


FINAL_VALIDATE_SCHEMA = _final_validate


def _wanted(config):
    """Return (event, phase, its configuration) of each event that has a sensor in a configuration."""
    grouped = [
        (event, group, config[group][event])
        for group, events in STATES.items()
        for event in events
        if event in config.get(group, {})
    ]
    return grouped + [(event, phase, config[event]) for event, phase in WHOLE.items() if event in config]


def _state_count(hub_id):
    """Return how many sensors all `binary_sensor:` entries of a hub have together."""
    entries = [entry for entry in CORE.config["binary_sensor"] if entry[CONF_PLATFORM] == DOMAIN]
    return sum(len(_wanted(entry)) for entry in entries if entry[CONF_ADE9000_ID].id == hub_id)


async def to_code(config):
    """Generate the binary sensors of one `binary_sensor:` entry."""
    cg.add_define("USE_ADE9000_EVENT_STATES")
    hub_id = config[CONF_ADE9000_ID]
    power_quality = await power_quality_of(hub_id)
    if hub_id.id not in (hubs := generated().hubs_with_states):
        hubs.add(hub_id.id)
        cg.add(power_quality.set_state_count(_state_count(hub_id.id)))
    for event, phase, conf in _wanted(config):
        var = await binary_sensor.new_binary_sensor(conf)
        cg.add(power_quality.add_state(getattr(EventType, event.upper()), getattr(Phase, phase.upper()), var))
