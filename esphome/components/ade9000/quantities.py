"""Quantities of a reading as ESPHome's sensors; the rows are in quantity_table.py.

They are generated from the integration's table, because each is installed without the other.
"""

from dataclasses import dataclass

LINES = ("l1", "l2", "l3")
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
    """Factor from the unit of the reading to `unit`. As a sensor's float32, a counter resolves 0.001 kWh up to 16384 kWh."""
    diagnostic: bool = False
    build_group: str | None = None
    """Option of `energy:` that it is built with."""
