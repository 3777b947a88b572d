"""What names an object that a function of the definition renamed or removed: it follows, or the user is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.support.charts import built

from fairlead import AppBuilder, Container, KubernetesObjects
from fairlead.publish.publisher import Rendered, render

ROLLOUT = "argoproj.io/v1alpha1"
SCALER = {
    "apiVersion": "keda.sh/v1alpha1",
    "kind": "ScaledObject",
    "metadata": {"name": "api"},
    "spec": {"scaleTargetRef": {"name": "api"}, "triggers": []},
}


def bodies(rendered: Rendered) -> dict[tuple[str, str], dict[str, Any]]:
    return {(found.kind, found.name): found.body for found in rendered.charts[""].objects}


def warnings(rendered: Rendered) -> list[str]:
    assert all(warning.where.line and warning.remedy for warning in rendered.warnings)
    return [f"{warning.resource}: {warning.message}" for warning in rendered.warnings]


def renaming(kind: str, name: str) -> Callable[[KubernetesObjects], None]:
    """A function that gives the only object of a kind another name."""

    def rename(objects: KubernetesObjects) -> None:
        (found,) = objects[kind]
        found["metadata"]["name"] = name

    return rename


def web(app: AppBuilder) -> Container:
    return app.add_container("api", "busybox:1.35").with_http_endpoint(target_port=80)


def test_everything_that_fairlead_wrote_follows_a_renamed_service() -> None:
    """Routes, waits and variables must name a Service as it is called now, and nothing be left to say."""

    def define(app: AppBuilder) -> None:
        k8s = app.add_kubernetes_environment("k8s")
        api = web(app).with_external_http_endpoints().with_kubernetes_objects(renaming("Service", "front"))
        k8s.add_ingress("edge").with_path("/", api)
        k8s.add_gateway("gate").with_gateway_class("c").with_route("/", api)
        user = app.add_container("user", "busybox:1.35").wait_for(api)
        user.with_environment("API_HOST", api.endpoint().host)

    rendered = render(built(define))
    objects = bodies(rendered)

    assert not warnings(rendered)
    (path,) = objects["Ingress", "edge"]["spec"]["rules"][0]["http"]["paths"]
    assert path["backend"]["service"]["name"] == "front"
    assert objects["HTTPRoute", "gate"]["spec"]["rules"][0]["backendRefs"][0]["name"] == "front"
    (wait,) = objects["Deployment", "user"]["spec"]["template"]["spec"]["initContainers"]
    assert wait["command"][-2:] == ["front", "80"]
    assert objects["ConfigMap", "user"]["data"] == {"API_HOST": "front"}


def test_an_address_in_a_longer_text_is_reported() -> None:
    """A URL with the old name can't follow, so its consumer must be named; a path that reads like it is no address."""

    def define(app: AppBuilder) -> None:
        api = web(app).with_kubernetes_objects(renaming("Service", "front"))
        app.add_container("user", "busybox:1.35").with_environment("API", api.endpoint().url)
        app.add_container("waits", "busybox:1.35", env={"PATH_PREFIX": "/api/v1"}).wait_for(api)

    assert warnings(render(built(define))) == [
        "user: it has the address of the Service 'api', which with_kubernetes_objects() of 'api' renamed to 'front'"
    ]


def test_pods_follow_what_they_mount_and_read() -> None:
    """ConfigMap, Secret, account and claim of a pod must be named as a function calls them."""

    def rename(objects: KubernetesObjects) -> None:
        for kind in ("ConfigMap", "Secret", "ServiceAccount"):
            objects[kind][0]["metadata"]["name"] = f"my-{kind.lower()}"

    def define(app: AppBuilder) -> None:
        key = app.add_parameter("key", secret=True)
        api = app.add_container("api", "busybox:1.35", env={"KEY": key, "A": "b"}).with_service_account()
        api.with_kubernetes_objects(rename)

    rendered = render(built(define))
    pod = bodies(rendered)["Deployment", "api"]["spec"]["template"]["spec"]

    assert not warnings(rendered)
    assert pod["serviceAccountName"] == "my-serviceaccount"
    assert pod["containers"][0]["envFrom"] == [{"configMapRef": {"name": "my-configmap"}}]
    assert pod["containers"][0]["env"][0]["valueFrom"]["secretKeyRef"]["name"].default == "my-secret"


