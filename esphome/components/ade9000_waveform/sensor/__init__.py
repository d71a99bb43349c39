"""Single harmonics as ESPHome sensors: one for each order under `voltage_harmonics:` and `current_harmonics:` of a phase."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import esphome.codegen as cg
from esphome.components import sensor
import esphome.config_validation as cv
from esphome.const import CONF_CHANNELS, CONF_NAME, CONF_SENSOR, DEVICE_CLASS_CURRENT, STATE_CLASS_MEASUREMENT
from esphome.types import ConfigType

from ...ade9000.hub import configured, reserve
from ...ade9000.quantities import LINES
from .. import CHANNELS, CONF_ADE9000_WAVEFORM_ID, CONF_HARMONICS, DOMAIN, OF_WAVEFORM, WaveChannel

DEPENDENCIES = [DOMAIN]

CONF_VOLTAGE_HARMONICS = "voltage_harmonics"
CONF_CURRENT_HARMONICS = "current_harmonics"
GROUPS = (*LINES, "n")
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
        groups=GROUPS, channel="current", unit="A", accuracy_decimals=3, device_class=DEVICE_CLASS_CURRENT
    ),
}
"""Voltages in percent of the fundamental, as EN 50160 limits them; currents in A, as IEC 61000-3-2 does."""


def _orders(option: Option) -> Callable[[object], dict[int, ConfigType]]:
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

    def validate(value: object) -> dict[int, ConfigType]:
        if not isinstance(value, dict):
            raise cv.Invalid("Give each order a sensor, such as `5: Fifth harmonic`")
        orders = {}
        for order, conf in value.items():
            with cv.prepend_path([order]):
                orders[cv.int_range(min=2, max=LAST_ORDER)(order)] = schema(conf)
        return orders

    return validate


CONFIG_SCHEMA = cv.Schema(
    {
        **OF_WAVEFORM,
        **{
            cv.Optional(group): cv.Schema(
                {cv.Optional(key): _orders(option) for key, option in OPTIONS.items() if group in option.groups}
            )
            for group in GROUPS
        },
    }
)


def _wanted(config: ConfigType) -> Iterator[tuple[str, int, ConfigType]]:
    """Yield (channel, order, its configuration) of each harmonic that has a sensor in a configuration."""
    for key, option in OPTIONS.items():
        for group in option.groups:
            for order, conf in config.get(group, {}).get(key, {}).items():
                yield f"{group}_{option.channel}", order, conf


def _final_validate(config: ConfigType) -> ConfigType:
    """Refuse sensors of harmonics that nobody computes."""
    recorder = configured(DOMAIN, config[CONF_ADE9000_WAVEFORM_ID])
    for channel, _, _ in _wanted(config):
        group, kind = channel.split("_")
        path = [group, f"{kind}_harmonics"]
        if CONF_HARMONICS not in recorder:
            raise cv.Invalid("Single harmonics need `harmonics:` in `ade9000_waveform:`", path=path)
        if channel not in recorder[CONF_HARMONICS].get(CONF_CHANNELS, CHANNELS):
            raise cv.Invalid(f"{channel} is missing under `harmonics: channels:` of `ade9000_waveform:`", path=path)
    return config


FINAL_VALIDATE_SCHEMA = _final_validate


async def to_code(config: ConfigType) -> None:
    """Generate the sensors of one `sensor:` entry."""
    cg.add_define("USE_ADE9000_WAVEFORM_SENSORS")
    recorder = await cg.get_variable(config[CONF_ADE9000_WAVEFORM_ID])
    reserve(
        recorder.set_sensor_count, CONF_SENSOR, config, CONF_ADE9000_WAVEFORM_ID, lambda entry: sum(1 for _ in _wanted(entry))
    )
    for channel, order, conf in _wanted(config):
        cg.add(recorder.add_sensor(await sensor.new_sensor(conf), getattr(WaveChannel, channel.upper()), order))
