"""Waiting for another process, another task or a device."""

import asyncio
from collections.abc import Awaitable, Callable
import contextlib
import inspect
import time

_PAUSE_SECONDS = 0.005


async def until(
    condition: Callable[[], object | Awaitable[object]], seconds: float = 10, *, news: asyncio.Event | None = None
) -> None:
    """Wait until a condition holds: again and again, or each time that there is news.

    No timer of the event loop limits the wait, because Home Assistant's harness fires every timer when it moves its clock.

    Raises:
        TimeoutError: it did not hold within this time.
    """
    deadline = time.monotonic() + seconds
    while not await _holds(condition):
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError(f"it did not happen within {seconds:g} s")
        if news is None:
            await asyncio.sleep(_PAUSE_SECONDS)
        else:
            news.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(news.wait(), left)


async def _holds(condition: Callable[[], object | Awaitable[object]]) -> bool:
    result = condition()
    return bool(await result if inspect.isawaitable(result) else result)
