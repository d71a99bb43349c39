"""The reference of the ESPHome component, held against its code: no option is missing, none is invented, no message is misquoted.

How the page is read: a chapter names its key of the configuration (`` `ade9000:` ``), a section the options whose options its
tables list (`` `l1`, `l2`, `l3` ``). Tables that begin with `option`, `quantity` and `message` are the reference.
"""

import ast
from collections.abc import Iterator, Mapping
import json
from pathlib import Path
import re
import subprocess

import pytest

from rig.firmware import ESPHOME, ROOT, esphome_environment

from .pages import Page, Table, codes

PAGE = Page(ROOT / "docs" / "esphome.md")
COMPONENTS = ROOT / "esphome" / "components"
SOURCES = COMPONENTS / "ade9000"
PLACEHOLDER = "…"
CPP_TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"')
TOLD = re.compile(rf"(?:mark_failed\(LOG_STR\(|fail_\((?:\w+, )?){CPP_TEXT.pattern}")
"""Why a component does not work, and why there is no waveform."""
FORMAT = re.compile(r"%[-+.\d]*(?:l|z)*[a-z]")

type Options = Mapping[str, Mapping[str, str | None]]
type Documented = dict[str, dict[str, str]]
"""Rows of tables, by the path of the option."""


def key_of(table: Table) -> str | None:
    """Return the key of the configuration whose chapter a table stands in."""
    named = [code.removesuffix(":") for code in codes(table.chapter) if code.endswith(":")]
    return named[0] if named else None


def tables(first_column: str) -> list[Table]:
    """Return the tables of the page that begin with a column."""
    return [table for table in PAGE.tables() if table.header[0] == first_column]


def with_parents(path: str) -> Iterator[str]:
    """Yield the path of an option and of those that it is nested in."""
    parts = path.split(".")
    yield from (".".join(parts[: count + 1]) for count in range(len(parts)))


def documented_options() -> dict[str, Documented]:
    """Return the options on the page, by key of the configuration and path."""
    documented: dict[str, Documented] = {}
    for table in tables("option"):
        parents = [f"{parent}." for parent in codes(table.section)] or [""]
        options = documented.setdefault(key_of(table) or "", {})
        for row in table.rows:
            options |= {f"{parent}{name}": row for parent in parents for name in codes(row["option"])}
    for table in tables("quantity"):
        options = documented.setdefault(key_of(table) or "", {})
        for row in table.rows:
            options |= {f"{group}.{name}": row for group in codes(row["in"]) for name in codes(row["quantity"])}
    return documented


DOCUMENTED = documented_options()


@pytest.fixture(scope="module")
def schema(esphome: None, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Options]:
    """The options that the component takes, by key of the configuration and path, with default and unit."""
    command = [ESPHOME.with_name("python"), Path(__file__).with_name("schema_options.py"), COMPONENTS]
    environment = esphome_environment(tmp_path_factory.mktemp("schema"))
    answer = subprocess.run(command, env=environment, check=True, capture_output=True, text=True, timeout=120)
    options: Mapping[str, Options] = json.loads(answer.stdout)
    return options


def test_every_option_of_the_schema_is_in_the_reference(schema: Mapping[str, Options]) -> None:
    for key, options in schema.items():
        named = {path for option in DOCUMENTED.get(key, {}) for path in with_parents(option)}
        assert sorted(options.keys() - named) == [], f"add these options of `{key}:` to {PAGE.name}"


def test_every_option_of_the_reference_is_in_the_schema(schema: Mapping[str, Options]) -> None:
    for key, options in DOCUMENTED.items():
        assert sorted(options.keys() - schema.get(key, {}).keys()) == [], f"`{key}:` has no such options"


def test_defaults_and_units_of_the_reference_are_those_of_the_schema(schema: Mapping[str, Options]) -> None:
    for key, options in DOCUMENTED.items():
        for path, row in options.items():
            default, unit = schema[key][path]["default"], schema[key][path]["unit"]
            if "default" in row:
                assert row["default"] == {"required": "*required*", None: ""}.get(default, f"`{default}`"), f"{key}: {path}"
            if "unit" in row:
                assert row["unit"] == unit, f"{key}: {path}"


def text_of(node: ast.expr) -> str:
    """Return a text of the code with a placeholder for each part that it computes."""
    match node:
        case ast.Constant(value=str(text)):
            return FORMAT.sub(PLACEHOLDER, text)
        case ast.JoinedStr(values=parts):
            return "".join(text_of(part) for part in parts)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return text_of(left) + text_of(right)
        case _:
            return PLACEHOLDER


def calls_of(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield the name and the first argument's text of each call in a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args:
            yield ast.unparse(node.func), text_of(node.args[0])


def python_texts() -> dict[str, set[str]]:
    """Return the texts that calls begin with in the component's Python, by the function called."""
    texts: dict[str, set[str]] = {}
    for path in SOURCES.glob("*.py"):
        for function, text in calls_of(ast.parse(path.read_text(encoding="utf-8"))):
            texts.setdefault(function, set()).add(text)
    return texts


def runtime_texts() -> set[str]:
    """Return what the running meter says is wrong: all texts with spaces of the parts that say nothing else, and others."""
    sources = {path.name: path.read_text(encoding="utf-8") for path in (*SOURCES.glob("*.cpp"), SOURCES / "register_bus.h")}
    telling = ("chip.cpp", "chip_measuring.cpp", "register_bus.h", "settings.cpp", "waveform_capture.cpp")
    texts = {text for name in telling for text in CPP_TEXT.findall(sources[name]) if " " in text}
    return texts | {text for source in sources.values() for text in TOLD.findall(source)}


def quoted() -> list[str]:
    """Return the messages that the page quotes."""
    return [code for table in tables("message") for row in table.rows for code in codes(row["message"])]


REFUSALS = {text for function in ("cv.Invalid", "cv.invalid") for text in python_texts()[function] if text != PLACEHOLDER}


@pytest.mark.parametrize("message", quoted())
def test_message_of_the_reference_is_in_the_code(message: str) -> None:
    sentences = {text for texts in python_texts().values() for text in texts} | runtime_texts()

    assert any(message in text for text in sentences)


@pytest.mark.parametrize("text", sorted(REFUSALS | runtime_texts()))
def test_message_of_the_code_is_in_the_reference(text: str) -> None:
    assert any(message in text for message in quoted()), f"add this message to {PAGE.name}, with what to do"
