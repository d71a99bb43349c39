"""Power-quality events: their limits, their automations, and the pin that signals their instant."""

from collections.abc import Callable
import math

from esphome import automation, pins
import esphome.codegen as cg
from esphome.config_helpers import filter_source_files_from_defines
import esphome.config_validation as cv
from esphome.const import CONF_ID, CONF_LINE_FREQUENCY, CONF_LOG, CONF_SIZE, CONF_THRESHOLD
from esphome.core import CORE, ID
from esphome.cpp_generator import Expression
from esphome.types import ConfigType

from ..ade9000.hub import CONF_ADE9000_ID, OF_HUB, hub_of, refuse_second, sends_readings
from ..ade9000.options.const import (
    CONF_CURRENT_SENSOR,
    CONF_NEUTRAL,
    CONF_NOMINAL_VOLTAGE,
    CONF_VOLTAGE_SENSOR,
)
from ..ade9000.options.current_sensor import full_scale_amperes
from ..ade9000.options.summed_current import sums_residual
from ..ade9000.options.voltage_sensor import full_scale_volts
from ..three_phase_wire import sender_of_device

AUTO_LOAD = ["three_phase_wire"]
DEPENDENCIES = ["ade9000"]
MULTI_CONF = True
DOMAIN = "ade9000_power_quality"

CONF_ADE9000_POWER_QUALITY_ID = "ade9000_power_quality_id"
CONF_DIP = "dip"
CONF_EVENTS_API_ID = "events_api_id"
CONF_HYSTERESIS = "hysteresis"
CONF_INTERRUPTION = "interruption"
CONF_IRQ1_PIN = "irq1_pin"
CONF_NEUTRAL_MISMATCH = "neutral_mismatch"
CONF_ON_EVENT_BEGIN = "on_event_begin"
CONF_OVER_CURRENT = "over_current"
CONF_PHASE_LOSS = "phase_loss"
CONF_SWELL = "swell"
CONF_WRONG_SEQUENCE = "wrong_sequence"

USE_EVENTS = "USE_ADE9000_POWER_QUALITY_EVENTS"
FILTER_SOURCE_FILES = filter_source_files_from_defines(
    {
        "event_log.cpp": USE_EVENTS,
        "event_log.h": USE_EVENTS,
        "event_wire.cpp": USE_EVENTS,
        "event_wire.h": USE_EVENTS,
        "events_api.cpp": USE_EVENTS,
        "events_api.h": USE_EVENTS,
        "failures.cpp": USE_EVENTS,
        "failures.h": USE_EVENTS,
    }
)

EVENT_TYPES = (
    CONF_DIP,
    CONF_SWELL,
    CONF_INTERRUPTION,
    CONF_OVER_CURRENT,
    CONF_PHASE_LOSS,
    CONF_WRONG_SEQUENCE,
    CONF_NEUTRAL_MISMATCH,
)
"""In the order of `EventType` in C++."""
MOST_EVENTS = {"esp8266": 64}
"""A size that leaves enough memory for Wi-Fi and the API; an event takes 48 bytes."""

ade9000_power_quality_ns = cg.esphome_ns.namespace(DOMAIN)
PowerQualityComponent = ade9000_power_quality_ns.class_("PowerQualityComponent", cg.Component)
EventsApi = ade9000_power_quality_ns.class_("EventsApi", cg.Component)
PowerQualityConfig = ade9000_power_quality_ns.struct("PowerQualityConfig")
Threshold = ade9000_power_quality_ns.struct("Threshold")
PowerEvent = ade9000_power_quality_ns.struct("PowerEvent")
EventType = ade9000_power_quality_ns.enum("EventType", is_class=True)
EventEndForwarder = ade9000_power_quality_ns.struct("EventEndForwarder")
EventBeginForwarder = ade9000_power_quality_ns.struct("EventBeginForwarder")
InterruptPin = cg.esphome_ns.namespace("ade9000_sim").class_("InterruptPin", cg.InternalGPIOPin)

EVENT = [(PowerEvent, "event")]
AUTOMATIONS = (
    *(
        automation.CallbackAutomation(
            f"on_{event}",
            "add_on_event_callback",
            EVENT,
            EventEndForwarder.template(getattr(EventType, event.upper())),
        )
        for event in EVENT_TYPES
    ),
    automation.CallbackAutomation(CONF_ON_EVENT_BEGIN, "add_on_event_callback", EVENT, EventBeginForwarder),
)
OF_POWER_QUALITY = {cv.GenerateID(CONF_ADE9000_POWER_QUALITY_ID): cv.use_id(PowerQualityComponent)}
"""The option by which a platform names the watch that it belongs to."""


