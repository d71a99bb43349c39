"""What tests of several layers share: a whole running installation."""

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

if TYPE_CHECKING:
    from bench.rig.installation import Installation

ROOT = Path(__file__).parents[1]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Installation]:
    """Run the simulated meter, the embedded broker and Home Assistant, set up through their own config flows."""
    if not (ROOT / ".venv-esphome").exists():
        pytest.skip("ESPHome is not installed: run scripts/setup")
    # Imported here because the tests inside Home Assistant's harness load this file too, and need none of it.
    from bench.rig.installation import Ports, installation  # noqa: PLC0415

    async with installation(tmp_path_factory.mktemp("installation"), Ports.free(), print) as started:
        yield started
