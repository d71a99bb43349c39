"""Three-phase meter on Analog Devices' ADE9000: the hub that owns a chip, and its log of readings for Home Assistant."""

import logging

from esphome import pins
import esphome.codegen as cg
from esphome.components import spi, time as time_
import esphome.config_validation as cv
from esphome.const import (
    CONF_CALIBRATION,
    CONF_CS_PIN,
    CONF_DATA_RATE,
    CONF_ID,
    CONF_LINE_FREQUENCY,
    CONF_LOG,
    CONF_REBOOT_TIMEOUT,
    CONF_RESET_PIN,
    CONF_SIZE,
    CONF_TIME_ID,
    CONF_UPDATE_INTERVAL,
)
from esphome.core import CORE
from esphome.cpp_generator import Expression
import esphome.final_validate as fv
from esphome.types import ConfigType

from ..three_phase_wire import sender_of_device
from .core_features import filter_source_files
from .hub import ADE9000, CONF_READINGS, DOMAIN, ade9000_ns, sends_readings
from .options import calibration
from .options.boards import BOARDS, CONF_BOARD, apply_board
from .options.channels import (
    CONF_NEUTRAL_CHANNEL,
    CURRENT_CHANNEL,
    PHASE_CHANNELS,
    check_channels,
    neutral_input,
    phase_inputs,
)
from .options.const import (
    CONF_CURRENT_SENSOR,
    CONF_DIVIDER,
    CONF_FITTED,
    CONF_INVERT_CURRENT,
    CONF_L2_CURRENT_SENSOR,
    CONF_NEUTRAL,
    CONF_NEUTRAL_SENSOR,
    CONF_NOMINAL_VOLTAGE,
    CONF_TRANSFORMER,
    CONF_VOLTAGE_SENSOR,
    CONF_WIRING,
)
from .options.current_sensor import (
    CONF_PGA_GAIN,
    CONF_PHASE_SHIFT,
    check_neutral_range,
    check_range,
    complete_neutral_sensor,
    current_sensor,
    current_sensor_expression,
    full_scale_amperes,
    neutral_sensor,
)
from .options.energy_groups import CONF_ENERGY, ENERGY_SCHEMA, build_counters, check_same_for_all, record_bytes
from .options.summed_current import CONF_SUMMED_CURRENT, NEUTRAL, RESIDUAL, check_option, warn_of_mixed_directions
from .options.validation import LINE_FREQUENCIES, positive
from .options.voltage_sensor import VOLTAGE_SENSOR_SCHEMA, check_voltage_range, warn_of_pin_limit
from .options.wirings import WIRINGS, wiring_of
from .quantities import LINES

_LOGGER = logging.getLogger(__name__)

MULTI_CONF = True

CONF_NO_LOAD = "no_load"
CONF_READINGS_API_ID = "readings_api_id"
CONF_SIM_ID = "sim_id"

ReadingsApi = ade9000_ns.class_("ReadingsApi", cg.Component)
ChipConfig = ade9000_ns.struct("ChipConfig")
PhaseConfig = ade9000_ns.struct("PhaseConfig")
SummedCurrent = ade9000_ns.enum("SummedCurrent", is_class=True)
Wiring = ade9000_ns.enum("Wiring", is_class=True)
SimulatedChip = cg.esphome_ns.namespace("ade9000_sim").class_("ADE9000Sim", cg.Component)

MOST_LOG_BYTES = {"esp8266": 25_000, "esp32": 200_000, "rp2": 150_000}
"""A size that leaves enough memory for Wi-Fi and the API, without PSRAM."""

SUMMED_CURRENTS = {NEUTRAL: SummedCurrent.NEUTRAL, RESIDUAL: SummedCurrent.RESIDUAL}
USE_READINGS = "USE_ADE9000_READINGS"

FILTER_SOURCE_FILES = filter_source_files(
    {
        "energy_store.cpp": "USE_ADE9000_ENERGY_STORE",
        "energy_store.h": "USE_ADE9000_ENERGY_STORE",
        "failures.cpp": USE_READINGS,
        "failures.h": USE_READINGS,
        "multipoint.cpp": "USE_ADE9000_MULTIPOINT",
        "multipoint.h": "USE_ADE9000_MULTIPOINT",
        "quadrant_energies.cpp": "USE_ADE9000_QUADRANT_ENERGY",
        "readings_api.cpp": USE_READINGS,
        "readings_api.h": USE_READINGS,
        "record_log.cpp": USE_READINGS,
        "record_log.h": USE_READINGS,
        "wire.cpp": USE_READINGS,
        "wire.h": USE_READINGS,
    }
)


def AUTO_LOAD() -> list[str]:  # noqa: N802  # ESPHome's name for it
    """Load the wire, and the same as `spi:` on the one platform without this option."""
    return ["three_phase_wire", "spi"] if CORE.is_host else ["three_phase_wire"]


