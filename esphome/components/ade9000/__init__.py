"""Three-phase meter on Analog Devices' ADE9000: the hub that owns a chip, and its log of readings for Home Assistant."""

from dataclasses import dataclass, field
import logging
import math

from esphome import pins
import esphome.codegen as cg
from esphome.components import spi, time as time_
import esphome.config_validation as cv
from esphome.const import (
    CONF_CALIBRATION,
    CONF_CS_PIN,
    CONF_CURRENT,
    CONF_DATA_RATE,
    CONF_ID,
    CONF_LINE_FREQUENCY,
    CONF_LOG,
    CONF_REBOOT_TIMEOUT,
    CONF_RESET_PIN,
    CONF_SIZE,
    CONF_TIME_ID,
    CONF_UPDATE_INTERVAL,
    CONF_VOLTAGE,
)
from esphome.core import CORE
import esphome.final_validate as fv

from .quantities import LINES
from .waveform import OPTIONS as WAVEFORM_OPTIONS, check_waveform, new_waveform

_LOGGER = logging.getLogger(__name__)

MULTI_CONF = True
DOMAIN = "ade9000"

CONF_ADE9000_ID = "ade9000_id"
CONF_BURDEN = "burden"
CONF_CURRENT_SENSOR = "current_sensor"
CONF_DIVIDER = "divider"
CONF_FITTED = "fitted"
CONF_INVERT_CURRENT = "invert_current"
CONF_L2_CURRENT_SENSOR = "l2_current_sensor"
CONF_NEUTRAL = "neutral"
CONF_NEUTRAL_SENSOR = "neutral_sensor"
CONF_NO_LOAD = "no_load"
CONF_NOMINAL_VOLTAGE = "nominal_voltage"
CONF_PGA_GAIN = "pga_gain"
CONF_PHASE_SHIFT = "phase_shift"
CONF_RATIO = "ratio"
CONF_READINGS = "readings"
CONF_READINGS_API_ID = "readings_api_id"
CONF_SIM_ID = "sim_id"
CONF_VOLTAGE_SENSOR = "voltage_sensor"
CONF_WIRING = "wiring"

ade9000_ns = cg.esphome_ns.namespace(DOMAIN)
ADE9000 = ade9000_ns.class_("ADE9000", cg.Component, spi.SPIDevice)
ReadingsApi = ade9000_ns.class_("ReadingsApi", cg.Component)
ChipConfig = ade9000_ns.struct("ChipConfig")
CurrentSensor = ade9000_ns.struct("CurrentSensor")
PhaseConfig = ade9000_ns.struct("PhaseConfig")
Wiring = ade9000_ns.enum("Wiring", is_class=True)
Phase = ade9000_ns.enum("Phase", is_class=True)
Quantity = ade9000_ns.enum("Quantity", is_class=True)
SimulatedChip = cg.esphome_ns.namespace("ade9000_sim").class_("ADE9000Sim", cg.Component)

FULL_SCALE_VOLTS = math.sqrt(0.5)
"""RMS at the chip's pins with a gain of 1: a sine of 1 V peak."""
RECORD_BYTES = 500
MOST_RECORDS = {"esp8266": 48, "esp32": 400, "rp2": 300}
"""What leaves enough memory for Wi-Fi and the API, without PSRAM."""

LINE_FREQUENCIES = {"50HZ": 50, "60HZ": 60}
WIRINGS = {
    "4wire_wye": Wiring.WYE_4WIRE,
    "single_phases": Wiring.SINGLE_PHASES,
    "split_phase": Wiring.SPLIT_PHASE,
    "3wire_network": Wiring.NETWORK_3WIRE,
    "3wire_delta": Wiring.DELTA_3WIRE,
    "3wire_delta_isolated": Wiring.DELTA_3WIRE_ISOLATED,
    "4wire_delta": Wiring.DELTA_4WIRE,
    "4wire_wye_2vt": Wiring.WYE_4WIRE_2VT,
    "4wire_delta_2vt": Wiring.DELTA_4WIRE_2VT,
}
WIRINGS_THAT_COMPUTE_L2 = ("3wire_delta", "3wire_delta_isolated", "4wire_delta_2vt")


