"""What ``fairlead doctor`` says of the clusters of an app."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.support.definitions import build

from fairlead import AppBuilder, K3sCluster
from fairlead.drivers.finding import Finding
from fairlead.drivers.k3s.nodes.cluster_checks import check_clusters, look_at_clusters
from fairlead.testing import FakeEngine
from fairlead.testing.fakes.fake_container import Process

K3S = "rancher/k3s:v1.36.0-k3s1"


async def lasts(process: Process) -> None:
    await asyncio.Event().wait()


def engine_with(*images: str) -> FakeEngine:
    engine = FakeEngine()
    for image in images:
        engine.add_image(image, lasts)
    return engine


async def findings_of(
    engine: FakeEngine, say: Callable[[K3sCluster], Any] = lambda k8s: None, *, is_running: bool = False, **given: Any
) -> list[Finding]:
    app = build(lambda app: say(app.add_k3s_cluster("k8s", **given)))
    clusters = [item for item in app if isinstance(item, K3sCluster)]
    return await look_at_clusters(app, clusters, engine, is_running=is_running)


async def test_all_is_fine() -> None:
    """Of a cluster that can run there must be one line that says on what."""
    assert await findings_of(engine_with(K3S)) == [
        Finding("Clusters", "fine", "k8s: cgroups of version 2, 16 GiB of memory, 8 processors")
    ]


async def test_images_that_have_to_be_fetched() -> None:
    """Each image that a cluster needs and the engine lacks must be named, with the command that fetches it."""

    def say(k8s: K3sCluster) -> None:
        k8s.with_registry()
        k8s.add_helm_release("web", "web")

    findings = await findings_of(engine_with("registry:2"), say)
    assert [(finding.result, finding.remedy) for finding in findings if finding.check == "Images"] == [
        ("note", f"Have it already: docker pull {K3S}"),
        ("note", "Have it already: docker pull alpine/helm:3.17.3"),
    ]


async def test_helm_of_this_machine_needs_no_image() -> None:
    """A release that the user's own helm installs must not ask for the image of another."""
    findings = await findings_of(
        engine_with(K3S), lambda k8s: k8s.add_helm_release("web", "web").with_helm_runner("host")
    )
    assert [finding.check for finding in findings] == ["Clusters"]


async def test_ports_that_are_taken() -> None:
    """A port that the definition chooses must be free, where the engine is here and the app does not run already."""
    engine = engine_with(K3S)
    engine.machine = replace(engine.machine, is_local=True)
    with socket.create_server(("127.0.0.1", 0)) as taken, socket.create_server(("127.0.0.1", 0)) as other:
        api_port, port = taken.getsockname()[1], other.getsockname()[1]

        def say(k8s: K3sCluster) -> None:
            k8s.add_service_endpoint("ui", "web", 80, host_port=port)
            k8s.add_service_endpoint("dns", "web", 53, scheme="udp", host_port=port)

        found = await findings_of(engine, say, api_server_port=api_port)
        running = await findings_of(engine, say, api_server_port=api_port, is_running=True)
    problems = [finding for finding in found if finding.check == "Ports"]
    assert [finding.text.partition(" by ")[0] for finding in problems] == [
        f"k8s: port {api_port} of this machine is taken",
        f"ui: port {port} of this machine is taken",
    ]
    assert not any(finding.check == "Clusters" for finding in found)
    assert not any(finding.check == "Ports" for finding in running)


async def test_all_nodes_of_an_app_count() -> None:
    """What the nodes of all clusters need together must be compared with what there is."""
    engine = engine_with(K3S)
    engine.machine = replace(engine.machine, memory=1 << 30)

    def define(app: AppBuilder) -> None:
        app.add_k3s_cluster("a", agent_count=1)
        app.add_k3s_cluster("b")

    app = build(define)
    clusters = [item for item in app if isinstance(item, K3sCluster)]
    findings = await look_at_clusters(app, clusters, engine, is_running=False)
    assert [finding.text for finding in findings if finding.check == "Memory"] == [
        "the engine has 1.0 GiB of memory, and 3 nodes need 1.5 GiB before any pod"
    ]


async def test_an_app_without_clusters() -> None:
    """For an app without clusters nothing may be looked at."""
    assert await check_clusters(build(lambda app: app.add_parameter("a", "b")), is_running=False) == []
