"""Clusters of an app: what is in them outlives their containers, and each keeps to itself."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.support.cluster import COMING_UP, K3S_IMAGE, run
from tests.support.waiting import until

from fairlead import AppBuilder, Apphost, State, apphost
from fairlead.testing import Running, testing

pytestmark = [pytest.mark.k3s, pytest.mark.timeout(900)]


@apphost
def kept(app: AppBuilder) -> None:
    """A cluster whose data has a volume; those who refer to it see it in their own ways."""
    cluster = app.add_k3s_cluster("Dev_Cluster", agent_count=1).with_data_volume()
    cluster.with_disabled_component("traefik").with_disabled_component("metrics-server")
    app.add_container("tool", "alpine/kubectl:1.36.0").with_entrypoint("sleep", "1000").with_reference(cluster)
    app.add_executable("program", "sleep", ".", "1000").with_reference(cluster)


def kubectl(app: Running, *arguments: str) -> str:
    """What kubectl says in the container that refers to the cluster, which is not root's business alone."""
    container = dict(app.snapshot("tool").properties)["container"]
    return run("docker", "exec", container, "kubectl", *arguments)


def nodes(app: Running) -> dict[str, str]:
    """The nodes with the ids by which Kubernetes tells them from others of their name."""
    found = json.loads(kubectl(app, "get", "nodes", "-o", "json"))["items"]
    return {node["metadata"]["name"]: node["metadata"]["uid"] for node in found}


async def test_a_cluster_created_anew_over_its_data_is_the_same_cluster(image: Callable[[str], str]) -> None:
    """With a data volume, no node may be added or refused, objects stay, and running consumers keep their access."""
    image(K3S_IMAGE)
    async with testing(kept) as app:
        await app.wait_healthy("Dev_Cluster", COMING_UP)
        await app.wait_healthy("tool", COMING_UP)
        before = nodes(app)
        assert sorted(before) == ["dev-cluster", "dev-cluster-agent-0"]
        kubectl(app, "create", "configmap", "kept", "--from-literal=a=b")
        kubeconfig = Path(app.environment("program")["KUBECONFIG"])
        assert kubeconfig.stat().st_mode & 0o777 == 0o600
        assert (
            run("docker", "exec", _tool(app), "stat", "-c", "%a", "/var/run/fairlead/dev-cluster/kubeconfig") == "600"
        )
        authority = _authority(kubeconfig)

        await app.command("Dev_Cluster", "restart")
        await app.wait_healthy("Dev_Cluster", COMING_UP)
        assert app.snapshot("Dev_Cluster").starts == 2
        assert nodes(app) == before
        assert "kept" in kubectl(app, "get", "configmaps", "-o", "name")
        assert _authority(kubeconfig) == authority


def _tool(app: Running) -> str:
    return dict(app.snapshot("tool").properties)["container"]


def app_with(name: str, *clusters: str) -> Apphost:
    """An app with clusters that run as little as they can."""

    def define(app: AppBuilder) -> None:
        for each in clusters:
            cluster = app.add_k3s_cluster(each)
            for component in ("traefik", "metrics-server", "local-storage", "servicelb"):
                cluster.with_disabled_component(component)
            app.add_executable(f"user-of-{each}", "sleep", ".", "1000").with_reference(cluster)

    return Apphost(define, name=name, file=__file__)


async def test_clusters_of_one_name_and_of_one_app_keep_to_themselves(image: Callable[[str], str]) -> None:
    """Two clusters of an app, and clusters of two apps that have one name, must come up side by side."""
    image(K3S_IMAGE)
    async with testing(app_with("one", "k8s", "other")) as one, testing(app_with("two", "k8s")) as two:
        users = [(one, "k8s"), (one, "other"), (two, "k8s")]
        await asyncio.gather(*(app.wait_healthy(name, COMING_UP) for app, name in users))
        authorities = {_authority(Path(app.environment(f"user-of-{name}")["KUBECONFIG"])) for app, name in users}
        assert len(authorities) == 3
        assert all(app.snapshot(f"user-of-{name}").state is State.RUNNING for app, name in users)

        kubeconfig = Path(one.environment("user-of-other")["KUBECONFIG"])
        await one.command("other", "stop")
        await until(lambda: not kubeconfig.exists(), "what nobody can use any more is gone")
        assert one.snapshot("k8s").ready


def _authority(path: Path) -> str:
    """The certificate authority of a kubeconfig's cluster, of which each cluster has its own."""
    kubeconfig: Any = yaml.safe_load(path.read_text())
    return str(kubeconfig["clusters"][0]["cluster"]["certificate-authority-data"])
