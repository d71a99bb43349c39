"""Validators that several parts of the configuration share."""

import math

import esphome.config_validation as cv

LINE_FREQUENCIES = {"50HZ": 50, "60HZ": 60}


def positive(what):
    """Return a validator of numbers with a message that says what the number is."""

    def validate(value):
        try:
            number = cv.float_(value)
        except cv.Invalid as error:
            raise cv.Invalid(f"{what} has to be a number, not {value!r}") from error
        if not (math.isfinite(number) and number > 0):
            raise cv.Invalid(f"{what} has to be greater than 0, not {value}")
        return number

    return validate


def quotient(what):
    """Return a validator of a ratio of two numbers that takes `2500` or `2500:1`."""

    def validate(value):
        if isinstance(value, str) and value.count(":") == 1:
            first, second = value.split(":")
            return positive(what)(first) / positive(what)(second)
        return positive(what)(value)

    return validate
