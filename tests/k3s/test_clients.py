"""The clients that people use, with the kubeconfigs that Fairlead gives them: from this machine and from containers."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import AsyncIterator, Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from tests.support.cluster import COMING_UP, K3S_IMAGE, run

from fairlead import AppBuilder, Apphost
from fairlead.testing import Running, testing

pytestmark = [pytest.mark.k3s, pytest.mark.timeout(900), pytest.mark.asyncio(loop_scope="module")]
#: The client, of which only a part is typed.
official: Any = import_module("kubernetes")
KUBECTL_IMAGE = "alpine/kubectl:1.36.0"
HELM_IMAGE = "alpine/helm:3.17.3"
PYTHON_IMAGE = "python:3.11-slim-bookworm"
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
#: An account that may look at ConfigMaps, and at nothing else.
ACCOUNT: list[dict[str, Any]] = [
    {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "reader"}},
    {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "Role",
        "metadata": {"name": "reader"},
        "rules": [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["list"]}],
    },
    {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": {"name": "reader"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "reader"},
        "subjects": [{"kind": "ServiceAccount", "name": "reader"}],
    },
]


def site_packages() -> Path:
    """Where the official client is installed."""
    return Path(official.__file__).parents[1]


def define(app: AppBuilder) -> None:
    """A cluster, programs of this machine and containers that refer to it, and one with fewer rights."""
    cluster = app.add_k3s_cluster("k8s")
    for component in ("traefik", "metrics-server", "local-storage", "servicelb"):
        cluster.with_disabled_component(component)
    cluster.add_k8s_manifest("account", ACCOUNT)
    app.add_executable("program", "sleep", ".", "1000").with_reference(cluster)
    app.add_executable("reader", "sleep", ".", "1000").with_reference(cluster, service_account="default/reader")
    for name, image in (("kubectl", KUBECTL_IMAGE), ("helm", HELM_IMAGE), ("python", PYTHON_IMAGE)):
        box = app.add_container(name, image).with_entrypoint("sleep", "1000").with_reference(cluster)
        if name == "python":
            box.with_bind_mount(site_packages(), "/packages", read_only=True).with_environment(
                "PYTHONPATH", "/packages"
            )


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def app(image: Callable[[str], str]) -> AsyncIterator[Running]:
    """The app, with its cluster ready and all that refers to it up."""
    for name in (K3S_IMAGE, KUBECTL_IMAGE, HELM_IMAGE, PYTHON_IMAGE):
        image(name)
    async with testing(Apphost(define, name="clients", file=__file__)) as running:
        await running.wait_healthy("k8s", COMING_UP)
        for name in ("program", "reader", "kubectl", "helm", "python"):
            await running.wait_healthy(name, COMING_UP)
        yield running


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


async def test_kubectl(app: Running, tmp_path: Path, image: Callable[[str], str]) -> None:
    """It must discover, list and watch, as the clients that show a whole cluster do: from a container and from here."""
    kubectl = tmp_path / "kubectl"
    container = run("docker", "create", image(KUBECTL_IMAGE))
    try:
        path = inside(app, "kubectl", "which", "kubectl")
        run("docker", "cp", "--follow-link", f"{container}:{path}", kubectl)
    finally:
        run("docker", "rm", container)
    in_container = ("docker", "exec", dict(app.snapshot("kubectl").properties)["container"], "kubectl")
    for command in (in_container, (str(kubectl), "--kubeconfig", kubeconfig(app, "program"))):
        kinds = run(*command, "api-resources")
        assert re.search(r"^deployments +deploy +apps/v1 +true +Deployment", kinds, re.MULTILINE)
        nodes = json.loads(run(*command, "get", "nodes", "--output", "json"))["items"]
        assert [node["metadata"]["name"] for node in nodes] == ["k8s"]
        assert run(*command, "auth", "can-i", "*", "*", "--all-namespaces") == "yes"
        assert "condition met" in run(*command, "wait", "nodes", "--all", "--for=condition=Ready", "--timeout=120s")


async def test_helm(app: Running, helm: Path, tmp_path: Path) -> None:
    """It must install from here what it then finds from a container."""
    chart = tmp_path / "web"
    (chart / "templates").mkdir(parents=True)
    (chart / "Chart.yaml").write_text("apiVersion: v2\nname: web\nversion: 1.0.0\n")
    (chart / "templates" / "config.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\n")
    run(helm, "--kubeconfig", kubeconfig(app, "program"), "install", "web", chart)
    (release,) = json.loads(inside(app, "helm", "helm", "list", "--output", "json"))
    assert (release["name"], release["status"]) == ("web", "deployed")


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
