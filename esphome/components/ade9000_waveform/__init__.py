"""Waveforms and harmonics: their channels, their times, and their automations."""

from collections.abc import Iterable

from esphome import automation
import esphome.codegen as cg
from esphome.config_helpers import filter_source_files_from_defines
import esphome.config_validation as cv
from esphome.const import CONF_CHANNELS, CONF_ID, CONF_INTERVAL, CONF_ON_EVENT
from esphome.core import CORE
from esphome.types import ConfigType

from ..ade9000.hub import CONF_ADE9000_ID, OF_HUB, hub_of, refuse_second, sends_readings
from ..ade9000.options.const import CONF_FITTED, CONF_NEUTRAL
from ..three_phase_wire import sender_of_device

AUTO_LOAD = ["three_phase_wire"]
DEPENDENCIES = ["ade9000"]
MULTI_CONF = True
DOMAIN = "ade9000_waveform"

CONF_ADE9000_WAVEFORM_ID = "ade9000_waveform_id"
CONF_BUFFER = "buffer"
CONF_HARMONICS = "harmonics"
CONF_ON_WAVEFORM = "on_waveform"
CONF_WAVEFORM_API_ID = "waveform_api_id"

USE_HARMONICS = "USE_ADE9000_WAVEFORM_HARMONICS"
USE_SENDING = "USE_ADE9000_WAVEFORM_SENDING"
FILTER_SOURCE_FILES = filter_source_files_from_defines(
    {
        "harmonics.cpp": (USE_HARMONICS, USE_SENDING),
        "harmonics.h": (USE_HARMONICS, USE_SENDING),
        "harmonics_survey.cpp": USE_HARMONICS,
        "harmonics_survey.h": USE_HARMONICS,
        "waveform_api.cpp": USE_SENDING,
        "waveform_api.h": USE_SENDING,
        "waveform_wire.cpp": USE_SENDING,
        "waveform_wire.h": USE_SENDING,
    }
)

CHANNELS = ("l1_current", "l1_voltage", "l2_current", "l2_voltage", "l3_current", "l3_voltage", "n_current")
"""In the order of `WaveChannel` in C++."""
BUFFERS = {"all": len(CHANNELS), "single": 1}
"""Channels that there is memory for, of 1 KB each."""

ade9000_waveform_ns = cg.esphome_ns.namespace(DOMAIN)
WaveformRecorder = ade9000_waveform_ns.class_("WaveformRecorder", cg.Component)
WaveformApi = ade9000_waveform_ns.class_("WaveformApi", cg.Component)
WaveChannel = ade9000_waveform_ns.enum("WaveChannel", is_class=True)
Waveform = ade9000_waveform_ns.struct("Waveform")
WaveformForwarder = ade9000_waveform_ns.struct("WaveformForwarder")

AUTOMATIONS = (
    automation.CallbackAutomation(CONF_ON_WAVEFORM, "add_on_waveform_callback", [(Waveform, "waveform")], WaveformForwarder),
)

OF_WAVEFORM = {cv.GenerateID(CONF_ADE9000_WAVEFORM_ID): cv.use_id(WaveformRecorder)}
"""The option by which a platform names the recorder that it belongs to."""

_CHANNELS = cv.All(cv.ensure_list(cv.one_of(*CHANNELS, lower=True)), cv.Length(min=1))


def _check_single(config: ConfigType) -> ConfigType:
    """One channel fits into the small buffer; without a choice it is a voltage, which is there without a load too."""
    if config[CONF_BUFFER] == "single" and len(config.setdefault(CONF_CHANNELS, ["l1_voltage"])) > 1:
        raise cv.Invalid(
            "With `buffer: single` one channel is captured at a time: give one here, or set `buffer: all`, which takes 7 KB",
            path=[CONF_CHANNELS],
        )
    return config


HARMONICS_SCHEMA = cv.Schema(
    {
        cv.Optional(CONF_INTERVAL, default="60s"): cv.All(
            cv.positive_time_period_milliseconds, cv.Range(min=cv.TimePeriod(seconds=10), max=cv.TimePeriod(days=1))
        ),
        cv.Optional(CONF_CHANNELS): _CHANNELS,
    }
)
CONFIG_SCHEMA = cv.All(
    cv.Schema(
        {
            cv.GenerateID(): cv.declare_id(WaveformRecorder),
            cv.GenerateID(CONF_WAVEFORM_API_ID): cv.declare_id(WaveformApi),
            **OF_HUB,
            cv.SplitDefault(CONF_BUFFER, esp8266="single", esp32="all", rp2="all", host="all"): cv.one_of(*BUFFERS, lower=True),
            cv.Optional(CONF_CHANNELS): _CHANNELS,
            cv.Optional(CONF_ON_EVENT, default=False): cv.boolean,
            cv.Optional(CONF_HARMONICS): HARMONICS_SCHEMA,
            cv.Optional(CONF_ON_WAVEFORM): automation.validate_automation({}),
        }
    ).extend(cv.COMPONENT_SCHEMA),
    _check_single,
)


def _final_validate(config: ConfigType) -> ConfigType:
    """Refuse channels that are not measured."""
    hub = hub_of(config)
    refuse_second(DOMAIN, config)
    for channel in config.get(CONF_CHANNELS, ()):
        _check_measured(hub, channel, [CONF_CHANNELS])
    for channel in config.get(CONF_HARMONICS, {}).get(CONF_CHANNELS, ()):
        _check_measured(hub, channel, [CONF_HARMONICS, CONF_CHANNELS])
    return config


FINAL_VALIDATE_SCHEMA = _final_validate


def _check_measured(hub: ConfigType, channel: str, path: list[str]) -> None:
    line, _ = channel.split("_")
    if line == "n" and not hub[CONF_NEUTRAL]:
        raise cv.Invalid("n_current is not measured: set `neutral: true` where the neutral has a transformer", path=path)
    if line != "n" and not hub[line][CONF_FITTED]:
        raise cv.Invalid(f"{channel} is not measured: `{line}: fitted: false` says so", path=path)


def _mask(channels: Iterable[str]) -> int:
    """Return channels as the bits of `WaveChannels`."""
    return sum(1 << CHANNELS.index(channel) for channel in channels)


async def to_code(config: ConfigType) -> None:
    """Generate the capture of one hub."""
    var = cg.new_Pvariable(config[CONF_ID], await cg.get_variable(config[CONF_ADE9000_ID]))
    await cg.register_component(var, config)
    cg.add(var.set_buffer(BUFFERS[config[CONF_BUFFER]]))
    cg.add(var.set_channels(_mask(config.get(CONF_CHANNELS, CHANNELS))))
    cg.add(var.set_on_event(config[CONF_ON_EVENT]))
    if (harmonics := config.get(CONF_HARMONICS)) is not None:
        cg.add_define(USE_HARMONICS)
        cg.add(var.set_harmonics(_mask(harmonics.get(CONF_CHANNELS, CHANNELS)), harmonics[CONF_INTERVAL]))
    if sends_readings(hub_of(config)):
        cg.add_define(USE_SENDING)
        cg.add_define("ADE9000_WAVEFORM_COUNT", len(CORE.config[DOMAIN]))
        cg.add((await sender_of_device(config[CONF_WAVEFORM_API_ID])).add_recorder(var))
    await automation.build_callback_automations(var, config, AUTOMATIONS)
