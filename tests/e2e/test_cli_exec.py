"""`fairlead exec`: a command where a resource runs, with a terminal or in a pipe."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.cli import Workplace, workplace

pytestmark = pytest.mark.timeout(300)

PROCESSES = """
    key = app.add_parameter("key", "hunter2", secret=True)
    worker = app.add_executable("worker", "sleep", "jobs", "1000").with_environment("KEY", key)
    worker.with_environment("LEVEL", ref("{x}", x="info"))
    app.add_executable("once", "true", ".")
    app.add_external_service("elsewhere", "http://127.0.0.1:1")
"""


@pytest.fixture(scope="module")
def jobs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workplace]:
    """An app of processes that runs in the background."""
    with workplace(tmp_path_factory.mktemp("jobs")) as made:
        (made.folder / "jobs").mkdir()
        made.write(PROCESSES)
        made.fairlead("run", "--detach")
        made.fairlead("wait", "worker", "--for", "running", "--timeout", "60")
        made.fairlead("wait", "once", "--for", "completed", "--timeout", "60")
        yield made


def test_a_command_runs_beside_a_process(jobs: Workplace) -> None:
    """It must have the folder and the variables of the process, what is piped in, and an exit code of its own."""
    script = 'echo "$LEVEL $KEY $(basename "$PWD") ${FAIRLEAD_RUN_ID:-free} $1"; tr a-z A-Z; exit 7'

    ended = jobs.call("exec", "Worker", "sh", "-c", script, "sh", "--help", input="piped\n")

    assert (ended.returncode, ended.stdout) == (7, "info hunter2 jobs free --help\nPIPED\n"), ended.stderr


def test_two_dashes_end_the_options_of_exec(jobs: Workplace) -> None:
    """``exec NAME -- COMMAND`` must be ``exec NAME COMMAND``; a second ``--`` is the command's own."""
    assert jobs.fairlead("exec", "worker", "--", "echo", "--", "x") == "-- x\n"
    assert jobs.call("exec", "worker", "--").returncode == 2


@pytest.mark.parametrize(
    ("command", "code", "said"),
    [
        (["worker", "no-such-program"], 1, "the command 'no-such-program' was not found"),
        (["once", "true"], 5, "once: it is Finished.\n  Start it first."),
        (["elsewhere", "true"], 2, "elsewhere: its kind, External service, has no place"),
        (["wroker", "true"], 2, "Did you mean 'worker'?"),
        (["worker"], 2, "Missing argument"),
    ],
)
def test_what_can_not_be_run_is_said(jobs: Workplace, command: list[str], code: int, said: str) -> None:
    """The message must say what is wrong, and the exit code be that of the kind of mistake."""
    ended = jobs.call("exec", *command)

    assert (ended.returncode, ended.stdout) == (code, "")
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.docker
def test_a_command_runs_in_a_container(tmp_path: Path) -> None:
    """It must run inside, with a terminal where a person has one, and otherwise with what is piped in."""
    with workplace(tmp_path) as place:
        place.write(
            'app.add_container("box", "busybox:1.35", env={"IN": "box"}, args=["sleep", "1000"], stop_timeout=0.1)'
        )
        place.fairlead("run", "--detach")
        place.fairlead("wait", "box", "--timeout", "60")

        ended = place.call("exec", "box", "sh", "-c", 'cat; echo "$IN"; tty; exit 7', input="piped\n")
        assert (ended.returncode, ended.stdout) == (7, "piped\nbox\nnot a tty\n"), ended.stderr

        terminal = place.terminal("exec", "box", "sh", "-c", "tty; read word; echo got $word; exit 3")
        terminal.expect("/dev/pts/")
        terminal.type("rope\r")
        terminal.expect("got rope")
        assert terminal.ended() == 3
