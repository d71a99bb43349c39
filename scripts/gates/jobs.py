"""The processes that run the chosen layers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
import os
from pathlib import Path
import re

from bench.cpp import ROOT

from .arguments import Choice
from .layers import Layer, Pace

LOGS = ROOT / ".cache" / "test"
MEASURED = LOGS / "coverage"
NO_TESTS_COLLECTED = 5
"""pytest's status, which is fine if an option such as -k leaves a layer without a match."""

_CLOSING_LINE = re.compile(r"^=+ .* in [\d.]+s.* =+$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A process to run."""

    name: str
    pace: Pace
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    is_tests: bool = False
    may_be_empty: bool = False

    @property
    def log(self) -> Path:
        """The file of its output while it runs next to others."""
        return LOGS / f"{self.name}.log"

    def has_passed(self, status: int) -> bool:
        """Return whether a status is a success."""
        return status == 0 or (status == NO_TESTS_COLLECTED and self.is_tests and self.may_be_empty)

    def closing_line(self) -> str:
        """Return the last line of its log that says how it went."""
        text = self.log.read_text(encoding="utf-8", errors="replace").rstrip()
        lines = _CLOSING_LINE.findall(text)
        return str(lines[-1]) if lines else next((line for line in reversed(text.splitlines()) if re.search(r"\w", line)), "")


def jobs_of(choice: Choice) -> list[Job]:
    """Return the jobs for a choice, in the order of its layers."""
    by_job: dict[str, list[Layer]] = {}
    for layer in choice.layers:
        by_job.setdefault(layer.job, []).append(layer)
    return [_job(name, layers, choice) for name, layers in by_job.items()]


def _job(name: str, layers: list[Layer], choice: Choice) -> Job:
    first = layers[0]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'scripts'}{os.pathsep}{ROOT}"}
    if first.command:
        return Job(name=name, pace=first.pace, command=first.command, environment=environment)
    return Job(
        name=name,
        pace=first.pace,
        command=tuple(_pytest(layers, choice)),
        environment={**environment, "COVERAGE_FILE": str(MEASURED / f"data.{name}")},
        is_tests=True,
        may_be_empty=bool(choice.options),
    )


def _pytest(layers: list[Layer], choice: Choice) -> Iterator[str]:
    first = layers[0]
    yield from (".venv/bin/python", "-m", "pytest", "-p", "tests.early")
    if not first.is_inside_home_assistant:
        yield from ("-p", "no:homeassistant", "-p", "no:socket")
    if first.workers > 1 and not choice.paths.get(first.name):
        yield from ("--numprocesses", str(first.workers), "--dist", "loadgroup")
    if choice.is_everything and first.pace is not Pace.COMPILES:
        yield from ("--cov", "--cov-report=")
    yield from choice.options
    for layer in layers:
        yield from (f"--ignore={path}" for path in layer.leaves_out)
        yield from choice.paths.get(layer.name, layer.paths)
