"""The figures in the tables of the hardware page are what its formulas give."""

import math

import pytest

from .pages import ROOT, Page, Table

PAGE = Page(ROOT / "docs" / "hardware.md")
FULL_SCALE_VOLTS = math.sqrt(0.5)
"""RMS of a sine of 1 V peak, which the data sheet gives as full scale of an input at a gain of 1."""
PIN_VOLTS = 0.6 * math.sqrt(0.5)
"""RMS of a sine that keeps a pin within ±0.6 V of ground, the data sheet's limit, while the other is on ground."""
DYNAMIC_RANGE = 5000
"""Of the data sheet's 0.1 % for total active energy."""


def table(section: str, first_column: str) -> Table:
    """Return the table of a section that begins with a column."""
    (found,) = (one for one in PAGE.tables() if one.section == section and one.header[0] == first_column)
    return found


def number(cell: str) -> float:
    """Return the number that a cell begins with."""
    return float(cell.split(maxsplit=1)[0])


def is_rounded(cell: str, exact: float) -> bool:
    """Return whether a cell is a value, rounded to the digits that it shows."""
    text = cell.split(maxsplit=1)[0]
    decimals = len(text.partition(".")[2])
    return math.isclose(float(text), exact, abs_tol=0.5001 * 10**-decimals)


@pytest.mark.parametrize("row", table("Burden and full scale", "ratio").rows, ids=lambda row: f"{row['ratio']} {row['burden']}")
def test_full_scale_of_a_current_transformer(row: dict[str, str]) -> None:
    ampere = FULL_SCALE_VOLTS * float(row["ratio"].removesuffix(":1")) / number(row["burden"])

    assert is_rounded(row["full scale at a gain of 1"], ampere)
    assert is_rounded(row["0.1 % of the chip down to 1/5000"], 1000 * ampere / DYNAMIC_RANGE)
    assert is_rounded(row["at 230 V"], 230 * ampere / DYNAMIC_RANGE)


@pytest.mark.parametrize("row", table("Divider", "divider").rows, ids=lambda row: row["divider"])
def test_full_scale_of_a_divider(row: dict[str, str]) -> None:
    divider = float(row["divider"])

    assert is_rounded(row["full scale"], FULL_SCALE_VOLTS * divider)
    assert is_rounded(row["largest with one pin on ground (0.6 V peak)"], PIN_VOLTS * divider)
    assert is_rounded(row["230 V in peak volts at the chip"], 230 * math.sqrt(2) / divider)
