"""Ask ESPHome whether configurations are valid, many in one process."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
import subprocess

from bench.rig.firmware import ESPHOME, esphome_environment


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What `esphome config` answers to a configuration."""

    is_valid: bool
    text: str
    """All that it says, in one line."""


def validate(paths: Iterable[Path], data: Path) -> list[Answer]:
    """Validate configurations, in their order."""
    paths = list(paths)
    command = [ESPHOME.with_name("python"), Path(__file__).with_name("validate_configs.py"), *paths]
    subprocess.run(command, env=esphome_environment(data), check=True, timeout=120)
    return [
        Answer(
            is_valid=path.with_suffix(".status").read_text(encoding="utf-8") == "0",
            text=" ".join(path.with_suffix(".out").read_text(encoding="utf-8").split()),
        )
        for path in paths
    ]
