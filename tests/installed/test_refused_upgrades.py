"""What publishing says of an upgrade that Kubernetes refuses: it is refused, and the printed procedure brings it in."""

from __future__ import annotations

import asyncio
import re
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.support.charts import built
from tests.support.cluster import COMING_UP, Cluster
from tests.support.waiting import until_seen

from fairlead import AppBuilder, KubernetesObjects
from fairlead.publish.publisher import publish

NAMESPACE = "refused"
IMAGE = "busybox:1.35"
RBAC = "rbac.authorization.k8s.io/v1"
ROLLING = (("statefulset", "larger"), ("statefulset", "served"), ("deployment", "web"), ("daemonset", "each"))

pytestmark = [pytest.mark.k3s, pytest.mark.timeout(600)]


def app_of(*, is_new: bool) -> Callable[[AppBuilder], None]:
    """An app in which all that can't be changed changes."""

    def select(objects: KubernetesObjects) -> None:
        if is_new:
            spec = objects.workload["spec"]
            spec["selector"]["matchLabels"]["team"] = spec["template"]["metadata"]["labels"]["team"] = "a"

    def serve(objects: KubernetesObjects) -> None:
        if is_new:
            objects["Service"][0]["metadata"]["name"] = "by-another-name"

    def define(app: AppBuilder) -> None:
        size = "2Gi" if is_new else "1Gi"
        k8s = app.add_kubernetes_environment("k8s").with_properties(namespace=NAMESPACE, default_storage_size=size)
        for name, change in (("larger", len), ("selected", select), ("served", serve)):
            sleeping(app, name).with_volume(f"{name}-data", "/data").with_kubernetes_objects(change)
        sleeping(app, "web").with_kubernetes_objects(select)
        sleeping(app, "each").with_workload("DaemonSet").with_kubernetes_objects(select)
        k8s.add_persistent_volume("files").with_source({"hostPath": {"path": f"/srv/{size}"}})
        for body in manifests(size, is_new=is_new):
            k8s.add_manifest(body)

    return define


def sleeping(app: AppBuilder, name: str) -> Any:
    return app.add_container(name, IMAGE, args=["sleep", "1000000"]).with_stop_timeout(1)


def manifests(size: str, *, is_new: bool) -> list[dict[str, Any]]:
    """Objects of the definition's own."""
    version = "2" if is_new else "1"
    container = {"name": "c", "image": IMAGE, "command": ["echo", version]}
    claim = {
        "accessModes": ["ReadWriteMany" if is_new else "ReadWriteOnce"],
        "resources": {"requests": {"storage": "1Gi"}},
    }
    return [
        body("batch/v1", "Job", spec={"template": {"spec": {"restartPolicy": "Never", "containers": [container]}}}),
        body("v1", "Service", spec={"ports": [{"port": 80}], **({"clusterIP": "None"} if is_new else {})}),
        body("v1", "PersistentVolumeClaim", spec=claim),
        body("v1", "Secret", type=f"example.com/{version}", stringData={"a": "b"}),
        body("v1", "ConfigMap", immutable=True, data={"version": version}),
        body(RBAC, "RoleBinding", roleRef={"apiGroup": RBAC.partition("/")[0], "kind": "Role", "name": f"r{version}"}),
        body("scheduling.k8s.io/v1", "PriorityClass", value=int(version)),
        body("storage.k8s.io/v1", "StorageClass", provisioner="example.com/x", parameters={"version": version}),
    ]


def body(api_version: str, kind: str, **fields: Any) -> dict[str, Any]:
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": f"own-{kind.lower()}"}, **fields}


