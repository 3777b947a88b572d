"""`fairlead run-job`, and the groups of `fairlead run`, as a person types them."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.cli import Workplace, workplace

pytestmark = pytest.mark.timeout(300)

APP = """
    db = app.add_executable("db", "sh", ".", "-c", "echo serving; exec sleep 1000", env={"LEVEL": "info"})
    script = 'echo "$LEVEL $*"; echo "to stderr" >&2; [ "$1" != wait ] || exec sleep 1000; exit "${2:-0}"'
    app.add_job("manage", app.add_executable("api", "sh", ".", "-c", "sleep 1000").with_environment("LEVEL", "info")
        .wait_for(db), args=["-c", script, "sh"])
    with app.group("tools"):
        app.add_executable("tool", "sh", ".", "-c", "echo tooling")
"""


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Workplace]:
    with workplace(tmp_path) as place:
        place.write(APP)
        yield place


def test_a_job_runs_by_itself_with_what_it_needs(place: Workplace) -> None:
    """Without a run a job must start what it needs, write its own output only, end with its code and stop the rest."""
    ended = place.call("run-job", "Manage", "--", "--fake", "3")

    assert (ended.returncode, ended.stdout) == (3, "info --fake 3\n"), ended.stderr
    assert "db  Running" in ended.stderr
    assert "to stderr\n" in ended.stderr
    assert "api" not in ended.stderr, "it is not needed"
    assert place.call("resources").returncode == 5, "nothing runs any more"


def test_a_job_runs_in_the_app_that_runs(place: Workplace) -> None:
    """In a run a job must run there, once at a time, and Ctrl+C end the job and not the app."""
    place.fairlead("run", "--detach")
    place.fairlead("wait", "api", "--timeout", "60")

    assert place.call("run-job", "manage", "x").stdout == "info x\n"
    ended = place.call("run-job", "manage", "--", "--fake", "7")
    assert (ended.returncode, ended.stdout, ended.stderr) == (7, "info --fake 7\n", "to stderr\n")

    waiting = place.start("run-job", "manage", "wait")
    assert waiting.stdout is not None
    assert waiting.stdout.readline() == b"info wait\n"
    assert "it runs already" in place.call("run-job", "manage").stderr
    waiting.send_signal(signal.SIGINT)
    assert waiting.wait(60) == 130
    assert "Finished" in place.fairlead("resources")
    assert place.call("run-job", "manage", "--parameter", "a=b").returncode == 2
    assert "Its jobs are 'manage'" in place.call("run-job", "api").stderr


def test_groups_of_a_run(place: Workplace) -> None:
    """Members of a group must start with --group or FAIRLEAD_GROUPS, not with --without, and be there by hand."""
    place.write(APP.replace("sleep 1000", "true"))

    assert "tooling" not in place.fairlead("run", "--no-dashboard")
    assert "serving" not in (out := place.fairlead("run", "--no-dashboard", "--without", "db", "--group", "tools"))
    assert "tooling" in out
    assert "tooling" in place.fairlead("run", "--no-dashboard", FAIRLEAD_GROUPS=" ,tools,")


@pytest.mark.docker
def test_a_job_of_an_image_that_is_built(place: Workplace) -> None:
    """A job must run the image of its program, built once under that one's name; the build is no output of the job."""
    (place.folder / "web").mkdir()
    (place.folder / "web" / "Dockerfile").write_text('FROM busybox:1.35\nENV FROM=image\nCMD ["sleep", "1000"]\n')
    place.write("""
    web = app.add_dockerfile("web", "./web").with_environment("MODE", "live")
    app.add_job("manage", web, args=["sh", "-c", 'echo "$FROM $MODE $1"; exit 4', "sh"])
    """)
    ended = place.call("run-job", "manage", "--", "--now")

    assert (ended.returncode, ended.stdout) == (4, "image live --now\n"), ended.stderr
    assert "-web:latest from ./web/Dockerfile" in ended.stderr
