"""When a wait is over, pending, or in vain: the rules of the app model, state by state."""

from __future__ import annotations

from typing import Any

import pytest

from fairlead import DependencyFailed, State
from fairlead.model.endpoints.consumer import Network
from fairlead.model.health import HealthStatus
from fairlead.model.observation.snapshot import Snapshot
from fairlead.model.wait import WaitBehavior, WaitKind
from fairlead.runtime.lifecycle.waits import Pending, PendingConditions, Unsatisfiable, judge
from fairlead.runtime.plan import PlannedValue, PlannedWait

MET, PENDING, HOPELESS = "met", "pending", "hopeless"
READY, STARTED, COMPLETED = WaitKind.READY, WaitKind.STARTED, WaitKind.COMPLETED


def pg(state: State, **fields: Any) -> Snapshot:
    return Snapshot(name="pg", kind="In memory", state=state, **fields)


HEALTHY = {"health": HealthStatus.HEALTHY}
# A resource in each state it can be in, and what that means for a wait of each kind.
TABLE: list[tuple[Snapshot, str, str, str]] = [
    #                                                                    ready      started   completed
    (pg(State.NOT_STARTED), PENDING, PENDING, PENDING),
    (pg(State.NOT_STARTED, stop_requested=True), PENDING, PENDING, PENDING),
    (pg(State.WAITING), PENDING, PENDING, PENDING),
    (pg(State.STARTING), PENDING, PENDING, PENDING),
    (pg(State.BUILDING), PENDING, PENDING, PENDING),
    (pg(State.RUNNING), PENDING, MET, PENDING),
    (pg(State.RUNNING, health=HealthStatus.UNHEALTHY), PENDING, MET, PENDING),
    (pg(State.RUNNING, health=HealthStatus.DEGRADED, ready=True), PENDING, MET, PENDING),
    (pg(State.RUNNING, **HEALTHY), PENDING, MET, PENDING),
    (pg(State.RUNNING, ready=True, **HEALTHY), MET, MET, PENDING),
    (pg(State.ACTIVE, ready=True, **HEALTHY), MET, MET, PENDING),
    (pg(State.RUNNING, ready_failure="no seed", health=HealthStatus.UNHEALTHY), HOPELESS, MET, PENDING),
    (pg(State.RUNTIME_UNHEALTHY, ready=True), HOPELESS, HOPELESS, HOPELESS),
    (pg(State.VALUE_MISSING), HOPELESS, HOPELESS, HOPELESS),
    (pg(State.STOPPING), PENDING, PENDING, PENDING),
    (pg(State.FAILED_TO_START), HOPELESS, HOPELESS, HOPELESS),
    (pg(State.FINISHED, exit_code=0), HOPELESS, HOPELESS, MET),
    (pg(State.EXITED, exit_code=0), HOPELESS, HOPELESS, MET),
    (pg(State.FINISHED), HOPELESS, HOPELESS, MET),
    (pg(State.FINISHED, exit_code=3), HOPELESS, HOPELESS, HOPELESS),
    (pg(State.EXITED, exit_code=-9), HOPELESS, HOPELESS, HOPELESS),
    (pg(State.FINISHED, exit_code=0, stop_requested=True), HOPELESS, HOPELESS, HOPELESS),
    (pg(State.EXITED, exit_code=143, stop_requested=True), HOPELESS, HOPELESS, HOPELESS),
]
CASES = [
    (snapshot, kind, verdict)
    for snapshot, *verdicts in TABLE
    for kind, verdict in zip((READY, STARTED, COMPLETED), verdicts, strict=True)
]


def name(case: object) -> str | None:
    if isinstance(case, Snapshot):
        return f"{case.state}-{case.health}-{case.ready}-{case.exit_code}-{case.stop_requested}"
    return None


def verdict_of(wait: PlannedWait | PlannedValue, target: Snapshot) -> str:
    verdict = judge(wait, target)
    if isinstance(verdict, Unsatisfiable):
        return HOPELESS
    return PENDING if isinstance(verdict, Pending) else MET


def test_the_table_has_every_state() -> None:
    """No state may be without a rule."""
    assert {snapshot.state for snapshot, *_ in TABLE} == set(State)


@pytest.mark.parametrize(("target", "kind", "verdict"), CASES, ids=name)
def test_verdicts(target: Snapshot, kind: WaitKind, verdict: str) -> None:
    """Each kind of wait must be judged by the rules in each state."""
    assert verdict_of(PlannedWait("pg", kind), target) == verdict