def AUTO_LOAD():  # noqa: N802  # ESPHome's name for it
    """Load what `spi:` would, on the one platform that has no such option."""
    return ["spi"] if CORE.is_host else []


def _positive(what):
    """Return a validator of numbers with a message that says what the number is."""

    def validate(value):
        try:
            number = cv.float_(value)
        except cv.Invalid as error:
            raise cv.Invalid(f"{what} has to be a number, not {value!r}") from error
        if not (math.isfinite(number) and number > 0):
            raise cv.Invalid(f"{what} has to be greater than 0, not {value}")
        return number

    return validate


def _turns_ratio(value):
    """Take `2500` or `2500:1`."""
    what = "The ratio of a current transformer is primary over secondary current, such as 2500 or 2500:1; it"
    if isinstance(value, str) and value.count(":") == 1:
        primary, secondary = value.split(":")
        return _positive(what)(primary) / _positive(what)(secondary)
    return _positive(what)(value)


def _burden(value):
    return _positive("The burden in ohms")(cv.resistance(value))


def _divider(value):
    """Take the ratio of the divider, or its two resistances, the one to the line first."""
    if isinstance(value, list):
        if len(value) != 2:
            raise cv.Invalid("A divider is two resistances, the one to the line first: [800kohm, 1kohm]")
        upper, lower = (_positive("A resistance of the divider")(cv.resistance(resistance)) for resistance in value)
        return (upper + lower) / lower
    ratio = _positive("The ratio of the divider")(value)
    if ratio < 1:
        raise cv.Invalid(f"The divider is line volts over volts at the chip, such as 801; {value} would be an amplifier")
    return ratio


