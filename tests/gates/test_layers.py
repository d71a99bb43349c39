"""Which layers there are, and which of them the arguments of scripts/test choose."""

from pathlib import Path

import pytest

from gates.arguments import choose
from gates.jobs import Job, jobs_of
from gates.layers import LAYERS, TESTS, Pace, layer_of


def chosen(*arguments: str) -> list[str]:
    """Return the names of the layers that arguments choose."""
    return [layer.name for layer in choose(arguments).layers]


def command(*arguments: str) -> str:
    """Return the command of the only job for arguments."""
    (job,) = jobs_of(choose(arguments))
    return " ".join(job.command)


def test_every_test_file_belongs_to_a_layer() -> None:
    root = TESTS.parent
    for path in sorted(TESTS.rglob("test_*.py")):
        assert layer_of(path.relative_to(root).as_posix()).paths


def test_without_arguments_everything_is_chosen() -> None:
    choice = choose([])

    assert {layer.name for layer in choice.layers} == set(LAYERS)
    assert choice.is_everything


@pytest.mark.parametrize("name", ["core", "outbox", "lint", "integration"])
def test_a_layer_is_chosen_by_its_name(name: str) -> None:
    assert chosen(name) == [name]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("tests/bridge", "bridge"),
        ("tests/bridge/", "bridge"),
        ("tests/outbox/test_kill.py::test_what_put_returned_for_is_there_after_sigkill", "outbox"),
        ("tests/firmware/test_chip_core.py", "core"),
        ("tests/firmware/test_cross_compile.py", "cross"),
        ("tests/firmware/test_wire.py", "firmware"),
        ("tests/integration/test_init.py", "integration"),
    ],
)
def test_a_path_is_run_by_its_layer(path: str, name: str) -> None:
    assert chosen(path) == [name]
    assert command(path).endswith(f" {path}")


def test_a_path_that_is_none_of_tests_is_refused() -> None:
    with pytest.raises(LookupError, match="neither a layer nor a path"):
        choose(["brigde"])


def test_what_follows_an_option_is_its_value_and_no_layer() -> None:
    choice = choose(["-k", "outbox"])

    assert choice.options == ("-k", "outbox")
    assert {"bridge", "integration", "outbox"} <= {layer.name for layer in choice.layers}
    assert not choice.is_everything


def test_an_option_of_pytest_runs_no_linter() -> None:
    assert "lint" not in chosen("-x")


def test_one_googletest_and_watching_are_told_from_options_of_pytest() -> None:
    choice = choose(["core", "--only", "Energy.Grows", "--watch"])

    assert (choice.only, choice.watches, choice.options) == ("Energy.Grows", True, ())


def test_firmwares_are_built_before_they_are_run() -> None:
    assert chosen("e2e") == ["firmwares", "e2e"]
    assert LAYERS["firmwares"].pace is Pace.COMPILES


def test_the_core_is_not_tested_with_the_firmwares_too() -> None:
    (_, job) = jobs_of(choose(["firmware"]))

    assert "--ignore=tests/firmware/test_chip_core.py" in job.command
    assert "--ignore=tests/firmware/test_cross_compile.py" in job.command


def test_only_home_assistants_own_harness_may_close_sockets() -> None:
    assert "no:socket" not in command("integration")
    assert "no:socket" in command("bridge")


def test_layers_that_need_a_whole_installation_share_it() -> None:
    assert [job.name for job in jobs_of(choose(["e2e", "browser"]))] == ["firmwares", "installation"]


def test_coverage_is_measured_with_everything_and_else_not() -> None:
    assert any("--cov" in job.command for job in jobs_of(choose([])))
    assert "--cov" not in command("bridge")


@pytest.mark.parametrize(("status", "options", "passes"), [(0, [], True), (1, [], False), (5, [], False), (5, ["-k", "x"], True)])
def test_no_test_at_all_is_a_failure_unless_an_option_chose_them(status: int, options: list[str], *, passes: bool) -> None:
    (job,) = jobs_of(choose(["bridge", *options]))

    assert job.has_passed(status) is passes


def test_a_job_closes_with_the_last_line_of_pytest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gates.jobs.LOGS", tmp_path)
    job = Job(name="x", pace=Pace.COMPUTES, command=())
    job.log.write_text("===== test session starts =====\n....\n====== 4 passed in 0.12s ======\nsomething at exit\n")

    assert job.closing_line() == "====== 4 passed in 0.12s ======"
