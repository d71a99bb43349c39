"""The gates of coverage: how much of each room the tests reach, in lines and branches together, and how much they have to."""

from collections.abc import Mapping
from dataclasses import dataclass
import json
from pathlib import Path
import subprocess
from typing import Any

from bench.cpp import ROOT

from .jobs import LOGS, MEASURED

_INTEGRATION = "custom_components/three_phase_energy/"


@dataclass(frozen=True, slots=True)
class Room:
    """Files, by the beginnings of their paths, and the least of them in per cent that tests have to reach."""

    name: str
    prefixes: tuple[str, ...]
    floor: float


ROOMS = (
    Room("model", (f"{_INTEGRATION}model/",), 100),
    Room("outbox", (f"{_INTEGRATION}outbox/",), 100),
    Room("ngsi", (f"{_INTEGRATION}ngsi/",), 100),
    Room("config_flow", (f"{_INTEGRATION}config_flow", f"{_INTEGRATION}flows/"), 100),
    Room("integration, all else", (_INTEGRATION,), 98),
    Room("fiware_bridge", ("fiware_bridge/",), 98),
)
"""A file belongs to the first room that it fits."""


@dataclass(slots=True)
class Reach:
    """Numbers of lines and branches, and of the reached ones."""

    all: int = 0
    reached: int = 0

    @property
    def percent(self) -> float:
        """The share that was reached; all of nothing."""
        return 100 * self.reached / self.all if self.all else 100.0


def room_of(path: str) -> Room | None:
    """Return the room of a file."""
    return next((room for room in ROOMS if path.startswith(room.prefixes)), None)


def reach_of_rooms(files: Mapping[str, Any]) -> dict[Room, Reach]:
    """Return what was reached of each room, from the files of coverage.py's JSON report."""
    rooms = {room: Reach() for room in ROOMS}
    for path, file in files.items():
        if (room := room_of(path)) is not None:
            summary = file["summary"]
            rooms[room].all += summary["num_statements"] + summary["num_branches"]
            rooms[room].reached += summary["covered_lines"] + summary["covered_branches"]
    return rooms


def judge(files: Mapping[str, Any]) -> bool:
    """Print a table, and for a room below its floor the files that are not reached as a whole; return whether none is."""
    rooms = reach_of_rooms(files)
    print("\nCoverage, lines and branches     %  at least")
    for room, reach in rooms.items():
        print(f"  {room.name:<24} {reach.percent:7.2f} {room.floor:9.0f}{'' if reach.percent >= room.floor else '  TOO LITTLE'}")
    low = [room for room, reach in rooms.items() if reach.percent < room.floor]
    for path, file in files.items():
        if room_of(path) in low and (file["missing_lines"] or file["missing_branches"]):
            print(f"  {path}: lines {file['missing_lines']}, branches {file['missing_branches']}")
    return not low


def check() -> bool:
    """Join what the jobs have measured and judge it."""
    report = LOGS / "coverage.json"
    joined = {"COVERAGE_FILE": str(LOGS / "coverage.data")}
    parts = sorted(str(path) for path in MEASURED.glob("data.*"))
    for arguments in (("combine", "--keep", "--quiet", *parts), ("json", "--quiet", "-o", str(report))):
        subprocess.run((ROOT / ".venv" / "bin" / "coverage", *arguments), cwd=ROOT, env=joined, check=True)
    return judge(json.loads(Path(report).read_text(encoding="utf-8"))["files"])