CURRENT_SENSOR_SCHEMA = cv.Schema(
    {
        cv.Optional(CONF_RATIO, default=2500): _turns_ratio,
        cv.Optional(CONF_BURDEN, default="10.2ohm"): _burden,
        cv.Optional(CONF_PHASE_SHIFT, default="0deg"): cv.All(cv.angle, cv.float_range(min=-15, max=2.25)),
        cv.Optional(CONF_PGA_GAIN, default=1): cv.one_of(1, 2, 4, int=True),
    }
)
VOLTAGE_SENSOR_SCHEMA = cv.Schema(
    {
        cv.Optional(CONF_DIVIDER, default=801): _divider,
        cv.Optional(CONF_PGA_GAIN, default=1): cv.one_of(1, 2, 4, int=True),
    }
)
TRIM = cv.float_range(min=0.5, max=2)
PHASE_SCHEMA = cv.Schema(
    {
        cv.Optional(CONF_FITTED, default=True): cv.boolean,
        cv.Optional(CONF_INVERT_CURRENT, default=False): cv.boolean,
        cv.Optional(CONF_CALIBRATION, default={}): cv.Schema(
            {cv.Optional(CONF_VOLTAGE, default=1.0): TRIM, cv.Optional(CONF_CURRENT, default=1.0): TRIM}
        ),
    }
)
HUB_SCHEMA = cv.Schema(
    {
        cv.GenerateID(): cv.declare_id(ADE9000),
        cv.GenerateID(CONF_READINGS_API_ID): cv.declare_id(ReadingsApi),
        cv.OnlyWith(CONF_TIME_ID, "time"): cv.use_id(time_.RealTimeClock),
        cv.Required(CONF_LINE_FREQUENCY): cv.enum(LINE_FREQUENCIES, upper=True),
        cv.Optional(CONF_NOMINAL_VOLTAGE, default="230V"): cv.All(cv.voltage, _positive("The nominal voltage")),
        cv.Optional(CONF_WIRING, default="4wire_wye"): cv.enum(WIRINGS, lower=True),
        cv.Optional(CONF_CURRENT_SENSOR, default={}): CURRENT_SENSOR_SCHEMA,
        cv.Optional(CONF_VOLTAGE_SENSOR, default={}): VOLTAGE_SENSOR_SCHEMA,
        cv.Optional(CONF_NEUTRAL, default=False): cv.boolean,
        cv.Optional(CONF_NEUTRAL_SENSOR): CURRENT_SENSOR_SCHEMA,
        cv.Optional(CONF_L2_CURRENT_SENSOR, default=True): cv.boolean,
        cv.Optional(CONF_NO_LOAD, default="0.5W"): cv.All(
            cv.float_with_unit("power", "(W|VA)?"), cv.float_range(min=0, max=1000)
        ),
        **{cv.Optional(line, default={}): PHASE_SCHEMA for line in LINES},
        cv.Optional(CONF_UPDATE_INTERVAL, default="10s"): cv.All(
            cv.positive_time_period_milliseconds, cv.Range(min=cv.TimePeriod(seconds=1), max=cv.TimePeriod(days=1))
        ),
        cv.Optional(CONF_READINGS): cv.boolean,
        cv.Optional(CONF_LOG, default={}): cv.Schema(
            {
                cv.SplitDefault(
                    CONF_SIZE,
                    esp8266=24,  # 12 KB of about 40 KB that are free
                    esp32=120,  # 60 KB of about 200 KB, two minutes in full detail
                    rp2=120,
                    host=3600,
                ): cv.int_range(min=2, max=100_000)
            }
        ),
        **WAVEFORM_OPTIONS,
    }
).extend(cv.COMPONENT_SCHEMA)
WIRED_SCHEMA = spi.spi_device_schema(default_data_rate="5MHz", default_mode="MODE0").extend(
    {
        cv.Optional(CONF_RESET_PIN): pins.gpio_output_pin_schema,
        cv.Optional(CONF_SIM_ID): cv.invalid("A simulated chip needs the platform `host:`; a real one needs `cs_pin`"),
    }
)
SIMULATED_SCHEMA = cv.Schema(
    {
        cv.GenerateID(CONF_SIM_ID): cv.use_id(SimulatedChip),
        cv.Optional(CONF_CS_PIN): cv.invalid("The platform `host:` has no SPI: give the `sim_id` of an `ade9000_sim:`"),
    }
)


def _for_platform(config):
    return HUB_SCHEMA.extend(SIMULATED_SCHEMA if CORE.is_host else WIRED_SCHEMA)(config)


def _check_bus(config):
    if config.get(CONF_DATA_RATE, 0) > 20e6:
        raise cv.Invalid("The ADE9000 takes 20 MHz at most", path=[CONF_DATA_RATE])
    if config.get(spi.CONF_SPI_MODE, "MODE0") not in ("MODE0", "0", "MODE3", "3"):
        raise cv.Invalid("The ADE9000 speaks SPI mode 0 or 3", path=[spi.CONF_SPI_MODE])
    return config


def _check_voltage_range(config):
    sensor, nominal = config[CONF_VOLTAGE_SENSOR], config[CONF_NOMINAL_VOLTAGE]
    full_scale = FULL_SCALE_VOLTS * sensor[CONF_DIVIDER] / sensor[CONF_PGA_GAIN]
    if full_scale < 1.2 * nominal:
        raise cv.Invalid(
            f"This divider saturates the chip at {full_scale:.0f} V, but nominal_voltage is {nominal:g} V and needs "
            f"{1.2 * nominal:.0f} V with a margin for swells: a divider of {1.7 * nominal * math.sqrt(2):.0f} or more "
            "fits at a gain of 1",
            path=[CONF_VOLTAGE_SENSOR, CONF_DIVIDER],
        )
    if full_scale > max(20 * nominal, 1000):
        raise cv.Invalid(
            f"This divider makes {full_scale:.0f} V of the chip's full scale, too coarse for a nominal_voltage of {nominal:g} V",
            path=[CONF_VOLTAGE_SENSOR, CONF_DIVIDER],
        )
    return config


