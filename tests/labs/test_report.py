"""Tables of a laboratory are Markdown, and find their place in docs/performance.md."""

from pathlib import Path

import pytest

from labs import documents
from labs.__main__ import NAMES
from labs.documents import PAGE, document
from labs.report import Report, Table

TABLE = Table(("Quantity", "Worst, %"), (("voltage", "0.1"), ("power factor", "12.5")))


def test_table_has_columns_of_equal_width_with_numbers_to_the_right() -> None:
    assert str(TABLE).splitlines() == [
        "| Quantity     | Worst, % |",
        "|--------------|---------:|",
        "| voltage      |      0.1 |",
        "| power factor |     12.5 |",
    ]


def test_tables_replace_what_stands_between_the_marks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "performance.md"
    page.write_text("before\n<!-- bus -->\nold\n<!-- /bus -->\nafter\n", encoding="utf-8")
    monkeypatch.setattr(documents, "PAGE", page)

    document("bus", Report(figures={}, tables=(TABLE,)))

    assert page.read_text(encoding="utf-8") == f"before\n<!-- bus -->\n\n{TABLE}\n\n<!-- /bus -->\nafter\n"


@pytest.mark.parametrize("name", NAMES)
def test_page_has_a_place_for_each_laboratory(name: str) -> None:
    page = PAGE.read_text(encoding="utf-8")

    assert page.index(f"<!-- {name} -->\n") < page.index(f"<!-- /{name} -->")
