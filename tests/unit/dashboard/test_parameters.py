"""The list of parameters must tell who uses each, who waits for it, and who still runs with the value before."""

from __future__ import annotations

from fairlead.dashboard.documents.parameters import ParameterUser, parameter_users
from fairlead.model.observation.snapshot import Snapshot, WaitView
from fairlead.model.observation.state import State
from fairlead.runtime.plan import Plan, PlannedStart, PlannedValue

VALUE = PlannedValue("key", "value", "parameter 'key'")
PLAN = Plan(
    (
        PlannedStart("key"),
        PlannedStart("api", values=(VALUE, VALUE)),
        PlannedStart("worker", values=(VALUE,)),
        PlannedStart("web"),
    ),
    (),
    {},
)


def users(api: Snapshot, worker: Snapshot, changed_at: float | None = None) -> tuple[ParameterUser, ...]:
    return parameter_users("key", PLAN, {"api": api, "worker": worker}, changed_at)


def test_who_waits_for_a_value() -> None:
    """A user that waits for the value must say since when; one that waits for something else must not."""
    waits = (
        WaitView("pg", "healthy", satisfied=True, since=1.0),
        WaitView("key", "value", satisfied=False, since=5.0, why_not="no value"),
    )
    api = Snapshot(name="api", kind="InMemory", state=State.WAITING, waits=waits)
    worker = Snapshot(name="worker", kind="InMemory", state=State.WAITING, waits=waits[:1])
    assert users(api, worker) == (ParameterUser("api", 5.0, stale=False), ParameterUser("worker", None, stale=False))


def test_who_runs_with_the_value_before() -> None:
    """A user that came up before the change must be stale; one that came up after it, or is not up, must not."""
    api = Snapshot(name="api", kind="InMemory", state=State.RUNNING, started_at=10.0)
    worker = Snapshot(name="worker", kind="InMemory", state=State.RUNNING, started_at=30.0)
    assert [user.stale for user in users(api, worker, 20.0)] == [True, False]
    assert [user.stale for user in users(api, worker)] == [False, False]
    ended = Snapshot(name="api", kind="InMemory", state=State.FINISHED, started_at=10.0)
    assert [user.stale for user in users(ended, worker, 20.0)] == [False, False]
