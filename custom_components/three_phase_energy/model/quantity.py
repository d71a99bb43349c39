"""A quantity of a reading: the description of a row of the table in quantities.py."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Phase(StrEnum):
    """Where a value was measured: a phase, a pair of phases, the neutral, or the installation as a whole."""

    L1 = "L1"
    L2 = "L2"
    L3 = "L3"
    N = "N"
    L12 = "L12"
    L23 = "L23"
    L31 = "L31"
    TOTAL = "total"
    """The sum of the phases, or the one value that the installation has, such as its frequency."""
    NET = "net"
    """Energy as a utility meter counts it: the phases are balanced in each window before import or export is counted."""


class Aggregation(StrEnum):
    """How a quantity is carried over a span longer than one reading."""

    MEAN = "mean"
    LAST = "last"
    MAX = "max"


class BuildGroup(StrEnum):
    """Quantities that a device may be built without, by their option of `energy:` in ESPHome's YAML."""

    QUADRANTS = "quadrants"
    FUNDAMENTAL = "fundamental"


class StateClass(StrEnum):
    """Home Assistant's state class, by its value, so that this table needs no Home Assistant."""

    MEASUREMENT = "measurement"
    MEASUREMENT_ANGLE = "measurement_angle"
    TOTAL_INCREASING = "total_increasing"


class Profile(StrEnum):
    """A Smart Data Model for readings, by its NGSI type."""

    THREE_PHASE = "ThreePhaseAcMeasurement"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ngsi:
    """A quantity as NGSI-v2 attributes of one profile, named as the Smart Data Models do.

    `attribute` holds the phases as an object with their names as keys; `total` and `net` are attributes of their own.
    Numbers outside `minimum`..`maximum` would be refused by the model's schema.
    """

    unit_code: str
    """UN/CEFACT common code."""
    attribute: str | None = None
    total: str | None = None
    net: str | None = None
    scale: float = 1.0
    """Factor from the unit of the table to the unit of the model."""
    minimum: float | None = None
    maximum: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """One row of the table."""

    key: str
    """Name in the code, in translations and in ESPHome's YAML."""
    phases: tuple[Phase, ...]
    """The places with a value: the fields of its group, in the order of the wire."""
    unit: str | None
    """SI unit of the values; None for a ratio."""
    state_class: StateClass
    precision: int
    """Decimals that Home Assistant shows by default, in the unit of its sensor."""
    ngsi: Mapping[Profile, Ngsi] = field(hash=False)
    """Its attributes in each profile that has it."""
    wire: str | None = None
    """Key of its group in the event `esphome.three_phase_reading`; None if it is computed here."""
    device_class: str | None = None
    sensor_unit: str | None = None
    """Unit of the Home Assistant sensor if it is not `unit`."""
    sensor_scale: float = 1.0
    """Factor from `unit` to `sensor_unit`."""
    aggregation: Aggregation = Aggregation.MEAN
    diagnostic: bool = False
    hidden_phases: frozenset[Phase] = frozenset()
    """Phases whose sensors are disabled until the user asks for them."""
    optional: bool = False
    """Not every meter can measure it: its sensors appear with its first value."""
    decimals: int = 0
    """Digits after the point on the wire: enough for every digit that the chip gives, none for a counter."""
    build_group: BuildGroup | None = None
    """The build option that the firmware needs to measure it."""
    meaning: str = ""
    """A note that its name does not give, for the tables in the docs."""

    @property
    def is_counter(self) -> bool:
        """Whether its values are whole numbers that only grow."""
        return self.state_class is StateClass.TOTAL_INCREASING


LINES = (Phase.L1, Phase.L2, Phase.L3)
LINES_AND_TOTAL = (*LINES, Phase.TOTAL)
LINES_AND_NEUTRAL = (*LINES, Phase.N)
PAIRS = (Phase.L12, Phase.L23, Phase.L31)
COUNTED = (*LINES, Phase.TOTAL, Phase.NET)
WHOLE = (Phase.TOTAL,)
NEUTRAL = (Phase.N,)
