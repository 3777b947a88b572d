"""Ways around the publisher: changed objects, objects of one's own, and charts of others."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
import yaml
from tests.support.charts import Charts, built, container

from fairlead import AppBuilder, KubernetesObjects, PublishError, ref
from fairlead.publish.publisher import publish

ROLLOUT = "argoproj.io/v1alpha1"


def refusals(define: Callable[[AppBuilder], None]) -> list[str]:
    with pytest.raises(PublishError) as caught:
        publish(built(define), "/nonexistent/nowhere", check=True)
    assert all(error.remedy and error.where for error in caught.value.errors)
    return [f"{error.resource}: {error.message}" for error in caught.value.errors]


def test_a_definition_changes_its_objects(charts: Charts) -> None:
    """What a function does to the finished objects must be published, with the values in them still values."""

    def define(app: AppBuilder) -> None:
        region = app.add_parameter("region", "eu")
        key = app.add_parameter("key", secret=True)

        def tune(objects: KubernetesObjects) -> None:
            assert objects.workload is objects["Deployment"][0]
            objects.pod_spec["terminationGracePeriodSeconds"] = 60
            objects.container["env"].append({"name": "REGION", "value": ref("{r}-1", r=region)})
            objects["Service"][0]["metadata"]["annotations"] = {"a": "{{ b }}"}
            objects.add({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "extra"}})

        api = app.add_container("api", "busybox:1.35", env={"KEY": key}).with_http_endpoint(target_port=80)
        api.with_replicas(2).publish_as_kubernetes_service(tune)

    charts.publish(define)
    objects = charts.render({"key": "k"}, values={"parameters": {"region": "us"}, "replicas": {"api": 4}})

    deployment = objects["Deployment", "api"]["spec"]
    assert deployment["replicas"] == 4
    assert deployment["template"]["spec"]["terminationGracePeriodSeconds"] == 60
    assert {"name": "REGION", "value": "us-1"} in container(objects, "api")["env"]
    assert objects["Service", "api"]["metadata"]["annotations"] == {"a": "{{ b }}"}
    assert ("ServiceAccount", "extra") in objects
    assert not [key for key in charts.render(values={"existingSecrets": {"api": "mine"}}) if key[0] == "Secret"]


def test_a_workload_may_become_another_kind(charts: Charts) -> None:
    """A Deployment must be replaceable by any kind with pods, such as a Rollout."""

    def as_rollout(objects: KubernetesObjects) -> None:
        (deployment,) = objects.pop("Deployment")
        spec = {**deployment["spec"], "strategy": {"canary": {"steps": [{"setWeight": 20}]}}}
        objects["Rollout"] = [{**deployment, "apiVersion": ROLLOUT, "kind": "Rollout", "spec": spec}]

    def define(app: AppBuilder) -> None:
        api = app.add_container("api", "busybox:1.35").with_autoscaling(1, 3).with_resources(cpu="1")
        api.publish_as_kubernetes_service(as_rollout)

    published = charts.publish(define)
    objects = charts.render()

    assert not published.warnings
    assert sorted(objects) == [("HorizontalPodAutoscaler", "api"), ("Rollout", "api")]
    scaled = objects["HorizontalPodAutoscaler", "api"]["spec"]["scaleTargetRef"]
    assert scaled == {"apiVersion": ROLLOUT, "kind": "Rollout", "name": "api"}
    assert objects["Rollout", "api"]["spec"]["template"]["spec"]["containers"][0]["image"] == "busybox:1.35"


def test_what_is_taken_away_is_missed_by_name() -> None:
    """Whatever names an object that a function removed must be said; what was renamed or never there, not."""

    def rename(objects: KubernetesObjects) -> None:
        objects["Service"][0]["metadata"]["name"] = "other"

    def add_volume(objects: KubernetesObjects) -> None:
        objects.pod_spec["volumes"] = [{"name": "theirs", "configMap": {"name": "in-the-cluster"}}]

    def define(app: AppBuilder) -> None:
        k8s = app.add_kubernetes_environment("k8s")
        api = app.add_container("api", "busybox:1.35").with_http_endpoint(target_port=80)
        api.with_external_http_endpoints().publish_as_kubernetes_service(rename)
        web = app.add_container("web", "busybox:1.35", env={"A": "b"}).with_http_endpoint(target_port=80)
        web.with_external_http_endpoints().publish_as_kubernetes_service(lambda objects: objects.clear())
        k8s.add_ingress("edge").with_path("/", api).with_default_backend(api)
        k8s.add_gateway("gate").with_gateway_class("c").with_route("/", web)
        k8s.add_manifest({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "back"}, "spec": {}})
        back = app.add_container("back", "busybox:1.35").with_http_endpoint(target_port=80)
        back.publish_as_kubernetes_service(lambda objects: objects.pop("Service"))
        app.add_container("user", "busybox:1.35").wait_for(api).with_reference(back)
        app.add_container("added", "busybox:1.35").publish_as_kubernetes_service(add_volume)
        own = app.add_container("own", "busybox:1.35", env={"A": "b"}).with_service_account()
        own.publish_as_kubernetes_service(lambda objects: (objects.pop("ConfigMap"), objects.pop("ServiceAccount")))

    found = publish(built(define), "/nonexistent/nowhere", check=True).warnings

    def gone(name: str, kind: str = "Service") -> str:
        return f"the {kind} {name!r}, which publish_as_kubernetes_service() of {name!r} removed"

    pod = "its Deployment names in spec.template.spec."
    assert all(one.where.line and one.remedy for one in found)
    assert [f"{one.resource}: {one.message}" for one in found] == [
        f"own: {pod}serviceAccountName {gone('own', 'ServiceAccount')}",
        f"own: {pod}containers[].envFrom[].configMapRef.name {gone('own', 'ConfigMap')}",
        f"gate: its HTTPRoute names in spec.rules[].backendRefs[].name {gone('web')}",
    ]


@pytest.mark.parametrize("shape", ["eighty", 80, [None], ["x"], {}])
@pytest.mark.parametrize("kind", ["Service", "Deployment", "HorizontalPodAutoscaler"])
def test_a_part_of_a_wrong_shape_is_refused_once(kind: str, shape: Any) -> None:
    """Whatever a function puts in the place of a structure must be an error that names the place, and break nothing."""

    def define(app: AppBuilder) -> None:
        api = app.add_container("api", "busybox:1.35").with_http_endpoint(target_port=80).with_autoscaling(1, 2)
        api.publish_as_kubernetes_service(lambda objects: objects[kind][0].update(spec=shape))
        web = app.add_container("web", "busybox:1.35").with_http_endpoint(target_port=80).wait_for(api)
        web.publish_as_kubernetes_service(lambda objects: objects["Service"][0]["spec"].update(ports=shape))

    found = refusals(define)
    assert any(f"{kind}.spec" in problem for problem in found) or (kind == "Service" and shape == {})
    assert any("Service.spec.ports" in problem for problem in found)


@pytest.mark.parametrize("shape", ["eighty", 80, None, [None], ["x"], {}])
def test_a_custom_object_of_any_shape_is_published(shape: Any) -> None:
    """What only a controller of others can judge must not break the publisher."""

    def as_rollout(objects: KubernetesObjects) -> None:
        (deployment,) = objects.pop("Deployment")
        objects["Rollout"] = [{**deployment, "apiVersion": ROLLOUT, "kind": "Rollout", "spec": shape}]

    def define(app: AppBuilder) -> None:
        api = app.add_container("api", "busybox:1.35").with_http_endpoint(target_port=80).with_autoscaling(1, 2)
        api.publish_as_kubernetes_service(as_rollout)

    assert publish(built(define), "/nonexistent/nowhere", check=True).changed


def test_what_a_function_leaves_is_checked() -> None:
    """Whatever is no object any more, or would show a secret, must be an error with the line of the function."""

    async def later(objects: KubernetesObjects) -> None: ...

    def define(app: AppBuilder) -> None:
        key = app.add_parameter("key", secret=True)
        changes: dict[str, Callable[[KubernetesObjects], object]] = {
            "fails": lambda objects: objects["StatefulSet"],
            "async": later,
            "shape": lambda objects: objects.update(Deployment=cast(Any, "x")),
            "nameless": lambda objects: objects.workload.update(metadata={}),
            "leaf": lambda objects: objects.container.update(x=object()),
            "number": lambda objects: objects.container.update(cast(Any, {1: 2})),
            "nan": lambda objects: objects.container.update(x=float("nan")),
            "leak": lambda objects: objects.container.update(args=[key]),
            "text": lambda objects: objects.add(
                {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "data": "a: b"}
            ),
            "data": lambda objects: objects.add(
                {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"a": 1}}
            ),
        }
        for name, change in changes.items():
            app.add_container(name, "busybox:1.35").publish_as_kubernetes_service(change)

    left = "an object that publish_as_kubernetes_service() left"
    assert sorted(refusals(define)) == sorted(
        [
            "fails: the function of publish_as_kubernetes_service() raised KeyError: 'StatefulSet'",
            "async: the function of publish_as_kubernetes_service() is async",
            f"shape: {left} is str, and no object",
            f"nameless: {left} has no metadata.name",
            f"leaf: {left} has object in Deployment.spec.template.spec.containers[0].x",
            f"number: {left} has the key 1 in Deployment.spec.template.spec.containers[0], which is no text",
            f"nan: {left} has nan in Deployment.spec.template.spec.containers[0].x",
            f"leak: {left} has a secret in Deployment.spec.template.spec.containers[0].args[0], "
            "where everybody could read it",
            f"text: {left} has text as Secret.data, which is a mapping",
            f"data: {left} has a whole number as ConfigMap.data.a, which is text",
        ]
    )


def test_a_function_that_makes_an_object_twice_is_refused() -> None:
    """Two objects of one name must be an error, whoever made them."""

    def define(app: AppBuilder) -> None:
        app.add_container("api", "busybox:1.35").publish_as_kubernetes_service(
            lambda objects: objects.add(dict(objects.workload))
        )

    (found,) = refusals(define)
    assert found.startswith("api: its Deployment would be called 'api', like that of 'api' at ")


def test_manifests_of_ones_own_are_published(charts: Charts, tmp_path: Path) -> None:
    """Mappings, YAML and files must come out as they are, deferred values in them as values, kinds before objects."""
    folder = tmp_path / "more"
    folder.mkdir()
    (folder / "b.yaml").write_text(
        "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Secret, metadata: {name: s}, "
        "stringData: {when: 2026-01-01, text: '{{ .Values.x }}'}}\n"
    )
    (folder / "a.json").write_text('{"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "sa"}}')

    def define(app: AppBuilder) -> None:
        k8s = app.add_kubernetes_environment("k8s")
        region = app.add_parameter("region", "eu")
        api = app.add_container("api", "busybox:1.35").with_http_endpoint(target_port=80)
        k8s.add_manifest(
            {
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": {"name": "m", "labels": {"app.kubernetes.io/part-of": "other"}},
                "data": {"region": region, "api": api.endpoint().url},
            }
        )
        k8s.add_manifest("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\n---\n---\n" + WIDGETS)
        k8s.add_manifest(folder)

    charts.publish(define)
    objects = charts.render(values={"parameters": {"region": "us"}})

    assert objects["ConfigMap", "m"]["data"] == {"region": "us", "api": "http://api:80"}
    assert objects["ConfigMap", "m"]["metadata"]["labels"]["app.kubernetes.io/part-of"] == "other"
    assert objects["ConfigMap", "one"]["metadata"]["labels"]["app.kubernetes.io/part-of"] == "shop"
    assert objects["Secret", "s"]["stringData"] == {"when": "2026-01-01", "text": "{{ .Values.x }}"}
    assert ("ServiceAccount", "sa") in objects
    kinds = yaml.safe_load(charts.helm("show", "crds", charts.folder))
    assert kinds["spec"]["names"]["kind"] == "Widget"


WIDGETS = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec: {group: example.com, names: {kind: Widget, plural: widgets}, scope: Namespaced, versions: []}
"""


