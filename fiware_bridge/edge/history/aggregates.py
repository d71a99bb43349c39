"""Aggregates of the history, whole or by period. Everything here runs inside a job of the database.

A structured value is aggregated member by member: the hourly average of `{"L1": …, "L2": …, "L3": …}` is such an object
again. Text, truth values and null count, and are left out of sums, averages and extremes.
"""

from collections.abc import Sequence
from enum import StrEnum
import json
import sqlite3

from ..base.json_text import Json
from .store import Series, Span, Table, attribute_names


class Method(StrEnum):
    """Values of `aggrMethod`."""

    COUNT = "count"
    SUM = "sum"
    AVG = "avg"
    MIN = "min"
    MAX = "max"


PERIODS = {
    "year": "%Y-01-01T00:00:00.000+00:00",
    "month": "%Y-%m-01T00:00:00.000+00:00",
    "day": "%Y-%m-%dT00:00:00.000+00:00",
    "hour": "%Y-%m-%dT%H:00:00.000+00:00",
    "minute": "%Y-%m-%dT%H:%M:00.000+00:00",
    "second": "%Y-%m-%dT%H:%M:%S.000+00:00",
}
"""Values of `aggrPeriod` with the text of a period's beginning, as a format of SQLite."""
_WHOLE = "whole"
"""A format without any part of the time: everything falls into one period."""

_VALUES_SQL = """
WITH meant AS (
    SELECT attribute, strftime(:period, instant / 1000000, 'unixepoch') AS period, value,
           CASE WHEN NOT is_json AND typeof(value) IN ('integer', 'real') THEN value END AS number
    FROM samples
    WHERE entity = :entity AND instant BETWEEN :first AND :last AND attribute IN (SELECT value FROM json_each(:attributes))
)
SELECT attribute, period, NULL, count(value), sum(number), avg(number), min(number), max(number)
FROM meant GROUP BY attribute, period
"""
_MEMBERS_SQL = """
WITH meant AS (
    SELECT attribute, strftime(:period, instant / 1000000, 'unixepoch') AS period, member.key AS key, member.value AS number
    FROM samples,
         json_each(CASE WHEN is_json AND json_type(samples.value) = 'object' THEN samples.value ELSE '{}' END) AS member
    WHERE entity = :entity AND instant BETWEEN :first AND :last AND attribute IN (SELECT value FROM json_each(:attributes))
      AND member.type IN ('integer', 'real')
)
SELECT attribute, period, key, count(number), sum(number), avg(number), min(number), max(number)
FROM meant GROUP BY attribute, period, key
"""
_RESULT_COLUMN = {method: 3 + place for place, method in enumerate(Method)}

type _Cells = dict[tuple[str, str], Json]
"""(attribute, period) → result."""


def aggregate(
    connection: sqlite3.Connection, found: Sequence[Series], span: Span, method: Method, period: str | None
) -> list[Table]:
    """Return one result per attribute, or one per attribute and period; `last_n`, `limit` and `offset` count periods."""
    tables = (_table(connection, series, span, method, period) for series in found)
    return [table for table in tables if table.columns]


def _table(connection: sqlite3.Connection, series: Series, span: Span, method: Method, period: str | None) -> Table:
    cells = _cells(connection, series, span, method, PERIODS[period] if period else _WHOLE)
    periods = sorted({found for _, found in cells})
    if span.last_n is not None:
        periods = periods[-span.last_n :]
    periods = periods[span.offset : span.offset + span.limit]
    names = sorted({name for name, _ in cells})
    columns = {name: [cells.get((name, found)) for found in periods] for name in names}
    return Table(series, list[int | str](periods) if period else [], columns)


def _cells(connection: sqlite3.Connection, series: Series, span: Span, method: Method, period_format: str) -> _Cells:
    names = attribute_names(connection, span)
    parameters = {
        "period": period_format,
        "entity": series.number,
        "first": span.first,
        "last": span.last,
        "attributes": json.dumps(list(names)),
    }
    column = _RESULT_COLUMN[method]
    cells: _Cells = {(names[row[0]], row[1]): row[column] for row in connection.execute(_VALUES_SQL, parameters)}
    if method is Method.COUNT:
        return cells
    for row in connection.execute(_MEMBERS_SQL, parameters):
        place = (names[row[0]], row[1])
        members = cells[place]
        if members is None:
            members = cells[place] = {}
        if isinstance(members, dict):
            members[str(row[2])] = row[column]
    return cells
