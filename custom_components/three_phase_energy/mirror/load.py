"""The content of a request: records as entities, and the newest readings that have to follow them."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..model.reading import Reading, decode
from ..ngsi.entities import Entity, measurement
from ..ngsi.profiles import MeasurementProfile
from ..outbox.records import Record, Refusal

_BREATH = 4
"""Readings that are mapped at a stretch, in less than 1 ms, before the event loop has its turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """The parts of a request."""

    entities: dict[int, Entity]
    """By the id of the record."""
    newest: dict[str, Record]
    """The newest reading of a meter that the broker is known to have, by the meter's key."""

    def restored(self, records: Sequence[Record]) -> list[Record]:
        """Return what has to follow these records so that the broker does not show an old state."""
        ids = {record.id for record in records}
        newest = [self.newest.get(key) for key in {record.twin.key: None for record in records}]
        return [record for record in newest if record and record.id not in ids]


async def map_records(records: Sequence[Record], profile: MeasurementProfile) -> tuple[dict[int, Entity], list[Refusal]]:
    """Return the entities of records by the records' ids, and the records of which none can be made."""
    entities: dict[int, Entity] = {}
    unreadable = []
    for number, record in enumerate(records):
        if number % _BREATH == _BREATH - 1:
            await asyncio.sleep(0)
        try:
            entities[record.id] = measurement(reading_of(record), record.twin, profile)
        except (ValueError, OverflowError) as error:
            unreadable.append(Refusal(record=record, status=0, reason=str(error)))
    return entities, unreadable


def reading_of(record: Record) -> Reading:
    """Return the reading of a stored record, with its date."""
    return replace(decode(record.wire), end=record.end)


def split(records: Sequence[Record]) -> tuple[Sequence[Record], Sequence[Record]]:
    """Return the live readings and the backlog apart, then the halves."""
    live = [record for record in records if record.is_newest]
    if 0 < len(live) < len(records):
        return live, [record for record in records if not record.is_newest]
    return records[: len(records) // 2], records[len(records) // 2 :]