def test_manifests_that_are_none_are_refused(tmp_path: Path) -> None:
    """What can't be read, is no YAML or no object must be said at once, with the line that gave it."""
    (tmp_path / "bad.yaml").write_text("a: [")
    (tmp_path / "empty").mkdir()

    def define(app: AppBuilder) -> None:
        k8s = app.add_kubernetes_environment("k8s")
        k8s.add_manifest(tmp_path / "gone.yaml").add_manifest(str(tmp_path / "bad.yaml"))
        k8s.add_manifest(tmp_path / "empty").add_manifest("- 1").add_manifest({"kind": "ConfigMap"})
        k8s.add_manifest({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "api"}})
        app.add_container("api", "busybox:1.35").with_http_endpoint(target_port=80)

    found = refusals(define)

    assert found[0] == f"k8s: the manifest {tmp_path / 'gone.yaml'} can't be read: No such file or directory"
    assert found[1].startswith(f"k8s: the manifest {tmp_path / 'bad.yaml'} is not YAML: line 2, column 1: ")
    assert found[2:6] == [
        f"k8s: the manifest {tmp_path / 'empty'} is a folder without YAML",
        "k8s: an object of add_manifest() is list, and no object",
        "k8s: an object of add_manifest() has no apiVersion",
        "k8s: an object of add_manifest() has no metadata.name",
    ]
    assert found[6].startswith("k8s: its Service would be called 'api', like that of 'api' at ")


