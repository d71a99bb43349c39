"""Validators that several parts of the configuration share."""

from collections.abc import Callable
import math

import esphome.config_validation as cv

LINE_FREQUENCIES = {"50HZ": 50, "60HZ": 60}


def positive(what: str) -> Callable[[object], float]:
    """Return a validator of numbers with a message that names the number."""

    def validate(value: object) -> float:
        try:
            number: float = cv.float_(value)
        except cv.Invalid as error:
            raise cv.Invalid(f"{what} has to be a number, not {value!r}") from error
        if not (math.isfinite(number) and number > 0):
            raise cv.Invalid(f"{what} has to be greater than 0, not {value}")
        return number

    return validate


def _refuse_sexagesimal(value: str) -> None:
    """Refuse what YAML makes of `2000:1` without quotes: a number to the base of 60, here 120001.

    Ratios are over 1 or 5, or over a few volts, if the first number is large; 10,000 and the like are as they are.
    """
    first, second = divmod(int(value), 60)
    if first and (second in (1, 5) or (int(value) >= 6000 and int(value) % 100)):
        raise cv.Invalid(
            f'YAML takes {first}:{second} without quotes for {value}: write "{first}:{second}" in quotes, or {value}.0 if that '
            "is the ratio"
        )


def quotient(what: str) -> Callable[[object], float]:
    """Return a validator of a ratio of two numbers that takes `2500` or `"2500:1"`."""

    def validate(value: object) -> float:
        text = str(value)
        if text.count(":") == 1:
            first, second = text.split(":")
            return positive(what)(first) / positive(what)(second)
        if text.isdigit():
            _refuse_sexagesimal(text)
        return positive(what)(value)

    return validate
