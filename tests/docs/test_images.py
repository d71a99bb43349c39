"""Drawings are SVG that a browser shows anywhere: on a light page, on a dark one, and to a screen reader."""

from pathlib import Path
import re
from xml.etree import ElementTree as ET

import pytest

from .pages import ROOT

SVG = "{http://www.w3.org/2000/svg}"
DRAWINGS = sorted((ROOT / "docs" / "images").glob("*.svg"))


@pytest.fixture(params=DRAWINGS, ids=lambda path: path.name)
def drawing(request: pytest.FixtureRequest) -> ET.Element:
    path: Path = request.param
    return ET.fromstring(path.read_text(encoding="utf-8"))  # noqa: S314  # a file of this repository


def test_drawing_has_a_title_and_a_description_for_screen_readers(drawing: ET.Element) -> None:
    named = {element.get("id"): element.text for element in drawing if element.tag in (f"{SVG}title", f"{SVG}desc")}

    assert drawing.tag == f"{SVG}svg"
    assert drawing.get("role") == "img"
    assert drawing.get("aria-labelledby", "").split() == ["title", "desc"]
    assert named.get("title")
    assert named.get("desc")


def test_drawing_has_a_background_of_its_own(drawing: ET.Element) -> None:
    _, _, width, height = map(float, drawing.get("viewBox", "").split())
    background = drawing.find(f"{SVG}rect")

    assert background is not None
    assert background.get("fill") == "#fff"
    assert float(background.get("width", 0)) >= width - 1
    assert float(background.get("height", 0)) >= height - 1


def test_drawing_defines_the_shapes_that_it_uses_and_no_others(drawing: ET.Element) -> None:
    defined = {element.get("id") for definitions in drawing.iter(f"{SVG}defs") for element in definitions}
    used = {element.get("href", "").removeprefix("#") for element in drawing.iter(f"{SVG}use")}

    assert used == defined


def test_drawing_styles_the_classes_that_it_uses_and_no_others(drawing: ET.Element) -> None:
    styled = set(re.findall(r"\.([A-Za-z]\w*)", drawing.findtext(f"{SVG}style", "")))
    used = {name for element in drawing.iter() for name in element.get("class", "").split()}

    assert used == styled