SUBCHART = {
    "Chart.yaml": "apiVersion: v2\nname: mailer\nversion: 1.2.3\n",
    "values.yaml": "host: unset\nport: 0\nnested: {token: ''}\nlist: []\n",
    "templates/cm.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: mailer}\n"
    "data: {all: {{ .Values | toJson | quote }}}\n",
}


#: Objects in another namespace and in none, and a test of the chart's own.
MORE = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: elsewhere, namespace: kube-system}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: mailer}
rules: []
---
apiVersion: v1
kind: Pod
metadata: {name: test, annotations: {helm.sh/hook: test}}
spec: {containers: [{name: a, image: busybox}]}
"""


@pytest.fixture
def mailer(tmp_path: Path) -> str:
    for path, text in SUBCHART.items():
        file = tmp_path / "mailer" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return f"file://{tmp_path / 'mailer'}"


def test_a_chart_of_others_is_a_dependency(charts: Charts, mailer: str) -> None:
    """Its values must reach it, parameters by keys that agree with the app's, and it can be left out."""

    def define(app: AppBuilder) -> None:
        k8s = app.add_kubernetes_environment("k8s")
        token = app.add_parameter("token", secret=True)
        region = app.add_parameter("region", "eu")
        api = app.add_container("api", "busybox:1.35", env={"TOKEN": token}).with_http_endpoint(target_port=80)
        values = {"host": api.endpoint().host, "port": 25, "nested": {"token": token}, "list": [{"a.b": region}]}
        k8s.add_helm_chart("post", "mailer", "1.x.x", repo=mailer, values=values)

    published = charts.publish(define)
    assert published.commands[0] == f"helm dependency update {charts.folder}"
    assert yaml.safe_load(published.values_files[0].text) == {
        "secrets": {"token": ""},
        "post": {"nested": {"token": ""}},
    }
    charts.helm("dependency", "build", charts.folder)

    said = charts.failure(values={"secrets": {"token": "t"}})
    assert 'post:\n  nested:\n    token: ""  # The same as secrets.token, used by post.' in said
    different = {"secrets": {"token": "t"}, "post": {"nested": {"token": "u"}}}
    assert charts.missing(values=different) == {"post": {"nested": {"token": ""}}}
    objects = charts.render({"token": "t"}, values={"post": {"nested": {"token": "t"}}})
    given = yaml.safe_load(objects["ConfigMap", "mailer"]["data"]["all"])
    assert (given["host"], given["port"], given["nested"]["token"]) == ("api", 25, "t")
    assert given["list"] == [{"a.b": "eu"}]
    without = charts.render({"token": "t"}, values={"charts": {"post": {"enabled": False}}})
    assert ("ConfigMap", "mailer") not in without


