"""States in words."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.pictures import healthy, picture, unhealthy

from fairlead.cli.lines import PlainScreen
from fairlead.cli.wording import change_line, failure, is_told_by_state, is_worth_a_row, state_color, state_text
from fairlead.model.health import HealthStatus
from fairlead.model.snapshot import ReplicaView
from fairlead.model.state import State


@pytest.mark.parametrize(
    ("resource", "line", "color"),
    [
        (picture("a", State.STARTING), "Starting", "cyan"),
        (picture("a"), "Running", "green"),
        (healthy("a", "http://localhost:1"), "Running, healthy  http://localhost:1", "green"),
        (unhealthy("a", "answers 500"), "Running, unhealthy (GET / answers 500)", "yellow"),
        (picture("a", State.WAITING, waiting_for=("b to be healthy", "c to complete")),
         "Waiting for b to be healthy, c to complete", "cyan"),
        (picture("a", State.FINISHED, exit_code=0), "Finished", None),
        (picture("a", State.FINISHED, exit_code=3), "Finished (exit code 3)", "red"),
        (picture("a", State.FINISHED, exit_code=-9), "Finished (killed by SIGKILL)", "red"),
        (picture("a", State.EXITED, exit_code=137, reason="no memory"), "Exited (exit code 137: no memory)", "red"),
        (picture("a", State.EXITED, exit_code=9, stop_requested=True, reason="no"), "Exited (no)", None),
        (picture("a", State.FINISHED, exit_code=-15, stop_requested=True), "Finished (stopped)", None),
        (picture("a", State.FAILED_TO_START, reason="port 80\nis taken"), "FailedToStart (port 80 is taken)", "red"),
        (picture("a", State.VALUE_MISSING, reason="nothing"), "ValueMissing (nothing)", "red"),
        (picture("a", State.RUNTIME_UNHEALTHY), "RuntimeUnhealthy", "red"),
    ],
)  # fmt: skip
def test_state_is_said_with_what_matters(resource: dict[str, Any], line: str, color: str | None) -> None:
    """A state must be said with its reason, in one line, in a colour that says how bad it is."""
    assert change_line(resource) == line
    assert state_color(resource) == color


def test_what_was_not_asked_yet_is_not_called_unhealthy() -> None:
    """A resource that has just come up must not be called unhealthy before a check has said so."""
    assert change_line(picture("a", health=HealthStatus.UNHEALTHY)) == "Running"


def test_replicas_are_counted() -> None:
    """A resource with replicas must say how many of them are up."""
    replicas = (ReplicaView(0, State.RUNNING), ReplicaView(1, State.FINISHED, 1))

    assert state_text(picture("a", replicas=replicas)) == "Running (1/2)"


def test_failure_continues_the_name() -> None:
    """A failure must read as a sentence behind the resource's name."""
    assert failure(picture("a", State.EXITED, exit_code=3)) == "ended with exit code 3"
    no_memory = picture("a", State.EXITED, exit_code=137, reason="no memory")
    assert failure(no_memory) == "ended with exit code 137: no memory"
    assert failure(picture("a", State.FAILED_TO_START, reason="no such file")) == "failed to start: no such file"
    assert failure(picture("a", State.FINISHED, exit_code=-9)) == "was killed by SIGKILL"
    assert failure(picture("a", ready_failure="seed raised")) == "did not become ready: seed raised"
    assert failure(picture("a", State.VALUE_MISSING, reason="set it")) == "has no value: set it"


def test_parameters_are_shown_only_when_something_is_wrong() -> None:
    """A parameter must take a row only while it has no value."""
    assert not is_worth_a_row(picture("key", kind="Parameter"))
    assert not is_worth_a_row(picture("key", State.FINISHED, kind="Parameter", stop_requested=True))
    assert is_worth_a_row(picture("key", State.VALUE_MISSING, kind="Parameter"))


class Kept:
    """A writer that keeps what it is given."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def write(self, text: str) -> None:
        self.lines.append(text)


def test_plain_line_for_each_change_that_says_something_new() -> None:
    """A change that looks the same as the last must not be a line."""
    kept = Kept()
    screen = PlainScreen(kept, ["api", "worker"], color=False)  # type: ignore[arg-type]
    for resource in (
        picture("api", State.NOT_STARTED),
        picture("api", State.STARTING),
        picture("api", State.STARTING, properties=(("pid", "1"),)),
        picture("api"),
    ):
        screen.change(resource)

    assert [line[9:] for line in kept.lines] == ["api     Starting\n", "api     Running\n"]


def test_what_the_state_says_is_not_said_twice() -> None:
    """Only what Fairlead itself says of a change of state is a repetition, not what a resource writes."""
    assert is_told_by_state("system", "Waiting for api to be healthy")
    assert not is_told_by_state("stdout", "Waiting for api to be healthy")
    assert not is_told_by_state("system", "Running npm install")
