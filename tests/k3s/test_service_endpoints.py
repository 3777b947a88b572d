"""Service endpoints through the kernel of a real cluster's node: what callers get, and what it goes on after."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from tests.support import pod_server
from tests.support.cluster import COMING_UP, K3S_IMAGE, run
from tests.support.waiting import until, until_seen

from fairlead import AppBuilder, Apphost
from fairlead.testing import Running, testing

pytestmark = [pytest.mark.k3s, pytest.mark.timeout(900)]
PATIENCE = 120.0
# Prints what it gets through each of its references: an HTTP answer, a count after a half-close, a datagram.
CLIENT = """
import os, socket, urllib.request
def address(name):
    host, port = os.environ["services__%s__url" % name].partition("://")[2].split(":")
    return host, int(port)
print(urllib.request.urlopen(os.environ["WEB_URL"], timeout=20).read().decode(), address("web")[0])
with socket.create_connection(address("count"), timeout=20) as counting:
    counting.sendall(b"x" * 100000)
    counting.shutdown(socket.SHUT_WR)
    print(counting.makefile().readline().strip())
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
    datagrams.settimeout(20)
    datagrams.sendto(b"hello", address("udp"))
    print(datagrams.recv(100).decode())
"""


def define(app: AppBuilder) -> None:
    """A cluster with a server in it, ways to its ports, and callers of both kinds."""
    k8s = app.add_k3s_cluster("k8s").load_image(pod_server.IMAGE)
    for component in ("traefik", "metrics-server", "local-storage", "servicelb"):
        k8s.with_disabled_component(component)
    server = k8s.add_k8s_manifest("server", pod_server.objects())
    endpoints = [
        k8s.add_service_endpoint("web", "server", "http"),
        k8s.add_service_endpoint("count", "server", pod_server.COUNT, scheme="tcp"),
        k8s.add_service_endpoint("udp", "server", "udp", scheme="udp"),
    ]
    client = app.add_container("client", pod_server.IMAGE, args=["python3", "-c", CLIENT])
    for endpoint in endpoints:
        client.with_reference(endpoint.wait_for_completion(server)).wait_for(endpoint)
    k8s.add_service_endpoint("api", "kubernetes", 443)  # a Service without a selector
    k8s.add_service_endpoint("later", "later", 80)
    k8s.add_service_endpoint("refused", "server", 80, namespace="small")


def node_of(app: Running) -> str:
    """The container of the cluster's node."""
    return f"{app.host.run.app_id}-k8s"


def kubectl(app: Running, *arguments: str, given: str | None = None) -> str:
    return run("docker", "exec", "--interactive", node_of(app), "kubectl", *arguments, given=given or "")


def health_of(app: Running, name: str) -> str:
    """What its health checks say."""
    return " ".join(report.description for report in app.snapshot(name).reports)


def address(app: Running, name: str) -> tuple[str, int]:
    host, port = app.endpoint(name).partition("://")[2].split(":")
    return "127.0.0.1" if host == "localhost" else host, int(port)


def answer(app: Running) -> str:
    """The name of the pod that answers."""
    with urlopen(app.endpoint("web"), timeout=20) as response:
        return str(response.read().decode())


def counted(app: Running, size: int) -> int:
    """What the server says that it has been sent, by a connection whose one half has ended."""
    with closing(socket.create_connection(address(app, "count"), timeout=60)) as connection:
        connection.sendall(bytes(size))
        connection.shutdown(socket.SHUT_WR)
        return int(connection.makefile().readline())


async def test_a_service_is_reached_through_the_kernel(tmp_path: Path, image: Callable[[str], str]) -> None:
    """Callers on this machine and in containers must get through, also after pod and node were replaced."""
    for reference in (K3S_IMAGE, pod_server.IMAGE):
        image(reference)
    async with testing(Apphost(define, "boat", tmp_path / "apphost.py")) as app:
        await app.wait_healthy("web", timeout=COMING_UP)
        await check_callers(app)
        await check_many_connections(app)
        await check_other_services(app)
        await check_rollout_under_load(app)
        await check_replaced_pod(app)
        await check_replaced_node(app)


async def check_callers(app: Running) -> None:
    """A container must get through by the node's name and a process at localhost, with half-close, and over UDP."""
    await app.wait_for("client", "completed", timeout=PATIENCE)
    pod = await asyncio.to_thread(answer, app)
    assert [line.text for line in app.logs("client") if line.stream == "stdout"] == [f"{pod} k8s", "100000", "HELLO"]
    assert pod.startswith("server-")
    assert await asyncio.to_thread(counted, app, 10_000_000) == 10_000_000
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as datagrams:
        datagrams.settimeout(20)
        datagrams.sendto(b"hello", address(app, "udp"))
        assert datagrams.recv(100) == b"HELLO"


