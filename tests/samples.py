"""Records for tests: a reading with hand-picked values, series of it, and events."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from custom_components.three_phase_energy.model.reading import Reading, decode
from custom_components.three_phase_energy.model.twin import Twin

START = datetime(2026, 11, 22, 12, tzinfo=UTC)
"""End of the reading number 0 of every boot."""

TWIN = Twin(
    key="021122334455-meter",
    name="Meter (garage)",
    metering_started=datetime(2026, 11, 22, 11, 59, 59, 123000, tzinfo=UTC),
    manufacturer="Three-Phase Energy",
    model="ADE9000",
    serial_number="0042",
    firmware_version="2026.11.0",
    mac="021122334455",
)
OTHER = Twin(key="0a0b0c0d0e0f-meter", name="Workshop", metering_started=START)

WIRE: Mapping[str, str] = {
    "v": "1",
    "meter": "meter",
    "boot": "a1b2c3d4",
    "seq": "7",
    "first": "7",
    "t": "1795348807000",
    "up": "7523",
    "span": "1000",
    "flags": "",
    "u": "230.12,231.02,229.87",
    "uu": "399.8,400.1,398.2",
    "i": "6.512,0.104,12.9,7.31",
    "ic": "7.28",
    "ir": "0.031",
    "upk": "327.12",
    "ipk": "21.407",
    "ubu": "0.00251",
    "ubi": "0.73182",
    "p": "1498.1,-20.4,2960.7,4438.4",
    "q": "31.2,12.9,-180.5,-136.4",
    "s": "1498.7,24.1,2966.2,4489",
    "pf": "0.9996,-0.8465,0.9981,0.9887",
    "dpf": "1,-0.85,0.999,0.99",
    "p1": "1497.9,-20.4,2959.8,4437.3",
    "q1": "31,12.8,-180.1,-136.3",
    "s1": "1498.2,24,2965.3,4487.5",
    "thdu": "0.0213,0.0198,0.0205",
    "thdi": "0.112,0.871,0.064",
    "f": "50.012,50.012,50.013,50.012",
    "au": "0,-120.02,119.97",
    "ai": "1.19,147.9,-3.49",
    "tc": "41.5",
    "ei": "123456789,2345,98765432100,98889234234,98889000000",
    "ee": "0,987654,0,987654,753420",
    "ri": "5000000,6000001,0,11000001,10000000",
    "re": "0,0,7000000,7000000,5999999",
    "si": "124000000,3000,99000000000,99124003000",
    "se": "0,1000000,0,1000000",
    "rq1": "4000000,0,0,4000000,3500000",
    "rq2": "1000000,6000001,0,7000001,6500000",
    "rq3": "0,0,3000000,3000000,2999999",
    "rq4": "0,0,4000000,4000000,3000000",
    "e1i": "123000000,2000,98700000000,98823002000,98822000000",
    "e1e": "0,980000,0,980000,750000",
    "r1i": "4900000,5900000,0,10800000,9900000",
    "r1e": "0,0,6900000,6900000,5900000",
    "s1i": "123500000,2900,98900000000,99023502900",
    "s1e": "0,990000,0,990000",
}


def wire(seq: int = 7, *, boot: str = "a1b2c3d4", **groups: str) -> dict[str, str]:
    """Return a record of the wire with its own number, date and power, and with other groups where they are given."""
    end = START + timedelta(seconds=seq)
    own = {"boot": boot, "seq": str(seq), "first": str(seq), "t": str(round(end.timestamp() * 1000)), "p": f"{seq}.5,0,0,{seq}.5"}
    return {**WIRE, **own, **groups}


def reading(seq: int = 7, *, boot: str = "a1b2c3d4", **groups: str) -> Reading:
    """Return the reading of such a record."""
    return decode(wire(seq, boot=boot, **groups))


def readings(first: int, last: int, *, boot: str = "a1b2c3d4") -> list[Reading]:
    """Return the readings `first` to `last`, one a second."""
    return [reading(seq, boot=boot) for seq in range(first, last + 1)]


def without_date(seq: int = 7) -> Reading:
    """Return a reading of a meter whose clock was never set."""
    return replace(reading(seq), end=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A record of a stream other than the readings."""

    boot: str
    seq: int
    end: datetime
    wire: Mapping[str, str]
    meter: str = "meter"

    @property
    def first(self) -> int:
        """Events are never merged."""
        return self.seq


def events(first: int, last: int, *, boot: str = "a1b2c3d4") -> list[Event]:
    """Return the events `first` to `last`, one a second."""
    return [
        Event(
            boot=boot,
            seq=seq,
            end=START + timedelta(seconds=seq),
            wire={"v": "1", "meter": "meter", "boot": boot, "seq": str(seq), "kind": "dip"},
        )
        for seq in range(first, last + 1)
    ]
