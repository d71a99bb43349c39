"""Writes outbox files with the code of an older commit, and what that code reads from them.

Run it inside a checkout of that commit, with its environment; the files go into a folder that does not exist yet:

    PYTHONPATH=. .venv/bin/python …/tests/outbox/write_old_files.py …/tests/outbox/written_by_0_1_0

Each case is a folder with the files of an outbox as they lie on the disk, and `expected.json`: all that the code which wrote
them says of them. `test_old_files` holds today's code against it.
"""

import asyncio
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from importlib import import_module
from importlib.util import find_spec
import json
import os
from pathlib import Path
import shutil
import sqlite3
import sys
import tempfile
from typing import Any

PACKAGE = "custom_components.three_phase_energy"
FILE = "outbox.sqlite"
EXPECTED = "expected.json"
SMALL = 40_000
"""Bytes of an outbox that has to drop readings soon, so that its file is small."""
LIMIT = 3
"""Records of a delivery, so few that all three lanes are used."""
START = datetime(2026, 11, 22, 12, tzinfo=UTC)


def module(*names: str) -> Any:
    """Return the first of these modules that a checkout has, as their places have changed."""
    return import_module(next(f"{PACKAGE}.{name}" for name in names if has_module(f"{PACKAGE}.{name}")))


def has_module(name: str) -> bool:
    """Return whether a module is there, without looking into a package that is not."""
    package = name.rpartition(".")[0]
    return (package == PACKAGE or has_module(package)) and find_spec(name) is not None


outboxes = module("outbox.outbox", "ngsi.outbox")
records = module("outbox.records", "ngsi.records")
decode = module("model.reading", "reading").decode
Twin = module("model.twin", "ngsi.twin").Twin

GARAGE = Twin(key="021122334455-meter", name="Meter (garage)", metering_started=START, model="ADE9000", mac="021122334455")
WORKSHOP = Twin(key="0a0b0c0d0e0f-meter", name="Workshop", metering_started=START + timedelta(hours=1))


def readings(first: int, last: int, *, boot: str = "a1b2c3d4") -> list[Any]:
    """Return readings, one a second."""
    return [reading(seq, boot) for seq in range(first, last + 1)]


def reading(seq: int, boot: str) -> Any:
    """Return a short reading; what it says does not matter to the outbox."""
    end = START + timedelta(seconds=seq)
    wire = {"v": "1", "meter": "meter", "boot": boot, "seq": str(seq), "first": str(seq), "t": str(round(end.timestamp() * 1000))}
    return decode(
        wire | {"up": str(seq * 1000), "span": "1000", "flags": "", "u": "230.1,231.2,229.8", "p": f"{seq}.5,0,0,{seq}.5"}
    )


async def write_empty(path: Path) -> None:
    """Write an outbox that nothing was ever put into."""
    await (await outboxes.Outbox.open(path)).close()


async def write_busy(path: Path) -> None:
    """Write an outbox in which everything is that can be: two meters in every lane, dead letters, and both counters above 0."""
    outbox = await outboxes.Outbox.open(path, records.OutboxLimits(max_bytes=SMALL))
    last = 0
    while not outbox.stats.dropped:
        await outbox.put(GARAGE, readings(last + 1, last := last + 10))
    await outbox.put(WORKSHOP, readings(1, 5))
    # A reboot of the meter; both meters' newest readings are delivered, before their backlogs.
    await outbox.put(GARAGE, readings(1, 12, boot="00000002"))
    await outbox.remove([record.id for record in (await outbox.take(2)).live])
    refused = (await outbox.take(8)).backlog[:2]
    await outbox.bury(
        [
            records.Refusal(record=refused[0], status=400, reason="Invalid characters"),
            records.Refusal(record=refused[1], status=0, reason="no entity"),
        ]
    )
    await outbox.put(GARAGE, readings(13, 14, boot="00000002"))
    await outbox.close()
    damage_oldest(path)
    outbox = await outboxes.Outbox.open(path)
    await outbox.take(5)
    await outbox.close()


def damage_oldest(path: Path) -> None:
    """Flip a bit of the oldest waiting record, as a bad disk does."""
    with sqlite3.connect(path) as database:
        id_, frame = database.execute("SELECT id, frame FROM record ORDER BY id LIMIT 1").fetchone()
        database.execute("UPDATE record SET frame = ? WHERE id = ?", (frame[:-1] + bytes([frame[-1] ^ 1]), id_))
    database.close()


async def write_killed(path: Path) -> None:
    """Leave an outbox that was closed once, then used and killed: what came last is only in its journal."""
    outbox = await outboxes.Outbox.open(path)
    await outbox.put(GARAGE, readings(1, 6))
    await outbox.close()
    outbox = await outboxes.Outbox.open(path)
    await outbox.remove([record.id for record in (await outbox.take(3)).backlog])
    await outbox.put(GARAGE, readings(7, 9))
    die(outbox)


async def write_killed_at_first(path: Path) -> None:
    """Leave a new outbox that was killed before its first reading was anywhere but in the journal."""
    outbox = await outboxes.Outbox.open(path)
    await outbox.put(WORKSHOP, readings(1, 4))
    die(outbox)


def die(_: object) -> None:
    """End this process at once, with the outbox still open."""
    os._exit(0)


CASES = {
    "empty": write_empty,
    "busy": write_busy,
    "killed": write_killed,
    "killed_at_first": write_killed_at_first,
}


async def contents(path: Path) -> dict[str, Any]:
    """Return all that an outbox says of itself, and what it delivers until it is empty; deliver from a copy."""
    outbox = await outboxes.Outbox.open(path)
    said = {
        "salvage": outbox.salvage,
        "stats": asdict(outbox.stats),
        "cursors": {twin.key: (cursor := outbox.cursor(twin.key)) and asdict(cursor) for twin in (GARAGE, WORKSHOP)},
        "dead": [plain(letter) for letter in await outbox.dead_letters()],
        "batches": [],
    }
    while (batch := await outbox.take(LIMIT)).backlog or batch.live:
        said["batches"].append(
            {lane: [plain(record) for record in getattr(batch, lane)] for lane in ("backlog", "live", "restore")}
        )
        await outbox.remove([record.id for record in (*batch.backlog, *batch.live)])
    await outbox.close()
    plain_said: dict[str, Any] = json.loads(json.dumps(said, default=str))
    return plain_said


def plain(thing: Any) -> dict[str, Any]:
    """Return a record or a dead letter without what older code does not know."""
    return {name: value for name, value in asdict(thing).items() if name != "stream"}


def write(folder: Path) -> None:
    """Write each case, in a process of its own that may be killed, then read it."""
    for case, writer in CASES.items():
        (folder / case).mkdir(parents=True)
        if not os.fork():
            asyncio.run(writer(folder / case / FILE))
            os._exit(0)
        os.wait()
        with tempfile.TemporaryDirectory() as copy:
            shutil.copytree(folder / case, copy, dirs_exist_ok=True)
            said = asyncio.run(contents(Path(copy) / FILE))
        (folder / case / EXPECTED).write_text(json.dumps(said, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
