"""The gates of coverage: to which room a file belongs, what counts, and what is too little."""

from typing import Any

import pytest

from gates.floors import ROOMS, judge, reach_of_rooms, room_of

INTEGRATION = "custom_components/three_phase_energy"


def measured(*, lines: tuple[int, int], branches: tuple[int, int] = (0, 0)) -> dict[str, Any]:
    """Return what coverage.py reports of a file: of lines and branches how many are reached, and how many there are."""
    summary = {
        "covered_lines": lines[0], "num_statements": lines[1], "covered_branches": branches[0], "num_branches": branches[1],
    }  # fmt: skip
    return {"summary": summary, "missing_lines": [7] * (lines[1] - lines[0]), "missing_branches": []}


@pytest.mark.parametrize(
    ("path", "name", "floor"),
    [
        (f"{INTEGRATION}/model/reading.py", "model", 100),
        (f"{INTEGRATION}/outbox/store.py", "outbox", 100),
        (f"{INTEGRATION}/ngsi/client.py", "ngsi", 100),
        (f"{INTEGRATION}/config_flow.py", "config_flow", 100),
        (f"{INTEGRATION}/flows/broker.py", "config_flow", 100),
        (f"{INTEGRATION}/mirror/outboxes.py", "integration, all else", 98),
        ("fiware_bridge/edge/app.py", "fiware_bridge", 98),
    ],
)
def test_each_room_has_its_floor(path: str, name: str, floor: float) -> None:
    room = room_of(path)

    assert room is not None
    assert (room.name, room.floor) == (name, floor)


def test_lines_and_branches_count_together() -> None:
    files = {
        f"{INTEGRATION}/mirror/a.py": measured(lines=(80, 80), branches=(10, 20)),
        f"{INTEGRATION}/b.py": measured(lines=(0, 100)),
    }
    (room,) = (room for room in ROOMS if room.name == "integration, all else")

    assert reach_of_rooms(files)[room].percent == pytest.approx(45)


def test_what_is_reached_passes(capsys: pytest.CaptureFixture[str]) -> None:
    assert judge({"fiware_bridge/a.py": measured(lines=(98, 100)), f"{INTEGRATION}/model/a.py": measured(lines=(5, 5))})
    assert "TOO LITTLE" not in capsys.readouterr().out


def test_a_room_below_its_floor_fails_and_says_where(capsys: pytest.CaptureFixture[str]) -> None:
    assert not judge(
        {f"{INTEGRATION}/outbox/store.py": measured(lines=(999, 1000)), "fiware_bridge/a.py": measured(lines=(99, 100))}
    )

    shown = capsys.readouterr().out
    assert "TOO LITTLE" in shown
    assert f"{INTEGRATION}/outbox/store.py: lines [7]" in shown
    assert "fiware_bridge/a.py" not in shown
