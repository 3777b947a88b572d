"""What can be declared in a cluster: releases, manifests, endpoints; and every mistake in it."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.support.definitions import build, the_mistake, variables

from fairlead import AppBuilder, EndpointSpec, Mode, NeededPort, Placement, Resource, Value
from fairlead.model.resource import given_values, ports_on_containers, published_address
from fairlead.resources.k3s import HelmRelease, K3sCluster, KubernetesManifest, ServiceEndpoint
from fairlead.resources.k3s.helm_keys import merge_values, parse_helm_key, set_value
from fairlead.resources.k3s.server import NODE_PORTS

Say = Callable[[K3sCluster], Any]
MAP = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "web"}}


def part(call: Say) -> Any:
    """What a call has declared in a cluster, in the app as it is built."""
    names: list[str] = []

    def define(app: AppBuilder) -> None:
        names.append(call(app.add_k3s_cluster("k8s")).name)

    return build(define)[names[0]]


def mistake_of(call: Say, resource: str) -> tuple[str, str]:
    """The only mistake in what is declared in a cluster."""
    error = the_mistake(lambda app: call(app.add_k3s_cluster("k8s")))
    assert error.resource == resource
    assert error.line > 0
    return error.message, error.remedy or ""


@pytest.mark.parametrize(
    "call",
    [
        lambda k8s: k8s.add_helm_release("x", "chart"),
        lambda k8s: k8s.add_k8s_manifest("x", "./k8s"),
        lambda k8s: k8s.add_service_endpoint("x", "web", 80),
    ],
)
def test_a_part_waits_for_its_cluster(call: Say) -> None:
    """Whatever is in a cluster must be its child, wait for it, follow it, and stay out of what is published."""
    found: Resource = part(call)
    assert found.parent is not None
    assert found.parent.name == "k8s"
    assert [wait.target.name for wait in found.waits] == ["k8s"]
    assert found.follows_parent
    assert found.excluded_from_manifest


# Releases


def test_a_release_by_default() -> None:
    """A release must have its resource's name, and wait for its workloads for ten minutes."""
    release = part(lambda k8s: k8s.add_helm_release("My_Web", "web"))
    assert isinstance(release, HelmRelease)
    assert (release.chart, release.repo, release.version, release.namespace) == ("web", None, None, "default")
    assert (release.release_name, release.create_namespace, release.helm_runner) == ("my-web", True, "container")
    assert (release.awaits_rollout, release.timeout, release.publish_as) == (True, 600.0, None)
    assert release.ready_when_finished
    assert release.placement == Placement.pod_of("k8s")
    assert release.own_values() == {}


def test_a_release_with_everything() -> None:
    """Each option must be kept as it is given."""
    release = part(
        lambda k8s: (
            k8s.add_helm_release(
                "web",
                "web",
                "https://charts.test",
                "1.2.3",
                "shop",
                release_name="shop-web",
                create_namespace=False,
                wait=False,
                timeout=30,
                values={"a": {"b": 1}},
                values_files=["a.yaml", Path("b.yaml")],
                publish_as="dependency",
            )
            .with_helm_values_file("c.yaml")
            .with_helm_runner("host")
        )
    )
    assert (release.chart, release.repo, release.version) == ("web", "https://charts.test", "1.2.3")
    assert (release.namespace, release.release_name, release.create_namespace) == ("shop", "shop-web", False)
    assert (release.awaits_rollout, release.timeout, release.helm_runner) == (False, 30.0, "host")
    assert [file.path for file in release.values_files] == ["a.yaml", "b.yaml", "c.yaml"]
    assert release.publish_as == "dependency"


@pytest.mark.parametrize(
    ("chart", "is_local"),
    [("web", False), ("oci://r.test/web", False), ("./web", True), ("../web.tgz", True), ("/web", True), ("~/w", True)],
)
def test_where_a_chart_is(chart: str, is_local: bool) -> None:
    """A chart must be taken for a folder only where it is written as one (D-19)."""
    assert part(lambda k8s: k8s.add_helm_release("web", chart)).is_local_chart == is_local


def test_a_chart_may_be_a_path() -> None:
    """A path object must do as well as a text."""
    assert part(lambda k8s: k8s.add_helm_release("web", Path("/charts/web"))).chart == "/charts/web"


