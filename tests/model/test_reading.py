"""Decoding the wire: a record of the contract becomes a reading, and anything else is refused with its reason."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from custom_components.three_phase_energy.model.quantities import BY_WIRE
from custom_components.three_phase_energy.model.quantity import Phase
from custom_components.three_phase_energy.model.reading import decode
from custom_components.three_phase_energy.model.record import RecordError, UnsupportedVersionError

RECORD = {
    "v": "1",
    "meter": "meter",
    "boot": "0a1b2c3d",
    "seq": "42",
    "first": "42",
    "t": "1795381200123",
    "up": "63005",
    "span": "1000",
    "flags": "",
    "u": "230.120,231.020,229.870",
    "i": "10.0000,,0.5000,1.2500",
    "p": "-2300.125,0.000,115.000,-2185.125",
    "ei": "9007199254740993,0,12,9007199254741005,0",
    "device_id": "ignored",
}


def record(**changes: str) -> dict[str, str]:
    """Return the record with some of its values changed."""
    return RECORD | changes


def test_header_becomes_typed_values() -> None:
    reading = decode(RECORD)

    assert (reading.meter, reading.boot, reading.seq, reading.first) == ("meter", "0a1b2c3d", 42, 42)
    assert reading.end == datetime(2026, 11, 22, 21, 0, 0, 123000, tzinfo=UTC)
    assert reading.uptime == timedelta(seconds=63.005)
    assert reading.span == timedelta(seconds=1)
    assert reading.flags == frozenset()


def test_values_are_found_by_quantity_and_phase() -> None:
    reading = decode(RECORD)

    assert reading.value("voltage", Phase.L2) == 231.02
    assert reading.value("active_power", Phase.L1) == -2300.125
    assert reading.value("current", Phase.N) == 1.25


def test_empty_field_is_no_value_rather_than_zero() -> None:
    reading = decode(RECORD)

    assert reading.value("current", Phase.L2) is None
    assert reading.value("active_power", Phase.L2) == 0.0


def test_counters_are_whole_numbers_beyond_the_precision_of_a_float() -> None:
    reading = decode(RECORD)

    assert reading.value("active_energy_import", Phase.L1) == 9007199254740993
    assert isinstance(reading.value("active_energy_import", Phase.L1), int)


def test_record_without_a_clock_has_no_end() -> None:
    assert decode(record(t="")).end is None


def test_flags_are_a_set() -> None:
    assert decode(record(flags="estimated,rebooted")).flags == {"estimated", "rebooted"}


def test_unknown_groups_are_ignored() -> None:
    assert decode(record(new_group="1,2,3")).values == decode(RECORD).values


def test_record_as_it_came_is_kept() -> None:
    assert dict(decode(RECORD).wire) == RECORD


def test_a_quantity_is_carried_even_if_no_value_of_its_group_is_valid() -> None:
    reading = decode(record(thdi=",,"))

    assert reading.carries(BY_WIRE["u"])
    assert reading.carries(BY_WIRE["thdi"])
    assert not reading.carries(BY_WIRE["thdu"])


def test_a_quantity_off_the_wire_is_carried_by_its_values() -> None:
    demand = replace(BY_WIRE["p"], key="demand", wire=None)
    plain = decode(RECORD)

    assert not plain.carries(demand)
    assert replace(plain, values={("demand", Phase.TOTAL): 1250.0}).carries(demand)


def test_another_contract_version_is_named() -> None:
    with pytest.raises(UnsupportedVersionError, match="'2'") as caught:
        decode(record(v="2"))

    assert caught.value.version == "2"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"v": ""}, "v is missing"),
        ({"meter": ""}, "meter is missing"),
        ({"boot": ""}, "boot is missing"),
        ({"seq": "x"}, "seq is not a whole number"),
        ({"seq": "-1"}, "seq is not a whole number"),
        ({"seq": "٤٢"}, "seq is not a whole number"),
        ({"seq": "9" * 17}, "seq is not a whole number"),
        ({"up": "9" * 5000}, "up is not a whole number"),
        ({"first": "43"}, "first 43 is after seq 42"),
        ({"up": ""}, "up is missing"),
        ({"t": "now"}, "t is not a time"),
        ({"t": "9" * 30}, "t is not a time"),
        ({"u": "230,231"}, "u has 2 fields, expected 3"),
        ({"u": "230,231,abc"}, "'abc', which is not a number"),
        ({"u": "230,231,nan"}, "'nan', which is not finite"),
        ({"u": "230,231,inf"}, "'inf', which is not finite"),
        ({"ei": "1.5,0,0,0,0"}, "'1.5', which is not a number"),
        ({"ei": f"{10**400},0,0,0,0"}, "which is not a number"),
    ],
)
def test_malformed_record_is_refused_with_its_reason(changes: dict[str, str], reason: str) -> None:
    with pytest.raises(RecordError, match=reason):
        decode(record(**changes))