def test_a_chart_of_others_in_other_formats(tmp_path: Path, mailer: str) -> None:
    """Plain manifests must come with the command and the values for it, a base with its entry for kustomize."""

    def define(app: AppBuilder) -> None:
        k8s = app.add_kubernetes_environment("k8s").with_properties(namespace="n")
        token = app.add_parameter("token", secret=True)
        k8s.add_helm_chart("post", "mailer", "1.2.3", repo=mailer, values={"nested": {"token": token}})

    app, values = built(define), {"secrets": {"token": "t"}}
    plain = publish(app, tmp_path / "plain", format="manifests", values=values)
    base_of = publish(app, tmp_path / "base", format="kustomize", values=values)

    file = tmp_path / "plain" / "charts" / "post.values.yaml"
    assert yaml.safe_load(file.read_text()) == {"nested": {"token": "t"}}
    assert file.stat().st_mode & 0o77 == 0
    folder = tmp_path / "mailer"
    assert plain.commands[1].startswith(f"helm upgrade --install post {folder} --namespace n --values ")
    copy = tmp_path / "base" / "charts" / "mailer"
    assert base_of.commands[1] == f"mkdir -p {copy} && cp -R {folder}/. {copy}"
    base: dict[str, Any] = yaml.safe_load((tmp_path / "base" / "kustomization.yaml").read_text())
    assert base["helmCharts"][0]["valuesInline"] == {"nested": {"token": "t"}}
    with pytest.raises(PublishError, match="token is not given"):
        publish(app, tmp_path / "none", format="manifests")