PHASE_SCHEMA = cv.Schema(
    {
        cv.Optional(CONF_FITTED, default=True): cv.boolean,
        cv.Optional(CONF_INVERT_CURRENT, default=False): cv.boolean,
        **PHASE_CHANNELS,
        cv.Optional(CONF_CALIBRATION, default={}): calibration.CALIBRATION_SCHEMA,
    }
)
HUB_SCHEMA = cv.Schema(
    {
        cv.GenerateID(): cv.declare_id(ADE9000),
        cv.GenerateID(CONF_READINGS_API_ID): cv.declare_id(ReadingsApi),
        cv.OnlyWith(CONF_TIME_ID, "time"): cv.use_id(time_.RealTimeClock),
        cv.Optional(CONF_BOARD): cv.one_of(*BOARDS, lower=True),
        cv.Required(CONF_LINE_FREQUENCY): cv.enum(LINE_FREQUENCIES, upper=True),
        cv.Optional(CONF_NOMINAL_VOLTAGE, default="230V"): cv.All(cv.voltage, positive("The nominal voltage")),
        cv.Optional(CONF_WIRING, default="4wire_wye"): cv.enum(
            {name: getattr(Wiring, wiring.constant) for name, wiring in WIRINGS.items()}, lower=True
        ),
        cv.Optional(CONF_CURRENT_SENSOR, default={}): current_sensor,
        cv.Optional(CONF_VOLTAGE_SENSOR, default={}): VOLTAGE_SENSOR_SCHEMA,
        cv.Optional(CONF_NEUTRAL, default=False): cv.boolean,
        cv.Optional(CONF_NEUTRAL_SENSOR): neutral_sensor,
        cv.Optional(CONF_NEUTRAL_CHANNEL): CURRENT_CHANNEL,
        cv.Optional(CONF_SUMMED_CURRENT): cv.enum(SUMMED_CURRENTS, lower=True),
        cv.Optional(CONF_ENERGY, default={}): ENERGY_SCHEMA,
        cv.Optional(CONF_L2_CURRENT_SENSOR, default=True): cv.boolean,
        cv.Optional(CONF_NO_LOAD, default="0.5W"): cv.All(
            cv.float_with_unit("power", "(W|VA)?"), cv.float_range(min=0, max=1000)
        ),
        **{cv.Optional(line, default={}): PHASE_SCHEMA for line in LINES},
        **calibration.HUB_SCHEMA,
        cv.Optional(CONF_UPDATE_INTERVAL, default="10s"): cv.All(
            cv.positive_time_period_milliseconds, cv.Range(min=cv.TimePeriod(seconds=1), max=cv.TimePeriod(days=1))
        ),
        cv.Optional(CONF_READINGS): cv.boolean,
        cv.Optional(CONF_LOG, default={}): cv.Schema(
            {
                cv.SplitDefault(
                    CONF_SIZE,
                    esp8266=24,  # 12 KB of about 40 KB that are free
                    esp32=72,  # 65 KB of about 200 KB, more than a minute in full detail
                    rp2=72,
                    host=3600,
                ): cv.int_range(min=2, max=100_000)
            }
        ),
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


def _for_platform(config: ConfigType) -> ConfigType:
    return HUB_SCHEMA.extend(SIMULATED_SCHEMA if CORE.is_host else WIRED_SCHEMA)(config)


def _check_bus(config: ConfigType) -> ConfigType:
    if config.get(CONF_DATA_RATE, 0) > 20e6:
        raise cv.Invalid("The ADE9000 takes 20 MHz at most", path=[CONF_DATA_RATE])
    if config.get(spi.CONF_SPI_MODE, "MODE0") not in ("MODE0", "0", "MODE3", "3"):
        raise cv.Invalid("The ADE9000 speaks SPI mode 0 or 3", path=[spi.CONF_SPI_MODE])
    return config


def _check_current_range(config: ConfigType) -> ConfigType:
    for key in (CONF_CURRENT_SENSOR, CONF_NEUTRAL_SENSOR):
        if sensor := config.get(key):
            check_range(sensor, config[CONF_LINE_FREQUENCY], key)
    return config


def _check_wiring(config: ConfigType) -> ConfigType:
    wiring = wiring_of(config)
    if CONF_NEUTRAL_SENSOR in config and not config[CONF_NEUTRAL]:
        raise cv.Invalid("neutral_sensor is only used with `neutral: true`", path=[CONF_NEUTRAL_SENSOR])
    if not config[CONF_L2_CURRENT_SENSOR] and not wiring.can_compute_l2_current:
        computing = ", ".join(name for name, other in WIRINGS.items() if other.can_compute_l2_current)
        raise cv.Invalid(
            f"The chip computes the current of L2 only with wiring {computing}; "
            "where L2 is not measured at all, set `l2: fitted: false`",
            path=[CONF_L2_CURRENT_SENSOR],
        )
    if not config[CONF_L2_CURRENT_SENSOR] and len({config[line][CONF_INVERT_CURRENT] for line in LINES}) > 1:
        raise cv.Invalid(
            "The chip computes the current of L2 from those of L1 and L3 before one of them can be inverted: turn the "
            "transformer round instead of using invert_current",
            path=[CONF_L2_CURRENT_SENSOR],
        )
    if not wiring.has_neutral and not (config["l1"][CONF_FITTED] and config["l3"][CONF_FITTED]):
        raise cv.Invalid("Two elements measure a three-wire delta, those of l1 and l3: both have to be fitted")
    if not any(config[line][CONF_FITTED] for line in LINES):
        raise cv.Invalid("No phase is fitted, so there is nothing to measure")
    return config


def _check_calibration(config: ConfigType) -> ConfigType:
    if calibration.CONF_NEUTRAL_CALIBRATION in config and not config[CONF_NEUTRAL]:
        raise cv.Invalid("neutral_calibration is only used with `neutral: true`", path=[calibration.CONF_NEUTRAL_CALIBRATION])
    sensor = config[CONF_CURRENT_SENSOR]
    return calibration.check(config, sensor[CONF_PHASE_SHIFT], full_scale_amperes(sensor, config[CONF_LINE_FREQUENCY]))


def _check_log(config: ConfigType) -> ConfigType:
    size, most = config[CONF_LOG][CONF_SIZE], MOST_LOG_BYTES.get(CORE.target_platform)
    needed = size * record_bytes(config)
    if most is not None and needed > most and "psram" not in CORE.loaded_integrations:
        raise cv.Invalid(
            f"{size} records need {needed // 1000} KB of memory; {CORE.target_platform} has room for "
            f"{most // record_bytes(config)}",
            path=[CONF_LOG, CONF_SIZE],
        )
    return config


CONFIG_SCHEMA = cv.All(
    cv.only_on(["esp32", "esp8266", "rp2", "host"]),
    apply_board,
    complete_neutral_sensor,
    _for_platform,
    _check_bus,
    check_voltage_range,
    _check_current_range,
    check_neutral_range,
    _check_wiring,
    check_channels,
    _check_calibration,
    check_option,
    _check_log,
)


def _check_readings(config: ConfigType) -> None:
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


def _warn_of_reboots(config: ConfigType) -> None:
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


def _final_validate(config: ConfigType) -> ConfigType:
    if not CORE.is_host:
        spi.final_validate_device_schema(DOMAIN, require_miso=True, require_mosi=True)(config)
    _check_readings(config)
    _warn_of_reboots(config)
    check_same_for_all(DOMAIN)
    warn_of_mixed_directions(config)
    warn_of_pin_limit(config)
    return config


FINAL_VALIDATE_SCHEMA = _final_validate


def _phase(line: str, config: ConfigType) -> Expression:
    return cg.StructInitializer(
        PhaseConfig,
        ("fitted", config[CONF_FITTED]),
        ("invert_current", config[CONF_INVERT_CURRENT]),
        *phase_inputs(line, config),
        ("calibration", calibration.calibration_of_phase(config[CONF_CALIBRATION])),
    )


def _chip_config(config: ConfigType) -> Expression:
    frequency = config[CONF_LINE_FREQUENCY]
    voltage_sensor = config[CONF_VOLTAGE_SENSOR]
    return cg.StructInitializer(
        ChipConfig,
        ("line_frequency_hz", LINE_FREQUENCIES[frequency]),
        ("nominal_voltage", config[CONF_NOMINAL_VOLTAGE]),
        ("wiring", config[CONF_WIRING]),
        ("voltage_divider", voltage_sensor[CONF_DIVIDER] * voltage_sensor[CONF_TRANSFORMER]),
        ("voltage_pga_gain", voltage_sensor[CONF_PGA_GAIN]),
        ("current", current_sensor_expression(config[CONF_CURRENT_SENSOR], frequency)),
        ("neutral_fitted", config[CONF_NEUTRAL]),
        ("neutral", current_sensor_expression(config.get(CONF_NEUTRAL_SENSOR, config[CONF_CURRENT_SENSOR]), frequency)),
        ("neutral_input", neutral_input(config)),
        ("neutral_calibration", calibration.calibration_of_neutral(config)),
        ("invert_neutral", config.get(CONF_NEUTRAL_SENSOR, {}).get(CONF_INVERT_CURRENT, False)),
        ("preferred_sum", config.get(CONF_SUMMED_CURRENT, SummedCurrent.RESIDUAL)),
        ("l2_current_fitted", config[CONF_L2_CURRENT_SENSOR]),
        ("no_load_va", config[CONF_NO_LOAD]),
        ("phases", cg.ArrayInitializer(*(_phase(line, config[line]) for line in LINES))),
    )


async def to_code(config: ConfigType) -> None:
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
    calibration.add_multipoint(var, config)
    build_counters(config)
    if any(entry["platform"] == DOMAIN for entry in CORE.config.get("sensor", [])):
        cg.add_define("USE_ADE9000_SENSORS")
        cg.add(var.set_update_interval(config[CONF_UPDATE_INTERVAL]))
    if sends_readings(config):
        cg.add(var.set_log_size(config[CONF_LOG][CONF_SIZE]))
        cg.add_define(USE_READINGS)
        cg.add_define("ADE9000_METER_COUNT", len(CORE.config[DOMAIN]))
        cg.add((await sender_of_device(config[CONF_READINGS_API_ID])).add_meter(var))
