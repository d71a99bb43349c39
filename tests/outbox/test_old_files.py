"""Outbox files that older versions wrote: today's code finds every record, cursor, dead letter and counter in them."""

import json
from pathlib import Path
import shutil
from typing import Any

import pytest

from custom_components.three_phase_energy.outbox.outbox import Outbox
from tests.outbox.write_old_files import EXPECTED, FILE, contents

FOLDERS = sorted(Path(__file__).parent.glob("written_by_*/*/"))


@pytest.fixture(params=FOLDERS, ids=lambda folder: f"{folder.parent.name}/{folder.name}")
def folder(request: pytest.FixtureRequest) -> Path:
    """Return a case, as the older version left it."""
    chosen: Path = request.param
    return chosen


@pytest.fixture
def path(folder: Path, tmp_path: Path) -> Path:
    """Return a copy of the case's outbox."""
    shutil.copytree(folder, tmp_path / "copy")
    return tmp_path / "copy" / FILE


@pytest.fixture
def expected(folder: Path) -> dict[str, Any]:
    """Return what the code that wrote the files read from them."""
    said: dict[str, Any] = json.loads((folder / EXPECTED).read_text("utf-8"))
    return said


def without_size(said: dict[str, Any]) -> dict[str, Any]:
    """Leave out the size of the file, which may differ."""
    return said | {"stats": {name: value for name, value in said["stats"].items() if name != "bytes"}}


async def test_everything_is_there_and_is_delivered_in_the_same_order(path: Path, expected: dict[str, Any]) -> None:
    assert without_size(await contents(path)) == without_size(expected)


async def test_also_when_the_file_was_opened_before(path: Path, expected: dict[str, Any]) -> None:
    await (await Outbox.open(path)).close()
    assert without_size(await contents(path)) == without_size(expected)


async def test_also_when_that_ended_with_a_power_cut(path: Path, expected: dict[str, Any], tmp_path: Path) -> None:
    outbox = await Outbox.open(path)
    shutil.copytree(path.parent, tmp_path / "after")
    await outbox.close()
    assert without_size(await contents(tmp_path / "after" / FILE)) == without_size(expected)


def test_the_cases_hold_what_they_are_for() -> None:
    said = {folder.name: json.loads((folder / EXPECTED).read_text("utf-8")) for folder in FOLDERS}
    stats = {case: entry["stats"] for case, entry in said.items()}
    assert {case: entry["waiting"] for case, entry in stats.items()} == {
        "busy": 25,
        "empty": 0,
        "killed": 7,
        "killed_at_first": 4,
    }
    assert (stats["busy"]["dropped"], stats["busy"]["damaged"], stats["busy"]["dead"]) == (39, 1, 2)
    assert any(batch["restore"] for batch in said["busy"]["batches"])
    assert all(entry["salvage"] is None for entry in said.values())
