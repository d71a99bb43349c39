"""Single harmonics as ESPHome sensors: one for each order under `voltage_harmonics:` and `current_harmonics:` of a phase."""

from collections.abc import Iterator
from dataclasses import dataclass

import esphome.codegen as cg
from esphome.components import sensor
import esphome.config_validation as cv
from esphome.const import CONF_CHANNELS, CONF_NAME, CONF_PLATFORM, CONF_SENSOR, DEVICE_CLASS_CURRENT, STATE_CLASS_MEASUREMENT
from esphome.core import CORE

from .quantities import LINES
from .waveform import CHANNELS, CONF_HARMONICS, DOMAIN, WaveChannel, recorder_of

CONF_VOLTAGE_HARMONICS = "voltage_harmonics"
CONF_CURRENT_HARMONICS = "current_harmonics"
LAST_ORDER = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One option of a group of the sensor platform."""

    groups: tuple[str, ...]
    channel: str
    """Behind the name of the group."""
    unit: str
    accuracy_decimals: int
    device_class: str | None = None


OPTIONS = {
    CONF_VOLTAGE_HARMONICS: Option(groups=LINES, channel="voltage", unit="%", accuracy_decimals=2),
    CONF_CURRENT_HARMONICS: Option(
        groups=(*LINES, "n"), channel="current", unit="A", accuracy_decimals=3, device_class=DEVICE_CLASS_CURRENT
    ),
}
"""Voltages in percent of the fundamental, as EN 50160 limits them; currents in A, as IEC 61000-3-2 does."""


def _orders(option):
    """Return a validator of sensors by their order."""
    optional = {"device_class": option.device_class} if option.device_class else {}
    schema = cv.maybe_simple_value(
        sensor.sensor_schema(
            unit_of_measurement=option.unit,
            accuracy_decimals=option.accuracy_decimals,
            state_class=STATE_CLASS_MEASUREMENT,
            **optional,
        ),
        key=CONF_NAME,
    )

    def validate(value):
        if not isinstance(value, dict):
            raise cv.Invalid("Give each order a sensor, such as `5: Fifth harmonic`")
        orders = {}
        for order, conf in value.items():
            with cv.prepend_path([order]):
                orders[cv.int_range(min=2, max=LAST_ORDER)(order)] = schema(conf)
        return orders

    return validate


def options_of(group):
    """Return what a group of the sensor platform takes."""
    return {cv.Optional(key): _orders(option) for key, option in OPTIONS.items() if group in option.groups}


def wanted(config) -> Iterator[tuple[str, int, dict]]:
    """Yield (channel, order, its configuration) of each harmonic that has a sensor in a configuration."""
    for key, option in OPTIONS.items():
        for group in option.groups:
            for order, conf in config.get(group, {}).get(key, {}).items():
                yield f"{group}_{option.channel}", order, conf


def check_harmonics(hub, config):
    """Refuse sensors of harmonics that nobody computes."""
    for channel, _, _ in wanted(config):
        group, kind = channel.split("_")
        path = [group, f"{kind}_harmonics"]
        if CONF_HARMONICS not in hub:
            raise cv.Invalid("Single harmonics need `harmonics:` in `ade9000:`", path=path)
        if channel not in hub[CONF_HARMONICS].get(CONF_CHANNELS, CHANNELS):
            raise cv.Invalid(f"{channel} is missing under `harmonics: channels:` of `ade9000:`", path=path)


def _sensor_count(hub_id):
    """Return how many of these sensors all `sensor:` entries of a hub have together."""
    entries = [entry for entry in CORE.config[CONF_SENSOR] if entry[CONF_PLATFORM] == DOMAIN]
    return sum(len(list(wanted(entry))) for entry in entries if entry["ade9000_id"].id == hub_id.id)


async def new_sensors(config, hub_id, hubs):
    """Generate the sensors of harmonics of one `sensor:` entry; `hubs` are the hubs that had one before."""
    if not any(wanted(config)):
        return
    cg.add_define("USE_ADE9000_HARMONIC_SENSORS")
    recorder = await recorder_of(hub_id)
    if hub_id.id not in hubs:
        hubs.add(hub_id.id)
        cg.add(recorder.set_sensor_count(_sensor_count(hub_id)))
    for channel, order, conf in wanted(config):
        cg.add(recorder.add_sensor(await sensor.new_sensor(conf), getattr(WaveChannel, channel.upper()), order))
