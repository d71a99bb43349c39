"""Jobs side by side: in which order they run, and what is shown of them."""

import os
from pathlib import Path
import sys

import pytest

from gates import jobs, runner
from gates.jobs import Job
from gates.layers import Pace


@pytest.fixture(autouse=True)
def logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep the logs of real runs."""
    monkeypatch.setattr(jobs, "LOGS", tmp_path)
    monkeypatch.setattr(runner, "LOGS", tmp_path)
    return tmp_path


def job(name: str, program: str, pace: Pace = Pace.COMPUTES, *, is_tests: bool = False) -> Job:
    """Return a job that runs a program of Python."""
    return Job(name=name, pace=pace, command=(sys.executable, "-c", program), environment=os.environ, is_tests=is_tests)


async def test_what_waits_begins_when_nothing_compiles_any_more(tmp_path: Path) -> None:
    built = tmp_path / "built"
    compiling = job("core", f"import time, pathlib; time.sleep(0.3); pathlib.Path('{built}').touch()", Pace.COMPILES)
    waiting = job("firmware", f"import pathlib; assert pathlib.Path('{built}').exists()", Pace.WAITS)

    assert await runner.run([waiting, compiling])


async def test_one_failure_fails_the_whole_and_stops_no_other(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = job("other", f"import pathlib; pathlib.Path('{tmp_path / 'ran'}').touch(); print('2 passed')")

    assert not await runner.run([job("bad", "print('what was wrong'); raise SystemExit(3)"), other])

    assert (tmp_path / "ran").exists()
    shown = capsys.readouterr().out
    assert "what was wrong" in shown
    assert str(tmp_path / "bad.log") in shown
    assert shown.splitlines()[-2:] == ["FAILED  bad            what was wrong", "passed  other          2 passed"]


async def test_of_failing_tests_only_the_failures_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    pytests = "print('....\\n===== FAILURES =====\\nit was 3\\n===== 1 failed in 0.10s ====='); raise SystemExit(1)"

    assert not await runner.run([job("bridge", pytests, is_tests=True), job("ngsi", "")])

    shown = capsys.readouterr().out
    assert "it was 3" in shown
    assert "...." not in shown
    assert "FAILED  bridge         ===== 1 failed in 0.10s =====" in shown


@pytest.mark.parametrize(("status", "passes"), [(0, True), (1, False), (5, False)])
async def test_the_status_of_a_single_job_is_that_of_the_whole(status: int, *, passes: bool) -> None:
    assert await runner.run([job("ngsi", f"raise SystemExit({status})", is_tests=True)]) is passes
