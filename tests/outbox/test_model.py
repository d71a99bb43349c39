"""The outbox against a model of it: whatever is put, delivered, refused, closed or cut off, in any order."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
import shutil
import tempfile

from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from custom_components.three_phase_energy.model.record import StreamRecord
from custom_components.three_phase_energy.outbox.outbox import Outbox
from custom_components.three_phase_energy.outbox.records import (
    Cursor,
    Record,
    Refusal,
)
from tests.samples import OTHER, TWIN, events, readings

TWINS = {twin.key: twin for twin in (TWIN, OTHER)}

STREAMS: dict[str, Callable[..., Sequence[StreamRecord]]] = {"readings": readings, "events": events}
SOURCES = sorted((key, stream) for key in TWINS for stream in STREAMS)

type Source = tuple[str, str]
"""Key of a meter, and a stream."""
type Name = tuple[Source, str, int]
"""A record: where it is from, boot, number."""


def name(record: Record) -> Name:
    return (record.twin.key, record.stream), record.wire["boot"], int(record.wire["seq"])


@dataclass
class Model:
    waiting: list[Name] = field(default_factory=list)
    newest: dict[Source, Name] = field(default_factory=dict)
    delivered: set[Name] = field(default_factory=set)
    buried: set[Name] = field(default_factory=set)


class OutboxMachine(RuleBasedStateMachine):
    def __init__(self) -> None:  # noqa: D107  # Hypothesis makes it
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = Path(tempfile.mkdtemp())
        self.path = self.folder / "0.sqlite"
        self.copies = 0
        self.model = Model()
        self.outbox = self.runner.run(Outbox.open(self.path))

    def teardown(self) -> None:
        self.runner.run(self.outbox.close())
        self.runner.close()
        shutil.rmtree(self.folder)

    @rule(source=st.sampled_from(SOURCES), new=st.integers(0, 4), again=st.integers(0, 3), reboot=st.booleans())
    def put(self, source: Source, new: int, again: int, *, reboot: bool) -> None:
        _, boot, seq = self.model.newest.get(source, (source, "00000000", 0))
        if reboot:
            boot, seq, again = f"{int(boot, 16) + 1:08x}", 0, 0
        key, stream = source
        records = STREAMS[stream](max(seq - again, 0) + 1, seq + new, boot=boot)
        self.runner.run(self.outbox.put(TWINS[key], records, stream=stream))
        for number in range(seq + 1, seq + new + 1):
            self.model.newest[source] = (source, boot, number)
            self.model.waiting.append((source, boot, number))

    @rule(stream=st.sampled_from(sorted(STREAMS)), limit=st.integers(1, 6), part=st.integers(0, 6))
    def deliver(self, stream: str, limit: int, part: int) -> None:
        batch = self.runner.run(self.outbox.take(limit, stream))
        records = (*batch.backlog, *batch.live)
        waiting = [entry for entry in self.model.waiting if entry[0][1] == stream]
        assert bool(records) == bool(waiting)
        assert len(records) + len(batch.restore) <= max(limit, 2)
        live = {name(record) for record in batch.live}
        assert live <= set(self.model.newest.values())
        backlog = [entry for entry in waiting if entry != self.model.newest[entry[0]]]
        assert [name(record) for record in batch.backlog] == backlog[: len(batch.backlog)]
        for key in {record.twin.key for record in batch.backlog} - {record.twin.key for record in batch.live}:
            newest = self.model.newest[key, stream]
            restored = [name(record) for record in batch.restore if record.twin.key == key]
            assert restored == ([newest] if newest in self.model.delivered else [])
        gone = records[:part]
        self.runner.run(self.outbox.remove([record.id for record in gone]))
        self.model.delivered |= {name(record) for record in gone}
        self.model.waiting = [waiting for waiting in self.model.waiting if waiting not in self.model.delivered]

    @precondition(lambda self: self.model.waiting)
    @rule()
    def refuse(self) -> None:
        _, stream = self.model.waiting[0][0]
        batch = self.runner.run(self.outbox.take(50, stream))
        record = (*batch.backlog, *batch.live)[0]
        self.runner.run(self.outbox.bury([Refusal(record=record, status=400, reason="no")]))
        self.model.buried.add(name(record))
        self.model.waiting.remove(name(record))

    @rule()
    def restart(self) -> None:
        self.runner.run(self.outbox.close())
        self.outbox = self.runner.run(Outbox.open(self.path))

    @rule()
    def cut_off(self) -> None:
        """Go on from what is in the files at this moment."""
        self.copies += 1
        copy = self.folder / f"{self.copies}.sqlite"
        for suffix in ("", "-wal"):
            if (file := Path(f"{self.path}{suffix}")).exists():
                shutil.copy(file, f"{copy}{suffix}")
        self.runner.run(self.outbox.close())
        self.path = copy
        self.outbox = self.runner.run(Outbox.open(self.path))

    @invariant()
    def it_holds_what_it_should(self) -> None:
        stats = self.outbox.stats
        assert self.outbox.salvage is None
        assert (stats.waiting, stats.dead, stats.dropped, stats.damaged) == (
            len(self.model.waiting),
            len(self.model.buried),
            0,
            0,
        )
        for source in SOURCES:
            newest = self.model.newest.get(source)
            assert self.outbox.cursor(*source) == (Cursor(boot=newest[1], seq=newest[2]) if newest else None)


OutboxMachine.TestCase.settings = settings(
    max_examples=20, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestOutbox = OutboxMachine.TestCase
