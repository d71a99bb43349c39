"""How far a value is off: beyond one count, in per cent of the truth."""

import math

import pytest

from labs.accuracy import Errors


def errors_of(*values: tuple[float, float, float]) -> Errors:
    """Return the errors of values, each measured, true and one count."""
    errors = Errors([])
    for measured, truth, count in values:
        errors.add(measured, truth, count)
    return errors


def test_error_within_one_count_is_none() -> None:
    assert errors_of((230.009, 230, 0.01), (-0.01, 0, 0.01)).percents == [0, 0]


def test_error_is_what_is_beyond_one_count() -> None:
    assert errors_of((202, 200, 1)).percents == [pytest.approx(0.5)]
    assert errors_of((-202, -200, 1)).percents == [pytest.approx(0.5)]


def test_anything_where_nothing_is_has_no_percentage() -> None:
    assert errors_of((0.02, 0, 0.01)).percents == [math.inf]


def test_value_that_has_to_be_empty_must_be_and_no_other_may() -> None:
    errors = errors_of((math.nan, math.nan, 0), (50, math.nan, 0), (math.nan, 50, 0))

    assert errors.mismatches == 2
    assert errors.percents == []


def test_percentile_is_the_error_that_this_share_does_not_exceed() -> None:
    errors = Errors([float(percent) for percent in range(1, 201)])

    assert errors.percentile(0.99) == 198
