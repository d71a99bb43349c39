"""A process that is killed at any moment has stored every reading for which `put` returned."""

import asyncio
from collections.abc import Iterator
import itertools
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
import random
import time

from custom_components.three_phase_energy.outbox.outbox import Outbox
from tests.samples import TWIN, reading

ROUNDS = 20
TOGETHER = 3
"""Puts under way at the same time."""


async def put_for_ever(path: Path, first: int, told: Connection) -> None:
    outbox = await Outbox.open(path)
    numbers = itertools.count(first)

    async def put(numbers: Iterator[int]) -> None:
        for seq in numbers:
            await outbox.put(TWIN, [reading(seq)])
            told.send(seq)

    await asyncio.gather(*(put(numbers) for _ in range(TOGETHER)))


def child(path: Path, first: int, told: Connection) -> None:
    asyncio.run(put_for_ever(path, first, told))


def acknowledged(told: Connection) -> list[int]:
    numbers = []
    try:
        while True:
            numbers.append(told.recv())
    except EOFError:
        return numbers


async def test_what_put_returned_for_is_there_after_sigkill(tmp_path: Path) -> None:
    context = get_context("forkserver")
    context.set_forkserver_preload([__name__])
    chance = random.Random(2026)  # noqa: S311  # for the moments of death
    path = tmp_path / "outbox.sqlite"
    first = 1
    for _ in range(ROUNDS):
        ours, theirs = context.Pipe(duplex=False)
        process = context.Process(target=child, args=(path, first, theirs))
        process.start()
        theirs.close()
        assert ours.poll(30)
        time.sleep(chance.uniform(0, 0.02))  # noqa: ASYNC251  # the moment of death; nothing else runs in this loop
        process.kill()
        numbers = acknowledged(ours)
        process.join()

        outbox = await Outbox.open(path)
        assert outbox.salvage is None
        batch = await outbox.take(100_000)
        stored = [int(record.wire["seq"]) for record in (*batch.backlog, *batch.live)]
        assert stored == list(range(1, len(stored) + 1))
        assert set(numbers) <= set(stored)
        cursor = outbox.cursor(TWIN.key)
        assert cursor is not None
        assert cursor.seq == len(stored)
        first = cursor.seq + 1
        await outbox.close()
    assert first > ROUNDS
