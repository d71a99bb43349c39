"""Parts of the driver's core that are built only where they are configured.

The core includes nothing of ESPHome, so it cannot see the defines in ESPHome's header: its features are flags of the build.
"""

from collections.abc import Callable, Mapping

import esphome.codegen as cg
from esphome.core import CORE

MULTIPOINT = "USE_ADE9000_MULTIPOINT"
QUADRANT_ENERGY = "USE_ADE9000_QUADRANT_ENERGY"
FUNDAMENTAL_ENERGY = "USE_ADE9000_FUNDAMENTAL_ENERGY"


def build(feature: str) -> None:
    """Build a feature of the core."""
    cg.add_build_flag(f"-D{feature}")


def filter_source_files(needed: Mapping[str, str]) -> Callable[[], list[str]]:
    """Return what tells ESPHome, once the code is generated, which files to leave out.

    `needed` has the define of each file that is not always built: one of ESPHome, or a feature of the core.
    """

    def left_out() -> list[str]:
        present = {define.name for define in CORE.defines} | {flag.removeprefix("-D") for flag in CORE.build_flags}
        return [name for name, define in needed.items() if define not in present]

    return left_out
