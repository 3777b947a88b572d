"""What a definition gives as Kubernetes objects, or makes of ours, is judged before the API server judges it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tests.support.charts import built

from fairlead import AppBuilder, KubernetesObjects, PublishError
from fairlead.publish.chart.leaves import Leaf, When, parts_of, values_in_text
from fairlead.publish.own_objects.field_checks import FieldProblem, field_problems
from fairlead.publish.own_objects.pod_checks import pod_problems
from fairlead.publish.publisher import render

Change = Callable[[KubernetesObjects], object]
FUNCTION = "an object that publish_as_kubernetes_service() left"
MANIFEST = "an object of add_manifest()"


def problems(define: Callable[[AppBuilder], None]) -> list[str]:
    """The errors of a definition; empty when it can be published."""
    try:
        render(built(define))
    except PublishError as error:
        assert all(found.remedy and found.where for found in error.errors)
        return [found.message for found in error.errors]
    return []


def changed(change: Change, **arguments: Any) -> list[str]:
    """What is said against what a function makes of the objects of a container."""

    def define(app: AppBuilder) -> None:
        api = app.add_container("api", "busybox:1.35", **arguments).with_http_endpoint(target_port=80)
        api.with_volume("data", "/data").publish_as_kubernetes_service(change)

    return problems(define)


def given(content: dict[str, Any]) -> list[str]:
    """What is said against an object of a definition."""

    def define(app: AppBuilder) -> None:
        app.add_kubernetes_environment("k8s").add_manifest({"metadata": {"name": "mine"}, **content})

    return problems(define)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (
            lambda objects: objects["Service"][0]["metadata"].update(annotations={"port": 80}),
            "has a whole number as Service.metadata.annotations.port, which is text",
        ),
        (
            lambda objects: objects.workload["metadata"]["labels"].update(live=True),
            "has true or false as StatefulSet.metadata.labels.live, which is text",
        ),
        (
            lambda objects: objects.container.update(env=[{"name": "PORT", "value": 8080}]),
            "has a whole number as StatefulSet.spec.template.spec.containers[0].env[0].value, which is text",
        ),
        (
            lambda objects: objects.container.update(args=["--port", 8080]),
            "has a whole number as StatefulSet.spec.template.spec.containers[0].args[1], which is text",
        ),
        (
            lambda objects: objects.container.update(args="--port 8080"),
            "has text as StatefulSet.spec.template.spec.containers[0].args, which is a list",
        ),
        (
            lambda objects: objects.workload["spec"].update(replicas="2"),
            "has text as StatefulSet.spec.replicas, which is a whole number",
        ),
        (
            lambda objects: objects.container.update(
                env=[{"name": "N", "value": objects.workload["spec"]["replicas"]}]
            ),
            "has a whole number as StatefulSet.spec.template.spec.containers[0].env[0].value, which is text",
        ),
    ],
)
def test_a_value_of_a_wrong_type_is_refused(change: Change, problem: str) -> None:
    """What the API server can't read must be an error with its path, whether it is data or a value of the chart."""
    assert changed(change) == [f"{FUNCTION} {problem}"]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (
            lambda objects: objects.workload["spec"].update(replica=2),
            "has 'replica' in StatefulSet.spec, which Kubernetes does not know",
        ),
        (
            lambda objects: objects.pod_spec.update(terminationGracePeriodSecond=5),
            "has 'terminationGracePeriodSecond' in StatefulSet.spec.template.spec, which Kubernetes does not know",
        ),
        (
            lambda objects: objects.container["ports"][0].update(containerport=5),
            "has 'containerport' in StatefulSet.spec.template.spec.containers[0].ports[0], which Kubernetes does not "
            "know",
        ),
        (
            lambda objects: objects.container["ports"][0].pop("containerPort"),
            "has no containerPort in StatefulSet.spec.template.spec.containers[0].ports[0]",
        ),
    ],
)
def test_a_misspelt_or_missing_field_is_refused(change: Change, problem: str) -> None:
    """A field that Kubernetes would drop, or miss, must be an error."""
    assert changed(change) == [f"{FUNCTION} {problem}"]


