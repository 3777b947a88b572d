"""How a definition says that a program is stopped and started again."""

from __future__ import annotations

import signal
from typing import Any

import pytest
from tests.support.definitions import build, the_mistake

from fairlead import AppBuilder, Executable
from fairlead.model.programs.program import RestartPolicy


def tool(define: Any) -> Executable:
    """The program of an app, after a function has said something about it."""
    found = build(lambda app: define(app.add_executable("tool", "true")))["tool"]
    assert isinstance(found, Executable)
    return found


@pytest.mark.parametrize("written", ["SIGINT", "INT", "int", signal.SIGINT])
def test_a_signal_may_be_written_in_any_way(written: str | signal.Signals) -> None:
    """A signal must be known by its full name, however the definition wrote it."""
    assert tool(lambda program: program.with_stop_signal(written)).stop_signal == "SIGINT"


def test_nothing_is_said_by_default() -> None:
    """A program must be left to its kind's signal and time, and not be started again."""
    program = tool(lambda program: program)

    assert (program.stop_signal, program.stop_timeout) == (None, None)
    assert (program.restart, program.max_restarts) == ("no", None)


def test_a_signal_may_go_to_the_whole_group() -> None:
    """Who gets the signal must be left to the kind, unless the definition says it."""
    assert tool(lambda program: program.with_stop_signal("INT")).stop_group is None
    assert tool(lambda program: program.with_stop_signal("INT", group=True)).stop_group is True
    wrong: Any = "yes"
    error = the_mistake(lambda app: app.add_executable("tool", "true").with_stop_signal("INT", group=wrong))
    assert "group" in error.message


@pytest.mark.parametrize(
    ("policy", "limit", "expected"),
    [("on-failure", None, None), ("always", 7, 7), ("on-failure", 0, 0), ("no", None, 0)],
)
def test_a_limit_is_told_from_none(policy: RestartPolicy, limit: int | None, expected: int | None) -> None:
    """A limit that the definition gives must be kept, and ``no`` must be one of none at all."""
    program = tool(lambda program: program.with_restart(policy, max_restarts=limit))

    assert (program.restart, program.max_restarts) == (policy, expected)


def test_no_restart_has_no_limit() -> None:
    """A limit for what is never started again must be a mistake."""
    error = the_mistake(lambda app: app.add_executable("tool", "true").with_restart("no", max_restarts=3))

    assert error.resource == "tool"
    assert "says both" in error.message


def test_what_is_always_started_again_never_completes() -> None:
    """A wait for the completion of such a program must be a mistake of the one that waits."""

    def define(app: AppBuilder) -> None:
        migrate = app.add_executable("migrate", "true", restart="always")
        app.add_container("api", "nginx").wait_for_completion(migrate)

    error = the_mistake(define)

    assert error.resource == "api"
    assert "always started again" in error.message
    assert "migrate.with_restart" in str(error.remedy)
