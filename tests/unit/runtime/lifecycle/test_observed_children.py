"""Observed children: what a driver finds below its resource while it runs, with logs that are followed while read."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import ClassVar

import pytest
from tests.support.kinds import Odd, OddDriver
from tests.support.stage import stage

from fairlead import (
    AppBuilder,
    DriverContext,
    HostCommand,
    ObservedChild,
    ResourceFailed,
    StartError,
    State,
    UsageError,
)
from fairlead.model.health import HealthStatus
from fairlead.model.observation.snapshot import Removal, Snapshot
from fairlead.runtime.lifecycle.external_waits import wait_for_condition
from fairlead.runtime.logs.book import LogLine


class Cluster(Odd):
    """Observes what a test tells it to."""

    driver: ClassVar[str | None] = f"{__name__}:ClusterDriver"
    context: DriverContext | None = None


class ClusterDriver(OddDriver):
    async def start(self, context: DriverContext) -> None:
        assert isinstance(context.resource, Cluster)
        context.resource.context = context
        await super().start(context)

    def exec_command(self, argv: tuple[str, ...], *, terminal: bool, child: str | None = None) -> HostCommand:
        return HostCommand(("kubectl", "exec", child or "node", *argv))


POD = "k8s/pod/default/web-1"
WEB = ObservedChild(kind="Pod", name="web-1", namespace="default")


async def test_observed_children_are_shown_below_their_owner() -> None:
    """What a driver observes must appear with an id, a parent and its state, change, and vanish again."""
    async with stage(lambda app: app.add(Cluster("k8s"))) as shown:
        await shown.wait_healthy("k8s")
        context = observing(shown.app["k8s"])
        changes = shown.host.run.bus.watch()
        workload = context.observe(ObservedChild(kind="Deployment", name="web", namespace="default"))
        assert workload == "k8s/deployment/default/web"
        pod = ObservedChild(kind="Pod", name="web-1", namespace="default", parent=workload, state=State.STARTING)
        assert context.observe(pod) == POD
        snapshot = shown.host.run.bus.current(POD)
        assert (snapshot.name, snapshot.origin, snapshot.owner, snapshot.parent) == (
            "web-1",
            "observed",
            "k8s",
            workload,
        )
        context.forget(POD)
        context.forget(POD)
        seen = [await anext(changes) for _ in range(3)]
        assert [change.id for change in seen] == ["k8s", workload, POD]
        assert isinstance(seen[-1], Removal)


async def test_observed_children_end_with_the_start() -> None:
    """What was observed must not outlive the start whose driver observed it."""
    async with stage(lambda app: app.add(Cluster("k8s"))) as shown:
        await shown.wait_healthy("k8s")
        observing(shown.app["k8s"]).observe(ObservedChild(kind="Node", name="server-0"))
        await shown.command("k8s", "stop")
        assert list(shown.host.run.bus.snapshots) == ["k8s"]


async def test_secrets_are_masked_in_what_is_observed() -> None:
    """A reason or property of an observed child must not show a text that is kept out of logs."""
    async with stage(lambda app: app.add(Cluster("k8s"))) as shown:
        await shown.wait_healthy("k8s")
        context = observing(shown.app["k8s"])
        context.mask("hunter2hunter2")
        pod = ObservedChild(kind="Pod", name="a", reason="bad hunter2hunter2", properties=(("arg", "hunter2hunter2"),))
        snapshot = shown.host.run.bus.current(context.observe(pod))
        assert "hunter2" not in f"{snapshot.reason} {snapshot.properties}"


async def test_an_observed_child_can_be_waited_for_and_entered() -> None:
    """``wait`` and ``exec`` must take the id of an observed child; what is gone must end the wait."""
    async with stage(lambda app: app.add(Cluster("k8s"))) as shown:
        await shown.wait_healthy("k8s")
        context = observing(shown.app["k8s"])
        pod = ObservedChild(kind="Pod", name="web-1", namespace="default", state=State.STARTING)
        context.observe(pod)
        bus = shown.host.run.bus
        waiting = asyncio.ensure_future(wait_for_condition(bus, POD, "healthy", 40))
        await asyncio.sleep(0)
        assert not waiting.done()
        context.observe(
            ObservedChild(kind="Pod", name="web-1", namespace="default", health=HealthStatus.HEALTHY, started_at=1.0)
        )
        assert (await waiting).id == POD
        command = shown.host.supervisor.exec_command(POD, ("sh",), terminal=False)
        assert command.argv == ("kubectl", "exec", POD, "sh")

        gone = asyncio.ensure_future(wait_for_condition(bus, POD, "completed", 40))
        await asyncio.sleep(0)
        context.forget(POD)
        with pytest.raises(ResourceFailed, match="is gone"):
            await gone


async def test_an_observed_child_takes_no_commands() -> None:
    """A command for an observed child must be refused with the owner's command, not taken for a wrong name."""
    async with stage(lambda app: app.add(Cluster("k8s"))) as shown:
        await shown.wait_healthy("k8s")
        observing(shown.app["k8s"]).observe(ObservedChild(kind="Pod", name="web-1", namespace="default"))
        with pytest.raises(UsageError, match="observed below k8s") as refused:
            await shown.host.supervisor.command(POD, "restart")
        assert "fairlead restart k8s" in (refused.value.remedy or "")