def test_a_field_like_no_other_is_a_warning() -> None:
    """A field that a newer Kubernetes may have must not stop the app from being published."""

    def define(app: AppBuilder) -> None:
        api = app.add_container("api", "busybox:1.35")
        api.publish_as_kubernetes_service(lambda objects: objects.pod_spec.update(quantumEntanglement=True))

    (warning,) = render(built(define)).warnings
    assert warning.message == (
        f"{FUNCTION} has 'quantumEntanglement' in Deployment.spec.template.spec, which Kubernetes does not know"
    )


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (
            {"apiVersion": "v1", "kind": "Service", "spec": {"port": [{"port": 80}]}},
            "has 'port' in Service.spec, which Kubernetes does not know",
        ),
        (
            {"apiVersion": "v1", "kind": "Service", "spec": {"selector": {"app": "a b"}}},
            "has 'a b' as the label 'app' in Service.spec.selector",
        ),
        (
            {"apiVersion": "example.com/v1", "kind": "Site", "metadata": {"name": "s", "labels": {"a/b/c": "d"}}},
            "has the key 'a/b/c' in Site.metadata.labels",
        ),
        (
            {"apiVersion": "example.com/v1", "kind": "Site", "metadata": {"name": "s", "annotations": {"a": 1}}},
            "has a whole number as Site.metadata.annotations.a, which is text",
        ),
        (
            {"apiVersion": "example.com/v1", "kind": "Site", "metadata": {"name": "s", "label": {"a": "b"}}},
            "has 'label' in Site.metadata, which Kubernetes does not know",
        ),
        (
            {"apiVersion": "v1", "kind": "ConfigMap", "data": {"a": 1}},
            "has a whole number as ConfigMap.data.a, which is text",
        ),
        ({"apiVersion": "v1", "kind": "Secret", "data": "a: b"}, "has text as Secret.data, which is a mapping"),
        (
            {"apiVersion": "apps/v1", "kind": "Deployments", "spec": {}},
            "is a Deployments of apps/v1, which Kubernetes does not know",
        ),
    ],
)
def test_an_object_of_ones_own_is_refused(content: dict[str, Any], problem: str) -> None:
    """Objects of add_manifest must be judged as those that a function leaves."""
    assert given(content) == [f"{MANIFEST} {problem}"]


def test_a_custom_object_may_hold_anything() -> None:
    """What is in an object of a kind that Kubernetes does not have is for its own controller to judge."""
    assert not given({"apiVersion": "example.com/v1", "kind": "Site", "spec": {"replicas": "two", "args": 1}})


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (
            lambda objects: objects.workload["spec"]["template"]["metadata"]["labels"].pop("app.kubernetes.io/name"),
            "selects pods by StatefulSet.spec.selector that its own template does not make: "
            "'app.kubernetes.io/name' differs",
        ),
        (
            lambda objects: objects.container["volumeMounts"].append({"name": "cache", "mountPath": "/cache"}),
            "mounts 'cache' in StatefulSet.spec.template.spec.containers[0].volumeMounts[1], and its pods have no "
            "volume of this name",
        ),
    ],
)
def test_pods_that_do_not_fit_are_refused(change: Change, problem: str) -> None:
    """A selector that misses its own pods, and a mount without a volume, must be errors."""
    assert changed(change) == [f"{FUNCTION} {problem}"]


def test_a_custom_kind_with_pods_is_judged_by_what_all_pods_have_in_common() -> None:
    """A Rollout that mounts what is no volume, or misses its pods, must be refused like a Deployment."""

    def as_rollout(objects: KubernetesObjects) -> None:
        (deployment,) = objects.pop("StatefulSet")
        rollout = {**deployment, "apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout"}
        rollout["spec"]["volumeClaimTemplates"] = []
        objects["Rollout"] = [rollout]

    (problem,) = changed(as_rollout)
    assert problem.startswith(f"{FUNCTION} mounts 'data' in Rollout.spec.template.spec.containers[0].volumeMounts[0]")


def test_everything_that_is_wrong_is_said_at_once() -> None:
    """One publish must name all that is wrong in an object."""

    def change(objects: KubernetesObjects) -> None:
        objects.workload["spec"]["replica"] = 1
        objects.container["args"] = [1, 2]

    assert len(changed(change)) == 3


def test_what_fairlead_publishes_itself_has_nothing_against_it() -> None:
    """The checks must take all that Fairlead makes: what is touched by a function is checked as a whole."""

    def define(app: AppBuilder) -> None:
        k8s = app.add_kubernetes_environment("k8s").with_image_pull_secrets("registry").with_network_policies()
        key = app.add_parameter("key", secret=True)
        orders = app.add_postgres("pg").with_data_volume().add_database("orders")
        api = app.add_container("api", "busybox:1.35", env={"KEY": key}, args=["--key", key])
        api.with_http_endpoint(target_port=80).with_reference(orders).wait_for(orders).with_autoscaling(1, 3)
        api.with_container_files("/etc/api", {"a.conf": "a", "b.bin": "b"}).with_http_probe("liveness", "/", period=5)
        api.with_service_account(annotations={"a": "b"}).with_disruption_budget(min_available=1)
        api.with_external_http_endpoints().with_node_pool(k8s.add_node_pool("gpu")).with_resources(
            cpu="1", memory_limit="1Gi"
        )
        k8s.add_persistent_volume("files").with_source({"hostPath": {"path": "/x"}})
        k8s.add_ingress("edge").with_path("/", api, host="shop.example.com").with_tls()
        app.add_container("often", "busybox:1.35").with_workload("CronJob", schedule="@daily")
        app.add_container("each", "busybox:1.35").with_workload("DaemonSet").with_volume("cache", "/cache")

    objects = render(built(define)).charts[""].objects

    assert {"CronJob", "Job", "StatefulSet", "PersistentVolume", "Ingress"} < {found.kind for found in objects}
    assert not [problem for found in objects for problem in (*field_problems(found.body), *pod_problems(found.body))]