@pytest.mark.parametrize(
    ("repo", "chart", "words"),
    [
        ("https://charts.example.com", "mailer", "mailer --repo https://charts.example.com --version 1.x.x"),
        (None, "oci://registry.example.com/charts/mailer", "oci://registry.example.com/charts/mailer --version 1.x.x"),
        ("@team", "mailer", "team/mailer --version 1.x.x"),
        ("alias:team", "mailer", "team/mailer --version 1.x.x"),
    ],
)
def test_helm_is_told_where_a_chart_of_others_is(tmp_path: Path, repo: str | None, chart: str, words: str) -> None:
    """Beside manifests each kind of repository must be named as helm takes it, and none of a chart that is left out."""

    def define(app: AppBuilder) -> None:
        app.add_kubernetes_environment("k8s").add_helm_chart("post", chart, "1.x.x", repo=repo)

    def commands(values: dict[str, Any]) -> list[str]:
        published = publish(built(define), tmp_path / "out", format="manifests", values=values, check=True)
        return [command for command in published.commands if command.startswith("helm")]

    values = f"{tmp_path / 'out'}/charts/post.values.yaml"
    assert commands({}) == [f"helm upgrade --install post {words.format(folder=tmp_path)} --values {values}"]
    assert commands({"charts": {"post": {"enabled": False}}}) == []


def test_a_base_with_a_chart_of_others_says_what_kustomize_lacks(tmp_path: Path) -> None:
    """A repository that only helm knows must be refused, and be said which namespace is taken where none is named."""

    def define(app: AppBuilder, repo: str) -> None:
        app.add_kubernetes_environment("k8s").add_helm_chart("post", "mailer", "1.2.3", repo=repo)

    def base(repo: str) -> list[str]:
        published = publish(built(lambda app: define(app, repo)), tmp_path, format="kustomize", check=True)
        return [note.message for note in published.notes if note.resource == "post"]

    assert base("https://x") == ["Kustomize renders it for the namespace 'default', as none is named"]
    with pytest.raises(PublishError, match="does not know the repository '@team'"):
        base("@team")


