"""The NGSI side, the table and the decoder stand without Home Assistant."""

import ast
from pathlib import Path

import pytest

INTEGRATION = Path(__file__).parents[2] / "custom_components" / "three_phase_energy"
ROOMS = {"model": set[str](), "outbox": {"model"}, "ngsi": {"model"}}
"""What each room may import of the integration outside itself."""
FREE = [path for room in ROOMS for path in sorted((INTEGRATION / room).glob("*.py"))]


def imports(file: Path) -> list[ast.Import | ast.ImportFrom]:
    return [node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Import | ast.ImportFrom)]


def modules(node: ast.Import | ast.ImportFrom) -> list[str]:
    return [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]


def test_the_files_are_found() -> None:
    assert {"client.py", "entities.py", "errors.py", "outbox.py", "quantities.py", "twin.py"} <= {file.name for file in FREE}


@pytest.mark.parametrize("file", FREE, ids=lambda file: file.name)
def test_nothing_of_home_assistant_is_imported(file: Path) -> None:
    roots = {module.partition(".")[0] for node in imports(file) for module in modules(node)}
    assert not roots & {"homeassistant", "custom_components", "fiware_bridge"}


@pytest.mark.parametrize("file", FREE, ids=lambda file: file.name)
def test_of_the_integration_only_the_layers_below_are_imported(file: Path) -> None:
    above = [node for node in imports(file) if isinstance(node, ast.ImportFrom) and node.level > 1]
    assert {module.partition(".")[0] for node in above for module in modules(node)} <= ROOMS[file.parent.name]
