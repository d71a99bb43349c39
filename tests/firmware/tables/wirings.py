"""Write what ESPHome's side knows of the wirings, as JSON; run by ESPHome's Python, because its package needs ESPHome."""

import importlib
import json
from pathlib import Path
import sys

from esphome.loader import install_meta_finder  # type: ignore[import-not-found]  # installed in ESPHome's environment only

COMPONENTS = Path(__file__).parents[3] / "esphome" / "components"

install_meta_finder(COMPONENTS)
component = importlib.import_module("esphome.components.ade9000")
channels = importlib.import_module("esphome.components.ade9000.channels")
summed_current = importlib.import_module("esphome.components.ade9000.summed_current")

sys.stdout.write(
    json.dumps(
        {
            "constants": {name: str(constant).rpartition("::")[2] for name, constant in component.WIRINGS.items()},
            "of_two_lines": channels.WIRINGS_OF_TWO,
            "three_wires": summed_current.THREE_WIRES,
            "compute_l2_voltage": channels.WIRINGS_THAT_COMPUTE_THE_VOLTAGE_OF_L2,
            "compute_l2_current": component.WIRINGS_THAT_COMPUTE_L2,
        }
    )
)
