"""Write the files derived from the table of quantities, or report the stale ones."""

import argparse
import json
import sys

from custom_components.three_phase_energy.model.quantities import QUANTITIES

from . import firmware, pages
from .output import ROOT, Output, cpp, page, python

COMPONENT = "esphome/components/ade9000"
TRANSLATIONS = ROOT / "custom_components" / "three_phase_energy" / "translations" / "en.json"


def outputs() -> list[Output]:
    """Return every file as the table would have it."""
    names = {key: text["name"] for key, text in json.loads(TRANSLATIONS.read_text())["entity"]["sensor"].items()}
    return [
        cpp(f"{COMPONENT}/quantity_table.h", firmware.cpp_table(QUANTITIES)),
        python(f"{COMPONENT}/quantity_table.py", firmware.esphome_table(QUANTITIES)),
        page("docs/architecture.md", {"wire": pages.wire_table(QUANTITIES)}),
        page("docs/esphome/ade9000.md", {"sensors": pages.esphome_table(QUANTITIES)}),
        page(
            "docs/quantities.md",
            {"sensors": pages.home_assistant_table(QUANTITIES, names), "ngsi": pages.ngsi_table(QUANTITIES)},
        ),
    ]


def main() -> int:
    """Return 1 if a check finds a stale file."""
    parser = argparse.ArgumentParser(prog="scripts/generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing, and fail where something is stale")
    is_check = parser.parse_args().check
    stale = [output for output in outputs() if not output.is_current]
    for output in stale:
        if not is_check:
            output.path.write_text(output.text, encoding="utf-8")
        print(f"{output.name} {'is stale: run scripts/generate' if is_check else 'written'}")
    return 1 if is_check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
