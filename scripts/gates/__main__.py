"""All tests, or some layers of them.

scripts/test                         everything: linters, every layer, the gates of coverage
scripts/test core ngsi               layers by name
scripts/test tests/bridge            a folder, a file or a test
scripts/test -k retry                what matches, in every layer; any option of pytest goes
scripts/test core --only Energy      one GoogleTest (Suite.Test) or suite, without building the others
scripts/test ngsi --watch            again after each change
scripts/test --layers                what layers there are
"""

import asyncio
import shutil
import sys

from watchfiles import DefaultFilter, awatch

from bench.cpp import ROOT

from . import core_test, floors
from .arguments import Choice, choose
from .jobs import MEASURED, jobs_of
from .layers import LAYERS
from .runner import run

_WATCHED = ("bench", "custom_components", "docs", "esphome", "fiware_bridge", "scripts", "tests")


async def _run(choice: Choice) -> bool:
    if choice.only is not None:
        return await asyncio.to_thread(core_test.run, choice.only)
    if not choice.is_everything:
        return await run(jobs_of(choice))
    shutil.rmtree(MEASURED, ignore_errors=True)
    MEASURED.mkdir(parents=True)
    return await run(jobs_of(choice)) and floors.check()


async def _watch(choice: Choice) -> bool:
    """Run again and again, until somebody presses Ctrl-C."""
    passed = await _run(choice)
    print("test: waiting for a change", flush=True)
    async for changes in awatch(*(ROOT / folder for folder in _WATCHED), watch_filter=DefaultFilter()):
        print(f"test: {', '.join(sorted({path.removeprefix(f'{ROOT}/') for _, path in changes}))}", flush=True)
        passed = await _run(choice)
        print("test: waiting for a change", flush=True)
    return passed


def main(arguments: list[str]) -> int:
    """Run what the arguments ask for and return the status of the process."""
    if {"-h", "--help"} & set(arguments):
        print(__doc__)
        return 0
    if "--layers" in arguments:
        print(*LAYERS, sep="\n")
        return 0
    try:
        choice = choose(arguments)
    except LookupError as error:
        print(f"test: {error}")
        return 2
    try:
        return 0 if asyncio.run(_watch(choice) if choice.watches else _run(choice)) else 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
