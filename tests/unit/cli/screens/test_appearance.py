"""States in words and colours."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.pictures import healthy, picture, unhealthy

from fairlead.cli.screens.appearance import count_by_state, is_settled_parameter, state_color
from fairlead.cli.screens.lines import PlainScreen
from fairlead.model.health import HealthStatus
from fairlead.model.observation.snapshot import ReplicaView
from fairlead.model.observation.state import State
from fairlead.runtime.lifecycle.state_text import change_line, failure_text, state_text
from fairlead.runtime.logs.book import LogLine


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
        (picture("a", State.FINISHED, reason="it is gone", end_failure="it is gone"), "Finished (it is gone)", "red"),
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
    assert failure_text(picture("a", State.EXITED, exit_code=3)) == "ended with exit code 3"
    no_memory = picture("a", State.EXITED, exit_code=137, reason="no memory")
    assert failure_text(no_memory) == "ended with exit code 137: no memory"
    ended_by_error = picture("a", State.FINISHED, reason="it is gone", end_failure="it is gone")
    assert failure_text(ended_by_error) == "failed: it is gone"
    assert failure_text(picture("a", State.FAILED_TO_START, reason="no such file")) == "failed to start: no such file"
    assert failure_text(picture("a", State.FINISHED, exit_code=-9)) == "was killed by SIGKILL"
    assert failure_text(picture("a", ready_failure="seed raised")) == "did not become ready: seed raised"
    assert failure_text(picture("a", State.VALUE_MISSING, reason="set it")) == "has no value: set it"


def test_parameters_are_shown_only_when_something_is_wrong() -> None:
    """A parameter must take a row only while it has no value."""
    assert is_settled_parameter(picture("key", State.ACTIVE, kind="Parameter"))
    assert is_settled_parameter(picture("key", State.FINISHED, kind="Parameter", stop_requested=True))
    assert not is_settled_parameter(picture("key", State.VALUE_MISSING, kind="Parameter"))


def test_what_has_finished_well_counts_as_that() -> None:
    """A job that is done must not be counted like what was never started, or was stopped."""
    resources = [
        healthy("a"),
        unhealthy("b", "x"),
        picture("c", State.STARTING),
        picture("d", State.FINISHED, exit_code=0),
        picture("e", State.FINISHED, exit_code=1),
        picture("f", State.EXITED, exit_code=0, stop_requested=True),
        picture("g", State.NOT_STARTED),
    ]

    assert count_by_state(resources) == "1 running, 1 unhealthy, 1 on the way, 1 failed, 1 finished, 2 not running"
    assert count_by_state([]) == "nothing yet"


def test_a_kept_container_is_still_up() -> None:
    """What a run leaves up on purpose must be said to be up, and why."""
    kept = picture("pg", reason="kept for the next run", stop_requested=True)

    assert (change_line(kept), state_color(kept)) == ("Running (kept for the next run)", "green")


class Kept:
    """A writer that keeps what it is given."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def write(self, text: str) -> None:
        self.lines.append(text)

    def write_log(self, text: str, lines: int = 1) -> None:
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
    """Only a line that is marked as told by the state is left out; what a hook or a program says is not, whatever."""
    kept = Kept()
    screen = PlainScreen(kept, ["api"], color=False)  # type: ignore[arg-type]
    text = "Waiting for api to be healthy"
    screen.log([("api", LogLine(1, 0.0, "state", text)), ("api", LogLine(2, 0.0, "system", text))])

    assert kept.lines == [f"api | {text}\n"]


def test_a_resource_that_is_gone_is_told_once() -> None:
    """A resource that was observed and is no more must be a line, if anything was said of it."""
    kept = Kept()
    screen = PlainScreen(kept, ["k8s"], color=False)  # type: ignore[arg-type]
    screen.change(picture("web-0", id="k8s/pod/a/web-0", kind="Pod", origin="observed"))
    for id in ("k8s/pod/a/web-0", "k8s/pod/a/web-0", "k8s/pod/a/other"):
        screen.remove(id)

    assert [line[9:] for line in kept.lines] == ["k8s/pod/a/web-0  Running\n", "k8s/pod/a/web-0  gone\n"]