def test_values_by_layer() -> None:
    """Later must win: files in order, then values=, then each with_helm_value; types stay (D-18)."""
    release = part(
        lambda k8s: (
            k8s.add_helm_release("web", "web", values={"a": {"x": 1, "y": 2}, "list": [1, 2]})
            .with_helm_value("a.y", "two")
            .with_helm_value("list[1]", None)
            .with_helm_value(r"node\.io/role.x", True)
            .with_helm_value("a.y", "3")
        )
    )
    assert release.own_values() == {"a": {"x": 1, "y": "3"}, "list": [1, None], "node.io/role": {"x": True}}
    files = [{"a": {"x": 0, "z": 9}, "list": [7], "only": "here"}, {"a": {"z": 8}}]
    assert release.layered_values(files) == {
        "a": {"x": 1, "y": "3", "z": 8},
        "list": [1, None],
        "node.io/role": {"x": True},
        "only": "here",
    }


def test_deferred_values_are_waited_for() -> None:
    """A value of another resource must be found wherever it is in a structure, with the line that gave it."""

    def define(app: AppBuilder) -> None:
        cache = app.add_redis("cache")
        key = app.add_parameter("key", secret=True)
        release = app.add_k3s_cluster("k8s").add_helm_release(
            "web", "web", values={"hosts": [{"name": cache.endpoint("tcp").host}]}
        )
        release.with_helm_value("key", key).with_helm_value("more", {"deep": [cache.connection_string]})

    release = build(define)["web"]
    lines = [where.line for value, where in given_values(release) if isinstance(value, Value)]
    first = define.__code__.co_firstlineno
    assert lines == [first + 3, first + 6, first + 6]


@pytest.mark.parametrize(
    ("given", "message", "remedy"),
    [
        ({"chart": ""}, "add_helm_release() needs text as chart, not a blank", "Give the chart."),
        ({"chart": 1}, "add_helm_release() needs text as chart, not int", "Give the chart."),
        ({"repo": ""}, "add_helm_release() needs text as repo, not a blank", "or leave it out"),
        ({"version": 1.2}, "add_helm_release() needs text as version, not float", "or leave it out"),
        ({"namespace": "Shop"}, "add_helm_release() got 'Shop' as the name of a namespace", "lower-case letters"),
        ({"namespace": "a" * 64}, f"add_helm_release() got '{'a' * 64}' as the name of a namespace", "63"),
        ({"namespace": None}, "add_helm_release() needs text as namespace, not None", "Give the namespace."),
        (
            {"chart": "./web", "repo": "https://c.test"},
            "the chart './web' is in no repository, and repo= names one",
            "Leave repo= out",
        ),
        (
            {"chart": "oci://r.test/web", "repo": "https://c.test"},
            "the chart 'oci://r.test/web' is in no repository, and repo= names one",
            "Leave repo= out",
        ),
        ({"release_name": "A b"}, "Helm can't call a release 'A b'", "up to 53 lower-case letters"),
        ({"release_name": "a" * 54}, f"Helm can't call a release '{'a' * 54}'", "up to 53"),
        ({"release_name": 1}, "add_helm_release() needs text as release_name, not int", "or leave it out"),
        ({"create_namespace": 1}, "add_helm_release() needs True or False as create_namespace, not int", "True"),
        ({"wait": "yes"}, "add_helm_release() needs True or False as wait, not str", "True"),
        ({"timeout": 0}, "timeout= needs seconds, not 0", "Give a number above 0."),
        ({"timeout": -1.5}, "timeout= needs seconds, not -1.5", "Give a number above 0."),
        ({"timeout": math.inf}, "timeout= needs seconds, not inf", "Give a number above 0."),
        ({"timeout": "5m"}, "timeout= needs seconds, not str", "Give a number above 0."),
        ({"values": [1]}, "add_helm_release(): values is list", "values={'replicas': 2}"),
        ({"values": {1: 2}}, "add_helm_release(): values has a key that is int, not text", "values.yaml"),
        ({"values": {"a": [{"b": object()}]}}, "add_helm_release(): values.a[0].b is object", "values.yaml"),
        ({"values": {"a": "x\0"}}, "add_helm_release(): values.a is text with a zero byte", "values.yaml"),
        ({"publish_as": "template"}, "add_helm_release() got 'template' as publish_as", "'dependency', 'external'"),
        ({"values_files": [""]}, "with_helm_values_file() needs text as path, not a blank", "Give the path."),
    ],
)
def test_mistakes_in_a_release(given: dict[str, Any], message: str, remedy: str) -> None:
    """Each wrong option of a release must be one mistake, at its own line, with what to write."""
    text, way_out = mistake_of(lambda k8s: k8s.add_helm_release("web", **{"chart": "web", **given}), "web")
    assert text == message
    assert remedy in way_out


