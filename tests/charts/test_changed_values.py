"""values.yaml has what the chart uses, also where a function of the definition changed what that is."""

from __future__ import annotations

from typing import Any

import yaml
from tests.support.charts import Charts, container

from fairlead import AppBuilder, KubernetesObjects


def values_of(charts: Charts) -> dict[str, Any]:
    values: dict[str, Any] = yaml.safe_load((charts.folder / "values.yaml").read_text())
    return values


def pod_annotations(objects: dict[tuple[str, str], Any]) -> dict[str, str]:
    found: dict[str, str] = objects["Deployment", "api"]["spec"]["template"]["metadata"].get("annotations", {})
    return found


def test_a_value_that_a_function_replaces_leaves_values_yaml(charts: Charts) -> None:
    """A key that no object reads any more must go, or editing it would do nothing; the others stay."""

    def fix(objects: KubernetesObjects) -> None:
        objects.workload["spec"]["replicas"] = 5
        objects.container["image"] = "registry.example.com/api:1"
        objects["ConfigMap"][0]["data"]["MODE"] = "fixed"

    def define(app: AppBuilder) -> None:
        api = app.add_container("api", "busybox:1.35", env={"MODE": "free", "LEVEL": "info"})
        api.with_kubernetes_objects(fix)
        app.add_container("web", "busybox:1.35")

    charts.publish(define)
    values = values_of(charts)
    objects = charts.render(values={"config": {"api": {"LEVEL": "debug"}}})

    assert values["replicas"] == {"web": 1}
    assert values["config"] == {"api": {"LEVEL": "info"}}
    assert "repository" not in values["images"]["api"]
    assert objects["ConfigMap", "api"]["data"] == {"MODE": "fixed", "LEVEL": "debug"}


def test_a_secret_that_a_function_uses_no_longer_is_not_asked_for(charts: Charts) -> None:
    """Where the only use of a secret is taken away, the chart must install without it, and hold no empty Secret."""

    def forget(objects: KubernetesObjects) -> None:
        objects.container["env"] = [{"name": "KEY_FILE", "value": "/vault/key"}]

    def define(app: AppBuilder) -> None:
        key = app.add_parameter("key", secret=True)
        app.add_container("api", "busybox:1.35", env={"KEY": key}).with_kubernetes_objects(forget)

    published = charts.publish(define)
    objects = charts.render()

    assert "secrets" not in values_of(charts)
    assert "existingSecrets" not in values_of(charts)
    assert ("Secret", "api") not in objects
    assert "checksum/secret" not in pod_annotations(objects)
    assert "secrets" not in " ".join(published.commands)


def test_a_secret_that_others_use_is_asked_for_still(charts: Charts) -> None:
    """A secret must be required as long as one workload reads it, and be said to be used by that one only."""

    def forget(objects: KubernetesObjects) -> None:
        objects.container["env"] = [entry for entry in objects.container["env"] if entry["name"] != "KEY"]

    def define(app: AppBuilder) -> None:
        key, token = app.add_parameter("key", secret=True), app.add_parameter("token", secret=True)
        app.add_container("api", "busybox:1.35", env={"KEY": key, "TOKEN": token}).with_kubernetes_objects(forget)
        app.add_container("web", "busybox:1.35", env={"KEY": key})

    charts.publish(define)
    text = (charts.folder / "values.yaml").read_text()

    assert 'key: ""  # Used by web.' in charts.failure(values={"secrets": {"token": "t"}})
    assert "key:" not in charts.failure(values={"existingSecrets": {"web": "mine"}})
    assert "Used by web." in charts.failure(values={"secrets": {"token": "t"}})
    assert "Used by api." in charts.failure(values={"existingSecrets": {"web": "mine"}})
    objects = charts.render({"key": "k", "token": "t"})
    assert set(objects["Secret", "api"]["data"]) == {"TOKEN"}
    assert set(objects["Secret", "web"]["data"]) == {"KEY"}
    assert "# Its keys: TOKEN.\n" in text


def test_a_secret_that_is_read_as_a_whole_keeps_its_keys(charts: Charts) -> None:
    """Keys must stay where a manifest or a function reads the Secret in another way than by the variable."""

    def read_all(objects: KubernetesObjects) -> None:
        name = objects["Secret"][0]["metadata"]["name"]
        objects.container["env"] = []
        objects.container["envFrom"] = [{"secretRef": {"name": name}}]

    def define(app: AppBuilder) -> None:
        key = app.add_parameter("key", secret=True)
        app.add_container("api", "busybox:1.35", env={"KEY": key}).with_kubernetes_objects(read_all)
        watch = {
            "apiVersion": "example.com/v1",
            "kind": "Watch",
            "metadata": {"name": "w"},
            "spec": {"secretName": "web"},
        }
        app.add_kubernetes_environment("k8s").add_manifest(watch)
        web = app.add_container("web", "busybox:1.35", env={"KEY": key})
        web.with_kubernetes_objects(lambda objects: objects.container.pop("env"))

    charts.publish(define)
    objects = charts.render({"key": "k"})

    assert set(objects["Secret", "api"]["data"]) == {"KEY"}
    assert set(objects["Secret", "web"]["data"]) == {"KEY"}


def test_pods_roll_when_a_function_changes_their_data(charts: Charts) -> None:
    """What a function writes into a ConfigMap or Secret must count for the checksum of the pods that read it."""

    def define(mode: str) -> Any:
        def define_app(app: AppBuilder) -> None:
            key = app.add_parameter("key", secret=True)
            api = app.add_container("api", "busybox:1.35", env={"MODE": "x", "KEY": key})
            api.with_kubernetes_objects(lambda objects: objects["ConfigMap"][0]["data"].update(MODE=mode))

        return define_app

    charts.publish(define("a"))
    first = pod_annotations(charts.render({"key": "k"}))
    other_key = pod_annotations(charts.render({"key": "other"}))
    charts.publish(define("b"))
    second = pod_annotations(charts.render({"key": "k"}))

    assert first["checksum/config"] != second["checksum/config"]
    assert first["checksum/secret"] == second["checksum/secret"] != other_key["checksum/secret"]


def test_a_function_that_changes_no_data_changes_no_checksum(charts: Charts) -> None:
    """A definition that only adds a label must not roll pods for their data."""

    def define(app: AppBuilder) -> None:
        app.add_container("api", "busybox:1.35", env={"MODE": "x"})

    def define_with_function(app: AppBuilder) -> None:
        api = app.add_container("api", "busybox:1.35", env={"MODE": "x"})
        api.with_kubernetes_objects(lambda objects: objects.workload["metadata"]["labels"].update(team="a"))

    charts.publish(define)
    before = container(charts.render(), "api"), pod_annotations(charts.render())
    charts.publish(define_with_function)

    assert (container(charts.render(), "api"), pod_annotations(charts.render())) == before
