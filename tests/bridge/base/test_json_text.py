"""JSON in and out: what is refused, and which numbers come back."""

import pytest

from fiware_bridge.edge.base.json_text import InvalidJsonError, RepeatedNameError, decimal_text, dump_json, parse_json


@pytest.mark.parametrize(
    ("text", "rendered"),
    [
        ("230.0", "230"),
        ("-0.0", "0"),
        ("33.333333333333336", "33.333333333"),
        ("0.30000000000000004", "0.3"),
        ("5e-324", "0"),
        ("1e3", "1000"),
        ("9007199254740993", "9007199254740992"),
        ("1e20", "1e+20"),
    ],
)
def test_numbers_are_doubles_with_at_most_9_decimals(text: str, rendered: str) -> None:
    assert dump_json(parse_json(text.encode())) == rendered


def test_numbers_keep_their_double_where_that_is_asked_for() -> None:
    assert parse_json(b"[0.30000000000000004, 230.0, 9007199254740993, 1e-12]", exact_numbers=True) == [
        0.30000000000000004,
        230.0,
        9007199254740993,
        1e-12,
    ]


def test_an_integer_beyond_64_bits_becomes_a_double() -> None:
    assert parse_json(b"12345678901234567890123", exact_numbers=True) == 1.2345678901234568e22


@pytest.mark.parametrize(
    "text",
    [
        b"", b"{", b"NaN", b"[Infinity]", b"-Infinity", b"1e400", b"-1e400", b"01", b".5", b"1.", b"+1", b"'x'", b"[1,]",
        b'"\xff"', b'"\\ud800"', b"[" * 100_000, b'{"a":' * 100_000, b"1" * 5000,
    ],
)  # fmt: skip
def test_what_is_no_json_is_refused(text: bytes) -> None:
    with pytest.raises(InvalidJsonError):
        parse_json(text)


def test_a_name_twice_in_an_object_is_refused_at_any_depth() -> None:
    with pytest.raises(RepeatedNameError) as caught:
        parse_json(b'{"a": [{"power": 1, "power": 2}]}')
    assert caught.value.name == "power"


def test_text_outside_ascii_stays_as_it_is() -> None:
    assert dump_json(parse_json('{"name": "Küche ☀ \\u00e4"}'.encode())) == '{"name":"Küche ☀ ä"}'


@pytest.mark.parametrize(("value", "text"), [(1e-7, "0.0000001"), (7.25, "7.25"), (1e20, "100000000000000000000")])
def test_plain_text_has_no_exponent(value: float, text: str) -> None:
    assert decimal_text(value) == text