def test_a_name_too_long_for_helm() -> None:
    """A resource whose name Helm can't use must be a mistake that names the option for it."""
    name = "web-" + "a" * 55
    text, way_out = mistake_of(lambda k8s: k8s.add_helm_release(name, "web"), name)
    assert text == f"Helm can't call a release {name!r}"
    assert "release_name=" in way_out


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda release: release.with_helm_value("a[", 1), "with_helm_value() got the key 'a['"),
        (lambda release: release.with_helm_value("a..b", 1), "with_helm_value() got the key 'a..b'"),
        (lambda release: release.with_helm_value("", 1), "with_helm_value() needs text as key, not a blank"),
        (lambda release: release.with_helm_value(3, 1), "with_helm_value() needs text as key, not int"),
        (lambda release: release.with_helm_value("a", {1, 2}), "with_helm_value('a'): its value is set"),
        (lambda release: release.with_helm_value("a", [b"x"]), "with_helm_value('a'): its value[0] is bytes"),
        (lambda release: release.with_helm_values_file(None), "with_helm_values_file() needs text as path, not None"),
        (lambda release: release.with_helm_runner("docker"), "with_helm_runner() got 'docker' as runner"),
    ],
)
def test_mistakes_in_values(call: Callable[[HelmRelease], Any], message: str) -> None:
    """Each wrong key and value must be one mistake, with what to write."""
    text, way_out = mistake_of(lambda k8s: call(k8s.add_helm_release("web", "web")), "web")
    assert text == message
    assert way_out


@pytest.mark.parametrize(
    ("key", "parts"),
    [
        ("a", ("a",)),
        ("a.b.c", ("a", "b", "c")),
        ("a[0].b", ("a", 0, "b")),
        ("a[0][10]", ("a", 0, 10)),
        (r"a\.b/c.d", ("a.b/c", "d")),
        (r"a\[0\]", ("a[0]",)),
        ("a b.c", ("a b", "c")),
        ("", None),
        (".", None),
        ("a.", None),
        (".a", None),
        ("a..b", None),
        ("a[", None),
        ("a[x]", None),
        ("a[-1]", None),
        ("a]b", None),
        ("a[0]b", None),
        ("a=b", None),
        ("a,b", None),
        ("a[65537]", None),
        ("[0]", None),
    ],
)
def test_keys_of_helm(key: str, parts: tuple[str | int, ...] | None) -> None:
    """A key must be read as Helm reads that of --set, and refused where Helm would misread it."""
    assert parse_helm_key(key) == parts


@pytest.mark.parametrize(
    ("values", "key", "value", "expected"),
    [
        ({}, ("a", "b"), 1, {"a": {"b": 1}}),
        ({"a": {"c": 2}}, ("a", "b"), 1, {"a": {"c": 2, "b": 1}}),
        ({"a": 5}, ("a", "b"), 1, {"a": {"b": 1}}),
        ({}, ("a", 2), "x", {"a": [None, None, "x"]}),
        ({"a": [1, 2]}, ("a", 0), "x", {"a": ["x", 2]}),
        ({"a": [{"b": 1}]}, ("a", 0, "c"), 2, {"a": [{"b": 1, "c": 2}]}),
        ({"a": "text"}, ("a", 0), 1, {"a": [1]}),
        ({"a": 1}, ("a",), None, {"a": None}),
    ],
)
def test_setting_a_value(values: Any, key: tuple[str | int, ...], value: Any, expected: Any) -> None:
    """A value must go where its key says; what was given stays as it is."""
    before = repr(values)
    assert set_value(values, key, value) == expected
    assert repr(values) == before


def test_merging_values() -> None:
    """Mappings must be merged key by key, and anything else replaced as a whole, as Helm does."""
    below = {"a": {"x": 1, "y": {"z": 2}}, "list": [1, 2], "b": {"c": 1}}
    above = {"a": {"y": {"w": 3}}, "list": [9], "b": None, "new": 1}
    assert merge_values(below, above) == {"a": {"x": 1, "y": {"z": 2, "w": 3}}, "list": [9], "b": None, "new": 1}


# Manifests


