"""The pages of the documentation, taken apart: headings, links, fenced blocks and tables."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
import re

ROOT = Path(__file__).parents[2]

FENCE = re.compile(r"^```(?P<info>[^\n]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
INLINE_CODE = re.compile(r"(?P<ticks>`+)(?P<text>.+?)(?P=ticks)", re.DOTALL)
HEADING = re.compile(r"^(?P<level>#+) (?P<text>.+)$", re.MULTILINE)
LINK = re.compile(r"\[[^\]]*\]\((?P<target>[^)\s]+)\)")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block of code."""

    page: str
    line: int
    """Of its first line of text."""
    info: str
    """What follows the fence, such as `yaml`."""
    text: str

    @property
    def place(self) -> str:
        """Where it stands, for people."""
        return f"{self.page}:{self.line}"


@dataclass(frozen=True, slots=True)
class Table:
    """A table below its headings; cells are Markdown."""

    chapter: str
    section: str
    header: tuple[str, ...]
    rows: tuple[dict[str, str], ...]


@dataclass(frozen=True, slots=True)
class Page:
    """A page of Markdown."""

    path: Path

    @property
    def name(self) -> str:
        """The path below the root."""
        return str(self.path.relative_to(ROOT))

    @property
    def text(self) -> str:
        """The whole page."""
        return self.path.read_text(encoding="utf-8")

    @property
    def prose(self) -> str:
        """The page without its fenced blocks."""
        return FENCE.sub("", self.text)

    def blocks(self) -> Iterator[Block]:
        """Yield the fenced blocks."""
        for match in FENCE.finditer(self.text):
            line = self.text.count("\n", 0, match.start("text")) + 1
            yield Block(self.name, line, match["info"].strip(), match["text"])

    def links(self) -> list[str]:
        """Return the targets of links and images."""
        return [match["target"] for match in LINK.finditer(INLINE_CODE.sub("code", self.prose))]

    def anchors(self) -> set[str]:
        """Return the anchors of the headings, as GitHub names them."""
        seen: Counter[str] = Counter()
        anchors = set()
        for match in HEADING.finditer(self.prose):
            slug = re.sub(r"[^\w\- ]", "", match["text"].lower()).replace(" ", "-")
            anchors.add(f"{slug}-{seen[slug]}" if seen[slug] else slug)
            seen[slug] += 1
        return anchors

    def tables(self) -> Iterator[Table]:
        """Yield the tables."""
        chapter = section = ""
        for part in re.split(r"\n{2,}", self.prose):
            if heading := HEADING.fullmatch(part.strip()):
                level, text = len(heading["level"]), heading["text"]
                chapter, section = (text, "") if level == 2 else (chapter, text)
            elif part.lstrip().startswith("|"):
                header, _, *rows = (_cells(line) for line in part.strip().splitlines())
                yield Table(chapter, section, header, tuple(dict(zip(header, row, strict=True)) for row in rows))


def _cells(line: str) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in line.strip().strip("|").split("|"))


def codes(markdown: str) -> list[str]:
    """Return the texts of inline code."""
    return [match["text"].strip() for match in INLINE_CODE.finditer(markdown)]


PAGES = tuple(Page(path) for path in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))))
