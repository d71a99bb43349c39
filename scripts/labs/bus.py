"""Transactions and time on the SPI bus for one reading, compared with ESPHome's atm90e32.

The frames are the real ones of ten steady seconds (bus.cpp), with the polling between the readings. Software moves chip select
for either chip. Its two edges are assumed to take 1 µs each, more than a GPIO needs and less than an RTOS driver takes.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bench.cpp import call, optimised_program

from . import atm90e32
from .report import Report, Say, Table

SECONDS = 10
CHIP_SELECT_US = 2.0
POLLING = "looking for the end of a window"

GROUPS = (
    (range(0x2E0, 0x3A4), "energies of a window"),
    (range(0x402, 0x404), "flags of a window"),
    (range(0x418, 0x41C), "periods"),
    (range(0x41F, 0x420), "no-load state"),
    (range(0x482, 0x48B), "angles"),
    (range(0x4B6, 0x4B8), "temperature"),
    (range(0x600, 0x6C0), "RMS of 10 or 12 cycles, and distortions"),
    (range(0x20E, 0x26A), "RMS of the fundamentals, and of the sum of currents"),
    (range(0x400, 0x402), "peaks"),
    (range(0x4AE, 0x4AF), "peaks"),
    (range(0x4A8, 0x4A9), "checksum of the configuration"),
    (range(0x4B4, 0x4B5), "checksum of the configuration"),
    (range(0x1000), "settings, read back"),
)
"""The purpose of register reads; the first range that contains an address counts."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One transaction, from chip select low to high."""

    address: int
    size: int
    """Bytes, with the command."""
    is_polling: bool
    """Whether the loop pass found no window."""

    @property
    def group(self) -> str:
        """The purpose of the transaction."""
        return POLLING if self.is_polling else next(name for addresses, name in GROUPS if self.address in addresses)


def _frames(output: str) -> list[Frame]:
    return [Frame(int(address, 16), int(size), kind == "p") for kind, address, size in map(str.split, output.splitlines())]


def _bus_us(frames: Iterable[Frame], megahertz: float) -> float:
    """Return the bus time of one second of frames."""
    return sum(8 * frame.size / megahertz + CHIP_SELECT_US for frame in frames) / SECONDS


def _row(name: str, frames: list[Frame]) -> tuple[str, ...]:
    count, size = len(frames) / SECONDS, sum(frame.size for frame in frames) / SECONDS
    return name, f"{count:.0f}", f"{size:.0f}", f"{_bus_us(frames, 5):.0f}", f"{_bus_us(frames, 20):.0f}"


def run(say: Say) -> Report:
    """Count and report."""
    frames = _frames(call(optimised_program(Path(__file__).with_name("bus.cpp"))))
    say(f"{len(frames)} transactions of {SECONDS} s")
    groups = [name for name, _ in Counter(frame.group for frame in frames).most_common()]
    rows = [_row(name, [frame for frame in frames if frame.group == name]) for name in groups]
    theirs, their_us = atm90e32.transactions(), atm90e32.transaction_us(CHIP_SELECT_US)
    return Report(
        figures={
            "transactions": round(len(frames) / SECONDS),
            "polling_transactions": round(sum(frame.is_polling for frame in frames) / SECONDS),
            "window_transactions": round(sum(not frame.is_polling for frame in frames) / SECONDS),
            "bytes": round(sum(frame.size for frame in frames) / SECONDS),
            "bus_us_5mhz": round(_bus_us(frames, 5)),
            "bus_us_20mhz": round(_bus_us(frames, 20)),
            "atm90e32_transactions": theirs,
            "atm90e32_bus_us_1mhz": round(theirs * their_us),
        },
        tables=(
            Table(
                ("One second", "Transactions", "Bytes", "µs at 5 MHz", "µs at 20 MHz"),
                (*rows, _row("all", frames)),
            ),
            Table(
                ("ESPHome's atm90e32", "Transactions", "Bytes", "µs at 1 MHz"),
                (("one update, all sensors", str(theirs), str(theirs * atm90e32.FRAME_BITS // 8), f"{theirs * their_us:.0f}"),),
            ),
        ),
    )
