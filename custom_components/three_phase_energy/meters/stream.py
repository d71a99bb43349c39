"""The acknowledged streams of a meter. One description names the event, the action, the decoder and the outbox's side.

The intake treats all streams alike, just as one `LogApi` serves every log on the device.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Final

from ..const import ACTION_READ_READINGS, EVENT_READING
from ..model.reading import Reading, decode
from ..model.record import RecordError, StreamRecord
from ..outbox import records as outbox_records
from ..outbox.records import Cursor

AGE_DIGITS: Final = 12
"""Of milliseconds: 31 years."""
EVERYTHING: Final = Cursor(boot="", seq=0)
"""Cursor of a receiver without history: the meter then begins with its oldest record."""
EPOCH: Final = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgedStream[RecordT: StreamRecord]:
    """Records of one kind, which a meter keeps until the receiver acknowledges them."""

    event: str
    """Type of the event that carries a record."""
    action: str
    """End of the name of the action that acknowledges records and asks for more."""
    decode: Callable[[Mapping[str, str], datetime], RecordT]
    """Makes a dated record of the wire and the time of its arrival; raises `RecordError`."""
    stored_as: str
    """Name of the stream in the outboxes of brokers."""


def _dated_reading(wire: Mapping[str, str], arrived: datetime) -> Reading:
    """Return a reading with the end of its span: a meter whose clock was never set sends the age of its records."""
    reading = decode(wire)
    if reading.end is not None:
        return reading
    age_ms = wire.get("age", "")
    if not (age_ms.isascii() and age_ms.isdecimal() and len(age_ms) <= AGE_DIGITS):
        raise RecordError(f"a record without a time has the age {age_ms!r}")
    end_ms = round(arrived.timestamp() * 1000) - int(age_ms)
    end = EPOCH + timedelta(milliseconds=end_ms)
    return replace(reading, end=end, wire=MappingProxyType({**reading.wire, "t": str(end_ms)}))


READINGS: Final = AcknowledgedStream[Reading](
    event=EVENT_READING,
    action=ACTION_READ_READINGS,
    decode=_dated_reading,
    stored_as=outbox_records.READINGS,
)
