"""Which component of the firmware may know which: the wire knows no chip, the hub no feature, and no feature another one."""

from collections.abc import Iterator
from pathlib import Path
import re

import pytest

from bench.cpp import MODEL, OWN

CPP_IMPORT = re.compile(r'^#include "esphome/components/(\w+)/', re.MULTILINE)
PYTHON_IMPORT = re.compile(r"^from \.{2,3}(\w+)(?:\.[\w.]+)? import", re.MULTILINE)

BELOW = {"three_phase_wire": set[str](), "ade9000": {"three_phase_wire"}}
"""What a component may know; a feature may know the hub and the wire."""
OF_FEATURES = {"ade9000", "three_phase_wire"}
COMPONENTS = {folder.name: folder for folder in OWN if folder != MODEL}


def _known(folder: Path) -> Iterator[str]:
    for pattern, imports in (("*.h", CPP_IMPORT), ("*.cpp", CPP_IMPORT), ("*.py", PYTHON_IMPORT)):
        for path in folder.rglob(pattern):
            yield from imports.findall(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", COMPONENTS)
def test_component_knows_only_what_is_below_it(name: str) -> None:
    others = COMPONENTS.keys() - {name}

    assert others.intersection(_known(COMPONENTS[name])) <= BELOW.get(name, OF_FEATURES)


def test_wire_names_no_chip() -> None:
    texts = [
        path.read_text(encoding="utf-8") for path in COMPONENTS["three_phase_wire"].rglob("*.[hcp]*") if path.suffix != ".pyc"
    ]

    assert "ade9000" not in " ".join(texts).lower()