@pytest.mark.parametrize(("target", "kind", "verdict"), CASES, ids=name)
@pytest.mark.parametrize("behavior", WaitBehavior)
def test_behaviour(target: Snapshot, kind: WaitKind, verdict: str, behavior: WaitBehavior) -> None:
    """A hopeless wait must fail at once when nobody can help, and go on otherwise."""
    waiting = PendingConditions([PlannedWait("pg", kind)], behavior, lambda text: None)
    if verdict == HOPELESS and behavior is WaitBehavior.FAIL_FAST:
        with pytest.raises(DependencyFailed, match="it waits for pg to"):
            waiting.missing({"pg": target}, 0.0)
    else:
        assert bool(waiting.missing({"pg": target}, 0.0)) == (verdict != MET)


@pytest.mark.parametrize(
    ("code", "wanted", "verdict"), [(0, 0, MET), (3, 3, MET), (3, 0, HOPELESS), (0, 3, HOPELESS), (None, 3, MET)]
)
def test_exit_codes(code: int | None, wanted: int, verdict: str) -> None:
    """Completion must ask for the expected code; an end without one counts."""
    wait = PlannedWait("pg", COMPLETED, wanted)
    assert verdict_of(wait, pg(State.FINISHED, exit_code=code)) == verdict


@pytest.mark.parametrize(
    ("fields", "verdict"),
    [
        ({"exit_code": 0}, MET),
        ({}, MET),
        ({"exit_code": 1}, HOPELESS),
        ({"exit_code": 0, "stop_requested": True}, HOPELESS),
    ],
)
def test_a_one_shot_kind_is_ready_when_it_ended_well(fields: dict[str, Any], verdict: str) -> None:
    """Where the kind says so, having ended well must count as ready; having failed or been stopped must not."""
    wait = PlannedWait("pg", READY, finished_counts=True)
    assert verdict_of(wait, pg(State.FINISHED, **fields)) == verdict


def test_a_one_shot_kind_is_not_ready_while_it_works() -> None:
    """Where the kind says so, being up must not count as ready, and not as stuck; as started it must count."""
    at_work = pg(State.RUNNING, health=HealthStatus.HEALTHY, ready=True)
    verdict = judge(PlannedWait("pg", READY, finished_counts=True), at_work)
    assert verdict == Pending("pg to complete")
    assert judge(PlannedWait("pg", STARTED, finished_counts=True), at_work) is None


def test_values() -> None:
    """A value must be waited for until its output is known, whatever the state of its provider."""
    wait = PlannedValue("pg", "value", "parameter 'pg'")
    assert verdict_of(wait, pg(State.RUNNING)) == PENDING
    assert verdict_of(wait, pg(State.STARTING, outputs=("value",))) == MET
    assert verdict_of(wait, pg(State.VALUE_MISSING)) == HOPELESS


@pytest.mark.parametrize(
    ("kind", "target", "text"),
    [
        (READY, pg(State.NOT_STARTED), "pg to be running"),
        (READY, pg(State.RUNNING, health=HealthStatus.UNHEALTHY), "pg to be healthy"),
        (READY, pg(State.RUNNING, **HEALTHY), "pg to be ready"),
        (STARTED, pg(State.WAITING), "pg to be running"),
        (COMPLETED, pg(State.RUNNING), "pg to complete"),
        (READY, pg(State.FAILED_TO_START, reason="no disk"), "pg to be running (pg failed to start (no disk))"),
        (READY, pg(State.FINISHED, exit_code=2), "pg to be running (pg ended with exit code 2)"),
        (COMPLETED, pg(State.FINISHED, exit_code=0, stop_requested=True), "pg to complete (pg was stopped)"),
        (STARTED, pg(State.VALUE_MISSING), "pg to be running (pg has no value)"),
        (STARTED, pg(State.RUNTIME_UNHEALTHY), "pg to be running (pg has lost its engine)"),
    ],
)
def test_what_is_missing_is_said(kind: WaitKind, target: Snapshot, text: str) -> None:
    """A pending wait must say what is missing, and a hopeless one also why."""
    assert PendingConditions([PlannedWait("pg", kind)], WaitBehavior.KEEP_WAITING, lambda _: None).missing(
        {"pg": target}, 0.0
    ) == (text,)


