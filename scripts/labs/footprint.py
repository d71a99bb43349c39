"""Flash and RAM of the driver on an ESP8266 and an ESP32-C3, by feature.

text is code and constants in flash, data and bss are memory that is always taken; the objects of the components come on top of
bss (cross.py). The budget is that of an ESP8266: 6 KB for the driver without its log.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from .cross import FEATURES, PLATFORMS, Platform, Size
from .report import LaboratoryError, Report, Say, Table

RAM_BUDGET = 6 * 1024
TIGHTEST = "lx106"


@dataclass(frozen=True, slots=True)
class Footprint:
    """What the driver takes with one choice of features."""

    size: Size
    memory: dict[str, int]
    """Bytes by object."""

    @property
    def ram(self) -> int:
        """All memory without the log."""
        return sum(self.memory.values()) + self.size.data + self.size.bss


def _measure(platform: Platform, say: Say) -> dict[str, Footprint]:
    """Return what the driver takes by choice of features; the last are all of them."""
    if reason := platform.missing():
        raise LaboratoryError(reason)
    platform.generate()
    only = {feature.removeprefix("USE_ADE9000_").lower(): frozenset({feature}) for feature in sorted(FEATURES)}
    footprints = {}
    for name, features in {"none": frozenset[str](), **only, "all": FEATURES}.items():
        footprints[name] = Footprint(sum(platform.sizes(features).values(), Size()), platform.memory(features))
        say(f"{platform.title}, {name}: {footprints[name].size.text} bytes of text, {footprints[name].ram} of RAM")
    return footprints


def _tables(platform: Platform, footprints: dict[str, Footprint]) -> Iterator[Table]:
    yield Table(
        (f"{platform.title}, features", "text", "data", "bss", "RAM without the log"),
        tuple((name, str(it.size.text), str(it.size.data), str(it.size.bss), str(it.ram)) for name, it in footprints.items()),
    )
    objects = footprints["all"].memory.items()
    yield Table((f"{platform.title}, objects with all features", "Bytes"), tuple((name, str(size)) for name, size in objects))


def run(say: Say) -> Report:
    """Compile for both processors and report."""
    measured = {platform: _measure(platform, say) for platform in PLATFORMS.values()}
    return Report(
        figures={
            platform.name: {
                "text": footprints["all"].size.text,
                "data": footprints["all"].size.data,
                "bss": footprints["all"].size.bss,
                "ram_bytes": footprints["all"].ram,
                "text_without_features": footprints["none"].size.text,
                "ram_bytes_without_features": footprints["none"].ram,
            }
            for platform, footprints in measured.items()
        },
        tables=tuple(table for platform, footprints in measured.items() for table in _tables(platform, footprints)),
        complaints=tuple(
            f"{platform.title}: {footprints['all'].ram} bytes of RAM, the budget is {RAM_BUDGET}"
            for platform, footprints in measured.items()
            if platform.name == TIGHTEST and footprints["all"].ram > RAM_BUDGET
        ),
    )
