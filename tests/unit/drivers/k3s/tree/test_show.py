"""The tree of a cluster in a run: watched on an API in memory, shown as observed children."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from tests.support.kinds import Odd
from tests.support.stage import PATIENCE, Stage, stage
from tests.support.waiting import until

from fairlead import DriverContext
from fairlead.drivers.k3s.link import ClusterLink
from fairlead.drivers.k3s.tree import TreeShow
from fairlead.engines.kube import ApiRefusal, ObjectKind, ObjectRef
from fairlead.errors import EngineError
from fairlead.model.observation.snapshot import Snapshot
from fairlead.model.observation.state import State
from fairlead.runtime.logs.book import LogLine
from fairlead.testing import FakeEngine, FakeKubernetesApi

Object = dict[str, Any]
WEB = "k8s/pod/default/web-1"
WEB_REF = ObjectRef(ObjectKind("v1", "Pod"), "web-1", "default")


def pod(name: str = "web-1", *, restarts: int = 0, **status: Any) -> Object:
    """A pod with one container that runs and is ready, unless the status says otherwise."""
    container = {
        "name": "app",
        "ready": True,
        "restartCount": restarts,
        "state": {"running": {}},
        "containerID": f"c{restarts}",
    }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "default"},
        "spec": {"nodeName": "k8s", "containers": [{"name": "app", "image": "api:dev"}]},
        "status": {
            "phase": "Running",
            "conditions": [{"type": "Ready", "status": "True"}],
            "containerStatuses": [container],
            **status,
        },
    }


def crashed(*, restarts: int) -> Object:
    """The status of a container that has ended with 3, and is to be started again after a while."""
    ended = {"exitCode": 3, "reason": "Error", "containerID": f"c{restarts}"}
    return {
        "name": "app",
        "ready": False,
        "restartCount": restarts,
        "state": {"waiting": {"reason": "CrashLoopBackOff"}},
        "lastState": {"terminated": ended},
    }


def event(name: str, message: str) -> Object:
    """An event of the pod."""
    involved = {"kind": "Pod", "namespace": "default", "name": "web-1"}
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": name, "namespace": "default"},
        "reason": "Any",
        "message": message,
        "involvedObject": involved,
    }


class LogReader:
    """Reads the log of a child as ``logs --follow`` does.

    Args:
        running: The run.
        id: The child.
    """

    def __init__(self, running: Stage, id: str) -> None:
        self._records = running.host.run.logs.follow([id])
        self.lines: list[tuple[str, str | None]] = []

    async def until(self, *texts: str) -> None:
        """Read on until there is a line with each of these texts."""
        async with asyncio.timeout(PATIENCE):
            while not set(texts) <= {text for text, _ in self.lines}:
                for _, records in await anext(self._records):
                    self.lines += [(each.text, each.source) for each in records if isinstance(each, LogLine)]

    async def close(self) -> None:
        """Read no more."""
        await self._records.aclose()


class Shown:
    """A run whose cluster has its tree shown.

    Args:
        running: The run.
        api: The API of the cluster.
    """

    def __init__(self, running: Stage, api: FakeKubernetesApi) -> None:
        self.stage = running
        self.api = api

    def snapshot(self, id: str) -> Snapshot | None:
        """The present snapshot of a child."""
        return self.stage.host.run.bus.snapshots.get(id)

    async def until(self, id: str, condition: Callable[[Snapshot | None], bool]) -> None:
        """Wait until a child looks like something, or is not shown."""
        bus = self.stage.host.run.bus
        async with asyncio.timeout(PATIENCE):
            await bus.wait_until(lambda: condition(bus.snapshots.get(id)), [id])

    async def reach(self, id: str, state: State) -> None:
        """Wait for a state of a child."""
        await self.until(id, lambda snapshot: snapshot is not None and snapshot.state is state)


@asynccontextmanager
async def shown_tree(*objects: Object, refusals: dict[str, EngineError] | None = None) -> AsyncIterator[Shown]:
    """A run with a cluster in which these objects are, and whose API refuses some operations."""
    api = FakeKubernetesApi()
    for each in objects:
        api.put(each)
    api.refusals.update(refusals or {})

    async def show(context: DriverContext) -> None:
        context.spawn(TreeShow(context, ClusterLink("k8s", api, FakeEngine(), {"k8s": "c1"}, "net", {})).show(), "tree")

    async with stage(lambda app: app.add(Odd("k8s", start=show))) as running:
        await running.wait_healthy("k8s")
        yield Shown(running, api)


async def test_pods_come_change_and_go() -> None:
    """What is there at first, what a watch tells, and what is deleted must be shown."""
    async with shown_tree(pod()) as shown:
        await shown.reach(WEB, State.RUNNING)
        shown.api.put(pod("web-2", phase="Pending", conditions=[]))
        await shown.reach("k8s/pod/default/web-2", State.STARTING)
        shown.api.set_status(WEB_REF, phase="Succeeded")
        await shown.reach(WEB, State.FINISHED)
        await shown.api.delete(WEB_REF)
        await shown.until(WEB, lambda snapshot: snapshot is None)


async def test_the_tree_goes_on_when_changes_have_been_missed() -> None:
    """After 410 Gone everything is listed again: what went meanwhile is gone, what came is there."""
    async with shown_tree(pod(), pod("web-2")) as shown:
        await shown.reach(WEB, State.RUNNING)
        await shown.api.delete(WEB_REF)
        shown.api.put(pod("web-3"))
        shown.api.forget_changes()

        await shown.reach("k8s/pod/default/web-3", State.RUNNING)
        await shown.until(WEB, lambda snapshot: snapshot is None)
        assert shown.snapshot("k8s/pod/default/web-2") is not None


async def test_the_tree_goes_on_when_the_api_server_comes_back() -> None:
    """Meanwhile it must stay as it was, and the cluster must not end."""
    async with shown_tree(pod()) as shown:
        await shown.reach(WEB, State.RUNNING)
        shown.api.go_away()
        await asyncio.sleep(0)
        assert shown.snapshot(WEB) is not None
        shown.api.come_back()
        shown.api.put(pod("web-2"))

        await shown.reach("k8s/pod/default/web-2", State.RUNNING)
        assert shown.stage.host.run.bus.current("k8s").state is State.RUNNING


async def test_a_refusal_is_noted_and_does_not_end_the_cluster() -> None:
    """A forbidden list is a line in the log."""
    async with shown_tree(refusals={"list": ApiRefusal("pods is forbidden")}) as shown:
        await until(lambda: "pods is forbidden" in shown.stage.text("k8s"), "the refusal is noted")
        assert shown.stage.host.run.bus.current("k8s").state is State.RUNNING


async def test_a_crash_is_told_with_the_last_line_of_its_log() -> None:
    """The log must be read when the container has crashed, without anybody asking for it."""
    async with shown_tree(pod()) as shown:
        shown.api.log_of(WEB_REF, "app").write("starting", "no database")
        shown.api.set_status(WEB_REF, conditions=[], containerStatuses=[crashed(restarts=1)])

        await shown.until(WEB, lambda snapshot: snapshot is not None and "no database" in snapshot.reason)


async def test_the_log_of_a_pod_is_followed_across_a_restart_of_its_container() -> None:
    """The end of the former start must come before the new one's lines, and no line twice."""
    async with shown_tree(pod()) as shown:
        await shown.reach(WEB, State.RUNNING)
        first = shown.api.log_of(WEB_REF, "app")
        first.write("one")
        reader = LogReader(shown.stage, WEB)
        await reader.until("one")
        first.write("last words")
        shown.api.restart_container(WEB_REF, "app").write("two")
        shown.api.put(pod(restarts=1))

        await reader.until("two")
        await reader.close()
        assert [text for text, _ in reader.lines] == ["one", "last words", "two"]


