"""A cluster beside an app's other resources: images get into it, and its pods find the app by name."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.support.cluster import COMING_UP, K3S_IMAGE, run
from tests.support.waiting import until, until_seen

from fairlead import AppBuilder, Apphost
from fairlead.model.endpoints.consumer import Network
from fairlead.model.observation.cluster import ClusterDocument
from fairlead.model.observation.state import State
from fairlead.testing import Running, testing

pytestmark = [pytest.mark.k3s, pytest.mark.timeout(900)]
BUSYBOX = "busybox:1.35"
REDIS = "redis:7.0-bookworm"
PATIENCE = 180.0
SERVER = """
import http.server, os
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"hello from the host")
http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Answer).serve_forever()
"""


def define(app: AppBuilder) -> None:
    """A cluster of two nodes beside a Redis, a process and a container that is only built."""
    app.add_redis("cache")
    app.add_executable("hello", sys.executable, ".", "server.py").with_http_endpoint(env="PORT")
    tool = app.add_dockerfile("Own_Tool", "./tool").with_explicit_start()
    k8s = app.add_k3s_cluster("k8s", agent_count=1).with_disabled_component("traefik").with_registry()
    k8s.load_image(BUSYBOX).load_image(tool)


@dataclass(frozen=True)
class Kubectl:
    """kubectl in the server of a running app's cluster."""

    app: Running

    def node(self, name: str = "k8s") -> str:
        """The container of a node."""
        return f"{self.app.host.run.app_id}-{name}"

    def __call__(self, *arguments: str) -> str:
        return run("docker", "exec", self.node(), "kubectl", *arguments)

    def start(self, image: str, *pods: str, node: str = "k8s") -> None:
        """Start pods that do nothing."""
        at_node = f'{{"spec": {{"nodeName": "{node}"}}}}'
        for pod in pods:
            options = ("--restart=Never", f"--overrides={at_node}", "--", "sleep", "100000")
            self("run", pod, f"--image={image}", *options)

    def wait(self, *pods: str) -> None:
        """Return when pods are ready."""
        self("wait", "--for=condition=Ready", *(f"pod/{pod}" for pod in pods), f"--timeout={PATIENCE:.0f}s")

    def says(self, pod: str, *command: str) -> str:
        """What a command in a pod writes; empty if it fails."""
        argv = ["docker", "exec", self.node(), "kubectl", "exec", pod, "--", *command]
        return subprocess.run(argv, capture_output=True, text=True, timeout=60).stdout


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    (tmp_path / "server.py").write_text(SERVER)
    (tmp_path / "tool").mkdir()
    write_tool(tmp_path, "one")
    return tmp_path


def write_tool(folder: Path, text: str) -> None:
    (folder / "tool" / "Dockerfile").write_text(f"FROM {BUSYBOX}\nRUN echo {text} > /text\n")


async def test_pods_have_the_apps_names_and_images(folder: Path, image: Callable[[str], str]) -> None:
    """What is loaded must run on every node, what is pushed must be pulled, and pods must reach the app by name."""
    for reference in (K3S_IMAGE, BUSYBOX, REDIS, "registry:2"):
        image(reference)
    async with testing(Apphost(define, "boat", folder / "apphost.py")) as app:
        kubectl = Kubectl(app)
        await app.wait_for("k8s", "healthy", timeout=COMING_UP)
        await check_images_of_nodes(app, kubectl)
        await check_details(app, kubectl)
        await check_names(app, kubectl)
        await check_rebuilt_image(app, kubectl, folder)
        await check_registry(app, kubectl)


async def check_images_of_nodes(app: Running, kubectl: Kubectl) -> None:
    """Both images must be in both nodes by the time that the cluster is ready."""
    for node in ("k8s", "k8s-agent-0"):
        listed = run("docker", "exec", kubectl.node(node), "ctr", "--namespace", "k8s.io", "images", "list", "-q")
        assert {f"docker.io/library/{BUSYBOX}", "docker.io/library/own-tool:dev"} <= set(listed.split())
    loaded = [line.text for line in app.logs("k8s") if line.text.startswith("Loaded ")]
    assert len(loaded) == 1
    assert loaded[0].startswith(f"Loaded {BUSYBOX}, own-tool:dev into k8s, k8s-agent-0: ")
    for node in ("k8s", "k8s-agent-0"):
        kubectl.start("own-tool:dev", f"at-{node}", node=node)
    kubectl.wait("at-k8s", "at-k8s-agent-0")
    for pod in ("at-k8s", "at-k8s-agent-0"):
        assert kubectl.says(pod, "cat", "/text") == "one\n"