def test_the_log_tells_the_story() -> None:
    """The log must say when a wait begins, when what is missing changes, and when it is over, once each."""
    log: list[str] = []
    waiting = PendingConditions([PlannedWait("pg", READY)], WaitBehavior.KEEP_WAITING, log.append)
    for target in (
        pg(State.STARTING),
        pg(State.STARTING),
        pg(State.RUNNING, health=HealthStatus.UNHEALTHY),
        pg(State.RUNNING, ready=True, **HEALTHY),
        pg(State.FINISHED, exit_code=1),
    ):
        waiting.missing({"pg": target}, 0.0)
    assert log == [
        "Waiting for pg to be running",
        "Waiting for pg to be healthy",
        "No longer waiting for pg to be healthy",
    ]


def test_what_was_true_once_is_done_with() -> None:
    """A condition that came true must not be asked for again, whatever becomes of its target."""
    waiting = PendingConditions([PlannedWait("pg", STARTED)], WaitBehavior.FAIL_FAST, lambda _: None)
    assert waiting.missing({"pg": pg(State.RUNNING)}, 0.0) == ()
    assert waiting.missing({"pg": pg(State.FAILED_TO_START)}, 0.0) == ()


def test_skipping() -> None:
    """A person may skip waits for resources, but not for values, without which there is no start."""
    log: list[str] = []
    waits = PlannedWait("pg", READY), PlannedValue("key", "value", "parameter 'key'")
    waiting = PendingConditions(waits, WaitBehavior.KEEP_WAITING, log.append)
    key = Snapshot(name="key", kind="Parameter", state=State.VALUE_MISSING)
    waiting.missing({"pg": pg(State.STARTING), "key": key}, 0.0)
    waiting.skip()
    assert waiting.missing({"pg": pg(State.STARTING), "key": key}, 0.0) == (
        "the value of parameter 'key' (key has no value)",
    )
    assert waiting.resources == ("key",)
    assert log[-1] == "Started by hand, without waiting for pg to be running"


def test_a_value_known_on_another_network_only() -> None:
    """A value must be known on the consumer's own network; one known elsewhere only is no reason to wait for ever."""
    value = PlannedValue("pg", "value", "output 'value'", Network.CONTAINER)
    assert verdict_of(value, pg(State.RUNNING, outputs=("value@container",))) == MET
    assert verdict_of(value, pg(State.STARTING, outputs=("value@host",))) == PENDING
    verdict = judge(value, pg(State.RUNNING, outputs=("value@host",)))
    assert isinstance(verdict, Unsatisfiable) and "on the network host only" in verdict.cause


def test_an_end_by_an_error_is_no_completion() -> None:
    """What ended by an error without an exit code must not count as completed, or as ready."""
    ended = pg(State.FINISHED, end_failure="the disk is gone")
    assert verdict_of(PlannedWait("pg", COMPLETED), ended) == HOPELESS
    assert verdict_of(PlannedWait("pg", READY, finished_counts=True), ended) == HOPELESS


@pytest.mark.parametrize(
    "target", [pg(State.NOT_STARTED), pg(State.RUNNING, health=HealthStatus.UNHEALTHY, started_at=1.0)]
)
def test_a_limit_ends_a_wait_that_nothing_will_satisfy(target: Snapshot) -> None:
    """Where a limit is set, a wait for what nobody starts or what stays unhealthy must fail when it is over."""
    waiting = PendingConditions([PlannedWait("pg", READY)], WaitBehavior.FAIL_FAST, lambda _: None, 300.0)
    assert waiting.missing({"pg": target}, 10.0)
    assert waiting.seconds_left(20.0) == 290.0
    assert waiting.missing({"pg": target}, 309.0)
    with pytest.raises(DependencyFailed, match="it has waited 300 s for pg to be"):
        waiting.missing({"pg": target}, 310.0)


def test_the_limit_does_not_count_what_is_on_its_way() -> None:
    """A target that is starting is not stuck, however long it takes; being stuck counts from then on."""
    waiting = PendingConditions([PlannedWait("pg", READY)], WaitBehavior.FAIL_FAST, lambda _: None, 300.0)
    assert waiting.missing({"pg": pg(State.NOT_STARTED)}, 0.0)
    assert waiting.missing({"pg": pg(State.BUILDING)}, 200.0)
    assert waiting.seconds_left(200.0) is None
    assert waiting.missing({"pg": pg(State.RUNNING)}, 1000.0)
    assert waiting.seconds_left(1000.0) == 300.0
