"""What the tests of the documentation share."""

import pytest

from bench.rig.firmware import ESPHOME


@pytest.fixture(scope="session")
def esphome() -> None:
    """Skip what needs ESPHome where it is not installed."""
    if not ESPHOME.exists():
        pytest.skip("ESPHome is not installed: run scripts/setup")