def test_a_manifest_of_a_path() -> None:
    """A path must be kept, and read only when it starts."""
    manifest = part(lambda k8s: k8s.add_k8s_manifest("crds", Path("k8s/not-there")))
    assert isinstance(manifest, KubernetesManifest)
    assert (manifest.path, manifest.objects, manifest.namespace) == ("k8s/not-there", (), "default")
    assert (manifest.awaits_rollout, manifest.timeout, manifest.publish_as) == (True, 600.0, None)
    assert manifest.ready_when_finished
    assert manifest.placement == Placement.pod_of("k8s")


def test_a_manifest_of_objects() -> None:
    """One object must do as well as several, with deferred leaves."""

    def define(app: AppBuilder) -> None:
        cache = app.add_redis("cache")
        cluster = app.add_k3s_cluster("k8s")
        cluster.add_k8s_manifest("one", {**MAP, "data": {"host": cache.endpoint("tcp").host}})
        cluster.add_k8s_manifest(
            "two",
            [MAP, {**MAP, "metadata": {"name": "other"}}],
            namespace="shop",
            wait=False,
            timeout=5,
            publish_as="skip",
        )

    app = build(define)
    one, two = app["one"], app["two"]
    assert isinstance(one, KubernetesManifest) and isinstance(two, KubernetesManifest)
    assert one.path is None
    assert any("cache" in repr(value) for value, _ in given_values(one))
    assert [obj["metadata"]["name"] for obj in two.objects] == ["web", "other"]
    assert (two.namespace, two.awaits_rollout, two.timeout, two.publish_as) == ("shop", False, 5.0, "skip")


@pytest.mark.parametrize(
    ("given", "message", "remedy"),
    [
        ({"source": ""}, "add_k8s_manifest() needs text as path, not a blank", "Give the path."),
        ({"source": 5}, "add_k8s_manifest(): source is int", "Give the path of a file or folder, or objects like"),
        ({"source": b"x"}, "add_k8s_manifest(): source is bytes", "Give the path"),
        ({"source": []}, "add_k8s_manifest(): source has no object in it", "objects like"),
        ({"source": {"kind": "ConfigMap"}}, "add_k8s_manifest(): object 1 has no apiVersion or no kind", "objects"),
        (
            {"source": [MAP, {**MAP, "kind": ""}]},
            "add_k8s_manifest(): object 2 has no apiVersion or no kind",
            "objects",
        ),
        ({"source": {**MAP, "metadata": {}}}, "add_k8s_manifest(): object 1 has no metadata.name", "objects like"),
        ({"source": {**MAP, "metadata": 1}}, "add_k8s_manifest(): object 1 has no metadata.name", "objects like"),
        ({"source": [MAP, "x"]}, "add_k8s_manifest(): object 2 is str", "objects like"),
        ({"source": {**MAP, "data": {"a": {1}}}}, "add_k8s_manifest(): object 1.data.a is set", "objects like"),
        ({"namespace": "X"}, "add_k8s_manifest() got 'X' as the name of a namespace", "lower-case"),
        ({"wait": 1}, "add_k8s_manifest() needs True or False as wait, not int", "True"),
        ({"timeout": True}, "timeout= needs seconds, not bool", "Give a number above 0."),
        ({"publish_as": "dependency"}, "add_k8s_manifest() got 'dependency' as publish_as", "'template', 'external'"),
    ],
)
def test_mistakes_in_a_manifest(given: dict[str, Any], message: str, remedy: str) -> None:
    """Each wrong option of a manifest must be one mistake, at its own line, with what to write."""
    text, way_out = mistake_of(lambda k8s: k8s.add_k8s_manifest("m", **{"source": "k8s", **given}), "m")
    assert text == message
    assert remedy in way_out


# Service endpoints


@pytest.mark.parametrize(
    ("port", "scheme", "expected", "protocol"),
    [
        (80, None, "http", "tcp"),
        (443, None, "https", "tcp"),
        (8443, None, "https", "tcp"),
        ("https", None, "https", "tcp"),
        ("web", None, "http", "tcp"),
        (443, "http", "http", "tcp"),
        (53, "udp", "udp", "udp"),
        (5432, "TCP", "tcp", "tcp"),
        (50051, "grpc+x.1", "grpc+x.1", "tcp"),
    ],
)
def test_what_an_endpoint_speaks(port: int | str, scheme: str | None, expected: str, protocol: str) -> None:
    """The scheme must be what is given, else what the port usually means; only udp is UDP."""
    endpoint = part(lambda k8s: k8s.add_service_endpoint("ui", "web", port, scheme=scheme))
    spec: EndpointSpec = endpoint.endpoints[expected]
    assert [*endpoint.endpoints] == [expected]
    assert (spec.scheme, spec.protocol, spec.port, spec.external) == (expected, protocol, None, False)
    needed = NeededPort("k8s", expected, within=NODE_PORTS, protocol=spec.protocol, external=False)
    assert list(ports_on_containers(endpoint)) == [needed]