def _check_current_range(config):
    for key in (CONF_CURRENT_SENSOR, CONF_NEUTRAL_SENSOR):
        if (sensor := config.get(key)) is None:
            continue
        full_scale = FULL_SCALE_VOLTS * sensor[CONF_RATIO] / sensor[CONF_BURDEN] / sensor[CONF_PGA_GAIN]
        if not 5 <= full_scale <= 20_000:
            raise cv.Invalid(
                f"A burden of {sensor[CONF_BURDEN]:g} ohm on a transformer of {sensor[CONF_RATIO]:g}:1 saturates the chip at "
                f"{full_scale:.3g} A; 5 A to 20 kA are usual: check ratio, burden and pga_gain",
                path=[key, CONF_BURDEN],
            )
    return config


def _check_wiring(config):
    wiring = str(config[CONF_WIRING])
    if CONF_NEUTRAL_SENSOR in config and not config[CONF_NEUTRAL]:
        raise cv.Invalid("neutral_sensor is only used with `neutral: true`", path=[CONF_NEUTRAL_SENSOR])
    if not config[CONF_L2_CURRENT_SENSOR] and wiring not in WIRINGS_THAT_COMPUTE_L2:
        raise cv.Invalid(
            f"The chip computes the current of L2 only with wiring {', '.join(WIRINGS_THAT_COMPUTE_L2)}; "
            "where L2 is not measured at all, set `l2: fitted: false`",
            path=[CONF_L2_CURRENT_SENSOR],
        )
    if not any(config[line][CONF_FITTED] for line in LINES):
        raise cv.Invalid("No phase is fitted, so there is nothing to measure")
    return config


def _check_log(config):
    size, most = config[CONF_LOG][CONF_SIZE], MOST_RECORDS.get(CORE.target_platform)
    if most is not None and size > most and "psram" not in CORE.loaded_integrations:
        raise cv.Invalid(
            f"{size} records need {size * RECORD_BYTES // 1000} KB of memory; {CORE.target_platform} has room for {most}",
            path=[CONF_LOG, CONF_SIZE],
        )
    return config


CONFIG_SCHEMA = cv.All(
    cv.only_on(["esp32", "esp8266", "rp2", "host"]),
    _for_platform,
    _check_bus,
    _check_voltage_range,
    _check_current_range,
    _check_wiring,
    _check_log,
    check_waveform,
)


def sends_readings(config) -> bool:
    """Return whether a hub sends its readings to Home Assistant: by default, where there is an API to send them by."""
    return config.get(CONF_READINGS, "api" in CORE.loaded_integrations)


def _check_readings(config):
    if not sends_readings(config):
        return
    if (api := fv.full_config.get().get("api")) is None:
        raise cv.Invalid("`readings: true` needs ESPHome's `api:`", path=[CONF_READINGS])
    missing = [option for option in ("homeassistant_services", "custom_services") if not api[option]]
    if missing:
        raise cv.Invalid(
            "Home Assistant gets the readings by ESPHome's API. Under `api:` add "
            + " and ".join(f"`{option}: true`" for option in missing)
            + ", or set `readings: false` here to use plain sensors only"
        )


def _warn_of_reboots(config):
    if not sends_readings(config):
        return
    for name in ("api", "wifi"):
        other = fv.full_config.get().get(name) or {}
        if (timeout := other.get(CONF_REBOOT_TIMEOUT)) and timeout.total_milliseconds:
            _LOGGER.warning(
                "%s: reboot_timeout is %s: an outage as long reboots the meter, and readings that wait in its log are lost. "
                "Set `reboot_timeout: 0s` there",
                name,
                timeout,
            )


def _final_validate(config):
    if not CORE.is_host:
        spi.final_validate_device_schema(DOMAIN, require_miso=True, require_mosi=True)(config)
    _check_readings(config)
    _warn_of_reboots(config)
    return config


FINAL_VALIDATE_SCHEMA = _final_validate


