"""What needs a person: causes by the state of all resources, and never their effects."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from fairlead import CommandView, Declaration, HealthReport, ReplicaView, State, WaitView
from fairlead.model.health import HealthStatus
from fairlead.model.observation.snapshot import Snapshot
from fairlead.runtime.causes.cause import Cause, CauseAction
from fairlead.runtime.causes.finding import Findings, Roles, find_causes

NOW = 1000.0
COMMANDS = (CommandView("start", "Start"), CommandView("restart", "Restart"))
UNHEALTHY, HEALTHY = HealthStatus.UNHEALTHY, HealthStatus.HEALTHY


def resource(name: str, state: State = State.RUNNING, **fields: Any) -> Snapshot:
    fields.setdefault("commands", COMMANDS)
    fields.setdefault("state_since", NOW - 60)
    return Snapshot(name=name, kind="In memory", state=state, declared=Declaration("apphost.py", 7), **fields)


def waits(name: str, *targets: str, state: State = State.WAITING, **fields: Any) -> Snapshot:
    views = tuple(WaitView(target, "healthy", satisfied=False, since=NOW - 60, why_not="?") for target in targets)
    return resource(name, state, waits=views, blocked_by=targets, **fields)


def unhealthy(name: str, **fields: Any) -> Snapshot:
    report = HealthReport("GET /healthz", UNHEALTHY, "answered 503, expected 200", NOW, "200", "503", 0.01, NOW - 48)
    fields.setdefault("ready", True)
    return resource(name, health=UNHEALTHY, reports=(report,), started_at=NOW - 90, **fields)


def observed(kind: str, name: str, parent: str, state: State = State.RUNNING, **fields: Any) -> Snapshot:
    fields.setdefault("state_since", NOW - 60)
    return Snapshot(
        name=name,
        kind=kind,
        id=f"k8s/{kind.lower()}/default/{name}",
        origin="observed",
        owner="k8s",
        parent=parent,
        state=state,
        **fields,
    )


def found(*snapshots: Snapshot, roles: Roles | None = None, line: str = "") -> Findings:
    return find_causes(snapshots, NOW, roles, lambda id, source: line)


def the_cause(*snapshots: Snapshot, roles: Roles | None = None, line: str = "") -> Cause:
    (cause,) = found(*snapshots, roles=roles, line=line).causes
    return cause


def names(*snapshots: Snapshot, roles: Roles | None = None) -> dict[str, tuple[str, ...]]:
    return {cause.resource: cause.waiting for cause in found(*snapshots, roles=roles).causes}


# What is a cause


@pytest.mark.parametrize(
    "calm",
    [
        resource("a", health=HEALTHY, ready=True),
        resource("a", State.NOT_STARTED, reason="starts on request"),
        resource("a", State.STARTING),
        resource("a", State.BUILDING),
        resource("a", State.STOPPING),
        resource("a", State.ACTIVE, health=HEALTHY),
        resource("a", State.FINISHED, exit_code=0),
        resource("a", State.EXITED, exit_code=143, stop_requested=True),
        resource("a", State.STARTING, reason="seed (on_before_start) has not come back yet"),
        resource("a", State.STARTING, restarts=1, restart_reason="exit code 1"),
        resource("a", started_at=NOW - 61, restarts=7, health=HEALTHY, ready=True),
        observed("Pod", "p", "k8s", State.STARTING, reason="its container is being created"),
    ],
    ids=lambda snapshot: f"{snapshot.state} {snapshot.reason}".strip(),
)
def test_what_is_well_is_no_cause(calm: Snapshot) -> None:
    """What runs, is on its way, at rest or done must not need anybody."""
    assert found(calm).causes == ()


@pytest.mark.parametrize(
    ("snapshot", "severity", "title", "what", "remedy"),
    [
        (
            resource("key", State.VALUE_MISSING, reason="nothing gives it a value. Set KEY.", remedy="Set KEY."),
            "warning",
            "key has no value",
            "Nothing gives it a value.",
            "Set KEY.",
        ),
        (
            resource(
                "web", State.FAILED_TO_START, reason="port 80 is taken by nginx (pid 8). End it.", remedy="End it."
            ),
            "error",
            "web failed to start",
            "Port 80 is taken by nginx (pid 8).",
            "End it.",
        ),
        (
            resource("api", State.EXITED, exit_code=1),
            "error",
            "api exited 1",
            "Exited 1.",
            "See its log: fairlead logs api.",
        ),
        (
            resource("api", State.EXITED, exit_code=1, started_at=NOW - 9, stopped_at=NOW - 6),
            "error",
            "api exited 1",
            "Exited 1 after 3.0 s.",
            "See its log: fairlead logs api.",
        ),
        (
            resource("api", State.EXITED, exit_code=127),
            "error",
            "api exited 127",
            "Exited 127: its command was not found.",
            "See its log: fairlead logs api.",
        ),
        (
            resource(
                "db",
                State.EXITED,
                exit_code=137,
                reason="it ran out of memory; its limit is 512m. Give it more.",
                remedy="Give it more.",
            ),
            "error",
            "db exited 137",
            "Exited 137: it ran out of memory; its limit is 512m.",
            "Give it more.",
        ),
        (
            resource("api", State.EXITED, exit_code=-9),
            "error",
            "api was killed by SIGKILL",
            "Killed by SIGKILL: probably as memory ran out, or by another program.",
            "See its log: fairlead logs api.",
        ),
        (
            resource("api", State.FINISHED, end_failure="it is gone", reason="it is gone"),
            "error",
            "api failed",
            "It is gone.",
            "See its log: fairlead logs api.",
        ),
        (
            resource("api", State.STARTING, restarts=5, restart_reason="exit code 1", reason="restart 5 in 16 s"),
            "error",
            "api keeps ending",
            "It has ended 5 times in a row, the last time with exit code 1.",
            "See its log: fairlead logs api.",
        ),
        (
            resource("api", health=UNHEALTHY, ready_failure="seed (on_ready) raised KeyError", started_at=NOW - 9),
            "error",
            "api did not become ready",
            "Seed (on_ready) raised KeyError.",
            "",
        ),
        (
            unhealthy("api"),
            "warning",
            "api is unhealthy",
            "GET /healthz answered 503, expected 200.",
            "",
        ),
        (
            resource("db", State.RUNTIME_UNHEALTHY, reason="its engine does not answer"),
            "error",
            "db has no engine",
            "Its engine does not answer.",
            "Start the engine; what needs it goes on by itself.",
        ),
    ],
    ids=lambda case: case.name if isinstance(case, Snapshot) else "",
)
def test_what_is_said(snapshot: Snapshot, severity: str, title: str, what: str, remedy: str) -> None:
    """Each trouble must be said in a title, a sentence, and what to do, with the line of the app file."""
    cause = the_cause(snapshot)
    assert (cause.severity, cause.title, cause.what, cause.remedy) == (severity, title, what, remedy)
    assert (cause.file, cause.line, cause.resource) == ("apphost.py", 7, snapshot.name)


def test_a_crash_quotes_the_last_line() -> None:
    """What a program wrote last must be passed on as it is; what the engine said wins over it."""
    crashed = resource("api", State.EXITED, exit_code=1)
    assert the_cause(crashed, line="KeyError: 'FEED_URL'").raw == "KeyError: 'FEED_URL'"
    said = resource("api", State.FAILED_TO_START, reason="no image", raw="manifest unknown")
    assert the_cause(said, line="something else").raw == "manifest unknown"
    assert the_cause(unhealthy("api"), line="something else").raw == ""


def test_unhealthy_counts_once_settled() -> None:
    """One that has just come up must be given time, and be a cause when that is over; one that was healthy at once."""
    fresh = unhealthy("api", ready=False)
    assert found(replace(fresh, started_at=NOW - 4)) == Findings((), NOW + 1)
    assert [cause.name for cause in found(replace(fresh, started_at=NOW - 5)).causes] == ["api"]
    assert [cause.name for cause in found(replace(fresh, started_at=NOW - 1, ready=True)).causes] == ["api"]


def test_when_it_began() -> None:
    """An unhealthy one must tell since when its check fails, any other since when it is in its state."""
    assert the_cause(unhealthy("api")).since == NOW - 48
    assert the_cause(resource("api", State.FAILED_TO_START, state_since=NOW - 7)).since == NOW - 7


def test_a_program_that_keeps_ending_is_one_until_it_is_steady() -> None:
    """While it is up between two crashes, it must stay a cause for a minute."""
    up = resource("api", started_at=NOW - 10, restarts=3, restart_reason="exit code 1", health=HEALTHY, ready=True)
    assert found(up).outdated_at == NOW + 50
    assert the_cause(up).title == "api keeps ending"


# What helps


@pytest.mark.parametrize(
    ("snapshot", "action"),
    [
        (resource("key", State.VALUE_MISSING), CauseAction("parameter", "Enter value", "key")),
        (resource("api", State.EXITED, exit_code=1), CauseAction("command", "Restart", "api", "restart")),
        (resource("api", State.FAILED_TO_START), CauseAction("command", "Restart", "api", "restart")),
        (resource("api", State.FAILED_TO_START, commands=()), CauseAction("details", "See details", "api")),
        (
            resource("api", State.EXITED, exit_code=1, commands=(CommandView("restart", "Restart", enabled=False),)),
            CauseAction("details", "See details", "api"),
        ),
        (unhealthy("api"), CauseAction("details", "See why", "api")),
    ],
    ids=["value", "ended", "failed", "no command", "not now", "unhealthy"],
)
def test_the_action(snapshot: Snapshot, action: CauseAction) -> None:
    """The one action must be one that can be done now."""
    assert the_cause(snapshot).action == action


def test_an_image_is_loaded_where_the_cluster_can() -> None:
    """A pod without its image must offer the command of its cluster, if that has one."""
    pod = observed("Pod", "p", "k8s", State.STARTING, word="ImagePullBackOff", reason="no image")
    cluster = resource("k8s", commands=(CommandView("load-image", "Load image"),))
    assert the_cause(cluster, pod).action == CauseAction("command", "Load image", "k8s", "load-image")
    assert the_cause(resource("k8s"), pod).action == CauseAction("details", "See details", pod.id)


# What is an effect


def test_waiting_is_an_effect_of_the_cause_at_its_end() -> None:
    """What waits, also by way of another, must be counted by the cause, and not stand beside it."""
    key = resource("key", State.VALUE_MISSING, reason="nothing gives it a value")
    everything = (key, waits("worker", "key", "db"), waits("api", "worker"), waits("web", "api"), resource("db"))
    assert names(*everything) == {"key": ("worker", "api", "web")}
    assert the_cause(*everything).what == "Nothing gives it a value."


def test_waiting_for_two_causes_is_an_effect_of_both() -> None:
    """Each of two causes must count what waits for both."""
    assert names(
        resource("key", State.VALUE_MISSING), resource("db", State.FAILED_TO_START), waits("api", "key", "db")
    ) == {"db": ("api",), "key": ("api",)}


def test_waiting_for_what_is_on_its_way_is_no_trouble() -> None:
    """While a target starts, nobody is needed."""
    assert names(resource("db", State.STARTING), waits("api", "db")) == {}


def test_a_failure_because_of_a_wait_is_an_effect() -> None:
    """What failed only because its dependency did must be counted by that."""
    failed = waits("api", "db", state=State.FAILED_TO_START, failure="DependencyFailed", reason="db failed")
    assert names(resource("db", State.EXITED, exit_code=1), failed, waits("web", "api")) == {"db": ("api", "web")}


def test_a_failure_whose_dependency_is_well_by_now_is_a_cause() -> None:
    """Nobody else tells that it has to be started again."""
    failed = waits("api", "db", state=State.FAILED_TO_START, failure="DependencyFailed", reason="db failed")
    assert names(resource("db", health=HEALTHY, ready=True), failed) == {"api": ()}


@pytest.mark.parametrize(
    ("target", "title"),
    [
        (resource("seed", State.NOT_STARTED, reason="starts on request"), "seed is not started"),
        (resource("seed", State.NOT_STARTED, stop_requested=True), "seed was stopped"),
        (resource("seed", State.EXITED, exit_code=143, stop_requested=True), "seed was stopped"),
        (resource("seed", State.FINISHED, exit_code=0), "seed has ended"),
    ],
    ids=lambda case: case if isinstance(case, str) else "",
)
def test_waiting_for_what_only_a_person_starts(target: Snapshot, title: str) -> None:
    """What nothing is on its way to start must be a cause once another waits for it, with the command to start it."""
    assert names(target) == {}
    cause = the_cause(target, waits("api", "seed"), waits("web", "api"))
    assert (cause.title, cause.severity, cause.waiting) == (title, "warning", ("api", "web"))
    assert cause.action == CauseAction("command", "Start", "seed", "start")


def test_what_is_about_to_be_started_is_no_cause() -> None:
    """In the first moments of a run resources wait for others whose turn has not come yet."""
    assert names(resource("seed", State.NOT_STARTED), waits("api", "seed")) == {}


def test_those_that_wait_for_one_another_are_no_cause() -> None:
    """A circle of waits must end the search, and hide no failure."""
    circle = [waits("a", "b"), waits("b", "a")]
    assert names(*circle) == {}
    failed = [replace(each, state=State.FAILED_TO_START, failure="DependencyFailed") for each in circle]
    assert names(*failed) == {"a": ("b",)}


def test_an_engine_that_is_down_is_one_cause() -> None:
    """However many containers need it, an engine must be said once, by one that tells the most of it."""
    message = "Docker does not answer at /var/run/docker.sock"
    cause = the_cause(
        resource("pg", State.RUNTIME_UNHEALTHY, reason="its engine does not answer"),
        resource("cache", State.FAILED_TO_START, failure="EngineUnavailable", reason=message),
        waits("api", "pg"),
    )
    assert (cause.name, cause.what, cause.waiting) == ("cache", f"{message}.", ("pg", "api"))


def test_replicas() -> None:
    """One bad replica among good ones must be the cause by itself; when all are bad, the resource is."""
    report = HealthReport("GET /", UNHEALTHY, "answered 503, expected 200", NOW, "200", "503", None, NOW - 48)
    good = ReplicaView(0, State.RUNNING, id="api-1", health=HEALTHY)
    bad = ReplicaView(1, State.RUNNING, id="api-2", health=UNHEALTHY, reports=(report,))
    ended = ReplicaView(2, State.FINISHED, 3, id="api-3")
    api = unhealthy("api", replicas=(good, bad))
    cause = the_cause(api, waits("web", "api"))
    assert (cause.resource, cause.title, cause.waiting) == ("api-2", "api-2 is unhealthy", ("web",))
    assert (cause.what, cause.since) == ("GET / answered 503, expected 200.", NOW - 48)
    assert names(unhealthy("api", replicas=(bad, replace(bad, number=0, id="api-1")))) == {"api": ()}
    assert {c.resource: c.title for c in found(unhealthy("api", replicas=(good, bad, ended))).causes} == {
        "api-2": "api-2 is unhealthy",
        "api-3": "api-3 exited 3",
    }


# Clusters

ROLES = Roles(frozenset({"rates"}), frozenset({"k8s-agent-0"}))
CLUSTER = resource("k8s", health=HEALTHY, ready=True)
DEPLOYMENT = observed("Deployment", "rates", "rates", health=HealthStatus.DEGRADED, reason="0 of 1 pods")
POD = observed("Pod", "rates-x", DEPLOYMENT.id, State.STARTING, word="ImagePullBackOff", reason="no image")


@pytest.mark.parametrize(
    "manifest",
    [
        resource("rates", State.STARTING, parent="k8s"),
        resource("rates", State.FAILED_TO_START, parent="k8s", reason="not ready after 120 s"),
        unhealthy("rates", parent="k8s"),
    ],
    ids=["starts", "failed", "unhealthy"],
)
def test_a_pod_is_the_cause_of_what_it_belongs_to(manifest: Snapshot) -> None:
    """Of a pod, its workload and the manifest that brought it only the pod must be a cause, with what waits for it."""
    everything = (CLUSTER, manifest, DEPLOYMENT, POD, waits("api", "rates"))
    cause = the_cause(*everything, roles=ROLES)
    assert (cause.resource, cause.title) == (POD.id, "rates-x: ImagePullBackOff")
    assert (cause.file, cause.line) == ("apphost.py", 7)
    assert cause.waiting == ("api",)


def test_a_workload_without_pods_is_a_cause() -> None:
    """Where no pod tells why, the workload itself must."""
    manifest = resource("rates", State.STARTING, parent="k8s")
    assert list(names(CLUSTER, manifest, DEPLOYMENT, roles=ROLES)) == [DEPLOYMENT.id]
    fresh = replace(DEPLOYMENT, state_since=NOW - 29)
    assert found(CLUSTER, manifest, fresh, roles=ROLES) == Findings((), NOW + 1)


def test_a_pod_that_was_replaced_is_no_cause() -> None:
    """When the workload is well, an old pod of it must not need anybody."""
    job = observed("Job", "load", "k8s", State.FINISHED, exit_code=0)
    retried = observed("Pod", "load-1", job.id, State.EXITED, exit_code=1, word="Error")
    assert names(CLUSTER, job, retried) == {}
    failed = replace(job, state=State.EXITED, exit_code=1)
    assert list(names(CLUSTER, failed, retried)) == [retried.id]


def test_a_pod_that_waits_for_a_node_is_given_time() -> None:
    """The scheduler must be given a moment."""
    pod = observed("Pod", "p", "k8s", State.WAITING, word="Unschedulable", state_since=NOW - 2)
    assert found(CLUSTER, pod) == Findings((), NOW + 8)
    assert list(names(CLUSTER, replace(pod, state_since=NOW - 10))) == [pod.id]


def test_a_node_is_the_cause_of_its_pods() -> None:
    """When a node is gone, its pods and the cluster must be its effects."""
    node = replace(observed("Node", "n", "k8s", State.RUNTIME_UNHEALTHY), id="k8s/node/-/n")
    pod = observed("Pod", "p", "k8s", health=UNHEALTHY, properties=(("node", "n"),))
    assert list(names(unhealthy("k8s"), node, pod)) == [node.id]


def test_an_agent_that_ended_is_the_cause_of_its_node_and_cluster() -> None:
    """The container of a node must be the cause of what the cluster says of it."""
    agent = resource("k8s-agent-0", State.EXITED, exit_code=1, parent="k8s")
    node = observed("Node", "n", "k8s-agent-0", State.RUNTIME_UNHEALTHY)
    assert list(names(unhealthy("k8s"), agent, node, roles=ROLES)) == ["k8s-agent-0"]


def test_a_pod_of_the_cluster_itself_is_the_cause_of_the_cluster() -> None:
    """What k3s needs to work must be the cause when the cluster is not well."""
    group = observed("Namespace", "kube-system", "k8s", State.ACTIVE, health=HealthStatus.DEGRADED)
    dns = observed("Pod", "coredns-1", group.id, State.STARTING, word="ErrImagePull")
    assert list(names(unhealthy("k8s"), group, dns)) == [dns.id]


def test_a_part_is_an_effect_of_its_failed_whole() -> None:
    """A database of a server that is not well must be an effect of that."""
    assert list(names(unhealthy("pg"), unhealthy("orders", parent="pg"))) == ["pg"]


# Order


def test_the_worst_comes_first() -> None:
    """Failures must come before what lacks something, then what holds up most, then the order of the definition."""
    everything = (
        resource("key", State.VALUE_MISSING),
        resource("region", State.VALUE_MISSING),
        unhealthy("cache"),
        resource("b", State.FAILED_TO_START),
        resource("a", State.EXITED, exit_code=1),
        waits("one", "region", "a"),
        waits("two", "region"),
    )
    assert [cause.name for cause in found(*everything).causes] == ["a", "b", "region", "key", "cache"]


def test_a_cause_keeps_its_id_as_long_as_it_lasts() -> None:
    """A detail that changes must not make another cause of it, but another start must."""
    before = unhealthy("api", starts=1)
    report = replace(before.reports[0], description="answered 500, expected 200")
    ids = [the_cause(each).id for each in (before, replace(before, reports=(report,)), replace(before, starts=2))]
    assert ids[0] == ids[1] != ids[2]
