"""The command line: `python -m fiware_bridge edge` runs the embedded broker."""

import argparse
import asyncio
from collections.abc import Sequence
import ipaddress
import logging
from pathlib import Path
import signal
import sqlite3
import sys

from .edge.app import running_broker
from .edge.base.migrations import NewerDatabaseError

_LOGGER = logging.getLogger("fiware_bridge")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m fiware_bridge", description="The FIWARE side of a three-phase meter.")
    commands = parser.add_subparsers(dest="command", required=True)
    edge = commands.add_parser(
        "edge",
        help="run the embedded context broker",
        description="A context broker (NGSI-v2) with history (as QuantumLeap) in one process.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    edge.add_argument("--data", type=Path, default=Path("fiware-data"), metavar="DIR", help="folder for entities and history")
    edge.add_argument("--host", default="127.0.0.1", help="address to serve on; there is no authentication")
    edge.add_argument("--port", type=int, default=1026, help="port of NGSI-v2")
    edge.add_argument("--history-port", type=int, default=8668, metavar="PORT", help="port of the history")
    edge.add_argument("--log-level", default="info", choices=["debug", "info", "warning", "error"], help="what is logged")
    return parser


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


async def _edge(data: Path, host: str, port: int, history_port: int) -> None:
    """Run the embedded broker until SIGTERM or SIGINT."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    if not _is_loopback(host):
        _LOGGER.warning("Serving on %s without authentication: whoever reaches it can read and write everything", host)
    async with running_broker(data, host=host, port=port, history_port=history_port) as addresses:
        _LOGGER.info(
            "Context broker on http://%s:%d, history on http://%s:%d, data in %s",
            addresses.host,
            addresses.port,
            addresses.host,
            addresses.history_port,
            data,
        )
        await stopped.wait()
        _LOGGER.info("Stopping")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command; where it cannot run, end the process with status 1 and the reason on stderr."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=options.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        asyncio.run(_edge(options.data.resolve(), options.host, options.port, options.history_port))
    except (OSError, NewerDatabaseError, sqlite3.Error) as err:
        sys.exit(f"Cannot run: {err}")


if __name__ == "__main__":
    main()