def test_all_objects_of_an_app_can_be_changed() -> None:
    """Functions must get the objects of volumes, routers and databases too, not only those of programs."""

    def label(objects: KubernetesObjects) -> None:
        for content in objects.all():
            content["metadata"]["labels"]["touched"] = "yes"

    def define(app: AppBuilder) -> None:
        k8s = app.add_kubernetes_environment("k8s")
        api = app.add_container("api", "busybox:1.35").with_http_endpoint(target_port=80).with_external_http_endpoints()
        volume = k8s.add_persistent_volume("files").with_source({"hostPath": {"path": "/x"}})
        volume.with_kubernetes_objects(label)
        k8s.add_ingress("edge").with_path("/", api).with_kubernetes_objects(label)
        k8s.add_gateway("gate").with_gateway_class("c").with_route("/", api).with_kubernetes_objects(label)
        app.add_postgres("pg").add_database("orders").with_kubernetes_objects(label)

    objects = render(built(define)).charts[""].objects
    touched = {found.kind for found in objects if "touched" in found.body["metadata"]["labels"]}

    assert touched >= {"PersistentVolume", "PersistentVolumeClaim", "Ingress", "Gateway", "HTTPRoute", "Job"}
    assert not touched & {"Deployment", "StatefulSet", "Service"}


def leaves(content: Any) -> Iterator[Leaf]:
    """The leaves that a function finds in an object."""
    if isinstance(content, Leaf):
        yield content
    elif isinstance(content, When):
        yield from leaves(content.content)
    elif isinstance(content, dict):
        yield from leaves([*content.values()])
    elif isinstance(content, (list, tuple)):
        for part in parts_of(content):
            yield from leaves(part)


@pytest.mark.parametrize("format", ["helm", "manifests", "kustomize"])
def test_every_leaf_can_be_moved(format: str) -> None:
    """A function may put what it finds in one place into any other that takes text, in each format."""

    def field_problems_of(leaf: Leaf) -> list[FieldProblem]:
        content = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"a": leaf}}
        return list(field_problems(content))

    def move(objects: KubernetesObjects) -> None:
        for number, leaf in enumerate([leaf for content in objects.all() for leaf in leaves(content)]):
            if not field_problems_of(leaf) and not any(value.secret for value in values_in_text(leaf)):
                objects.workload["metadata"].setdefault("annotations", {})[f"a{number}"] = leaf
                objects["ConfigMap"][0]["data"][f"A{number}"] = leaf
                account = {"apiVersion": "v1", "kind": "ServiceAccount"}
                objects.add({**account, "metadata": {"name": f"a{number}", "namespace": leaf}})

    def define(app: AppBuilder) -> None:
        app.add_kubernetes_environment("k8s").with_properties(default_storage_type="hostPath")
        key, region = app.add_parameter("key", secret=True), app.add_parameter("region", "eu")
        api = app.add_container("api", "busybox:1.35", env={"KEY": key, "REGION": region, "PLAIN": "x"})
        api.with_http_endpoint(target_port=80).with_volume("data", "/data").with_kubernetes_objects(move)

    values = None if format == "helm" else {"secrets": {"key": "k"}}
    assert len(render(built(define), format=format, values=values).files) > 20


def test_a_leaf_of_another_chart_is_refused() -> None:
    """What stands for a value of one environment's chart means nothing in another's, and must be an error there."""
    kept: list[Any] = []

    def define(app: AppBuilder) -> None:
        one = app.add_kubernetes_environment("one")
        two = app.add_kubernetes_environment("two")
        first = app.add_container("first", "busybox:1.35", env={"A": "b"}).with_compute_environment(one)
        first.with_kubernetes_objects(lambda objects: kept.append(objects["ConfigMap"][0]["data"]["A"]))
        second = app.add_container("second", "busybox:1.35").with_compute_environment(two)
        second.with_kubernetes_objects(lambda objects: objects.container.update(args=kept))

    assert problems(define) == [
        "an object that with_kubernetes_objects() left has the value config.first.A in "
        "Deployment.spec.template.spec.containers[0].args[0], which is none of this chart"
    ]
