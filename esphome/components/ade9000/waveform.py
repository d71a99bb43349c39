"""The options `waveform:` and `harmonics:` of the hub: what is captured, when, and what it triggers."""

from esphome import automation
import esphome.codegen as cg
from esphome.components.three_phase_wire import sender_of_device
import esphome.config_validation as cv
from esphome.const import CONF_CHANNELS, CONF_ID, CONF_INTERVAL, CONF_ON_EVENT
from esphome.core import CORE

CONF_BUFFER = "buffer"
CONF_HARMONICS = "harmonics"
CONF_ON_WAVEFORM = "on_waveform"
CONF_WAVEFORM = "waveform"
CONF_WAVEFORM_API_ID = "waveform_api_id"

DOMAIN = "ade9000"
CHANNELS = ("l1_current", "l1_voltage", "l2_current", "l2_voltage", "l3_current", "l3_voltage", "n_current")
"""In the order of `WaveChannel` in C++."""
BUFFERS = {"all": len(CHANNELS), "single": 1}
"""Channels that there is memory for, of 1 KB each."""

ade9000_ns = cg.esphome_ns.namespace(DOMAIN)
WaveformRecorder = ade9000_ns.class_("WaveformRecorder", cg.Component)
WaveformApi = ade9000_ns.class_("WaveformApi", cg.Component)
WaveChannel = ade9000_ns.enum("WaveChannel", is_class=True)
Waveform = ade9000_ns.struct("Waveform")
WaveformForwarder = ade9000_ns.struct("WaveformForwarder")

AUTOMATIONS = (
    automation.CallbackAutomation(CONF_ON_WAVEFORM, "add_on_waveform_callback", [(Waveform, CONF_WAVEFORM)], WaveformForwarder),
)

_CHANNELS = cv.All(cv.ensure_list(cv.one_of(*CHANNELS, lower=True)), cv.Length(min=1))


def _check_single(config):
    """One channel fits into the small buffer; without a choice it is a voltage, which is there without a load too."""
    if config[CONF_BUFFER] == "single" and len(config.setdefault(CONF_CHANNELS, ["l1_voltage"])) > 1:
        raise cv.Invalid(
            "With `buffer: single` one channel is captured at a time: give one here, or set `buffer: all`, which takes 7 KB",
            path=[CONF_CHANNELS],
        )
    return config


WAVEFORM_SCHEMA = cv.All(
    cv.Schema(
        {
            cv.GenerateID(): cv.declare_id(WaveformRecorder),
            cv.SplitDefault(CONF_BUFFER, esp8266="single", esp32="all", rp2="all", host="all"): cv.one_of(*BUFFERS, lower=True),
            cv.Optional(CONF_CHANNELS): _CHANNELS,
            cv.Optional(CONF_ON_EVENT, default=False): cv.boolean,
            cv.Optional(CONF_ON_WAVEFORM): automation.validate_automation({}),
        }
    ),
    _check_single,
)
HARMONICS_SCHEMA = cv.Schema(
    {
        cv.Optional(CONF_INTERVAL, default="60s"): cv.All(
            cv.positive_time_period_milliseconds, cv.Range(min=cv.TimePeriod(seconds=10), max=cv.TimePeriod(days=1))
        ),
        cv.Optional(CONF_CHANNELS): _CHANNELS,
    }
)
OPTIONS = {
    cv.GenerateID(CONF_WAVEFORM_API_ID): cv.declare_id(WaveformApi),
    cv.Optional(CONF_WAVEFORM): WAVEFORM_SCHEMA,
    cv.Optional(CONF_HARMONICS): HARMONICS_SCHEMA,
}
"""What a hub takes of them."""


def check_waveform(config):
    """Add the waveforms that harmonics are computed from, and refuse channels that are not measured."""
    if CONF_HARMONICS in config and CONF_WAVEFORM not in config:
        config[CONF_WAVEFORM] = WAVEFORM_SCHEMA({})
    for key in (CONF_WAVEFORM, CONF_HARMONICS):
        for channel in config.get(key, {}).get(CONF_CHANNELS, ()):
            _check_measured(config, key, channel)
    return config


def _check_measured(config, key, channel):
    line, _ = channel.split("_")
    if line == "n" and not config["neutral"]:
        raise cv.Invalid("n_current is not measured: set `neutral: true` where the neutral has a transformer", path=[key])
    if line != "n" and not config[line]["fitted"]:
        raise cv.Invalid(f"{channel} is not measured: `{line}: fitted: false` says so", path=[key])


def require_waveform(hub, option):
    """Refuse an option of a platform that needs `waveform:` in a hub that has none."""
    if CONF_WAVEFORM not in hub:
        raise cv.Invalid(f"{option} needs `waveform:` in `ade9000:`", path=[option])


async def recorder_of(hub_id):
    """Return the object of a hub that captures waveforms."""
    hub = next(hub for hub in CORE.config[DOMAIN] if hub[CONF_ID].id == hub_id.id)
    return await cg.get_variable(hub[CONF_WAVEFORM][CONF_ID])


def _mask(channels):
    """Return channels as the bits of `WaveChannels`."""
    return sum(1 << CHANNELS.index(channel) for channel in channels)


async def new_waveform(hub, config, sends):
    """Generate the capture of a hub, if it has one; `sends` tells whether waveforms go to Home Assistant."""
    if (waveform := config.get(CONF_WAVEFORM)) is None:
        return
    cg.add_define("USE_ADE9000_WAVEFORM")
    var = cg.new_Pvariable(waveform[CONF_ID], hub)
    await cg.register_component(var, {})
    cg.add(var.set_buffer(BUFFERS[waveform[CONF_BUFFER]]))
    cg.add(var.set_channels(_mask(waveform.get(CONF_CHANNELS, CHANNELS))))
    cg.add(var.set_on_event(waveform[CONF_ON_EVENT]))
    if (harmonics := config.get(CONF_HARMONICS)) is not None:
        cg.add_define("USE_ADE9000_HARMONICS")
        cg.add(var.set_harmonics(_mask(harmonics.get(CONF_CHANNELS, CHANNELS)), harmonics[CONF_INTERVAL]))
    if sends:
        cg.add((await sender_of_device(config[CONF_WAVEFORM_API_ID])).add_recorder(var))
    await automation.build_callback_automations(var, waveform, AUTOMATIONS)