def test_kustomize_inflates_a_chart_of_others(tmp_path: Path, mailer: str, helm: Path) -> None:
    """What the commands say must make of the base all objects of app and chart, in their namespace, without tests."""
    program = shutil.which("kustomize")
    if program is None:  # the one in kubectl runs no helm
        pytest.skip("needs kustomize on the path")
    (tmp_path / "mailer" / "templates" / "more.yaml").write_text(MORE)

    def define(app: AppBuilder) -> None:
        k8s = app.add_kubernetes_environment("k8s").with_properties(namespace="n")
        token = app.add_parameter("token", secret=True)
        api = app.add_container("api", "busybox:1.35", env={"TOKEN": token})
        api.with_http_endpoint(target_port=80)
        values = {"host": api.endpoint().host, "port": 25, "nested": {"token": token}}
        k8s.add_helm_chart("post", "mailer", "1.2.3", repo=mailer, values=values)

    folder = tmp_path / "my base"
    published = publish(built(define), folder, format="kustomize", values={"secrets": {"token": "t"}})
    subprocess.run(["sh", "-c", published.commands[1]], check=True)
    command = [program, "build", "--enable-helm", "--helm-command", str(helm), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    objects = list(yaml.safe_load_all(done.stdout))
    found = {(one["kind"], one["metadata"].get("namespace")) for one in objects}
    assert found == {
        ("ClusterRole", None),
        ("ConfigMap", "n"),
        ("ConfigMap", "kube-system"),
        ("Deployment", "n"),
        ("Secret", "n"),
        ("Service", "n"),
    }
    (all_,) = (one["data"]["all"] for one in objects if one["metadata"]["name"] == "mailer" and "data" in one)
    assert yaml.safe_load(all_) == {"host": "api", "port": 25, "nested": {"token": "t"}, "list": []}


def test_kinds_that_a_chart_of_others_brings_come_first(charts: Charts, tmp_path: Path, mailer: str) -> None:
    """An object of such a kind must be left out, and said to be, until the cluster knows it; formats take two steps."""

    def define(app: AppBuilder) -> None:
        k8s = app.add_kubernetes_environment("k8s")
        k8s.add_helm_chart("post", "mailer", "1.2.3", repo=mailer)
        k8s.add_manifest({"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "theirs"}})
        k8s.add_manifest(WIDGETS.replace("example.com", "argoproj.io"))
        k8s.add_manifest({"apiVersion": "argoproj.io/v1", "kind": "Widget", "metadata": {"name": "mine"}})
        k8s.add_manifest({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "m"}})

    published = charts.publish(define)
    plain = publish(built(define), tmp_path / "plain", format="manifests")
    base = publish(built(define), tmp_path / "base", format="kustomize")
    charts.helm("dependency", "build", charts.folder)

    assert set(charts.render()) == {("ConfigMap", "mailer"), ("ConfigMap", "m"), ("Widget", "mine")}
    known = ("--api-versions", "example.com/v1")
    assert "name: theirs" in charts.helm("template", "release", charts.folder, *known)
    left = "NOT INSTALLED YET, because the cluster did not know these kinds before:\n  Widget theirs\n"
    assert left in charts.notes()
    assert "NOT INSTALLED YET" not in charts.notes(*known)
    (note,) = (note.message for note in published.notes)
    assert note == "a chart of others may bring the kinds of Widget theirs, which can only be made after that"
    install = f"helm upgrade --install shop {charts.folder}"
    assert list(published.commands[1:]) == [f"{install} --wait", install]
    assert [command.split()[0] for command in plain.commands] == ["kubectl", "helm", "kubectl"]
    assert plain.commands[1].endswith("--wait")
    assert base.commands[1] == base.commands[2]


def test_charts_that_helm_would_not_take_are_refused() -> None:
    """A repository, a name or a value that makes no sense must be said when the app is published."""

    def define(app: AppBuilder) -> None:
        k8s = app.add_kubernetes_environment("k8s")
        region = app.add_parameter("region", "eu")
        k8s.add_helm_chart("config", "mailer", "1", repo="https://charts.example.com")
        k8s.add_helm_chart("a", "no good", "1", repo="ftp//x")
        k8s.add_helm_chart("b", "oci://registry.example.com/charts/mailer", "1", values={"x": {1, 2}})
        k8s.add_helm_chart("c", "m", "1", repo="https://x", values={"x": [ref("{r}!", r=region)], "y": {1: 2}})

    assert refusals(define) == [
        "config: its values would be among those of the app",
        "a: 'no good' is not the name of a chart",
        "a: 'ftp//x' is not a repository",
        "b: the value x is set",
        "c: the value x[0] is composed with a parameter",
        "c: the value y.1 has a key that is no text",
    ]
