"""Count the bus transactions of ESPHome's `atm90e32` in one update, from its source.

The count follows the calls from `update()` and `loop()` with every sensor configured. It assumes that each condition is true,
and counts the body of a loop over the phases three times. `read16_` is one transaction and a 32-bit value is two; after a
checked value the driver reads the chip's last data. Nothing of it is compiled or run.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
import re

from bench.cpp import ROOT

from .report import LaboratoryError

PHASES = 3
ENTRIES = ("update", "loop")
TRANSACTION = "read16_"
FRAME_BITS = 32

METHOD = re.compile(r"ATM90E32Component::(\w+)\([^;{]*\) \{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
CALL = re.compile(r"this->(\w+)\(|for \((?:uint8_t|int) phase = 0; phase < 3; phase\+\+\) \{|[{}]")
WAIT = re.compile(r"delay_microseconds_safe\((\d+)\)")
DATA_RATE = re.compile(r"spi::DATA_RATE_(\d+)MHZ")


def _folder() -> Path:
    folders = sorted((ROOT / ".venv-esphome" / "lib").glob("python3*/site-packages/esphome/components/atm90e32"))
    if not folders:
        raise LaboratoryError("ESPHome is not installed, so its atm90e32 cannot be counted: run scripts/setup")
    return folders[0]


@cache
def _methods() -> Mapping[str, str]:
    """Return the bodies of its methods by their names."""
    source = (_folder() / "atm90e32.cpp").read_text(encoding="utf-8")
    return dict(METHOD.findall(source))


@cache
def _transactions_of(method: str) -> int:
    """Return the transactions of one call of a method."""
    if method == TRANSACTION:
        return 1
    count = depth = 0
    loops: list[int] = []
    for call in CALL.finditer(_methods().get(method, "")):
        if call[1]:
            count += _transactions_of(call[1]) * PHASES ** len(loops)
        elif call[0] == "}":
            loops = [loop for loop in loops if loop != depth]
            depth -= 1
        else:
            depth += 1
            if call[0].startswith("for"):
                loops.append(depth)
    return count


def transactions() -> int:
    """Return the transactions of one update with every sensor configured."""
    return sum(map(_transactions_of, ENTRIES))


def transaction_us(chip_select_us: float) -> float:
    """Return the duration of one transaction: its bits, the waits in its source, and the edges of chip select."""
    rate = DATA_RATE.search((_folder() / "atm90e32.h").read_text(encoding="utf-8"))
    if rate is None:
        raise LaboratoryError("the data rate of atm90e32 is not where it was")
    waits = sum(map(int, WAIT.findall(_methods()[TRANSACTION])))
    return FRAME_BITS / int(rate[1]) + waits + chip_select_us
