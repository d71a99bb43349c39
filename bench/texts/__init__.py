"""What the running meter tells its user is wrong, as the compiler makes it of the C++."""

from collections.abc import Iterator
from pathlib import Path

from ..cpp import COMPONENTS, ROOT, Build, call, core_features

TELLING = ("ade9000/chip.cpp", "ade9000/chip_measuring.cpp", "ade9000/settings.cpp", "ade9000_waveform/waveform_capture.cpp")
"""Sources of the core whose texts with a space are all for the user."""
FAILURES = "failures.cpp"
"""The same, of what stands on ESPHome's side: one in each component that has some."""
SECTIONS = (".rodata.str1.1", ".rodata.str1.8")
"""Where the compiler puts the texts of an object, by their alignment."""
BUILD = Build(
    folder=ROOT / ".cache" / "texts",
    flags=("-std=gnu++20", "-Os", *core_features()),
    headers=(Path(__file__).parent,),
)


def told() -> frozenset[str]:
    """Return the texts.

    Raises:
        CompileError: there is no compiler, or the code has an error.
    """
    sources = [*(COMPONENTS / name for name in TELLING), *sorted(COMPONENTS.glob(f"*/{FAILURES}"))]
    return frozenset(text for built in BUILD.objects(sources) for text in _texts(built) if " " in text)


def _texts(built: Path) -> Iterator[str]:
    """Yield the texts in an object; a line of readelf is one, behind its place in the section."""
    for line in call("readelf", *(f"--string-dump={section}" for section in SECTIONS), built).splitlines():
        place, bracket, text = line.partition("]  ")
        if bracket and place.lstrip().startswith("["):
            yield text
