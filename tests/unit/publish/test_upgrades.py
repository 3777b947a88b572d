"""An upgrade that Kubernetes would refuse is foreseen where the previous chart is in the output folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.support.charts import built

from fairlead import AppBuilder, KubernetesObjects, PublishError
from fairlead.publish.publisher import publish

FORMATS = ["helm", "manifests", "kustomize"]
BOUND = "an upgrade from the chart in the folder is refused: "
Define = Callable[[AppBuilder], None]


def warnings(folder: Path, *definitions: Define, **options: Any) -> list[str]:
    """The warnings of the last of several publishes into one folder."""
    *_, last = [publish(built(define), folder, **options) for define in definitions]
    return [f"{warning.resource}: {warning.message}. {warning.remedy}" for warning in last.warnings]


def store(
    change: Callable[[KubernetesObjects], object] = len,
    *volumes: str,
    size: str = "1Gi",
    storage_class: str | None = None,
) -> Define:
    """An app with a StatefulSet."""

    def define(app: AppBuilder) -> None:
        k8s = app.add_kubernetes_environment("k8s").with_properties(namespace="shop", default_storage_size=size)
        if storage_class is not None:
            k8s.with_properties(default_storage_class_name=storage_class)
        api = app.add_container("api", "busybox:1.35").with_volume("data", "/data").with_kubernetes_objects(change)
        for volume in volumes:
            api.with_volume(volume, f"/{volume}")

    return define


def manifest(kind: str, api_version: str = "v1", **fields: Any) -> Define:
    """An app with an object of the definition's own."""

    def define(app: AppBuilder) -> None:
        body = {"apiVersion": api_version, "kind": kind, "metadata": {"name": "mine"}, **fields}
        app.add_kubernetes_environment("k8s").add_manifest(body)

    return define


@pytest.mark.parametrize("format", FORMATS)
def test_claims_that_change_are_foreseen(tmp_path: Path, format: str) -> None:
    """More space, another class or one more volume must each be warned of, by field and procedure, in all formats."""
    expected = (
        f"api: {BOUND}spec.volumeClaimTemplates of its StatefulSet 'api' can't be changed. Remove it before the "
        "upgrade, but not its pods, which the upgrade takes over: kubectl delete statefulset api --cascade=orphan "
        "--namespace shop. Claims that exist stay as they were."
    )

    larger = warnings(tmp_path / "a", store(), store(size="2Gi"), format=format)
    other = warnings(tmp_path / "b", store(), store(storage_class="fast"), format=format)
    more = warnings(tmp_path / "c", store(), store(len, "more"), format=format)

    assert larger == other == more == [expected]


@pytest.mark.parametrize("format", FORMATS)
def test_a_value_that_changes_together_with_its_template_is_foreseen(tmp_path: Path, format: str) -> None:
    """More space must be warned of also where the same publish changes the pods."""

    def tune(objects: KubernetesObjects) -> None:
        objects.container["args"] = ["x"]

    (warning,) = warnings(tmp_path, store(), store(tune, size="2Gi"), format=format)
    assert "spec.volumeClaimTemplates of its StatefulSet 'api'" in warning


def test_another_way_to_write_a_class_is_no_change(tmp_path: Path) -> None:
    """A claim whose class an older Fairlead wrote as the value alone must count as the same claim."""
    publish(built(store()), tmp_path)
    file = tmp_path / "templates/api/statefulset.yaml"
    (line,) = [line for line in file.read_text().splitlines() if "storageClassName: " in line]
    older = f'{line.partition("{{")[0]}{{{{ index .Values "storage" "data" "storageClass" | quote }}}}'
    file.write_text(file.read_text().replace(line, older))
    assert warnings(tmp_path, store()) == []
    values = tmp_path / "values.yaml"
    values.write_text(values.read_text().replace('storageClass: ""', 'storageClass: "fast"'))
    assert len(warnings(tmp_path, store())) == 1


def test_what_can_be_changed_is_no_warning(tmp_path: Path) -> None:
    """Images, replicas, variables and files of a StatefulSet must change without a word, and so must nothing."""

    def tune(objects: KubernetesObjects) -> None:
        objects.workload["spec"]["replicas"] = 3
        objects.container["args"] = ["x"]
        objects.workload["metadata"]["labels"]["team"] = "a"

    assert not warnings(tmp_path, store(), store(tune), store(tune), store())


@pytest.mark.parametrize("format", FORMATS)
def test_a_selector_that_changes_is_foreseen(tmp_path: Path, format: str) -> None:
    """Labels by which a Deployment finds its pods must be warned of, though only a few lines of its file are read."""

    def define(label: str) -> Define:
        def define_app(app: AppBuilder) -> None:
            def select(objects: KubernetesObjects) -> None:
                spec = objects.workload["spec"]
                spec["selector"]["matchLabels"]["team"] = spec["template"]["metadata"]["labels"]["team"] = label

            app.add_container("web", "busybox:1.35").with_kubernetes_objects(select)

        return define_app

    assert warnings(tmp_path, define("a"), define("b"), format=format) == [
        f"web: {BOUND}spec.selector of its Deployment 'web' can't be changed. Remove it before the upgrade, which "
        "creates it again: kubectl delete deployment web. Its pods are gone until then."
    ]