async def check_many_connections(app: Running) -> None:
    """A hundred connections at once must each carry their own bytes."""
    everybody = asyncio.Barrier(100)

    async def call(number: int) -> int:
        reader, writer = await asyncio.open_connection(*address(app, "count"))
        await everybody.wait()
        writer.write(bytes(number * 1000))
        writer.write_eof()
        total = int(await reader.readline())
        writer.close()
        return total

    async with asyncio.timeout(PATIENCE):
        assert await asyncio.gather(*map(call, range(100))) == [number * 1000 for number in range(100)]


async def check_other_services(app: Running) -> None:
    """Endpoints that a user lists, a port that another Service took, and a quota: each must work or be told."""
    await app.wait_healthy("api", timeout=PATIENCE)

    taken = dict(app.snapshot("later").properties)["node_port"]
    url = app.endpoint("later")
    ports = [{"port": 80, "targetPort": pod_server.HTTP, "nodePort": int(taken)}]
    kubectl(app, "apply", "-f", "-", given=_service("theirs", "default", type="NodePort", ports=ports))
    kubectl(app, "apply", "-f", "-", given=_service("later", "default"))
    await until(lambda: app.endpoint("later") != url, "it has another port", within=PATIENCE)
    await app.wait_healthy("later", timeout=PATIENCE)
    with await asyncio.to_thread(urlopen, app.endpoint("later"), timeout=20) as response:
        assert response.status == 200

    kubectl(app, "create", "namespace", "small")
    kubectl(app, "create", "quota", "none", "--hard=services.nodeports=0", "--namespace=small")
    kubectl(app, "apply", "-f", "-", given=_service("server", "small"))
    text = "exceeded quota: none"
    await until(lambda: text in health_of(app, "refused"), "the refusal is told", within=PATIENCE)
    assert "Let the ResourceQuota of namespace small have one more" in health_of(app, "refused")
    kubectl(app, "delete", "quota", "none", "--namespace=small")
    text = "no pod has the labels app=server"
    await until(lambda: text in health_of(app, "refused"), "it is let in", within=PATIENCE)


async def check_rollout_under_load(app: Running) -> None:
    """While the Deployment is rolled over, every new connection must be answered, by the old pod and then the new."""
    before = await asyncio.to_thread(answer, app)
    seen: list[str] = []
    done = asyncio.Event()

    async def call() -> None:
        while not done.is_set():
            seen.append(await asyncio.to_thread(answer, app))

    async with asyncio.TaskGroup() as group:
        for _ in range(3):
            group.create_task(call())
        try:
            await asyncio.to_thread(kubectl, app, "rollout", "restart", "deployment/server")
            await asyncio.to_thread(kubectl, app, "rollout", "status", "deployment/server", "--timeout=120s")
            pods = ("get", "pods", "--selector=app=server", "--output=name")
            await until_seen(lambda: before not in kubectl(app, *pods), "the old pod is gone", within=PATIENCE)
        finally:
            done.set()
    assert {seen[0], seen[-1]} == {before, await asyncio.to_thread(answer, app)}
    assert seen[-1] != before


async def check_replaced_pod(app: Running) -> None:
    """With its only pod gone it must say why, and be ready with the next."""
    pod = await asyncio.to_thread(answer, app)
    kubectl(app, "scale", "deployment/server", "--replicas=0")
    text = "no pod has the labels app=server"
    await until(lambda: text in health_of(app, "web"), "it is seen", within=PATIENCE)
    assert app.snapshot("web").health == "Unhealthy"
    kubectl(app, "scale", "deployment/server", "--replicas=1")
    await app.wait_healthy("web", timeout=PATIENCE)
    assert await asyncio.to_thread(answer, app) != pod


async def check_replaced_node(app: Running) -> None:
    """A restarted node must lead to the same addresses as before."""
    url = app.endpoint("web")
    await asyncio.to_thread(run, "docker", "restart", "--time", "5", node_of(app))
    await until(lambda: app.snapshot("web").health == "Unhealthy", "it is seen", within=PATIENCE)
    await app.wait_healthy("web", timeout=COMING_UP)
    assert (await asyncio.to_thread(answer, app)).startswith("server-")
    assert app.endpoint("web") == url
    assert app.snapshot("k8s").starts == 1


def _service(name: str, namespace: str, **spec: Any) -> str:
    """A Service of the server's pods, as text for kubectl."""
    ports = [{"port": 80, "targetPort": pod_server.HTTP}]
    metadata = {"name": name, "namespace": namespace}
    selected = {"selector": {"app": "server"}, "ports": ports, **spec}
    return json.dumps({"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": selected})