async def check_details(app: Running, kubectl: Kubectl) -> None:
    """The page must be told of a pod whose image is missing before all others, and of what the nodes use."""
    kubectl.start("shop/nowhere:1", "lost")
    document = await details_when(app, is_measured_and_in_trouble)
    lost, mine = document.workloads[0], [workload.mine for workload in document.workloads]
    assert (lost.kind, lost.name, lost.mine, lost.ready, lost.wanted) == ("Pod", "lost", True, 0, 1)
    assert mine == sorted(mine, reverse=True)
    assert [(node.name, node.role, node.ready) for node in document.nodes] == [
        ("k8s", "control plane", True),
        ("k8s-agent-0", "agent", True),
    ]
    assert any(event.warning and event.object == "pod/lost" for event in document.events)
    kubectl("delete", "pod", "lost", "--now")


def is_measured_and_in_trouble(document: ClusterDocument) -> bool:
    first = document.workloads[0]
    words = [pod.state for pod in first.pods]
    return words in (["ErrImagePull"], ["ImagePullBackOff"]) and all(node.cpu is not None for node in document.nodes)


async def details_when(app: Running, condition: Callable[[ClusterDocument], bool]) -> ClusterDocument:
    """The first document of the cluster that meets a condition."""
    async with asyncio.timeout(PATIENCE), aclosing(app.host.supervisor.runner("k8s").details()) as documents:
        async for document in documents:
            assert isinstance(document, ClusterDocument)
            if condition(document):
                return document
    raise AssertionError("the cluster has stopped")


async def check_names(app: Running, kubectl: Kubectl) -> None:
    """A container must be found where it is now, a process at this machine's address, and a Service before both."""
    ping = ("sh", "-c", r"printf 'PING\r\nQUIT\r\n' | nc -w 5 cache 6379")
    for pod in ("at-k8s", "at-k8s-agent-0"):
        await until_seen(lambda pod=pod: "+PONG" in kubectl.says(pod, *ping), "Redis answers", within=PATIENCE)  # type: ignore[misc]
    hello = app.app["hello"]
    host, port = app.host.run.addresses.address(hello, hello.endpoints["http"], Network.POD)
    for name in (host, "hello"):
        call = ("wget", "-qO-", f"http://{name}:{port}/")  # what passes it on runs in this very loop
        assert await asyncio.to_thread(kubectl.says, "at-k8s-agent-0", *call) == "hello from the host"

    before = address_of(kubectl.node("cache"))
    await app.command("cache", "stop")
    await until(lambda: app.snapshot("cache").state is State.EXITED, "Redis has stopped", within=PATIENCE)
    networks = "{{range $name, $_ := .NetworkSettings.Networks}}{{$name}}{{end}}"
    network = run("docker", "inspect", "--format", networks, kubectl.node())
    label = f"dev.fairlead.run={app.host.run.run_id}"  # by which it goes should this test be killed
    squatter = run("docker", "run", "--detach", "--network", network, "--label", label, BUSYBOX, "sleep", "1000")
    await app.command("cache", "start")
    await until(lambda: app.snapshot("cache").state is State.RUNNING, "Redis runs", within=PATIENCE)
    assert address_of(kubectl.node("cache")) != before
    run("docker", "rm", "--force", squatter)
    await until_seen(lambda: "+PONG" in kubectl.says("at-k8s", *ping), "Redis answers again", within=PATIENCE)

    kubectl("create", "service", "clusterip", "cache", "--tcp=80:80")
    service = kubectl("get", "service", "cache", "--output=jsonpath={.spec.clusterIP}")
    found = ("ping", "-c", "1", "-W", "1", "cache")
    await until_seen(lambda: service in kubectl.says("at-k8s", *found), "the Service goes before", within=PATIENCE)


def address_of(container: str) -> str:
    return run("docker", "inspect", "--format", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", container)


async def check_rebuilt_image(app: Running, kubectl: Kubectl, folder: Path) -> None:
    """An image that the app has built anew must be in the nodes soon, and the log must name the pods of the old one."""
    write_tool(folder, "two")
    await app.command("Own_Tool", "start")
    text = "pod default/at-k8s still runs an earlier own-tool:dev"
    await until(lambda: any(text in line.text for line in app.logs("k8s")), "the log says so", within=PATIENCE)
    kubectl.start("own-tool:dev", "new-tool")
    kubectl.wait("new-tool")
    assert kubectl.says("new-tool", "cat", "/text") == "two\n"


async def check_registry(app: Running, kubectl: Kubectl) -> None:
    """What is pushed from this machine must be pulled by the nodes, by either name of the registry."""
    await app.wait_for("k8s-registry", "healthy", timeout=PATIENCE)
    pushed = f"{app.endpoint('k8s-registry').removeprefix('http://').replace('127.0.0.1', 'localhost')}/box:1"
    run("docker", "tag", BUSYBOX, pushed)
    try:
        run("docker", "push", pushed)
    finally:
        run("docker", "rmi", pushed)
    kubectl.start(pushed, "pulled")
    kubectl.start("k8s-registry:5000/box:1", "pulled-by-name", node="k8s-agent-0")
    kubectl.wait("pulled", "pulled-by-name")
    hosting = kubectl("get", "configmap", "local-registry-hosting", "--namespace=kube-public", "--output=yaml")
    assert f"host: {pushed.partition('/')[0]}" in hosting
