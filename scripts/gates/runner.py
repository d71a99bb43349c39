"""Run jobs side by side unless they disturb each other, and report the result of each.

First everything that compiles, which takes all cores. Then everything that follows a device in real time, at once, as it mostly
waits; jobs that compute run next to it on all remaining cores but one.
"""

import asyncio
from collections.abc import Sequence
import contextlib
import os
import signal
import time

from bench.cpp import CORES

from .jobs import LOGS, Job
from .layers import Pace

_COMPILING_AT_ONCE = 2
"""Each keeps the cores busy itself, but not while it links or generates."""
_END_OF_LOG = 60
"""Lines to show of a command that failed; of tests everything from the first failure on."""


async def run(jobs: Sequence[Job]) -> bool:
    """Run all jobs and return whether all passed; a single one writes to the terminal, several to their logs."""
    LOGS.mkdir(parents=True, exist_ok=True)
    if len(jobs) == 1:
        return jobs[0].has_passed(await _run_process(jobs[0], to_log=False))
    compiling, computing, waiting = (
        [job for job in jobs if job.pace is pace] for pace in (Pace.COMPILES, Pace.COMPUTES, Pace.WAITS)
    )
    results = await _run_at_once(compiling, _COMPILING_AT_ONCE)
    lanes = max(1, CORES - 1) if waiting else CORES
    together = await asyncio.gather(_run_at_once(waiting, len(waiting)), _run_at_once(computing, lanes))
    results |= {name: passed for some in together for name, passed in some.items()}
    print()
    for job in jobs:
        print(f"{'passed' if results[job.name] else 'FAILED'}  {job.name:<14} {job.closing_line()}")
    return all(results.values())


async def _run_at_once(jobs: Sequence[Job], number: int) -> dict[str, bool]:
    """Run jobs, this many at a time, and return which passed."""
    slots = asyncio.Semaphore(max(1, number))

    async def run_one(job: Job) -> bool:
        async with slots:
            return await _run_logged(job)

    async with asyncio.TaskGroup() as group:
        tasks = {job.name: group.create_task(run_one(job)) for job in jobs}
    return {name: task.result() for name, task in tasks.items()}


async def _run_logged(job: Job) -> bool:
    print(f"test: {job.name} …", flush=True)
    begin = time.monotonic()
    passed = job.has_passed(await _run_process(job, to_log=True))
    print(f"test: {job.name} {'passed' if passed else 'FAILED'} after {time.monotonic() - begin:.0f} s", flush=True)
    if not passed:
        print(f"{_what_failed(job)}\ntest: all of it is in {job.log}", flush=True)
    return passed


def _what_failed(job: Job) -> str:
    text = job.log.read_text(encoding="utf-8", errors="replace")
    _, mark, failures = text.partition("= FAILURES =")
    _, error_mark, errors = text.partition("= ERRORS =")
    if mark or error_mark:
        return max(mark + failures, error_mark + errors, key=len)
    return "\n".join(text.splitlines()[-_END_OF_LOG:])


async def _run_process(job: Job, *, to_log: bool) -> int:
    """Run a job in a session of its own, so that its end takes along what it has started."""
    with contextlib.ExitStack() as stack:
        output = stack.enter_context(job.log.open("wb")) if to_log else None
        process = await asyncio.create_subprocess_exec(
            *job.command, stdin=asyncio.subprocess.DEVNULL, stdout=output, stderr=output, env=dict(job.environment),
            start_new_session=True,
        )  # fmt: skip
        try:
            return await process.wait()
        finally:
            if process.returncode is None:
                os.killpg(process.pid, signal.SIGTERM)
                await process.wait()
