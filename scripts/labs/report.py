"""The report of a laboratory: tables for people and figures for programs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

type Say = Callable[[str], None]
"""Reports progress to the user."""

type Figure = int | float | str | Sequence[Figure] | Mapping[str, Figure] | None


@dataclass(frozen=True, slots=True)
class Table:
    """A table in Markdown, as in docs/performance.md. The first column is text, the others are numbers."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def __str__(self) -> str:
        """Return the table with columns of equal width."""
        lines = (self.header, *self.rows)
        widths = [max(len(line[column]) for line in lines) for column in range(len(self.header))]
        rule = "|".join("-" * (width + 2) if column == 0 else "-" * (width + 1) + ":" for column, width in enumerate(widths))
        return "\n".join((_row(self.header, widths), f"|{rule}|", *(_row(row, widths) for row in self.rows)))


def _row(cells: tuple[str, ...], widths: Sequence[int]) -> str:
    texts = (
        cell.ljust(width) if column == 0 else cell.rjust(width)
        for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return f"| {' | '.join(texts)} |"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The result of a laboratory."""

    figures: Mapping[str, Figure]
    tables: tuple[Table, ...]
    complaints: tuple[str, ...] = field(default=())
    """Missed goals, each in a sentence; empty if all were met."""


class LaboratoryError(RuntimeError):
    """A laboratory could not measure; the text says why."""