class Release:
    """The release, and the folder that its charts are published into."""

    def __init__(self, cluster: Cluster, folder: Path) -> None:
        self.cluster = cluster
        self.folder = folder

    def publish(self, *, is_new: bool) -> dict[tuple[str, str], str]:
        """The procedures for objects that can't be changed, by kind and name."""
        warnings = publish(built(app_of(is_new=is_new)), self.folder).warnings
        found = {}
        for warning in warnings:
            if named := re.search(r"of its (\w+) '(.*)' can't be changed", warning.message):
                found[named[1], named[2]] = warning.remedy or ""
        return found

    def upgrade(self) -> None:
        self.cluster.helm("upgrade", "--install", "shop", self.folder, "--namespace", NAMESPACE, "--create-namespace")

    def rendered(self) -> dict[tuple[str, str], dict[str, Any]]:
        text = self.cluster.helm("template", "shop", self.folder, "--namespace", NAMESPACE, "--is-upgrade")
        documents = [document for document in yaml.safe_load_all(text) if document]
        return {(found["kind"], found["metadata"]["name"]): found for found in documents}

    def is_refused(self, content: dict[str, Any]) -> bool:
        """Whether the API server refuses what an upgrade would make of an object."""
        command = ["docker", "exec", "--interactive", self.cluster.node, "kubectl", "apply", "--dry-run=server"]
        done = subprocess.run(
            [*command, "--namespace", NAMESPACE, "--filename", "-"],
            input=yaml.safe_dump(content),
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0 or re.search("is invalid|is forbidden", done.stderr), done.stderr
        return done.returncode != 0

    def carry_out(self, remedy: str) -> list[str]:
        """Run the commands of a procedure that come before the upgrade; return those that come after it."""
        commands = re.findall(r"kubectl [^.:;]*[a-z0-9]", remedy)
        later = [command for command in commands if " rollout restart " in command]
        for command in commands:
            if command not in later:
                self.cluster.kubectl(*shlex.split(command)[1:], "--timeout=100s")
        return later


@pytest.fixture
def release(cluster: Cluster, image: Callable[[str], str], tmp_path: Path) -> Release:
    asyncio.run(until_seen(cluster.is_up, "the cluster is up", within=COMING_UP))
    cluster.bring([image(IMAGE)])
    return Release(cluster, tmp_path / "chart")


def test_what_is_warned_of_is_refused_and_the_procedures_work(release: Release) -> None:
    """Exactly the objects that publishing names must be refused, and its commands must bring the upgrade in."""
    release.publish(is_new=False)
    release.upgrade()
    cluster = release.cluster
    roll_out(cluster)
    kept = uid(cluster, "pod", "larger-0"), uid(cluster, "persistentvolumeclaim", "larger-data-larger-0")
    warned = release.publish(is_new=True)

    assert {key for key, content in release.rendered().items() if release.is_refused(content)} == set(warned)
    with pytest.raises(AssertionError, match="UPGRADE FAILED"):
        release.upgrade()

    claims_first = sorted(warned, key=lambda key: key[0] != "PersistentVolumeClaim")
    later = [command for key in claims_first for command in release.carry_out(warned[key])]
    release.upgrade()
    for command in later:
        cluster.kubectl(*shlex.split(command)[1:])
    roll_out(cluster)

    assert not [key for key, content in release.rendered().items() if release.is_refused(content)]
    assert (uid(cluster, "pod", "larger-0"), uid(cluster, "persistentvolumeclaim", "larger-data-larger-0")) == kept
    assert field(cluster, "pod", "served-0", "{.spec.subdomain}") == "by-another-name"


def roll_out(cluster: Cluster) -> None:
    """Wait until all pods are as the release has them."""
    for kind, name in ROLLING:
        cluster.kubectl("rollout", "status", f"{kind}/{name}", "--namespace", NAMESPACE, "--timeout=150s")


def uid(cluster: Cluster, kind: str, name: str) -> str:
    return field(cluster, kind, name, "{.metadata.uid}")


def field(cluster: Cluster, kind: str, name: str, path: str) -> str:
    return cluster.kubectl("get", kind, name, "--namespace", NAMESPACE, "--output", f"jsonpath={path}")