def test_an_autoscaler_follows_a_workload_of_another_kind_and_name() -> None:
    """What scales a Deployment must scale what a function made of it."""

    def as_rollout(objects: KubernetesObjects) -> None:
        (deployment,) = objects.pop("Deployment")
        metadata = {**deployment["metadata"], "name": "api-v2"}
        objects["Rollout"] = [{**deployment, "apiVersion": ROLLOUT, "kind": "Rollout", "metadata": metadata}]

    def define(app: AppBuilder) -> None:
        web(app).with_autoscaling(1, 3).with_resources(cpu="1").with_kubernetes_objects(as_rollout)

    rendered = render(built(define))

    assert not warnings(rendered)
    scaled = bodies(rendered)["HorizontalPodAutoscaler", "api"]["spec"]["scaleTargetRef"]
    assert scaled == {"apiVersion": ROLLOUT, "kind": "Rollout", "name": "api-v2"}


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (SCALER, "ScaledObject names in spec.scaleTargetRef.name"),
        (
            {
                "apiVersion": "autoscaling.k8s.io/v1",
                "kind": "VerticalPodAutoscaler",
                "metadata": {"name": "api"},
                "spec": {"targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "api"}},
            },
            "VerticalPodAutoscaler names in spec.targetRef.name",
        ),
        (
            {
                "apiVersion": "example.com/v1",
                "kind": "Watch",
                "metadata": {"name": "api"},
                "spec": {"targets": [{"deploymentName": "other"}, {"deploymentName": "api"}]},
            },
            "Watch names in spec.targets[].deploymentName",
        ),
        (
            {
                "apiVersion": "rbac.authorization.k8s.io/v1",
                "kind": "Role",
                "metadata": {"name": "api"},
                "rules": [{"resources": ["deployments"], "resourceNames": ["api"], "apiGroups": ["*"], "verbs": ["*"]}],
            },
            "Role names in rules[].resourceNames[]",
        ),
    ],
)
def test_an_object_written_by_hand_is_reported(content: dict[str, Any], place: str) -> None:
    """Whatever the kind of an object, the name of a renamed Deployment in it must be said, and stay as written."""

    def define(app: AppBuilder) -> None:
        app.add_kubernetes_environment("k8s").add_manifest(content)
        web(app).with_kubernetes_objects(renaming("Deployment", "front"))

    rendered = render(built(define))

    assert warnings(rendered) == [
        f"k8s: its {place} the Deployment 'api', which with_kubernetes_objects() of 'api' renamed to 'front'"
    ]
    assert rendered.warnings[0].remedy == "Name that instead, or let the function keep the name."


def test_what_names_another_kind_is_left_alone() -> None:
    """A name that only reads like that of a removed object must be no warning."""

    def define(app: AppBuilder) -> None:
        k8s = app.add_kubernetes_environment("k8s")
        k8s.add_manifest({**SCALER, "spec": {"scaleTargetRef": {"kind": "StatefulSet", "name": "api"}, "name": "api"}})
        web(app).with_kubernetes_objects(renaming("Deployment", "front"))

    assert not warnings(render(built(define)))


def test_an_object_that_a_manifest_replaces_is_not_missed() -> None:
    """A Service of the definition's own must take the place of one that a function removed."""

    def define(app: AppBuilder) -> None:
        k8s = app.add_kubernetes_environment("k8s")
        ports = [{"port": 80}]
        k8s.add_manifest({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "api"}, "spec": {"ports": ports}})
        api = web(app).with_external_http_endpoints()
        api.with_kubernetes_objects(lambda objects: objects.pop("Service"))
        k8s.add_ingress("edge").with_path("/", api)

    rendered = render(built(define))

    assert not warnings(rendered)
    assert (
        bodies(rendered)["Ingress", "edge"]["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"]["name"]
        == "api"
    )


def test_an_object_that_a_function_adds_has_the_labels_of_its_resource() -> None:
    """What finds objects by the app's labels must find those that a function added; their own labels stay."""

    def add(objects: KubernetesObjects) -> None:
        labels = {"app.kubernetes.io/part-of": "mine", "team": "a"}
        objects.add({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "extra", "labels": labels}})
        objects.add({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "bare"}})

    def define(app: AppBuilder) -> None:
        web(app).with_kubernetes_objects(add)

    rendered = render(built(define))
    objects = bodies(rendered)

    own = objects["Deployment", "api"]["metadata"]["labels"]
    assert objects["ServiceAccount", "bare"]["metadata"]["labels"] == own
    assert objects["ServiceAccount", "extra"]["metadata"]["labels"] == {
        **own,
        "app.kubernetes.io/part-of": "mine",
        "team": "a",
    }