@pytest.mark.parametrize("name", ["", "a/b"])
def test_an_id_is_one_path(name: str) -> None:
    """A name that would break an id must be refused where the driver made it."""
    with pytest.raises(ValueError, match="in its id"):
        ObservedChild(kind="Pod", name=name).id_below("k8s")


def test_an_id_without_a_namespace() -> None:
    """What is in no namespace must have a hyphen in the place of it."""
    child = ObservedChild(kind="Persistent volume", name="data")
    assert child.id_below("k8s") == "k8s/persistent-volume/-/data"
    assert child.snapshot("k8s") == Snapshot(
        name="data",
        kind="Persistent volume",
        id="k8s/persistent-volume/-/data",
        origin="observed",
        owner="k8s",
        parent="k8s",
        ready=True,
        state=State.RUNNING,
    )


async def test_what_is_observed_after_the_end_is_not_shown() -> None:
    """A watch that has not heard of the end yet must not bring children back, nor lines of theirs."""

    async def go_on_observing(context: DriverContext) -> None:
        context.spawn(observe_when_cancelled(context), "watch")

    async def observe_when_cancelled(context: DriverContext) -> None:
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            context.write_child(context.observe(WEB, nothing), [b"late"])
            late.set()

    async def nothing() -> None:
        pass

    late = asyncio.Event()
    async with stage(lambda app: app.add(Cluster("k8s", start=go_on_observing))) as shown:
        await shown.wait_healthy("k8s")
        await shown.command("k8s", "stop")
        assert late.is_set()
        assert list(shown.host.run.bus.snapshots) == ["k8s"]
        assert shown.host.run.logs.log(POD).lines() == []


async def test_a_restarted_owner_observes_anew() -> None:
    """The children of the start before must be gone, and an id that comes again must be a new one with an empty log."""
    async with stage(lambda app: app.add(Cluster("k8s"))) as shown:
        await shown.wait_healthy("k8s")
        first = observing(shown.app["k8s"])
        first.write_child(first.observe(WEB), [b"before"])
        await shown.command("k8s", "restart")
        await shown.wait_healthy("k8s")
        assert list(shown.host.run.bus.snapshots) == ["k8s"]
        second = observing(shown.app["k8s"])
        assert second is not first
        second.write_child(second.observe(WEB), [b"after"])
        assert [line.text for line in shown.host.run.logs.log(POD).lines()] == ["after"]


class Followed:
    """The log of a child, and whether it is followed."""

    def __init__(self, context: DriverContext) -> None:
        self.context = context
        self.begun = asyncio.Event()
        self.ended = asyncio.Event()

    async def follow(self) -> None:
        self.begun.set()
        self.context.write_child(POD, [b"one"], source="app")
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            self.ended.set()


async def test_a_log_is_followed_while_it_is_read() -> None:
    """A log must be followed from its first reader to its last, with the source of each line; forgetting ends that."""
    async with stage(lambda app: app.add(Cluster("k8s"))) as shown:
        await shown.wait_healthy("k8s")
        followed = Followed(observing(shown.app["k8s"]))
        followed.context.observe(WEB)
        followed.context.observe(WEB, followed.follow)  # it has a log only now
        assert not followed.begun.is_set()
        reader = shown.host.run.logs.follow([POD])
        async with asyncio.timeout(40):
            ((_, records),) = await anext(reader)
            assert [(record.text, record.source) for record in records if isinstance(record, LogLine)] == [
                ("one", "app")
            ]
            followed.context.forget(POD)
            await followed.ended.wait()
        await reader.aclose()
        assert shown.snapshot("k8s").state is State.RUNNING