def _percent(minimum: float, maximum: float) -> Callable[[object], float]:
    """Return a validator of percentages that keeps them in percent: `cv.percentage` takes none above 100 %."""

    def validate(value: object) -> float:
        text = str(value).strip()
        try:
            percent = float(text.removesuffix("%"))
        except ValueError:
            percent = math.nan
        if math.isnan(percent):
            raise cv.Invalid(f"A limit of a voltage is a percentage of nominal_voltage, such as {minimum + 5:g}%, not {value}")
        if not minimum <= percent <= maximum:
            raise cv.Invalid(f"{percent:g} % is out of range: {minimum:g} % to {maximum:g} % of nominal_voltage make sense here")
        return percent

    return validate


def _threshold(limit: Callable[[object], float], hysteresis: str, **default: str) -> Callable[[object], ConfigType]:
    """Return a validator of a limit with its hysteresis, of which the limit may stand alone."""
    threshold = cv.Optional(CONF_THRESHOLD, **default) if default else cv.Required(CONF_THRESHOLD)
    schema = cv.Schema({threshold: limit, cv.Optional(CONF_HYSTERESIS, default=hysteresis): _percent(0, 50)})
    return lambda value: schema(value if isinstance(value, dict) else {CONF_THRESHOLD: value})


def _current(value: object) -> float:
    amperes: float = cv.current(value)
    if amperes <= 0:
        raise cv.Invalid(f"A limit of a current has to be greater than 0 A, not {value}; leave the option out to watch nothing")
    return amperes


def _irq1_pin(value: object) -> ConfigType | ID:
    """Take a pin of the board, or the one of a simulated chip."""
    return cv.use_id(InterruptPin)(value) if CORE.is_host else pins.internal_gpio_input_pin_schema(value)


CONFIG_SCHEMA = cv.Schema(
    {
        cv.GenerateID(): cv.declare_id(PowerQualityComponent),
        cv.GenerateID(CONF_EVENTS_API_ID): cv.declare_id(EventsApi),
        **OF_HUB,
        cv.Optional(CONF_IRQ1_PIN): _irq1_pin,
        cv.Optional(CONF_DIP, default={}): _threshold(_percent(10, 99), "2%", default="90%"),
        cv.Optional(CONF_SWELL, default={}): _threshold(_percent(101, 200), "2%", default="110%"),
        cv.Optional(CONF_INTERRUPTION, default="5%"): _percent(1, 50),
        cv.Optional(CONF_OVER_CURRENT): _threshold(_current, "2%"),
        cv.Optional(CONF_NEUTRAL_MISMATCH): _threshold(_current, "10%"),
        cv.Optional(CONF_PHASE_LOSS, default=True): cv.boolean,
        cv.Optional(CONF_WRONG_SEQUENCE, default=True): cv.boolean,
        cv.Optional(CONF_LOG, default={}): cv.Schema(
            {cv.SplitDefault(CONF_SIZE, esp8266=16, esp32=128, rp2=128, host=256): cv.int_range(min=8, max=10_000)}
        ),
        **{cv.Optional(entry.conf_key): automation.validate_automation({}) for entry in AUTOMATIONS},
    }
).extend(cv.COMPONENT_SCHEMA)


def _final_validate(config: ConfigType) -> ConfigType:
    """Refuse limits that contradict each other or the hub's configuration."""
    hub = hub_of(config)
    refuse_second(DOMAIN, config)
    _check_voltages(config)
    _check_full_scale(config, hub)
    if CONF_NEUTRAL_MISMATCH in config:
        _check_mismatch(hub)
    _check_log(config)
    return config


FINAL_VALIDATE_SCHEMA = _final_validate


def _check_mismatch(hub: ConfigType) -> None:
    path = [CONF_NEUTRAL_MISMATCH]
    if not hub[CONF_NEUTRAL]:
        raise cv.Invalid(
            "A mismatch shows in the sum of the phases' currents and the neutral's: set `neutral: true` in `ade9000:` where the "
            "neutral has a transformer",
            path=path,
        )
    if not sums_residual(hub):
        raise cv.Invalid(
            "A mismatch shows in the residual current, which is not measured: leave out `summed_current: neutral`, and turn "
            "transformers round instead of using `invert_current` for some of them",
            path=path,
        )


