"""Puts readings while a small disk fills up; run in a mount namespace of its own by test_full_disk."""

import asyncio
from dataclasses import asdict
import json
import os
from pathlib import Path
import sys

from custom_components.three_phase_energy.outbox.outbox import Outbox, OutboxStats
from tests.samples import TWIN, readings

MIB = 1024 * 1024


def fill_up(folder: Path, leaving: int) -> None:
    """Leave this many bytes of the disk free."""
    status = os.statvfs(folder)
    with (folder / "ballast").open("ab", buffering=0) as ballast:
        os.posix_fallocate(ballast.fileno(), ballast.tell(), max(status.f_bavail * status.f_frsize - leaving, 1))


async def put(outbox: Outbox, first: int, last: int) -> OutboxStats:
    """Put readings one by one, as they come."""
    for seq in range(first, last + 1):
        await outbox.put(TWIN, readings(seq, seq))
    return outbox.stats


async def main(folder: Path) -> None:
    """Tell the statistics: with room, with little room, with none, and with room again."""
    outbox = await Outbox.open(folder / "outbox.sqlite")
    stats = [await put(outbox, 1, 400)]
    fill_up(folder, leaving=10 * MIB)
    stats.append(await put(outbox, 401, 900))
    fill_up(folder, leaving=0)
    stats.append(await put(outbox, 901, 1300))
    (folder / "ballast").unlink()
    stats.append(await put(outbox, 1301, 1700))
    batch = await outbox.take(2000)
    await outbox.close()
    numbers = [int(record.wire["seq"]) for record in (*batch.backlog, *batch.live)]
    print(json.dumps({"stats": [asdict(entry) for entry in stats], "numbers": numbers}, default=str))  # noqa: T201  # its answer


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