def test_an_endpoint_with_everything() -> None:
    """Each option must be kept as it is given."""
    endpoint = part(
        lambda k8s: k8s.add_service_endpoint(
            "ui", "argocd.server", "web", "argocd", "https", True, host_port=8443, publish_as="external"
        )
    )
    assert isinstance(endpoint, ServiceEndpoint)
    assert (endpoint.service, endpoint.service_port, endpoint.namespace) == ("argocd.server", "web", "argocd")
    assert (endpoint.endpoints["https"].port, endpoint.endpoints["https"].external) == (8443, True)
    assert endpoint.publish_as == "external"
    assert endpoint.placement == Placement.port_of("k8s")


def test_what_a_reference_to_an_endpoint_gives() -> None:
    """A consumer must get the variables of Aspire, and one that a shell can read (D-27)."""

    def define(app: AppBuilder) -> None:
        ui = app.add_k3s_cluster("k8s").add_service_endpoint("argocd-ui", "argocd-server", 443, "argocd")
        app.add_executable("tool", "true").with_reference(ui)
        app.add_container("box", "busybox").with_reference(ui, connection_name="argo")

    app = build(define)
    assert {"services__argocd-ui__url", "services__argocd-ui__https__0", "ARGOCD_UI_URL"} <= {*variables(app, "tool")}
    assert {"services__argo__url", "services__argo__https__0", "ARGO_URL"} <= {*variables(app, "box")}


def test_what_a_published_consumer_gets() -> None:
    """In a cluster a consumer must get the address of the Service itself, under the same names."""

    def define(app: AppBuilder) -> None:
        ui = app.add_k3s_cluster("k8s").add_service_endpoint("ui", "web", 8080, "shop")
        app.add_container("box", "busybox").with_reference(ui)

    published, run = (variables(build(define, mode), "box") for mode in (Mode.PUBLISH, Mode.RUN))
    assert published.keys() == run.keys()
    ui = build(define, Mode.PUBLISH)["ui"]
    assert published_address(ui, ui.endpoints["http"]) == ("web.shop.svc", 8080)


@pytest.mark.parametrize(
    ("given", "message", "remedy"),
    [
        ({"service": ""}, "add_service_endpoint() needs text as service, not a blank", "Give the service."),
        ({"service": "A_b"}, "add_service_endpoint() got 'A_b' as service", "lower-case letters"),
        ({"service": 1}, "add_service_endpoint() needs text as service, not int", "Give the service."),
        ({"port": 0}, "add_service_endpoint() got 0 as the port of the service", "from 1 to 65535, or the name"),
        ({"port": 65536}, "add_service_endpoint() got 65536 as the port of the service", "from 1 to 65535"),
        ({"port": True}, "add_service_endpoint() got bool as the port of the service", "from 1 to 65535"),
        ({"port": "UP"}, "add_service_endpoint() got 'UP' as the port of the service", "from 1 to 65535"),
        ({"port": ""}, "add_service_endpoint() got a blank as the port of the service", "from 1 to 65535"),
        ({"port": None}, "add_service_endpoint() got None as the port of the service", "from 1 to 65535"),
        ({"namespace": ""}, "add_service_endpoint() needs text as namespace, not a blank", "Give the namespace."),
        ({"scheme": "a b"}, "add_service_endpoint() got 'a b' as scheme", "as in 'https'"),
        ({"scheme": 1}, "add_service_endpoint() got int as scheme", "as in 'https'"),
        ({"external": "yes"}, "add_service_endpoint() needs True or False as external, not str", "external=True"),
        ({"host_port": 0}, "add_service_endpoint() needs a number as host_port, not 0", "from 1 to 65535"),
        ({"publish_as": "template"}, "add_service_endpoint() got 'template' as publish_as", "'external', 'skip'"),
    ],
)
def test_mistakes_in_an_endpoint(given: dict[str, Any], message: str, remedy: str) -> None:
    """Each wrong option of an endpoint must be one mistake, at its own line, with what to write."""
    options = {"service": "web", "port": 80, **given}
    text, way_out = mistake_of(lambda k8s: k8s.add_service_endpoint("ui", **options), "ui")
    assert text.startswith(message)
    assert remedy in way_out