def _check_voltages(config: ConfigType) -> None:
    dip, swell = config[CONF_DIP], config[CONF_SWELL]
    back_from_dip = dip[CONF_THRESHOLD] + dip[CONF_HYSTERESIS]
    back_from_swell = swell[CONF_THRESHOLD] - swell[CONF_HYSTERESIS]
    if back_from_dip >= 100:
        raise cv.Invalid(
            f"A dip would be over at {back_from_dip:g} % of nominal_voltage, where a healthy supply may never be: threshold and "
            "hysteresis have to add up to less than 100 %",
            path=[CONF_DIP],
        )
    if back_from_swell <= 100:
        raise cv.Invalid(
            f"A swell would be over at {back_from_swell:g} % of nominal_voltage, where a healthy supply may never be: threshold "
            "less hysteresis has to be more than 100 %",
            path=[CONF_SWELL],
        )
    if config[CONF_INTERRUPTION] >= dip[CONF_THRESHOLD]:
        raise cv.Invalid(
            f"An interruption is a deep dip, so its limit of {config[CONF_INTERRUPTION]:g} % has to be below that of a dip, "
            f"{dip[CONF_THRESHOLD]:g} %",
            path=[CONF_INTERRUPTION],
        )


def _check_full_scale(config: ConfigType, hub: ConfigType) -> None:
    full_scale, swell = full_scale_volts(hub[CONF_VOLTAGE_SENSOR]), config[CONF_SWELL][CONF_THRESHOLD]
    if swell / 100 * hub[CONF_NOMINAL_VOLTAGE] >= full_scale:
        raise cv.Invalid(
            f"The chip is saturated at {full_scale:.0f} V and would never see a swell above {swell:g} % of nominal_voltage: "
            "lower the threshold, or take a divider with a higher ratio",
            path=[CONF_SWELL],
        )
    if (limit := config.get(CONF_OVER_CURRENT)) is None:
        return
    full_scale = full_scale_amperes(hub[CONF_CURRENT_SENSOR], hub[CONF_LINE_FREQUENCY])
    if limit[CONF_THRESHOLD] >= full_scale:
        raise cv.Invalid(
            f"The chip is saturated at {full_scale:.4g} A and would never see more than {limit[CONF_THRESHOLD]:g} A: lower the "
            "threshold, or take a smaller burden",
            path=[CONF_OVER_CURRENT],
        )


def _check_log(config: ConfigType) -> None:
    size, most = config[CONF_LOG][CONF_SIZE], MOST_EVENTS.get(CORE.target_platform)
    if most is not None and size > most:
        raise cv.Invalid(f"{CORE.target_platform} has room for {most} events, not {size}", path=[CONF_LOG, CONF_SIZE])


def _limit(config: ConfigType | None) -> Expression:
    """Return a limit with its hysteresis; none watches nothing."""
    limit, hysteresis = (config[CONF_THRESHOLD], config[CONF_HYSTERESIS]) if config else (0.0, 0.0)
    return cg.StructInitializer(Threshold, ("limit", limit), ("hysteresis", hysteresis))


def _power_quality_config(config: ConfigType) -> Expression:
    return cg.StructInitializer(
        PowerQualityConfig,
        ("dip", _limit(config[CONF_DIP])),
        ("swell", _limit(config[CONF_SWELL])),
        ("interruption", config[CONF_INTERRUPTION]),
        ("over_current", _limit(config.get(CONF_OVER_CURRENT))),
        ("neutral_mismatch", _limit(config.get(CONF_NEUTRAL_MISMATCH))),
        ("phase_loss", config[CONF_PHASE_LOSS]),
        ("wrong_sequence", config[CONF_WRONG_SEQUENCE]),
    )


async def to_code(config: ConfigType) -> None:
    """Generate the watch for events of one hub."""
    var = cg.new_Pvariable(config[CONF_ID], await cg.get_variable(config[CONF_ADE9000_ID]))
    await cg.register_component(var, config)
    cg.add(var.set_config(_power_quality_config(config)))
    if pin := config.get(CONF_IRQ1_PIN):
        cg.add(var.set_irq1_pin(await (cg.get_variable(pin) if CORE.is_host else cg.gpio_pin_expression(pin))))
    if sends_readings(hub_of(config)):
        cg.add_define(USE_EVENTS)
        cg.add_define("ADE9000_POWER_QUALITY_COUNT", len(CORE.config[DOMAIN]))
        cg.add(var.set_log_size(config[CONF_LOG][CONF_SIZE]))
        cg.add((await sender_of_device(config[CONF_EVENTS_API_ID])).add_meter(var))
    await automation.build_callback_automations(var, config, AUTOMATIONS)
