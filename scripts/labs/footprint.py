"""Flash and RAM of the components on an ESP8266 and an ESP32-C3, by feature.

text is code and constants in flash; data and bss are memory that is always in use. The components' objects add to bss (cross.py).
The budget applies to an ESP8266: 6 KB for the driver without its log.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from bench.cross import EVERYTHING, PLATFORMS, Choice, Platform, Size

from .report import LaboratoryError, Report, Say, Table

RAM_BUDGET = 6 * 1024
TIGHTEST = "lx106"


def _and(*features: str, component: str | None = None) -> Choice:
    """Return the meter with more features, and with another component."""
    defines = ("ADE9000_READINGS", "ADE9000_SENSORS", "ADE9000_STATUS", "THREE_PHASE_WIRE_API", *features)
    return Choice(
        components=Choice().components | ({component} if component else set()),
        features=frozenset(f"USE_{name}" for name in defines),
    )


NOTHING = "none"
METER = "readings, sensors, status"
"""The build of the shipped packages for an ESP8266, to which the budget applies."""

ALL = "all"

CHOICES = {
    NOTHING: Choice(),
    METER: _and(),
    "… and wiring check": _and(component="ade9000_wiring_check"),
    "… and calibration": _and(component="ade9000_calibration"),
    "… and power quality": _and("ADE9000_POWER_QUALITY_EVENTS", component="ade9000_power_quality"),
    "… and waveforms": _and("ADE9000_WAVEFORM_SENDING", component="ade9000_waveform"),
    "… and energies by quadrant and of the fundamental": _and("ADE9000_QUADRANT_ENERGY", "ADE9000_FUNDAMENTAL_ENERGY"),
    "… and multipoint": _and("ADE9000_MULTIPOINT"),
    ALL: EVERYTHING,
}
"""The features of a build."""


@dataclass(frozen=True, slots=True)
class Footprint:
    """The components' size with one choice."""

    size: Size
    memory: dict[str, int]
    """Bytes by object."""

    @property
    def ram(self) -> int:
        """All memory without the log."""
        return sum(self.memory.values()) + self.size.data + self.size.bss


def _measure(platform: Platform, say: Say) -> dict[str, Footprint]:
    """Return what the components take by choice."""
    if reason := platform.missing():
        raise LaboratoryError(reason)
    platform.generate()
    footprints = {}
    for name, choice in CHOICES.items():
        footprints[name] = Footprint(sum(platform.sizes(choice).values(), Size()), platform.memory(choice))
        say(f"{platform.title}, {name}: {footprints[name].size.text} bytes of text, {footprints[name].ram} of RAM")
    return footprints


def _tables(platform: Platform, footprints: dict[str, Footprint]) -> Iterator[Table]:
    yield Table(
        (f"{platform.title}, features", "text", "data", "bss", "RAM without the log"),
        tuple((name, str(it.size.text), str(it.size.data), str(it.size.bss), str(it.ram)) for name, it in footprints.items()),
    )
    objects = footprints[ALL].memory.items()
    yield Table((f"{platform.title}, objects with all features", "Bytes"), tuple((name, str(size)) for name, size in objects))


def run(say: Say) -> Report:
    """Compile for both processors and report."""
    measured = {platform: _measure(platform, say) for platform in PLATFORMS.values()}
    return Report(
        figures={
            platform.name: {
                "text": footprints[METER].size.text,
                "data": footprints[METER].size.data,
                "bss": footprints[METER].size.bss,
                "ram_bytes": footprints[METER].ram,
                "text_with_all": footprints[ALL].size.text,
                "ram_bytes_with_all": footprints[ALL].ram,
                "text_without_features": footprints[NOTHING].size.text,
                "ram_bytes_without_features": footprints[NOTHING].ram,
            }
            for platform, footprints in measured.items()
        },
        tables=tuple(table for platform, footprints in measured.items() for table in _tables(platform, footprints)),
        complaints=tuple(
            f"{platform.title}: {footprints[METER].ram} bytes of RAM, the budget is {RAM_BUDGET}"
            for platform, footprints in measured.items()
            if platform.name == TIGHTEST and footprints[METER].ram > RAM_BUDGET
        ),
    )
