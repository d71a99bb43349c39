"""Run a laboratory by its name, or list them."""

import argparse
import importlib
import json
import sys
from types import ModuleType

from bench.cpp import CompileError

from .documents import document
from .report import LaboratoryError, Report

NAMES = ("accuracy", "bus", "coverage", "footprint", "fuzz")


def _module(name: str) -> ModuleType:
    return importlib.import_module(f"{__package__}.{name}")


def _list() -> None:
    for name in NAMES:
        summary = (_module(name).__doc__ or "").partition("\n")[0]
        print(f"  {name:<10} {summary}")


def _show(report: Report) -> None:
    for table in report.tables:
        print(f"\n{table}")
    print()
    for complaint in report.complaints:
        print(f"  ! {complaint}")
    print(json.dumps(report.figures), flush=True)


def _run(name: str, *, is_documented: bool) -> int:
    def say(text: str) -> None:
        print(f"{name}: {text}", flush=True)

    try:
        report: Report = _module(name).run(say)
    except (CompileError, LaboratoryError) as error:
        say(f"failed: {error}")
        return 1
    if is_documented:
        document(name, report)
    _show(report)
    return 1 if report.complaints else 0


def main() -> int:
    """Run the laboratory of the command line; the exit status is 1 if it missed a goal."""
    parser = argparse.ArgumentParser(prog="scripts/lab", description=__doc__)
    parser.add_argument("name", nargs="?", choices=NAMES, help="the laboratory; without it, list them")
    parser.add_argument("--document", action="store_true", help="write the tables into docs/performance.md too")
    options = parser.parse_args()
    if options.name is None:
        _list()
        return 0
    return _run(options.name, is_documented=options.document)


if __name__ == "__main__":
    sys.exit(main())