@pytest.mark.parametrize(
    ("before", "after", "field"),
    [
        (
            manifest("Job", "batch/v1", spec={"template": {"spec": {"containers": [{"name": "c", "image": "a:1"}]}}}),
            manifest("Job", "batch/v1", spec={"template": {"spec": {"containers": [{"name": "c", "image": "a:2"}]}}}),
            "spec.template of its Job",
        ),
        (
            manifest("Service", spec={"selector": {"app": "a"}}),
            manifest("Service", spec={"selector": {"app": "a"}, "clusterIP": "None"}),
            "spec.clusterIP of its Service",
        ),
        (
            manifest("PersistentVolumeClaim", spec={"accessModes": ["ReadWriteOnce"]}),
            manifest("PersistentVolumeClaim", spec={"accessModes": ["ReadWriteMany"]}),
            "spec.accessModes of its PersistentVolumeClaim",
        ),
        (
            manifest("PersistentVolume", spec={"hostPath": {"path": "/a"}, "capacity": {"storage": "1Gi"}}),
            manifest("PersistentVolume", spec={"hostPath": {"path": "/b"}, "capacity": {"storage": "2Gi"}}),
            "spec.hostPath of its PersistentVolume",
        ),
        (manifest("Secret", type="Opaque"), manifest("Secret", type="example.com/x"), "type of its Secret"),
        (
            manifest("ConfigMap", immutable=True, data={"a": "b"}),
            manifest("ConfigMap", immutable=True, data={"a": "c"}),
            "data of its ConfigMap",
        ),
        (
            manifest("RoleBinding", "rbac.authorization.k8s.io/v1", roleRef={"kind": "Role", "name": "a"}),
            manifest("RoleBinding", "rbac.authorization.k8s.io/v1", roleRef={"kind": "Role", "name": "b"}),
            "roleRef of its RoleBinding",
        ),
    ],
)
def test_objects_of_ones_own_are_foreseen(tmp_path: Path, before: Define, after: Define, field: str) -> None:
    """An object of add_manifest must be judged like one of Fairlead's."""
    (warning,) = warnings(tmp_path, before, after)

    assert warning.startswith(f"k8s: {BOUND}{field} 'mine' can't be changed")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            manifest("Service", spec={"selector": {"app": "a"}, "clusterIP": "None"}),
            manifest("Service", spec={"selector": {"app": "a"}}),
        ),
        (manifest("ConfigMap", data={"a": "b"}), manifest("ConfigMap", immutable=True, data={"a": "c"})),
        (manifest("Secret", stringData={"a": "b"}), manifest("Secret", stringData={"a": "c"})),
        (
            manifest("Job", "example.com/v1", spec={"template": {"a": "b"}}),
            manifest("Job", "example.com/v1", spec={"template": {"a": "c"}}),
        ),
    ],
)
def test_what_looks_alike_and_is_taken_is_no_warning(tmp_path: Path, before: Define, after: Define) -> None:
    """What an API server takes, and a kind of others that has the same name, must be no warning."""
    assert not warnings(tmp_path, before, after)


def test_jobs_of_fairlead_get_another_name(tmp_path: Path) -> None:
    """A Job that waits are for must never be warned of, whatever changes in it: it is another object then."""

    def define(args: list[str]) -> Define:
        def define_app(app: AppBuilder) -> None:
            migrate = app.add_container("migrate", "busybox:1.35", args=args)
            migrate.with_kubernetes_objects(lambda objects: objects.container.update(workingDir=f"/{args[0]}"))
            app.add_container("api", "busybox:1.35").wait_for_completion(migrate)

        return define_app

    assert not warnings(tmp_path, define(["a"]), define(["b"]))


def test_a_refused_upgrade_is_an_error_where_warnings_are(tmp_path: Path) -> None:
    """With strict, the folder must stay as it is."""
    publish(built(store()), tmp_path)
    before = {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}

    with pytest.raises(PublishError, match="volumeClaimTemplates"):
        publish(built(store(len, "more")), tmp_path, strict=True)

    assert {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()} == before


def test_each_environment_is_compared_with_itself(tmp_path: Path) -> None:
    """Of several charts in one folder, only the one that changes must be warned of."""

    def define(size: str) -> Define:
        def define_app(app: AppBuilder) -> None:
            one = app.add_kubernetes_environment("one").with_properties(namespace="one")
            two = app.add_kubernetes_environment("two").with_properties(namespace="two", default_storage_size=size)
            app.add_container("api", "busybox:1.35").with_volume("data", "/data").with_compute_environment(one, two)

        return define_app

    (warning,) = warnings(tmp_path, define("1Gi"), define("2Gi"))
    assert "--namespace two" in warning


def test_a_folder_that_holds_something_else_is_no_obstacle(tmp_path: Path) -> None:
    """Files of another format, and files that somebody edited, must neither be compared nor break the publisher."""
    publish(built(store()), tmp_path)
    (tmp_path / "templates" / "api" / "statefulset.yaml").write_text("a: [")

    assert not warnings(tmp_path, store(len, "more"))
    assert not warnings(tmp_path, store(), format="manifests")


@pytest.mark.parametrize("format", FORMATS)
def test_a_volume_is_named_as_it_is_in_the_cluster(tmp_path: Path, format: str) -> None:
    """The command must have the name that a volume gets by its release, not the expression that makes it."""

    def define(path: str) -> Define:
        def define_app(app: AppBuilder) -> None:
            k8s = app.add_kubernetes_environment("k8s").with_properties(namespace="shop")
            k8s.add_persistent_volume("files").with_source({"hostPath": {"path": path}})

        return define_app

    publish(built(define("/a")), tmp_path / "plain", format="manifests")
    (file,) = (tmp_path / "plain").rglob("persistentvolume.yaml")
    (line,) = [line for line in file.read_text().splitlines() if line.startswith("  name: ")]
    (warning,) = warnings(tmp_path / "out", define("/a"), define("/b"), format=format)

    assert f"kubectl delete persistentvolume {line.removeprefix('  name: ')}. What it" in warning
    assert warning.startswith(f"files: {BOUND}spec.hostPath of its PersistentVolume 'files-")
