"""A cluster on Podman as root, by the driver that runs clusters on Docker."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.cluster import COMING_UP
from tests.support.engines import EngineHost

from fairlead import AppBuilder, Apphost
from fairlead.testing import testing

pytestmark = [pytest.mark.k3s, pytest.mark.podman, pytest.mark.timeout(900)]


def define(app: AppBuilder) -> None:
    """A cluster, and a container that asks it for its nodes with the kubeconfig that it is given."""
    cluster = app.add_k3s_cluster("k8s").with_disabled_component("traefik").with_service_subnet("10.53.0.0/16")
    tool = app.add_container("tool", "alpine/kubectl:1.36.0", args=["get", "nodes,services", "-A", "-o", "name"])
    tool.with_reference(cluster).wait_for(cluster)


@pytest.mark.parametrize("engine_host", ["podman"], indirect=True)
async def test_a_cluster_comes_up(engine_host: EngineHost, tmp_path: Path) -> None:
    """Its node must be ready and its DNS up, and a container reach its API with certificates verified."""
    async with testing(Apphost(define, "boat", tmp_path / "apphost.py")) as app:
        await app.wait_for("k8s", "healthy", timeout=COMING_UP)
        await app.wait_for("tool", "completed", timeout=COMING_UP)
        lines = [line.text for line in app.logs("tool") if line.stream == "stdout"]
        assert "node/k8s" in lines
        node = f"{app.host.run.app_id}-k8s"
        service = engine_host.run(
            "exec", node, "kubectl", "get", "service", "-n", "kube-system", "kube-dns", "-o", "yaml"
        )
        assert "clusterIP: 10.53.0.10" in service
