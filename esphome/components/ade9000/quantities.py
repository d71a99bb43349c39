"""The quantities of a reading as ESPHome sensors, in the order of `quantities.h` and of the wire.

This is the integration's table (custom_components/three_phase_energy/model/quantities.py) in ESPHome's terms; a test holds the
two against each other, because each is installed without the other.
"""

from dataclasses import dataclass

LINES = ("l1", "l2", "l3")
LINES_AND_TOTAL = (*LINES, "total")
COUNTED = (*LINES, "total", "net")
GROUPS = (*LINES, "n", "l12", "l23", "l31", "total", "net")
"""Keys that group the sensors in YAML; each quantity has its sensors in some of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """One row of the table."""

    key: str
    phases: tuple[str, ...]
    """Groups in the order of the values in C++."""
    unit: str
    accuracy_decimals: int
    device_class: str | None = None
    state_class: str = "measurement"
    scale: float = 1.0
    """Factor from the unit of the reading to `unit`."""
    diagnostic: bool = False
    build_group: str | None = None
    """Option of `energy:` that it is built with."""


def _power(key: str, unit: str, device_class: str) -> Quantity:
    return Quantity(key=key, phases=LINES_AND_TOTAL, unit=unit, device_class=device_class, accuracy_decimals=1)


def _power_factor(key: str) -> Quantity:
    return Quantity(key=key, phases=LINES_AND_TOTAL, unit="", device_class="power_factor", accuracy_decimals=3)


def _distortion(key: str) -> Quantity:
    return Quantity(key=key, phases=LINES, unit="%", scale=100.0, accuracy_decimals=1)


def _unbalance(key: str) -> Quantity:
    return Quantity(key=key, phases=("total",), unit="%", scale=100.0, accuracy_decimals=2)


def _angle(key: str) -> Quantity:
    return Quantity(key=key, phases=LINES, unit="°", state_class="measurement_angle", accuracy_decimals=1)


def _energy(
    key: str, unit: str, device_class: str | None, phases: tuple[str, ...] = COUNTED, build_group: str | None = None
) -> Quantity:
    """Return a counter; a sensor's float32 resolves 0.001 of the unit up to 16384, 0.01 up to 131072."""
    return Quantity(
        key=key,
        phases=phases,
        unit=unit,
        device_class=device_class,
        state_class="total_increasing",
        scale=1e-6,
        accuracy_decimals=3,
        build_group=build_group,
    )


def _fundamental_energy(kind: str, unit: str, device_class: str | None, phases: tuple[str, ...] = COUNTED) -> list[Quantity]:
    directions = ("import", "export")
    return [_energy(f"fundamental_{kind}_energy_{way}", unit, device_class, phases, "fundamental") for way in directions]


QUANTITIES: tuple[Quantity, ...] = (
    Quantity(key="voltage", phases=LINES, unit="V", device_class="voltage", accuracy_decimals=1),
    Quantity(key="phase_to_phase_voltage", phases=("l12", "l23", "l31"), unit="V", device_class="voltage", accuracy_decimals=1),
    Quantity(key="current", phases=(*LINES, "n"), unit="A", device_class="current", accuracy_decimals=2),
    Quantity(key="calculated_current", phases=("n",), unit="A", device_class="current", accuracy_decimals=2),
    Quantity(key="residual_current", phases=("total",), unit="A", device_class="current", accuracy_decimals=3),
    Quantity(key="voltage_peak", phases=("total",), unit="V", device_class="voltage", accuracy_decimals=1),
    Quantity(key="current_peak", phases=("total",), unit="A", device_class="current", accuracy_decimals=2),
    _unbalance("voltage_unbalance"),
    _unbalance("current_unbalance"),
    _power("active_power", "W", "power"),
    _power("reactive_power", "var", "reactive_power"),
    _power("apparent_power", "VA", "apparent_power"),
    _power_factor("power_factor"),
    _power_factor("displacement_power_factor"),
    _power("fundamental_active_power", "W", "power"),
    _power("fundamental_reactive_power", "var", "reactive_power"),
    _power("fundamental_apparent_power", "VA", "apparent_power"),
    _distortion("voltage_thd"),
    _distortion("current_thd"),
    Quantity(key="frequency", phases=LINES_AND_TOTAL, unit="Hz", device_class="frequency", accuracy_decimals=3),
    _angle("voltage_angle"),
    _angle("phase_angle"),
    Quantity(
        key="chip_temperature",
        phases=("total",),
        unit="°C",
        device_class="temperature",
        accuracy_decimals=1,
        diagnostic=True,
    ),
    _energy("active_energy_import", "kWh", "energy"),
    _energy("active_energy_export", "kWh", "energy"),
    _energy("reactive_energy_import", "kvarh", "reactive_energy"),
    _energy("reactive_energy_export", "kvarh", "reactive_energy"),
    _energy("apparent_energy_import", "kVAh", None, LINES_AND_TOTAL),
    _energy("apparent_energy_export", "kVAh", None, LINES_AND_TOTAL),
    *(_energy(f"reactive_energy_q{number}", "kvarh", "reactive_energy", COUNTED, "quadrants") for number in (1, 2, 3, 4)),
    *_fundamental_energy("active", "kWh", "energy"),
    *_fundamental_energy("reactive", "kvarh", "reactive_energy"),
    *_fundamental_energy("apparent", "kVAh", None, LINES_AND_TOTAL),
)
