"""What holds of causes whatever the state of an app: nothing that failed is forgotten, and no effect is a cause."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fairlead import State, WaitView
from fairlead.model.health import HealthStatus
from fairlead.model.observation.snapshot import Snapshot
from fairlead.runtime.causes.finding import find_causes
from fairlead.runtime.lifecycle.outcome import has_failed

NOW = 1000.0
NAMES = [f"r{number}" for number in range(8)]


@st.composite
def apps(draw: st.DrawFn) -> list[Snapshot]:
    """An app of a few resources in states of any kind, that wait for some of each other."""
    snapshots: list[Snapshot] = []
    for name in NAMES:
        state = draw(st.sampled_from(list(State)))
        targets = draw(st.lists(st.sampled_from(NAMES), max_size=3, unique=True))
        is_up = state in (State.RUNNING, State.ACTIVE)
        has_failed_to_start = state is State.FAILED_TO_START
        failures = ["", "StartError", "DependencyFailed", "EngineUnavailable"]
        fields: dict[str, Any] = {
            "health": draw(st.sampled_from([*HealthStatus])) if is_up else None,
            "exit_code": draw(st.sampled_from([None, 0, 1, -9, 137])) if state.is_terminal else None,
            "stop_requested": draw(st.booleans()) if state.is_terminal else False,
            "failure": draw(st.sampled_from(failures)) if has_failed_to_start else "",
            "started_at": draw(st.sampled_from([None, NOW - 1, NOW - 100])),
            "restarts": draw(st.sampled_from([0, 3])),
            "reason": draw(st.sampled_from(["", "it is so"])),
            "waits": tuple(WaitView(target, "healthy", draw(st.booleans()), NOW - 9, "?") for target in targets),
        }
        snapshots.append(Snapshot(name=name, kind="In memory", state=state, **fields))
    return snapshots


@given(apps())
def test_each_cause_is_of_a_resource(snapshots: list[Snapshot]) -> None:
    """Each cause must be of a resource that there is, at most once, say something, and offer something."""
    causes = find_causes(snapshots, NOW).causes
    assert len({cause.resource for cause in causes}) == len(causes)
    for cause in causes:
        assert cause.resource in NAMES and cause.action.resource in NAMES
        assert cause.title.startswith(cause.name) and cause.what and cause.action.label
        assert cause.name not in cause.waiting


@given(apps())
def test_nothing_that_failed_is_forgotten(snapshots: list[Snapshot]) -> None:
    """Whatever failed must be a cause, or be counted by one."""
    causes = find_causes(snapshots, NOW).causes
    told = {cause.resource for cause in causes} | {name for cause in causes for name in cause.waiting}
    assert {snapshot.name for snapshot in snapshots if has_failed(snapshot)} <= told


@given(apps())
def test_what_only_waits_is_no_cause(snapshots: list[Snapshot]) -> None:
    """A resource that waits, and has nothing else the matter, must never be a cause."""
    states = {snapshot.name: snapshot for snapshot in snapshots}
    for cause in find_causes(snapshots, NOW).causes:
        assert states[cause.resource].state is not State.WAITING or states[cause.resource].restarts


@given(apps())
def test_what_waits_for_a_cause_is_counted(snapshots: list[Snapshot]) -> None:
    """Each resource that waits for a cause must be among its effects."""
    causes = {cause.resource: cause for cause in find_causes(snapshots, NOW).causes}
    for snapshot in snapshots:
        for wait in snapshot.waits if snapshot.state is State.WAITING else ():
            if not wait.satisfied and wait.resource in causes and wait.resource != snapshot.name:
                assert snapshot.name in causes[wait.resource].waiting


@given(apps())
def test_time_alone_changes_nothing_before_it_is_said(snapshots: list[Snapshot]) -> None:
    """Until the moment that the findings tell, the causes must stay as they are."""
    findings = find_causes(snapshots, NOW)
    until = NOW + 1000 if findings.outdated_at is None else (NOW + findings.outdated_at) / 2
    later = find_causes(snapshots, until).causes
    assert [cause.id for cause in later] == [cause.id for cause in findings.causes]
