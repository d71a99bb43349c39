"""Links and images of the documentation lead somewhere."""

from pathlib import Path

import pytest

from .pages import PAGES, Page

EXTERNAL = ("https://", "http://", "mailto:")
CASES = [
    pytest.param(page, link, id=f"{page.name} {link}")
    for page in PAGES
    for link in dict.fromkeys(page.links())
    if not link.startswith(EXTERNAL)
]


@pytest.mark.parametrize(("page", "link"), CASES)
def test_link_leads_to_a_file_and_an_anchor_that_exist(page: Page, link: str) -> None:
    path, _, anchor = link.partition("#")
    target = (page.path.parent / path).resolve() if path else page.path

    assert target.exists(), f"{link} in {page.name}: no such file"
    if anchor:
        assert anchor in Page(target).anchors(), f"{link} in {page.name}: no such heading"


@pytest.mark.parametrize("image", sorted((PAGES[0].path.parent / "docs" / "images").iterdir()), ids=lambda path: path.name)
def test_image_is_used(image: Path) -> None:
    used = {(page.path.parent / link).resolve() for page in PAGES for link in page.links()}

    assert image in used, f"{image.name} is on no page"
