"""Run what `esphome config` runs on many configurations, with ESPHome's Python: importing ESPHome takes longer than checking.

Each configuration is validated in a process of its own, forked after the imports. What ESPHome says is written beside it.

usage: validate_configs.py CONFIGURATION...
"""

import importlib
import os
from pathlib import Path
import sys

from esphome.__main__ import run_esphome  # type: ignore[import-not-found]  # installed in ESPHome's environment only

PRELOADED = (
    "api",
    "binary_sensor",
    "captive_portal",
    "esp32",
    "esp8266",
    "host",
    "ota",
    "sensor",
    "sntp",
    "spi",
    "text_sensor",
    "time",
    "wifi",
)


def validate(path: Path) -> int:
    """Return the status of `esphome config`."""
    with path.with_suffix(".out").open("w", encoding="utf-8") as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
        status = run_esphome(["esphome", "config", str(path)])
        sys.stdout.flush()
    return int(status or 0)


def main() -> None:
    """Validate each configuration and write its status behind what was said."""
    for component in PRELOADED:
        importlib.import_module(f"esphome.components.{component}")
    for path in map(Path, sys.argv[1:]):
        if (child := os.fork()) == 0:
            os._exit(validate(path))
        _, status = os.waitpid(child, 0)
        path.with_suffix(".status").write_text(str(os.waitstatus_to_exitcode(status)), encoding="utf-8")


main()
