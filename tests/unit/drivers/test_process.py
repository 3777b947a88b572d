"""How a process is stopped, and what it reads: the definition's word before the kind's."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import pytest
from tests.support.definitions import build

from fairlead import AppBuilder, Executable
from fairlead.drivers.process import stdin_of, stop_policy


class Reloader(Executable):
    """A kind that loads itself again."""

    default_stop_signal: ClassVar[str] = "SIGINT"
    signals_group: ClassVar[bool] = True


@pytest.mark.parametrize(
    ("say", "policy"),
    [
        (lambda program: program, "15 roots 6.0"),
        (lambda program: program.with_stop_signal("SIGUSR1").with_stop_timeout(90), "10 roots 90.0"),
        (lambda program: program.with_stop_signal("INT", group=True), "2 group 6.0"),
    ],
)
def test_the_definition_says_how_it_is_stopped(say: Callable[[Executable], Executable], policy: str) -> None:
    """Signal, scope and time must be those of the definition."""
    app = build(lambda app: say(app.add_executable("tool", "true")))
    tool = app["tool"]
    assert isinstance(tool, Executable)
    assert str(stop_policy(tool)) == policy


def test_the_kind_says_it_otherwise() -> None:
    """A kind must be able to say it for all of its resources, and the definition to say it better."""
    kind = Reloader("web", "true")
    assert str(stop_policy(kind)) == "2 group 6.0"
    assert str(stop_policy(kind.with_stop_signal("TERM", group=False))) == "15 roots 6.0"


def test_jobs_read_an_end_and_services_do_not() -> None:
    """What runs to its end must find a closed standard input, anything else an open one, unless it is said."""

    def define(app: AppBuilder) -> None:
        migrate = app.add_executable("migrate", "true")
        app.add_executable("nightly", "true").with_workload("CronJob", schedule="@daily")
        app.add_executable("service", "true").wait_for_completion(migrate)
        app.add_executable("quiet", "true", stdin="closed")
        app.add_executable("watcher", "true").with_stdin("open").wait_for_completion(migrate)
        app.add_executable("last", "true", wait_for=app.add_executable("first", "true"))

    app = build(define)
    inputs = {each.name: stdin_of(each) for each in app if isinstance(each, Executable)}
    assert inputs == {
        "migrate": "closed",
        "nightly": "closed",
        "service": "open",
        "quiet": "closed",
        "watcher": "open",
        "last": "open",
        "first": "open",
    }
