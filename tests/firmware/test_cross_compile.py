"""The components compile for the ESPs' processors without a warning, and stay within their memory.

What Debian's bare-metal compilers can tell without the vendors' toolchains; .github/workflows/firmware.yml builds with those.
"""

import sys

import pytest

from bench.cross import EVERYTHING, PLATFORMS, Choice, Platform, Size
from labs.footprint import CHOICES, METER, RAM_BUDGET, Footprint


@pytest.fixture(scope="module", params=list(PLATFORMS.values()), ids=list(PLATFORMS))
def platform(request: pytest.FixtureRequest) -> Platform:
    """A processor that the machine can compile for."""
    chosen: Platform = request.param
    if reason := chosen.missing():
        pytest.skip(reason)
    chosen.generate()
    return chosen


def _footprint(platform: Platform, choice: Choice) -> Footprint:
    return Footprint(sum(platform.sizes(choice).values(), Size()), platform.memory(choice))


def test_every_file_compiles_without_a_warning(platform: Platform, capsys: pytest.CaptureFixture[str]) -> None:
    built = _footprint(platform, EVERYTHING)

    size = built.size
    with capsys.disabled():
        sys.stdout.write(f"\n{platform.title}: text {size.text}, data {size.data}, bss {size.bss}, RAM {built.ram} bytes\n")
    assert size.text > 0


def test_every_choice_compiles_without_a_warning(platform: Platform) -> None:
    for choice in CHOICES.values():
        assert _footprint(platform, choice).size.text > 0


def test_meter_without_its_log_fits_an_esp8266(platform: Platform) -> None:
    assert _footprint(platform, CHOICES[METER]).ram <= RAM_BUDGET
