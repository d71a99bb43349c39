"""Write the tables of a laboratory into docs/performance.md, between the marks that carry its name."""

from pathlib import Path
import re

from .report import Report

PAGE = Path(__file__).parents[2] / "docs" / "performance.md"


def document(name: str, report: Report) -> None:
    """Replace the tables of a laboratory.

    Raises:
        ValueError: the page has no marks for them.
    """
    tables = "\n\n".join(map(str, report.tables))
    page, count = re.subn(
        rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)",
        lambda mark: f"{mark[1]}\n{tables}\n\n{mark[2]}",
        PAGE.read_text(encoding="utf-8"),
        flags=re.DOTALL,
    )
    if count != 1:
        raise ValueError(f"{PAGE.name} needs the marks <!-- {name} --> and <!-- /{name} --> once")
    PAGE.write_text(page, encoding="utf-8")
