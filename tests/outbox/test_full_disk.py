"""A disk that fills up: the outbox goes on with the room that it has, and grows again when there is some."""

import json
from pathlib import Path
import subprocess
import sys

import pytest

ROOT = Path(__file__).parents[2]
SMALL_DISK = 'mount -t tmpfs -o size=32m tmpfs "$1" && shift && exec "$@"'


def in_small_disk(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command for which a folder is a disk of 32 MB."""
    unshare = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", SMALL_DISK, "sh", str(folder)]
    return subprocess.run([*unshare, *command], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)


def test_a_full_disk_costs_the_oldest_readings_and_nothing_else(tmp_path: Path) -> None:
    if in_small_disk(tmp_path, "true").returncode:
        pytest.skip("no mounts of their own are allowed here")
    run = in_small_disk(tmp_path, sys.executable, "-m", "tests.outbox.full_disk", str(tmp_path))
    assert run.returncode == 0, run.stderr
    told = json.loads(run.stdout)
    roomy, tight, full, roomy_again = told["stats"]
    assert roomy["dropped"] == 0
    assert [stats["waiting"] + stats["dropped"] for stats in (roomy, tight, full, roomy_again)] == [400, 900, 1300, 1700]
    assert tight["bytes"] <= roomy["bytes"]
    assert full["bytes"] <= roomy["bytes"]
    assert roomy_again["dropped"] == full["dropped"]
    assert told["numbers"] == list(range(full["dropped"] + 1, 1701))
