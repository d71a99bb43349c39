"""Decides which records of a meter to take: nothing twice, nothing after a gap that the meter could still fill.

- A number that was seen is a duplicate.
- A record that begins at or before the last number seen and ends after it was merged meanwhile. It is taken: counters are
  absolute, so an overlap costs no energy.
- A record that begins later than the next number shows a gap. The receiver asks again, and refuses records after the gap that
  are already on their way. A resend that begins with the same record proves that the meter no longer has the missing ones.
- A new boot begins with number 1. Without any memory the first record is the beginning.
"""

from dataclasses import dataclass
from enum import Enum, auto

from ..model.record import StreamRecord


class Verdict(Enum):
    """The decision about a record."""

    NEXT = auto()
    """Take it: it continues what was seen."""
    OVERLAP = auto()
    """Take it: it overlaps the last records, and continues them."""
    AFTER_LOSS = auto()
    """Take it: the records missing before it are lost."""
    DUPLICATE = auto()
    """Refuse it: all of it was seen."""
    GAP = auto()
    """Refuse it, and ask the meter again."""
    BEHIND_GAP = auto()
    """Refuse it: it comes again after the resend that is under way."""


TAKEN = frozenset({Verdict.NEXT, Verdict.OVERLAP, Verdict.AFTER_LOSS})


@dataclass(frozen=True, slots=True)
class _Gap:
    """The record that revealed a gap."""

    boot: str
    first: int


class Sequence:
    """Judges the records of one stream of a meter in the order of their arrival."""

    def __init__(self) -> None:
        """Begin without a gap."""
        self._gap: _Gap | None = None

    def judge(self, record: StreamRecord, last: int | None) -> Verdict:
        """Judge one record by the last number of its boot that was taken: 0 for a new boot, None without any memory."""
        if last is not None:
            if record.seq <= last:
                return Verdict.DUPLICATE
            if record.first > last + 1:
                return self._judge_gap(_Gap(record.boot, record.first))
        self._gap = None
        return Verdict.OVERLAP if last is not None and record.first <= last else Verdict.NEXT

    def _judge_gap(self, gap: _Gap) -> Verdict:
        known = self._gap
        if known == gap:
            self._gap = None
            return Verdict.AFTER_LOSS
        if known and known.boot == gap.boot and known.first < gap.first:
            return Verdict.BEHIND_GAP
        self._gap = gap
        return Verdict.GAP