def _current_sensor(config):
    return cg.StructInitializer(
        CurrentSensor,
        ("ratio", config[CONF_RATIO]),
        ("burden_ohm", config[CONF_BURDEN]),
        ("phase_shift_deg", config[CONF_PHASE_SHIFT]),
        ("pga_gain", config[CONF_PGA_GAIN]),
    )


def _phase(config):
    return cg.StructInitializer(
        PhaseConfig,
        ("fitted", config[CONF_FITTED]),
        ("invert_current", config[CONF_INVERT_CURRENT]),
        ("voltage_trim", config[CONF_CALIBRATION][CONF_VOLTAGE]),
        ("current_trim", config[CONF_CALIBRATION][CONF_CURRENT]),
    )


def _chip_config(config):
    return cg.StructInitializer(
        ChipConfig,
        ("line_frequency_hz", LINE_FREQUENCIES[config[CONF_LINE_FREQUENCY]]),
        ("nominal_voltage", config[CONF_NOMINAL_VOLTAGE]),
        ("wiring", config[CONF_WIRING]),
        ("voltage_divider", config[CONF_VOLTAGE_SENSOR][CONF_DIVIDER]),
        ("voltage_pga_gain", config[CONF_VOLTAGE_SENSOR][CONF_PGA_GAIN]),
        ("current", _current_sensor(config[CONF_CURRENT_SENSOR])),
        ("neutral_fitted", config[CONF_NEUTRAL]),
        ("neutral", _current_sensor(config.get(CONF_NEUTRAL_SENSOR, config[CONF_CURRENT_SENSOR]))),
        ("l2_current_fitted", config[CONF_L2_CURRENT_SENSOR]),
        ("no_load_va", config[CONF_NO_LOAD]),
        ("phases", cg.ArrayInitializer(*(_phase(config[line]) for line in LINES))),
    )


@dataclass
class _Generated:
    """What the hubs of a device share while their code is generated."""

    readings_api: cg.MockObj | None = None
    waveform_api: cg.MockObj | None = None
    hubs_with_sensors: set[str] = field(default_factory=set)
    hubs_with_harmonics: set[str] = field(default_factory=set)


def generated() -> _Generated:
    """Return what was generated so far."""
    return CORE.data.setdefault(DOMAIN, _Generated())


async def _readings_api(config):
    """Return the one object of the device that speaks the readings' part of the API, made by the first hub that asks."""
    shared = generated()
    if shared.readings_api is None:
        cg.add_define("USE_ADE9000_READINGS")
        cg.add_define("ADE9000_METER_COUNT", len(CORE.config[DOMAIN]))
        shared.readings_api = cg.new_Pvariable(config[CONF_READINGS_API_ID])
        await cg.register_component(shared.readings_api, {})
    return shared.readings_api


async def to_code(config):
    """Generate one hub."""
    var = cg.new_Pvariable(config[CONF_ID], config[CONF_ID].id)
    await cg.register_component(var, {key: value for key, value in config.items() if key != CONF_UPDATE_INTERVAL})
    if CORE.is_host:
        cg.add(var.set_spi_delegate(await cg.get_variable(config[CONF_SIM_ID])))
    else:
        await spi.register_spi_device(var, config)
    if pin := config.get(CONF_RESET_PIN):
        cg.add(var.set_reset_pin(await cg.gpio_pin_expression(pin)))
    if time_id := config.get(CONF_TIME_ID):
        cg.add(var.set_time(await cg.get_variable(time_id)))
    cg.add(var.set_config(_chip_config(config)))
    if any(entry["platform"] == DOMAIN for entry in CORE.config.get("sensor", [])):
        cg.add_define("USE_ADE9000_SENSORS")
        cg.add(var.set_update_interval(config[CONF_UPDATE_INTERVAL]))
    if sends_readings(config):
        cg.add(var.set_log_size(config[CONF_LOG][CONF_SIZE]))
        cg.add((await _readings_api(config)).add_meter(var))
    await new_waveform(var, config, generated() if sends_readings(config) else None)
