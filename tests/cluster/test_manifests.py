"""Manifests in a real cluster: what only a real API server, its controllers and a real Kustomize can show."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.support.cluster import COMING_UP, Cluster
from tests.support.fake_cluster import FakeCluster
from tests.support.waiting import until_seen

from fairlead import AppBuilder, Apphost, FairleadError
from fairlead.drivers.k3s.manifests.inventory import Inventory, inventories
from fairlead.engines.kube import KubernetesApi, ObjectKind, ObjectRef
from fairlead.engines.kube.client import connect
from fairlead.engines.kube.kubeconfig import parse
from fairlead.testing import Running, testing

pytestmark = pytest.mark.k3s

CONFIG_MAP = ObjectKind("v1", "ConfigMap")
DEFINITION = ObjectKind("apiextensions.k8s.io/v1", "CustomResourceDefinition")
KUBECTL = "alpine/kubectl:1.36.0"


@pytest.fixture
async def api(cluster: Cluster) -> AsyncIterator[KubernetesApi]:
    """The API of the tests' cluster, with all rights."""
    await until_seen(cluster.is_up, "the cluster is up", within=COMING_UP)
    api = await connect(parse(cluster.write_kubeconfig().read_text()))
    yield api
    await api.close()


@pytest.fixture
async def scope(api: KubernetesApi) -> AsyncIterator[str]:
    """A name of the test's own: its namespace, its manifest and the group of its kinds are called so."""
    name = f"manifest-{uuid.uuid4().hex[:8]}"
    yield name
    await Inventory(api, name, "").write(())
    await api.delete(ObjectRef(DEFINITION, f"widgets.{name}.example.com"))
    await api.delete(ObjectRef(ObjectKind("v1", "Namespace"), name))


@asynccontextmanager
async def running(folder: Path, api: KubernetesApi, name: str, source: Any, **options: Any) -> AsyncIterator[Running]:
    """An app with one manifest, in the tests' cluster."""

    def define(app: AppBuilder) -> None:
        app.add(FakeCluster("k8s", api)).add_k8s_manifest(name, source, namespace=name, **options)

    async with testing(Apphost(define, name="boat", file=folder / "apphost.py")) as app:
        yield app


def write(folder: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)


def namespace(name: str) -> str:
    return f"apiVersion: v1\nkind: Namespace\nmetadata: {{name: {name}}}\n"


def widgets(scope: str) -> str:
    return f"""
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {{name: widgets.{scope}.example.com}}
spec:
  group: {scope}.example.com
  scope: Namespaced
  names: {{plural: widgets, singular: widget, kind: Widget}}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {{openAPIV3Schema: {{type: object, properties: {{size: {{type: integer}}}}}}}}
"""


def widget(scope: str, name: str) -> str:
    return f"apiVersion: {scope}.example.com/v1\nkind: Widget\nmetadata: {{name: {name}}}\nsize: 1\n"


async def test_a_kind_and_its_objects_in_one_folder(tmp_path: Path, api: KubernetesApi, scope: str) -> None:
    """A definition, its objects and their namespace may come from one folder; what is removed or changed follows."""
    kind = ObjectKind(f"{scope}.example.com/v1", "Widget")
    job = """
apiVersion: batch/v1
kind: Job
metadata: {name: once}
spec:
  suspend: true
  template:
    spec:
      restartPolicy: Never
      containers: [{name: once, image: busybox:1.35, imagePullPolicy: IfNotPresent, command: ["true"]}]
"""
    write(
        tmp_path / "k8s",
        {
            "a.yaml": widget(scope, "one"),
            "b/widget.yaml": widget(scope, "two"),
            "c.yaml": widgets(scope),
            "d.yaml": namespace(scope),
            "e.yaml": job,
        },
    )
    async with running(tmp_path, api, scope, "k8s") as app:
        await app.wait_for(scope, "completed")
        for name in ("one", "two"):
            assert await api.get(ObjectRef(kind, name, scope)) is not None

        (tmp_path / "k8s/b/widget.yaml").unlink()
        (tmp_path / "k8s/e.yaml").write_text(job.replace('["true"]', '["sh", "-c", "true"]'))
        await app.command(scope, "restart")
        await app.wait_for(scope, "completed")
        lines = [line.text for line in app.logs(scope)]

    assert f"Recreating Job {scope}/once: what it runs has changed, and a Job runs once" in lines
    assert f"Removed Widget {scope}/two, which is no longer declared" in lines
    assert await api.get(ObjectRef(kind, "two", scope)) is None
    assert ObjectRef(kind, "one", scope) in (await inventories(api))[scope]


async def test_an_overlay_with_a_base_outside_of_it(
    tmp_path: Path, api: KubernetesApi, scope: str, image: Callable[[str], str]
) -> None:
    """An overlay of ``../../base`` with a component must be in the cluster as Kustomize builds it."""
    image(KUBECTL)
    write(
        tmp_path,
        {
            "k8s/base/kustomization.yaml": "resources: [namespace.yaml, crd.yaml, widget.yaml]\n",
            "k8s/base/namespace.yaml": namespace(scope),
            "k8s/base/crd.yaml": widgets(scope),
            "k8s/base/widget.yaml": widget(scope, "one"),
            "k8s/component/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"
            "configMapGenerator: [{name: settings, literals: [a=b]}]\n"
            "generatorOptions: {disableNameSuffixHash: true}\n",
            "k8s/overlays/dev/kustomization.yaml": f"resources: [../../base]\nnamespace: {scope}\n"
            "components: [../../component]\nlabels: [{pairs: {stage: dev}}]\n",
        },
    )
    async with running(tmp_path, api, scope, "k8s/overlays/dev") as app:
        await app.wait_for(scope, "completed")

    settings = await api.get(ObjectRef(CONFIG_MAP, "settings", scope))
    assert settings is not None
    assert settings["data"] == {"a": "b"}
    assert settings["metadata"]["labels"]["stage"] == "dev"
    assert await api.get(ObjectRef(ObjectKind(f"{scope}.example.com/v1", "Widget"), "one", scope)) is not None


async def test_a_pod_that_does_not_come_up_is_the_reason(
    tmp_path: Path, api: KubernetesApi, scope: str, cluster: Cluster, image: Callable[[str], str]
) -> None:
    """A Deployment that is never ready must fail its manifest in time, with the reason of its pod."""
    cluster.bring([image("busybox:1.35")])
    reference = {"secretKeyRef": {"name": "password", "key": "value"}}
    container = {
        "name": "web",
        "image": "busybox:1.35",
        "imagePullPolicy": "IfNotPresent",
        "env": [{"name": "PASSWORD", "valueFrom": reference}],
    }
    pods = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [container]}}
    spec = {"selector": {"matchLabels": {"app": "web"}}, "template": pods}
    web = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": spec}
    shop = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": scope}}

    async with running(tmp_path, api, scope, [web, shop], timeout=10) as app:
        with pytest.raises(FairleadError) as caught:
            await app.wait_for(scope, "completed")

    assert f"Deployment {scope}/web: 0 of 1 pod" in str(caught.value)
    assert "its container needs the Secret password, which does not exist" in str(caught.value)
