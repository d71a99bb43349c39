"""Build every firmware that the tests run, so that nothing compiles while they follow devices in real time."""

import asyncio
from pathlib import Path
import re
import sys

from bench.cpp import ROOT
from bench.rig.firmware import ESPHOME, BuildError, build
from bench.rig.installation import METER_YAML

_RUNS_ON_THIS_MACHINE = re.compile(r"^host:", re.MULTILINE)
_AT_ONCE = 2


async def _build_all() -> list[BuildError]:
    """Build them and return what failed."""
    tests = sorted((ROOT / "tests" / "firmware").rglob("*.yaml"))
    firmwares = [METER_YAML, *(path for path in tests if _RUNS_ON_THIS_MACHINE.search(path.read_text(encoding="utf-8")))]
    slots = asyncio.Semaphore(_AT_ONCE)

    async def build_one(yaml: Path) -> None:
        async with slots:
            await build(yaml)

    results = await asyncio.gather(*map(build_one, firmwares), return_exceptions=True)
    print(f"{results.count(None)} of {len(firmwares)} firmwares are built")
    if unexpected := [result for result in results if isinstance(result, BaseException) and not isinstance(result, BuildError)]:
        raise unexpected[0]
    return [result for result in results if isinstance(result, BuildError)]


def main() -> int:
    """Build, and report failures."""
    if not ESPHOME.exists():
        print("ESPHome is not installed: run scripts/setup")
        return 0
    failures = asyncio.run(_build_all())
    print(*failures, sep="\n")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
