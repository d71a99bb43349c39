"""Instants: which texts are dates, and which instant they are."""

from datetime import UTC, datetime

import pytest

from fiware_bridge.edge.base.instants import history_text, orion_text, parse_iso_instant, parse_orion_instant


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("2024-01-02", "2024-01-02T00:00:00.000Z"),
        ("2024-01-02T03", "2024-01-02T03:00:00.000Z"),
        ("2024-01-02T03:04", "2024-01-02T03:04:00.000Z"),
        ("2024-01-02T03:04:05", "2024-01-02T03:04:05.000Z"),
        ("2024-01-02T03:04:05.Z", "2024-01-02T03:04:05.000Z"),
        ("2024-01-02T03:04:05.1Z", "2024-01-02T03:04:05.100Z"),
        ("2024-01-02T03:04:05.12399999Z", "2024-01-02T03:04:05.123Z"),
        ("2024-01-02T030405Z", "2024-01-02T03:04:05.000Z"),
        ("2024-01-02T03:04:05+01:30", "2024-01-02T01:34:05.000Z"),
        ("2024-01-02T03:04:05-0200", "2024-01-02T05:04:05.000Z"),
        ("2024-01-02T03:04:05+02", "2024-01-02T01:04:05.000Z"),
        ("2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z"),
        ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z"),
    ],
)
def test_orion_takes_these_dates(text: str, canonical: str) -> None:
    instant = parse_orion_instant(text)
    assert instant is not None
    assert orion_text(instant) == canonical


@pytest.mark.parametrize(
    "text",
    [
        "", "now", "2024-01-02T03:04:05.123456789Z", "2024-01-02 03:04:05", "2024-01-02T03:04:05z", "2024-01-02Z",
        "20240102T030405Z", "2024-W01-1", "2024-001", "2024-01-02T24:00:00Z", "2024-01-02T03:04:60Z", "2024-02-30",
        "1969-12-31T23:59:59Z", "1970-01-01T00:00:00+01:00", "2024-01-02T03:0405", "٢٠٢٤-01-02",
    ],
)  # fmt: skip
def test_orion_refuses_these_dates(text: str) -> None:
    assert parse_orion_instant(text) is None


def test_the_history_keeps_microseconds() -> None:
    instant = parse_iso_instant("2024-01-02T03:04:05.678901+00:00")
    assert instant is not None
    assert instant == int(datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC).timestamp()) * 1_000_000 + 678_901
    assert history_text(instant) == "2024-01-02T03:04:05.678901+00:00"


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("2024-01-02T03:04:05.678Z", "2024-01-02T03:04:05.678+00:00"),
        ("2024-01-02T03:04:05", "2024-01-02T03:04:05.000+00:00"),
        ("2024-01-02T03:04:05+02:00", "2024-01-02T01:04:05.000+00:00"),
        ("1960-01-01", "1960-01-01T00:00:00.000+00:00"),
    ],
)
def test_the_history_takes_any_iso_date(text: str, canonical: str) -> None:
    instant = parse_iso_instant(text)
    assert instant is not None
    assert history_text(instant) == canonical


@pytest.mark.parametrize("text", ["", "yesterday", "2024-13-01", "0001-01-01T00:00:00+14:00"])
def test_the_history_refuses_what_is_no_date(text: str) -> None:
    assert parse_iso_instant(text) is None