async def test_a_log_that_can_not_be_read() -> None:
    """An error in following a log must be told in the log of the resource, which goes on, and end nobody's wait."""

    async def follow() -> None:
        raise StartError("the container is gone")

    async with stage(lambda app: app.add(Cluster("k8s"))) as shown:
        await shown.wait_healthy("k8s")
        demand = shown.host.run.logs.demand
        observing(shown.app["k8s"]).observe(WEB, follow)
        with demand.reading([POD]):
            await demand.wait_until_caught_up([POD], 40)
        assert f"The log of {POD} can't be read: the container is gone" in shown.text("k8s")
        assert shown.snapshot("k8s").state is State.RUNNING


async def test_replicas_share_what_they_observe() -> None:
    """A child that two replicas observe must be one, and be gone when one of them forgets it."""
    contexts: list[DriverContext] = []

    async def start(context: DriverContext) -> None:
        contexts.append(context)
        context.observe(WEB)

    async with stage(lambda app: app.add(Cluster("k8s", start=start)).with_replicas(2)) as shown:
        await shown.wait_healthy("k8s")
        assert list(shown.host.run.bus.snapshots) == ["k8s", POD]
        contexts[0].forget(POD)
        contexts[1].forget(POD)
        assert list(shown.host.run.bus.snapshots) == ["k8s"]


async def test_children_of_observed_children() -> None:
    """A child may be shown below another, or below a declared resource, and stays when that one is forgotten."""

    def define(app: AppBuilder) -> None:
        app.add(Cluster("k8s")).adopt(Odd("release"))

    async with stage(define) as shown:
        await shown.wait_healthy("k8s")
        context = observing(shown.app["k8s"])
        workload = context.observe(ObservedChild(kind="Deployment", name="web", namespace="default", parent="release"))
        context.observe(replace(WEB, parent=workload))
        context.forget(workload)
        assert shown.host.run.bus.current(POD).parent == workload
        with pytest.raises(ValueError, match="below itself"):
            context.observe(replace(WEB, parent=POD))


class Plain(Odd):
    driver: ClassVar[str | None] = f"{__name__}:PlainDriver"


class PlainDriver(OddDriver):
    """Written before there were observed children and reasons to stop."""

    async def start(self, context: DriverContext) -> None:
        await super().start(context)
        context.observe(WEB)

    async def stop(self) -> int | None:  # type: ignore[override]
        return 7

    def exec_command(self, argv: tuple[str, ...], *, terminal: bool) -> HostCommand:  # type: ignore[override]
        return HostCommand(argv)


async def test_a_driver_that_leaves_arguments_out() -> None:
    """A driver that takes no reason must be stopped all the same; one that knows no child has no place for commands."""
    async with stage(lambda app: app.add(Plain("k8s"))) as shown:
        await shown.wait_healthy("k8s")
        assert shown.host.supervisor.exec_command("k8s", ("sh",), terminal=False).argv == ("sh",)
        with pytest.raises(UsageError, match="has no place where a command could run"):
            shown.host.supervisor.exec_command(POD, ("sh",), terminal=False)
        await shown.command("k8s", "stop")
        assert shown.snapshot("k8s").exit_code == 7


def observing(resource: object) -> DriverContext:
    assert isinstance(resource, Cluster) and resource.context is not None
    return resource.context


async def test_a_driver_writes_lines_of_its_own_into_the_log_of_a_child() -> None:
    """They must be told from what the child wrote; those for a child that is not shown are dropped."""
    async with stage(lambda app: app.add(Cluster("k8s"))) as shown:
        await shown.wait_healthy("k8s")
        context = observing(shown.app["k8s"])
        context.log_child(POD, "too early")
        context.observe(WEB)
        context.write_child(POD, [b"serving"])
        context.log_child(POD, "Readiness probe failed")
        reader = shown.host.run.logs.follow([POD])
        async with asyncio.timeout(40):
            ((_, records),) = await anext(reader)
        await reader.aclose()
        assert [(record.stream, record.text) for record in records if isinstance(record, LogLine)] == [
            ("stdout", "serving"),
            ("system", "Readiness probe failed"),
        ]
