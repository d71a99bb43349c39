"""The demo: a whole installation on this machine, to explore or, with --check, to measure."""

import argparse
import asyncio
from collections.abc import Coroutine
import json
import os
from pathlib import Path
import shutil
import signal
import sys
import tempfile
import time

from .check import LIMIT_PERCENT, READINGS, Report, check
from .firmware import BuildError
from .home_assistant import PASSWORD, USER, CommandError
from .installation import METER_YAML, SERVICE_PATH, TENANT, Installation, Ports, SetUpError, installation
from .processes import ProgramError
from .scenario import Scenario

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".cache" / "demo"


def _say(text: str) -> None:
    print(f"demo: {text}", flush=True)


async def _until_stopped(work: Coroutine[None, None, int]) -> int:
    """Run some work, and on Ctrl-C or SIGTERM end it cleanly, with every process that it started."""
    task, loop = asyncio.create_task(work), asyncio.get_running_loop()

    def stop() -> None:
        print(flush=True)
        _say("stopping")
        task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    try:
        return await task
    except asyncio.CancelledError:
        return 0


def _tell(running: Installation) -> None:
    print(f"""
  Home Assistant   {running.home_assistant.url}   user {USER}, password {PASSWORD}
  Context broker   {running.broker.url}/v2/entities   tenant {TENANT}, service path {SERVICE_PATH}
  History          {running.broker.history_url}/v2/entities
  Simulated meter  127.0.0.1:{running.meter.port} (ESPHome API)

  Logs and data: {FOLDER.relative_to(ROOT)}. Ctrl-C stops everything.
""", flush=True)  # fmt: skip


async def _demo(*, fresh: bool) -> int:
    ports = Ports()
    if taken := await ports.taken():
        _say(f"port {', '.join(map(str, taken))} is in use: stop what listens there and start again")
        return 1
    if fresh:
        shutil.rmtree(FOLDER, ignore_errors=True)
    async with installation(FOLDER, ports, _say) as running:
        _tell(running)
        await asyncio.Event().wait()
    return 0


async def _check() -> int:
    # The time of scripts/demo before this counts as well, because a user waits for it too.
    started = time.monotonic() - (time.time() - float(os.environ.get("DEMO_STARTED", time.time())))
    scenario = Scenario.load(METER_YAML)
    with tempfile.TemporaryDirectory(prefix="three-phase-energy-") as folder:
        async with installation(Path(folder), Ports.free(), _say) as running:
            report = await check(running, scenario, started, _say, READINGS)
    _show(report)
    return 0 if report.passed else 1


def _show(report: Report) -> None:
    print(f"\n  {'quantity':<28} worst error, % (limit {LIMIT_PERCENT})")
    for key, percent in report.worst_percent.items():
        print(f"  {key:<28} {percent:8.4f}")
    for complaint in report.complaints:
        print(f"  ! {complaint}")
    print(json.dumps(report.figures()), flush=True)


def main() -> int:
    """Run the demo or the check, as the command line asks."""
    parser = argparse.ArgumentParser(prog="scripts/demo", description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="measure in a temporary folder on free ports, and end with a line of JSON"
    )
    parser.add_argument("--fresh", action="store_true", help="forget what an earlier demo has set up and stored")
    options = parser.parse_args()
    try:
        return asyncio.run(_until_stopped(_check() if options.check else _demo(fresh=options.fresh)))
    except (BuildError, CommandError, ProgramError, SetUpError, TimeoutError) as error:
        _say(f"failed: {error or type(error).__name__}")
        return 1


if __name__ == "__main__":
    sys.exit(main())
