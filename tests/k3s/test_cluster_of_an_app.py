"""A cluster beside an app's other resources: its pods, its charts, and those who use it from outside.

One app is there for all of it, as a cluster takes a processor while it starts. What a test creates has its own names.
"""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from pathlib import Path

import pytest
import pytest_asyncio
import yaml
from tests.support.app_with_cluster import (
    BUSYBOX,
    IMAGES,
    PATIENCE,
    Kubectl,
    definition,
    official,
    write_folder,
    write_tool,
)
from tests.support.cluster import COMING_UP, run
from tests.support.containers import text
from tests.support.waiting import until, until_seen

from fairlead import Apphost
from fairlead.model.endpoints.consumer import Network
from fairlead.model.observation.cluster import ClusterDocument
from fairlead.model.observation.state import State
from fairlead.testing import Running, testing

pytestmark = [pytest.mark.k3s, pytest.mark.timeout(900), pytest.mark.asyncio(loop_scope="module")]
#: What a program does that uses the official client: it finds KUBECONFIG by itself, lists, and watches.
PROGRAM = """
import kubernetes
kubernetes.config.load_kube_config()
core = kubernetes.client.CoreV1Api()
assert core.api_client.configuration.verify_ssl and core.api_client.configuration.ssl_ca_cert
for event in kubernetes.watch.Watch().stream(core.list_namespace, timeout_seconds=60):
    print(event["object"].metadata.name)
    if event["object"].metadata.name == "default":
        break
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, helm: Path) -> Path:
    """The app's folder."""
    folder = tmp_path_factory.mktemp("boat")
    write_folder(folder, helm)
    return folder


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def app(folder: Path, image: Callable[[str], str]) -> AsyncIterator[Running]:
    """The app, with its cluster ready and all that refers to it up."""
    for name in IMAGES:
        image(name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        patch.setenv("HELM_REPOSITORY_CONFIG", str(folder / "repositories.yaml"))
        async with testing(Apphost(definition(folder), "boat", folder / "apphost.py")) as running:
            for name in ("k8s", "program", "reader", "kubectl", "helm", "python"):
                await running.wait_healthy(name, COMING_UP)
            yield running


async def test_pods_have_the_apps_names_and_images(app: Running, folder: Path) -> None:
    """What is loaded must run on every node, what is pushed must be pulled, and pods must reach the app by name."""
    kubectl = Kubectl(app)
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
    kubectl("delete", "service", "cache")


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


async def test_charts_of_an_apps_own(app: Running, folder: Path, helm: Path) -> None:
    """Charts of a folder, a private repository and a registry must be installed with values of the app, and answer."""
    await app.wait_for("local", "completed", PATIENCE)
    await app.wait_for("remote", "completed", PATIENCE)
    await app.wait_for("k8s-registry", "healthy", PATIENCE)
    host = app.endpoint("k8s-registry").removeprefix("http://")
    await asyncio.to_thread(
        run, helm, "push", folder / "repository" / "web-1.2.3.tgz", f"oci://{host}/charts", "--plain-http"
    )
    await app.command("pushed", "start")
    await app.wait_for("pushed", "completed", PATIENCE)
    await check_local(app)


async def check_local(app: Running) -> None:
    """Its values must be the app's, its Service must have an address, and no log may tell the secret."""
    node = f"{app.host.run.app_id}-k8s"

    def kubectl(*arguments: str) -> str:
        return subprocess.run(["docker", "exec", node, "kubectl", *arguments], capture_output=True, text=True).stdout

    values = await asyncio.to_thread(kubectl, "get", "configmap", "local", "--output=jsonpath={.data.values}")
    seen = yaml.safe_load(values)
    assert seen["word"] == "s3cret-word"
    host, _, port = seen["redis"]["address"].partition(":")
    ping = ("sh", "-c", f"printf 'PING\\r\\nQUIT\\r\\n' | nc -w 5 {host} {port}")
    ask = ("exec", "deploy/local", "--", *ping)
    await until_seen(lambda: "+PONG" in kubectl(*ask), "Redis answers", within=PATIENCE)
    assert await asyncio.to_thread(kubectl, "get", "service", "local", "--output=jsonpath={.status.loadBalancer}")
    await until(lambda: "STATUS: deployed" in text(app, "local"), "Helm's words are in the log")
    assert "s3cret-word" not in text(app, "local")


def inside(app: Running, name: str, *command: str) -> str:
    """What a command writes in a container."""
    return run("docker", "exec", dict(app.snapshot(name).properties)["container"], *command)


def kubeconfig(app: Running, name: str) -> str:
    """The path of the kubeconfig that a program of this machine has."""
    return app.environment(name)["KUBECONFIG"]


async def test_the_official_python_client(app: Running) -> None:
    """It must find its kubeconfig, be let in, and watch: as a program of this machine and in a container."""
    here = run("env", f"KUBECONFIG={kubeconfig(app, 'program')}", sys.executable, "-c", PROGRAM)
    assert "default" in here.split()
    assert "default" in inside(app, "python", "python", "-c", PROGRAM).split()


async def test_the_certificate_is_what_it_is_verified_by(app: Running) -> None:
    """Without the cluster's authority a client must refuse the connection, and so it did verify it with that."""
    configuration = official.client.Configuration()
    official.config.load_kube_config(kubeconfig(app, "program"), client_configuration=configuration)
    configuration.ssl_ca_cert = None
    configuration.retries = False
    with official.client.ApiClient(configuration) as client, pytest.raises(Exception, match="CERTIFICATE_VERIFY"):
        official.client.VersionApi(client).get_code()
    for name in ("program", "reader"):
        assert "insecure" not in Path(kubeconfig(app, name)).read_text()


async def test_kubectl(app: Running, kubectl: Path) -> None:
    """It must discover, list and watch, as the clients that show a whole cluster do: from a container and from here."""
    in_container = ("docker", "exec", dict(app.snapshot("kubectl").properties)["container"], "kubectl")
    for command in (in_container, (str(kubectl), "--kubeconfig", kubeconfig(app, "program"))):
        kinds = run(*command, "api-resources")
        assert re.search(r"^deployments +deploy +apps/v1 +true +Deployment", kinds, re.MULTILINE)
        nodes = json.loads(run(*command, "get", "nodes", "--output", "json"))["items"]
        assert [node["metadata"]["name"] for node in nodes] == ["k8s", "k8s-agent-0"]
        assert run(*command, "auth", "can-i", "*", "*", "--all-namespaces") == "yes"
        assert "condition met" in run(*command, "wait", "nodes", "--all", "--for=condition=Ready", "--timeout=120s")


async def test_helm(app: Running, helm: Path, tmp_path: Path) -> None:
    """It must install from here what it then finds from a container."""
    chart = tmp_path / "from-here"
    (chart / "templates").mkdir(parents=True)
    (chart / "Chart.yaml").write_text("apiVersion: v2\nname: from-here\nversion: 1.0.0\n")
    (chart / "templates" / "config.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: from-here}\n")
    run(helm, "--kubeconfig", kubeconfig(app, "program"), "install", "from-here", chart)
    (release,) = json.loads(inside(app, "helm", "helm", "list", "--filter", "^from-here$", "--output", "json"))
    assert (release["name"], release["status"]) == ("from-here", "deployed")


async def test_an_account_has_its_rights_alone(app: Running) -> None:
    """A consumer that acts as a ServiceAccount must be able to do what its Role says, and nothing else."""
    configuration = official.client.Configuration()
    await asyncio.to_thread(
        official.config.load_kube_config, kubeconfig(app, "reader"), client_configuration=configuration
    )
    with official.client.ApiClient(configuration) as client:
        core = official.client.CoreV1Api(client)
        assert core.list_namespaced_config_map("default").items
        with pytest.raises(official.client.ApiException) as caught:
            core.list_namespace()
    assert caught.value.status == 403
    assert "system:serviceaccount:default:reader" in str(caught.value.body)
