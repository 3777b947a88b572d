"""The tree of a real cluster: what its scheduler, kubelet and API server say must become the right sentence."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
import yaml
from tests.support.cluster import COMING_UP, Cluster
from tests.support.kinds import Odd
from tests.support.stage import Stage, stage
from tests.support.waiting import until, until_seen

from fairlead import DriverContext
from fairlead.drivers.k3s.commands.inside import command_inside
from fairlead.drivers.k3s.commands.restart_workload import restart_workload
from fairlead.drivers.k3s.link import ClusterLink
from fairlead.drivers.k3s.tree import TreeShow
from fairlead.engines.kube import KubernetesApi
from fairlead.engines.kube.client import connect
from fairlead.engines.kube.kubeconfig import parse
from fairlead.model.health import HealthStatus
from fairlead.model.observation.snapshot import Snapshot
from fairlead.runtime.logs.book import LogLine
from fairlead.testing import FakeEngine

pytestmark = [pytest.mark.k3s, pytest.mark.timeout(900)]

BUSYBOX = "busybox:1.35"
PATIENCE = 180.0
CRASH = {"name": "app", "image": BUSYBOX, "command": ["sh", "-c", "echo starting; echo no database; exit 3"]}
TICKS = "trap 'exit 0' TERM; n=0; while true; do n=$((n+1)); echo tick $n; sleep 1 & wait $!; done"
REASONS = {
    "crash": "its container keeps ending, last with exit code 3, after",
    "nopull": "the image api:nowhere of its container can't be pulled: ",
    "never": 'is not in the cluster, and is never pulled. Add cluster.load_image("api:nowhere")',
    "big": "no node can take it: not enough memory for its request of 640Gi. Lower resources.requests.memory",
    "nosecret": "its container needs the Secret db, which does not exist.",
    "unready": "the readiness probe of its container (false) fails",
}
CONTAINERS = {
    "crash": CRASH,
    "nopull": {"name": "app", "image": "api:nowhere"},
    "never": {"name": "app", "image": "api:nowhere", "imagePullPolicy": "Never"},
    "big": {"name": "app", "image": BUSYBOX, "resources": {"requests": {"memory": "640Gi"}}},
    "nosecret": {"name": "app", "image": BUSYBOX, "envFrom": [{"secretRef": {"name": "db"}}]},
    "unready": {
        "name": "app",
        "image": BUSYBOX,
        "command": ["sleep", "3000"],
        "readinessProbe": {"exec": {"command": ["false"]}, "periodSeconds": 1},
    },
}


@pytest.fixture
async def api(cluster: Cluster, image: Callable[[str], str]) -> AsyncIterator[KubernetesApi]:
    """The API of the tests' cluster, with all rights; it has the image of these tests."""
    await until_seen(cluster.is_up, "the cluster is up", within=COMING_UP)
    await asyncio.to_thread(cluster.bring, [image(BUSYBOX)])
    api = await connect(parse(cluster.write_kubeconfig().read_text()))
    yield api
    await api.close()


@pytest.fixture
async def namespace(cluster: Cluster, api: KubernetesApi) -> AsyncIterator[str]:
    name = f"tree-{uuid.uuid4().hex[:8]}"
    await asyncio.to_thread(cluster.kubectl, "create", "namespace", name)
    await until_seen(lambda: cluster.objects("serviceaccounts", namespace=name), "the namespace is ready")
    yield name
    await asyncio.to_thread(cluster.kubectl, "delete", "namespace", name, "--wait=false")


@asynccontextmanager
async def shown_tree(api: KubernetesApi) -> AsyncIterator[Stage]:
    """A run in which the cluster's tree is shown."""

    async def show(context: DriverContext) -> None:
        context.spawn(TreeShow(context, ClusterLink("k8s", api, FakeEngine(), {"k8s": "c1"}, "net", {})).show(), "tree")

    async with stage(lambda app: app.add(Odd("k8s", start=show))) as running:
        yield running


async def until_child(running: Stage, id: str, condition: Callable[[Snapshot], bool]) -> None:
    """Wait until a child is shown and looks like something."""
    snapshots = running.host.run.bus.snapshots

    try:
        await until(lambda: id in snapshots and condition(snapshots[id]), id, within=PATIENCE)
    except AssertionError:
        raise AssertionError(f"{id}: {snapshots.get(id)}") from None


async def test_each_pod_that_is_not_well_says_why(cluster: Cluster, api: KubernetesApi, namespace: str) -> None:
    """Image, exit code and last log line, resource, Secret and probe, as this Kubernetes reports them."""
    pods = [
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": {"containers": [container]}}
        for name, container in CONTAINERS.items()
    ]
    given = yaml.safe_dump_all(pods)
    async with shown_tree(api) as running:
        await asyncio.to_thread(cluster.kubectl, "apply", "--namespace", namespace, "-f", "-", given=given)

        for name, reason in REASONS.items():
            await until_child(running, f"k8s/pod/{namespace}/{name}", lambda shown, part=reason: part in shown.reason)  # type: ignore[misc]
        await until_child(running, f"k8s/pod/{namespace}/crash", lambda shown: "no database" in shown.reason)
        assert running.host.run.bus.current("k8s/deployment/kube-system/coredns").parent == (
            "k8s/namespace/-/kube-system"
        )


async def test_a_workload_is_followed_entered_and_restarted(
    cluster: Cluster, api: KubernetesApi, namespace: str
) -> None:
    """Its log goes on in the pods that replace the first ones, and a command gets into one of them."""
    id = f"k8s/deployment/{namespace}/web"
    async with shown_tree(api) as running:
        given = yaml.safe_dump(deployment())
        await asyncio.to_thread(cluster.kubectl, "apply", "--namespace", namespace, "-f", "-", given=given)
        await until_child(running, id, lambda shown: shown.health is HealthStatus.HEALTHY)
        inside = command_inside(id, ("hostname",), terminal=False)
        assert inside is not None
        pod = await asyncio.to_thread(cluster.kubectl, *inside.argv[1:])
        assert running.host.run.bus.current(f"k8s/pod/{namespace}/{pod}").parent == id

        reader = running.host.run.logs.follow([id])
        sources: set[str | None] = set()
        restarted = False
        async with asyncio.timeout(PATIENCE):
            while len(sources) < 2:
                for _, records in await anext(reader):
                    sources |= {each.source for each in records if isinstance(each, LogLine) and each.text == "tick 1"}
                if sources and not restarted:
                    restarted = True
                    await restart_workload(api, f"{namespace}/web")
        await reader.aclose()

        assert pod in sources
        await until_child(running, id, lambda shown: shown.health is HealthStatus.HEALTHY)


def deployment() -> dict[str, object]:
    """A Deployment of one pod that counts."""
    labels = {"app": "web"}
    container = {"name": "app", "image": BUSYBOX, "command": ["sh", "-c", TICKS]}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web"},
        "spec": {"replicas": 1, "selector": {"matchLabels": labels}, "template": template},
    }
