"""What images are called in nodes, what a node has, and which workloads run an earlier one."""

from __future__ import annotations

from typing import Any

import pytest

from fairlead.drivers.k3s.images.node_images import (
    ListedImage,
    NodeImage,
    archive_names,
    full_name,
    has_image,
    listed_images,
)
from fairlead.drivers.k3s.images.outdated_pods import Workload, outdated
from fairlead.engines.kube import Object

LISTED = """\
REF                       TYPE                    DIGEST      SIZE      PLATFORMS   LABELS
docker.io/library/api:dev application/vnd.docker… sha256:aaaa 75.2 MiB  linux/amd64 \
dev.fairlead.digest=sha256:aaaa,dev.fairlead.image=sha256:1111,io.cri-containerd.image=managed
docker.io/library/old:dev application/vnd.docker… sha256:bbbb 670.4 KiB linux/amd64 \
dev.fairlead.digest=sha256:0000,dev.fairlead.image=sha256:2222
docker.io/library/hand:1  application/vnd.oci…    sha256:cccc 1.0 MiB   linux/amd64,linux/arm64 -
sha256:3333               application/vnd.oci…    sha256:cccc 1.0 MiB   linux/amd64,linux/arm64 -
"""


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("api", "docker.io/library/api:latest"),
        ("api:dev", "docker.io/library/api:dev"),
        ("alpine/helm:3", "docker.io/alpine/helm:3"),
        ("docker.io/api:dev", "docker.io/library/api:dev"),
        ("docker.io/alpine/helm", "docker.io/alpine/helm:latest"),
        ("ghcr.io/acme/api:1", "ghcr.io/acme/api:1"),
        ("localhost/api", "localhost/api:latest"),
        ("localhost:5000/api:dev", "localhost:5000/api:dev"),
        ("registry:5000/api", "registry:5000/api:latest"),
    ],
)
def test_the_full_name_of_an_image(reference: str, expected: str) -> None:
    """Names must be completed as Docker and the kubelet do."""
    assert full_name(reference) == expected


def test_names_in_an_archive() -> None:
    """Podman's own name must be looked for where the user gave no registry, and nowhere else."""
    assert archive_names("api:dev", "docker") == ("docker.io/library/api:dev",)
    assert archive_names("api:dev", "podman") == ("localhost/api:dev", "docker.io/library/api:dev")
    assert archive_names("docker.io/acme/api:1", "podman") == ("docker.io/acme/api:1",)
    assert archive_names("ghcr.io/acme/api:1", "podman") == ("ghcr.io/acme/api:1",)


@pytest.mark.parametrize(
    ("name", "id", "expected"),
    [
        ("api:dev", "sha256:1111", True),
        ("api:dev", "sha256:9999", False),  # built anew
        ("old:dev", "sha256:2222", False),  # something else has taken the name since
        ("hand:1", "sha256:3333", True),  # brought in by other means
        ("hand:1", "sha256:1111", False),
        ("new:1", "sha256:3333", False),  # there, and under no such name
    ],
)
def test_whether_a_node_has_an_image(name: str, id: str, expected: bool) -> None:
    """A node must count as having an image only if its name stands for that very image."""
    assert has_image(listed_images(LISTED), NodeImage(name, name, id)) is expected


def pod(image_id: str, *, owner: tuple[str, str] | None = None, **changes: Any) -> Object:
    """A pod with a container of the image api:dev."""
    metadata: dict[str, Any] = {"name": "api-7-x", "namespace": "shop", "labels": {"pod-template-hash": "7"}}
    if owner is not None:
        metadata["ownerReferences"] = [{"kind": owner[0], "name": owner[1], "controller": True}]
    status = {"name": "main", "state": {"running": {}}, "imageID": image_id}
    parts: dict[str, Any] = {
        "metadata": metadata | changes.pop("metadata", {}),
        "spec": {"containers": [{"name": "main", "image": changes.pop("image", "api:dev")}]},
        "status": {"phase": "Running", "containerStatuses": [status]} | changes,
    }
    return parts


@pytest.mark.parametrize(
    ("a_pod", "expected"),
    [
        (pod("sha256:5555"), [Workload("pod", "shop", "api-7-x")]),
        (pod("docker.io/library/api@sha256:aaaa"), []),
        (pod("docker.io/library/api@sha256:ffff"), [Workload("pod", "shop", "api-7-x")]),
        (pod("sha256:3333"), [Workload("pod", "shop", "api-7-x")]),
        (pod("sha256:5555", owner=("ReplicaSet", "api-7")), [Workload("deployment", "shop", "api")]),
        (pod("sha256:5555", owner=("StatefulSet", "api")), [Workload("statefulset", "shop", "api")]),
        (pod("sha256:5555", image="other:dev"), []),
        (pod("sha256:5555", image="docker.io/library/api:dev"), [Workload("pod", "shop", "api-7-x")]),
        (pod("sha256:5555", phase="Succeeded"), []),
        (pod("sha256:5555", metadata={"deletionTimestamp": "now"}), []),
    ],
)
def test_which_workloads_run_an_earlier_image(a_pod: Object, expected: list[Workload]) -> None:
    """A workload must be named if one of its pods runs another image than its name stands for now."""
    assert outdated([a_pod], "api:dev", listed_images(LISTED)) == expected


def test_how_a_workload_gets_the_new_image() -> None:
    """What Kubernetes rolls out must be rolled out again; anything else must be deleted."""
    assert Workload("daemonset", "shop", "api").remedy == "kubectl rollout restart daemonset/api --namespace shop"
    assert Workload("pod", "shop", "api").remedy == "kubectl delete pod/api --namespace shop"


def test_a_note_holds_while_the_name_stands_for_the_same() -> None:
    """A note of an image must be dropped once its name was given to another one."""
    labels = {"dev.fairlead.image": "sha256:1111", "dev.fairlead.digest": "sha256:aaaa"}
    assert ListedImage("sha256:aaaa", labels).engine_id == "sha256:1111"
    assert ListedImage("sha256:bbbb", labels).engine_id is None
