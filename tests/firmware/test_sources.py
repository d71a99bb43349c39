"""What is not configured is not compiled: the sources of the components that ESPHome takes for a configuration."""

from pathlib import Path
import subprocess

import pytest

from bench.cpp import COMPONENTS, OWN
from bench.cross import INPUT, PLATFORMS
from bench.rig.firmware import ESPHOME, esphome_environment

pytestmark = pytest.mark.usefixtures("esphome")

HERE = Path(__file__).parent
SUFFIXES = (".cpp", ".h")
FOR_SENDING = {f"ade9000/{part}.{end}" for part in ("failures", "readings_api", "record_log", "wire") for end in ("cpp", "h")}
OF_THE_WIRE = {
    *(f"three_phase_wire/{part}.{end}" for part in ("api_event", "listeners") for end in ("cpp", "h")),
    "three_phase_wire/log_api.h",
}


def sources_of(component: Path) -> set[str]:
    """Return the C++ of a component, by its place below the components."""
    return {str(path.relative_to(component.parent)) for path in component.rglob("*") if path.suffix in SUFFIXES}


def taken(yaml: Path, data: Path) -> set[str]:
    """Return the sources of this repository that ESPHome takes for a configuration."""
    command = (ESPHOME, "compile", "--only-generate", yaml)
    subprocess.run(command, env=esphome_environment(data), check=True, capture_output=True, timeout=120)
    (folder,) = data.glob("build/*/src/esphome/components")
    return {source for component in OWN for source in sources_of(folder / component.name)}


def test_meter_with_all_that_can_be_configured_takes_every_source(tmp_path: Path) -> None:
    every = {source for component in OWN if component.name != "ade9000_sim" for source in sources_of(component)}

    assert taken(INPUT / f"{next(iter(PLATFORMS))}.yaml", tmp_path) == every


def test_meter_with_plain_sensors_takes_the_hub_without_what_sends_and_without_options(tmp_path: Path) -> None:
    hub = sources_of(COMPONENTS / "ade9000") | sources_of(COMPONENTS / "three_phase_wire")
    options = {"ade9000/multipoint.cpp", "ade9000/multipoint.h", "ade9000/quadrant_energies.cpp"}

    assert taken(HERE / "sensors-only.yaml", tmp_path) == (
        hub - options - FOR_SENDING - OF_THE_WIRE | sources_of(COMPONENTS / "ade9000_sim")
    )
