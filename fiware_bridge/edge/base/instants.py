"""Instants: microseconds since 1970 in the code, ISO 8601 on the wire."""

from datetime import UTC, datetime, timedelta, timezone
import re
import time

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DATE_TYPES = frozenset({"DateTime", "ISO8601"})
"""Types of attributes whose values are instants."""

_ORION_INSTANT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)"
    r"(?:T(\d\d)"
    r"(?:(?P<colon>:?)(\d\d)(?:(?P=colon)(\d\d)(?:\.(\d{0,8}))?)?)?"
    r"(Z|[+-]\d\d(?::?\d\d)?)?"
    r")?",
    re.ASCII,
)


def now() -> int:
    """Return the microseconds since 1970."""
    return time.time_ns() // 1000


def _zone(text: str | None) -> timezone:
    if text is None or text == "Z":
        return UTC
    hours, minutes = int(text[1:3]), int(text[3:].lstrip(":") or 0)
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if text[0] == "-" else offset)


def _microseconds(instant: datetime) -> int:
    return (instant - EPOCH) // timedelta(microseconds=1)


def parse_orion_instant(text: str) -> int | None:
    """Return the instant of a text that Orion accepts as a DateTime, in whole milliseconds, or None.

    Orion accepts dates, times with up to 8 decimals of a second and with or without colons, and zones `Z`, `±hh`, `±hhmm` and
    `±hh:mm`; no zone means UTC. It refuses instants before 1970. The result is in µs, truncated to ms.
    """
    match = _ORION_INSTANT.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, _, minute, second, fraction, zone = match.groups()
    millisecond = int((fraction or "").ljust(3, "0")[:3])
    try:
        instant = datetime(
            int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0), millisecond * 1000, _zone(zone)
        )
    except ValueError:
        return None
    microseconds = _microseconds(instant)
    return microseconds if microseconds >= 0 else None


def parse_iso_instant(text: str) -> int | None:
    """Return the instant of any ISO 8601 text that Python reads, in µs, or None; no zone means UTC.

    In UTC it lies in the years 1 to 9999 as well, so it can be written again.
    """
    try:
        instant = datetime.fromisoformat(text)
        return _microseconds(instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC))
    except ValueError, OverflowError:
        return None


def orion_text(instant: int) -> str:
    """Return an instant as Orion writes it, `2024-01-02T03:04:05.678Z`."""
    moment = EPOCH + timedelta(microseconds=instant)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def history_text(instant: int) -> str:
    """Return an instant as QuantumLeap writes it, `2024-01-02T03:04:05.678+00:00`, with microseconds if there are any."""
    moment = EPOCH + timedelta(microseconds=instant)
    return moment.isoformat(timespec="microseconds" if moment.microsecond % 1000 else "milliseconds")