async def test_events_are_lines_of_the_log_of_a_pod() -> None:
    """Each once, those from before and those that come, also where no container has been started."""
    waiting = {"name": "app", "state": {"waiting": {"reason": "ContainerCreating"}}}
    async with shown_tree(pod(phase="Pending", containerStatuses=[waiting]), event("e1", "Pulling image")) as shown:
        await shown.reach(WEB, State.STARTING)
        reader = LogReader(shown.stage, WEB)
        await reader.until("Pulling image")
        shown.api.put(event("e1", "Pulling image"))
        shown.api.put(event("e2", "Failed to pull image"))
        await reader.until("Failed to pull image")
        await reader.close()
        assert [text for text, _ in reader.lines] == ["Pulling image", "Failed to pull image"]


async def test_the_log_of_a_workload_is_that_of_its_pods() -> None:
    """Its lines must say which pod wrote them; a pod that comes later is followed too."""
    owned = {"ownerReferences": [{"kind": "StatefulSet", "name": "web", "controller": True}]}
    first, second = pod("web-0"), pod("web-1")
    for each in (first, second):
        each["metadata"].update(owned)
    workload = {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": {"name": "web", "namespace": "default"},
        "spec": {"replicas": 2},
    }
    async with shown_tree(first, workload) as shown:
        await shown.reach("k8s/pod/default/web-0", State.RUNNING)
        shown.api.log_of(ObjectRef(WEB_REF.kind, "web-0", "default"), "app").write("from the first")
        reader = LogReader(shown.stage, "k8s/statefulset/default/web")
        await reader.until("from the first")
        shown.api.put(second)
        shown.api.log_of(WEB_REF, "app").write("from the second")
        await reader.until("from the second")
        await reader.close()
        assert reader.lines == [("from the first", "web-0"), ("from the second", "web-1")]


async def test_errors_of_the_kubelet_are_no_lines_of_a_container() -> None:
    """It writes them among the lines; that a log can't be followed is said once, with the remedy."""
    async with shown_tree(pod()) as shown:
        await shown.reach(WEB, State.RUNNING)
        log = shown.api.log_of(WEB_REF, "app")
        log.write("one", "failed to create fsnotify watcher: too many open files")
        log.write("failed to create fsnotify watcher: too many open files", "two")
        reader = LogReader(shown.stage, WEB)
        await reader.until("two")
        await reader.close()
        texts = [text for text, _ in reader.lines]
        assert [text for text in texts if "sysctl fs.inotify.max_user_instances" in text] == [texts[1]]
        assert texts[::2] == ["one", "two"]
