"""An outbox of its own for each test."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest_asyncio

from custom_components.three_phase_energy.outbox.outbox import Outbox


@pytest_asyncio.fixture
async def outbox(tmp_path: Path) -> AsyncGenerator[Outbox]:
    opened = await Outbox.open(tmp_path / "outbox.sqlite")
    yield opened
    await opened.close()
