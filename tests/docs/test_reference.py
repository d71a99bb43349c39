"""The reference of the ESPHome components, held against their code: no option is missing, none is invented, no message misquoted.

How a page is read: a chapter names its key of the configuration (`` `ade9000:` ``), or the domain of a platform of the page's
component (`` `sensor:` ``), a section the options whose options its tables list (`` `l1`, `l2`, `l3` ``). Tables that begin with
`option`, `quantity` and `message` are the reference.
"""

import ast
from collections.abc import Iterator, Mapping
import json
from pathlib import Path
import re
import subprocess

import pytest

from bench import texts
from bench.cpp import CompileError
from bench.rig.firmware import ESPHOME, ROOT, esphome_environment

from .pages import Page, Table, codes

COMPONENTS = ROOT / "esphome" / "components"
PAGES = {
    "ade9000": Page(ROOT / "docs" / "esphome" / "ade9000.md"),
    "three_phase_wire": Page(ROOT / "docs" / "esphome" / "three-phase-wire.md"),
    "ade9000_power_quality": Page(ROOT / "docs" / "esphome" / "power-quality.md"),
    "ade9000_waveform": Page(ROOT / "docs" / "esphome" / "waveform.md"),
    "ade9000_calibration": Page(ROOT / "docs" / "esphome" / "calibration.md"),
    "ade9000_wiring_check": Page(ROOT / "docs" / "esphome" / "wiring-check.md"),
}
"""The reference of each component; the simulated chip has none."""
PLACEHOLDER = "…"
FORMAT = re.compile(r"%[-+.\d]*(?:l|z)*[a-z]")

type Options = Mapping[str, Mapping[str, str | None]]
type Documented = dict[str, dict[str, str]]
"""Rows of tables, by the path of the option."""


def key_of(component: str, table: Table) -> str:
    """Return what is configured in the chapter that a table stands in: a component, or `component/domain` for a platform."""
    named = next(code.removesuffix(":") for code in codes(table.chapter) if code.endswith(":"))
    return named if named == component else f"{component}/{named}"


def tables(first_column: str) -> list[tuple[str, Table]]:
    """Return the tables of the pages that begin with a column, each with the component of its page."""
    return [(component, table) for component, page in PAGES.items() for table in page.tables() if table.header[0] == first_column]


def with_parents(path: str) -> Iterator[str]:
    """Yield the path of an option and of those that it is nested in."""
    parts = path.split(".")
    yield from (".".join(parts[: count + 1]) for count in range(len(parts)))


def documented_options() -> dict[str, Documented]:
    """Return the options on the pages, by what is configured and path."""
    documented: dict[str, Documented] = {}
    for component, table in tables("option"):
        parents = [f"{parent}." for parent in codes(table.section)] or [""]
        options = documented.setdefault(key_of(component, table), {})
        for row in table.rows:
            options |= {f"{parent}{name}": row for parent in parents for name in codes(row["option"])}
    for component, table in tables("quantity"):
        options = documented.setdefault(key_of(component, table), {})
        for row in table.rows:
            options |= {f"{group}.{name}": row for group in codes(row["in"]) for name in codes(row["quantity"])}
    return documented


DOCUMENTED = documented_options()


@pytest.fixture(scope="module")
def schema(esphome: None, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Options]:
    """The options that the components take, by what is configured and path, with default and unit."""
    command = [ESPHOME.with_name("python"), Path(__file__).with_name("schema_options.py"), COMPONENTS]
    environment = esphome_environment(tmp_path_factory.mktemp("schema"))
    answer = subprocess.run(command, env=environment, check=True, capture_output=True, text=True, timeout=120)
    options: Mapping[str, Options] = json.loads(answer.stdout)
    return options


def test_every_option_of_the_schema_is_in_the_reference(schema: Mapping[str, Options]) -> None:
    for key, options in schema.items():
        named = {path for option in DOCUMENTED.get(key, {}) for path in with_parents(option)}
        assert sorted(options.keys() - named) == [], f"add these options of {key} to its page"


def test_every_option_of_the_reference_is_in_the_schema(schema: Mapping[str, Options]) -> None:
    for key, options in DOCUMENTED.items():
        assert sorted(options.keys() - schema.get(key, {}).keys()) == [], f"{key} has no such options"


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


def sources(pattern: str) -> Iterator[Path]:
    """Yield the files of the components that have a page."""
    return (path for component in PAGES for path in (COMPONENTS / component).rglob(pattern))


def python_texts() -> dict[str, set[str]]:
    """Return the texts that calls begin with in the components' Python, by the function called."""
    found: dict[str, set[str]] = {}
    for path in sources("*.py"):
        for function, text in calls_of(ast.parse(path.read_text(encoding="utf-8"))):
            found.setdefault(function, set()).add(text)
    return found


def quoted() -> list[str]:
    """Return the messages that the pages quote."""
    return list(dict.fromkeys(code for _, table in tables("message") for row in table.rows for code in codes(row["message"])))


REFUSALS = {text for function in ("cv.Invalid", "cv.invalid") for text in python_texts()[function] if text != PLACEHOLDER}


@pytest.fixture(scope="module")
def told_by_the_meter() -> frozenset[str]:
    """What the running meter says is wrong."""
    try:
        return texts.told()
    except CompileError as error:
        if "there is no " in str(error):
            pytest.skip(str(error))
        raise


@pytest.mark.parametrize("message", quoted())
def test_message_of_the_reference_is_in_the_code(message: str, told_by_the_meter: frozenset[str]) -> None:
    sentences = told_by_the_meter.union(*python_texts().values())

    assert any(message in text for text in sentences)


@pytest.mark.parametrize("text", sorted(REFUSALS))
def test_refusal_of_the_configuration_is_in_the_reference(text: str) -> None:
    assert any(message in text for message in quoted()), "add this message to the page of its component, with what to do"


def test_everything_that_the_running_meter_tells_is_in_the_reference(told_by_the_meter: frozenset[str]) -> None:
    unquoted = [text for text in told_by_the_meter if not any(message in text for message in quoted())]

    assert sorted(unquoted) == [], "add these messages to the page of their component, with what to do"


def test_meter_has_no_message_beside_those_that_the_compiler_shows() -> None:
    elsewhere = [
        f"{path.name}: {line.strip()}"
        for path in sources("*.cpp")
        if not path.as_posix().endswith(texts.TELLING)
        for line in path.read_text(encoding="utf-8").splitlines()
        if '"' in line and ("mark_failed(" in line or "fail_(" in line)
    ]

    assert elsewhere == [], "put these messages into the failures.cpp of their component"
