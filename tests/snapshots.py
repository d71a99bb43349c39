"""What others build on, as files in which a change can be read: a section for each kind of thing, a line for each thing.

The snapshots are of commit 33ab882, so that they hold through every rearrangement of the code. A line that changes breaks
the automations, dashboards or queries of somebody; what is new brings new lines, which are taken over by hand.
"""

from collections.abc import Mapping
import json
from pathlib import Path
from typing import Any

type Snapshot = Mapping[str, Mapping[str, Any]]
"""Section → name of a thing → what there is to know of it."""


def assert_unchanged(expected: Path, seen: Snapshot, folder: Path) -> None:
    """Compare what is seen with those sections of a snapshot, and write it into the folder for whoever has to compare."""
    copy = folder / "seen.json"
    copy.write_text(_dumped(seen), encoding="utf-8")
    changed = _differences(expected, seen)
    assert not changed, "\n".join([*changed, f"all that is seen is in {copy}"])


def _differences(expected: Path, seen: Snapshot) -> list[str]:
    before, now = json.loads(expected.read_text(encoding="utf-8")), json.loads(_dumped(seen))
    return [
        f"{section}: {name}: was {before[section].get(name)}, is {things.get(name)}"
        for section, things in now.items()
        for name in before[section] | things
        if before[section].get(name) != things.get(name)
    ]


def _dumped(snapshot: Snapshot) -> str:
    """Return a snapshot as JSON with one thing on a line."""
    sections = (f"{json.dumps(name)}: {{\n{_lines(things)}\n}}" for name, things in snapshot.items())
    return "{\n" + ",\n".join(sections) + "\n}\n"


def _lines(things: Mapping[str, Any]) -> str:
    return ",\n".join(f"  {json.dumps(name)}: {json.dumps(thing, ensure_ascii=False)}" for name, thing in things.items())
