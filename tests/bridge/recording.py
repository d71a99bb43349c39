"""Recorded exchanges with real brokers, and comparing what a broker answers with them.

The recordings are in `shared/orion_contract` beside the repository. Instants and ids that the server chose are compared by
form, everything else by value, objects with the order of their members.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
import json
from pathlib import Path
import re
from typing import Any

import pytest

RECORDINGS = Path(__file__).parents[3] / "shared" / "orion_contract"

_RECORDED_INSTANT = re.compile(r"2026-11-22T\d\d:\d\d:\d\d\.\d{3}(Z|\+00:00)")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.(\d{3}){1,2}(Z|\+00:00)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One recorded sequence in a tenant of its own."""

    name: str
    core: bool
    steps: tuple[Mapping[str, Any], ...]


def recorded_cases(file: str) -> list[Case]:
    """Return the cases of a recording, none where the recordings are not at hand."""
    path = RECORDINGS / file
    if not path.exists():
        return []
    cases = [json.loads(line) for line in path.read_text().splitlines()]
    return [Case(name=case["name"], core=case.get("core", False), steps=tuple(case["steps"])) for case in cases]


def case_parameters(file: str) -> list[Any]:
    """Return the cases of a recording as parameters of a test, or one that is skipped."""
    missing = pytest.param(None, marks=pytest.mark.skip(reason=f"{RECORDINGS / file} is not at hand"), id="no-recordings")
    return [pytest.param(case, id=case.name) for case in recorded_cases(file)] or [missing]


@dataclass(slots=True)
class Translation:
    """Texts of the recording and what stands for them in the run: ids and addresses."""

    texts: dict[str, str] = field(default_factory=dict)

    def text(self, recorded: str) -> str:
        for old, new in self.texts.items():
            recorded = recorded.replace(old, new)
        return recorded

    def value(self, recorded: Any) -> Any:
        """Return a JSON value with all its texts translated."""
        match recorded:
            case str():
                return self.text(recorded)
            case list():
                return [self.value(item) for item in recorded]
            case dict():
                return {self.text(name): self.value(item) for name, item in recorded.items()}
            case _:
                return recorded


def differences(expected: Any, actual: Any, where: str = "body", *, ordered: bool = True) -> Iterator[str]:
    """Yield what differs between a recorded value and the one of the run."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        if list(expected) != list(actual) if ordered else expected.keys() != actual.keys():
            yield f"{where}: names {list(actual)} instead of {list(expected)}"
        for name in expected.keys() & actual.keys():
            yield from differences(expected[name], actual[name], f"{where}.{name}", ordered=ordered)
    elif isinstance(expected, list) and isinstance(actual, list):
        if len(expected) != len(actual):
            yield f"{where}: {len(actual)} items instead of {len(expected)}"
        for number, (one, other) in enumerate(zip(expected, actual, strict=False)):
            yield from differences(one, other, f"{where}[{number}]", ordered=ordered)
    elif isinstance(expected, str) and _RECORDED_INSTANT.fullmatch(expected):
        if not (isinstance(actual, str) and _INSTANT.fullmatch(actual)):
            yield f"{where}: {actual!r} is not an instant"
    elif type(expected) is not type(actual) or expected != actual:
        yield f"{where}: {actual!r} instead of {expected!r}"
