"""Which component of the firmware may know which: the wire knows no chip, the hub no feature, and no feature another one."""

from collections.abc import Iterator
from pathlib import Path
import re
import shutil

import pytest

from bench.cpp import MODEL, OWN, ROOT, call
from bench.cross import EVERYTHING

PYTHON_IMPORT = re.compile(r"^from \.{2,3}(\w+)(?:\.[\w.]+)? import", re.MULTILINE)

BELOW = {"three_phase_wire": set[str](), "ade9000": {"three_phase_wire"}}
"""What a component may know; a feature may know the hub and the wire."""
OF_FEATURES = {"ade9000", "three_phase_wire"}
COMPONENTS = {folder.name: folder for folder in OWN if folder != MODEL}


def _included(folder: Path) -> Iterator[str]:
    """Return the components of all headers that the compiler meets, with every feature; those that are not here are left out."""
    if shutil.which("g++") is None:
        pytest.skip("there is no g++ to ask what the C++ includes")
    sources = sorted(path for path in folder.rglob("*") if path.suffix in {".cpp", ".h"})
    features = (f"-D{feature}" for feature in sorted(EVERYTHING.features))
    rules = call("g++", "-std=gnu++20", "-M", "-MG", "-nostdinc", "-nostdinc++", *features, f"-I{ROOT}", *sources)
    names = (path.rpartition("esphome/components/")[2].partition("/")[0] for path in rules.split())
    return (name for name in names if name in COMPONENTS)


def _known(folder: Path) -> set[str]:
    modules = (path.read_text(encoding="utf-8") for path in folder.rglob("*.py"))
    return {*_included(folder), *(name for module in modules for name in PYTHON_IMPORT.findall(module))}


@pytest.mark.parametrize("name", COMPONENTS)
def test_component_knows_only_what_is_below_it(name: str) -> None:
    others = COMPONENTS.keys() - {name}

    assert others.intersection(_known(COMPONENTS[name])) <= BELOW.get(name, OF_FEATURES)


def test_wire_names_no_chip() -> None:
    texts = [
        path.read_text(encoding="utf-8") for path in COMPONENTS["three_phase_wire"].rglob("*.[hcp]*") if path.suffix != ".pyc"
    ]

    assert "ade9000" not in " ".join(texts).lower()
