"""What is published of an app with a cluster of this machine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.support.charts import built

from fairlead import AppBuilder, Mode, PublishError
from fairlead.model.composition.composition import compose
from fairlead.model.programs.workload import Workload
from fairlead.publish.publisher import Rendered, render

Define = Callable[[AppBuilder], None]
CHART = "apiVersion: v2\nname: web\nversion: 1.2.3\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a local chart, manifests, and values."""
    write(
        tmp_path,
        {
            "web/Chart.yaml": CHART,
            "web/templates/a.yaml": "kind: ConfigMap\n",
            "web/.helmignore": "docs\n",
            "web/.cache/x": "no part of the chart",
            "one.yaml": "size: 1\nname: one\nlist: [1, 2]\n",
            "two.yaml": "name: two\n",
            "k8s/crd.yaml": CRD,
            "k8s/below/config.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: below}\n",
            "k8s/.hidden/x.yaml": "no: object\n",
        },
    )
    return tmp_path


CRD = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  names: {kind: Widget, plural: widgets}
  scope: Namespaced
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
"""


def write(folder: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)


def rendered(define: Define, project: Path | None = None, **options: Any) -> Rendered:
    return render(built(define, project=project), **options)


def warnings(found: Rendered) -> list[str]:
    return [f"{warning.resource}: {warning.message}" for warning in found.warnings]


def notes(found: Rendered) -> list[str]:
    return [f"{note.resource}: {note.message}" for note in found.notes if note.resource]


def problems(define: Define, project: Path | None = None, **options: Any) -> list[str]:
    with pytest.raises(PublishError) as caught:
        rendered(define, project, **options)
    assert all(error.remedy and error.file for error in caught.value.errors)
    return [f"{error.resource}: {error.message}" for error in caught.value.errors]


def objects(found: Rendered) -> dict[tuple[str, str], Any]:
    """The objects that are the same for everyone, and those of a chart as far as they are YAML."""
    documents = [yaml.safe_load(text) for path, text in found.files.items() if path.endswith(".yaml")]
    return {(one["kind"], one["metadata"]["name"]): one for one in documents if "kind" in one and "metadata" in one}


def plain(define: Define, project: Path | None = None) -> dict[tuple[str, str], Any]:
    """The objects of an app as plain manifests."""
    return objects(rendered(define, project, format="manifests"))


# What is left out


def with_all(app: AppBuilder, **options: Any) -> None:
    """An app with one of each part of a cluster."""
    k8s = app.add_k3s_cluster("k8s", agent_count=1, **options).with_registry()
    k8s.add_helm_release("cd", "argo-cd", repo="https://charts.example.com")
    k8s.add_k8s_manifest("crds", "./k8s")
    k8s.add_service_endpoint("ui", "argo", 443)
    app.add_container("box", "busybox:1.35")


def test_a_cluster_and_its_parts_are_left_out_with_one_warning_each() -> None:
    """Each part that the definition says nothing of must be warned of, with what can be said; strict refuses them."""
    found = rendered(with_all)
    assert warnings(found) == [
        "k8s: it is left out, because a K3s cluster is for runs on this machine",
        "cd: it is left out, because a Helm release is for runs on this machine",
        "crds: it is left out, because a Kubernetes manifest is for runs on this machine",
        "ui: it is left out, because a Service endpoint is for runs on this machine",
    ]
    assert found.warnings[1].remedy == (
        'Say what publishing makes of it: publish_as="dependency", "external" or "skip".'
    )
    assert set(plain(with_all)) == {("Deployment", "box")}
    assert len(problems(with_all, strict=True)) == 4


def test_nothing_is_said_of_what_is_meant() -> None:
    """``external`` and ``skip`` must be silent; a cluster that is skipped must speak for what is in it."""

    def define(app: AppBuilder) -> None:
        k8s = app.add_k3s_cluster("k8s", publish_as="external")
        k8s.add_helm_release("cd", "argo-cd", repo="https://charts.example.com", publish_as="skip")
        k8s.add_k8s_manifest("crds", "./k8s", publish_as="external")
        k8s.add_service_endpoint("ui", "argo", 443).exclude_from_manifest()

    assert warnings(rendered(define, strict=True)) == []
    assert warnings(rendered(lambda app: with_all(app, publish_as="skip"), strict=True)) == []
    assert len(warnings(rendered(lambda app: with_all(app, publish_as="external")))) == 3


@pytest.mark.parametrize("publish_as", [None, "skip"])
def test_waits_for_what_is_left_out_are_reported(publish_as: Any) -> None:
    """A wait must be left out, with a warning; where its target is meant to be left out, with a note."""

    def define(app: AppBuilder) -> None:
        k8s = app.add_k3s_cluster("k8s", publish_as=publish_as)
        crds = k8s.add_k8s_manifest("crds", "./k8s")
        app.add_container("box", "busybox:1.35").wait_for_completion(crds).wait_for(k8s)

    found = rendered(define, strict=publish_as is not None)
    said = [line for line in (notes(found) if publish_as else warnings(found)) if line.startswith("box")]
    assert said == [
        "box: its wait for the completion of 'crds' is left out: that is not published",
        "box: its wait for 'k8s' is left out: that is not published",
    ]
    assert "initContainers" not in plain(define)["Deployment", "box"]["spec"]["template"]["spec"]


# Addresses


def test_a_consumer_of_an_endpoint_gets_the_same_variables() -> None:
    """They must have the names that they have in a run, and the address of the Service itself."""

    def define(app: AppBuilder) -> None:
        k8s = app.add_k3s_cluster("k8s", publish_as="skip")
        ui = k8s.add_service_endpoint("ui", "argo-server", 443, "argocd")
        app.add_container("box", "busybox:1.35").with_reference(ui).with_environment(
            "UI_HOST", ui.endpoint("https").host
        )

    box = built(define)["box"]
    assert isinstance(box, Workload)
    data = plain(define)["ConfigMap", "box"]["data"]
    url = "https://argo-server.argocd.svc:443"
    assert data.pop("UI_HOST") == "argo-server.argocd.svc"
    assert data == dict.fromkeys(("services__ui__url", "services__ui__https__0", "UI_URL", "UI_HTTPS"), url)
    assert data.keys() | {"UI_HOST"} == compose(box, Mode.RUN).variables.keys()
    assert [line for line in warnings(rendered(define)) if line.startswith("box")] == []


def test_the_api_of_a_cluster_is_that_of_the_cluster_it_is_published_to() -> None:
    """Its address must be the one that all pods know; what only a run knows must be an error."""

    def define(app: AppBuilder) -> None:
        k8s = app.add_k3s_cluster("k8s", publish_as="skip")
        app.add_container("box", "busybox:1.35").with_environment("API", k8s.endpoint("api").url)

    def with_kubeconfig(app: AppBuilder) -> None:
        k8s = app.add_k3s_cluster("k8s", publish_as="skip")
        app.add_container("box", "busybox:1.35").with_environment("CONFIG", k8s.kubeconfig)

    assert plain(define)["ConfigMap", "box"]["data"] == {"API": "https://kubernetes.default.svc:443"}
    assert problems(with_kubeconfig) == [
        "box: the variable CONFIG needs k8s.kubeconfig, which is only known while it runs locally"
    ]


def test_a_port_that_is_only_known_by_its_name() -> None:
    """No URL can be made of it, so that must be an error."""

    def define(app: AppBuilder) -> None:
        ui = app.add_k3s_cluster("k8s", publish_as="skip").add_service_endpoint("ui", "web", "http")
        app.add_container("box", "busybox:1.35").with_environment("URL", ui.endpoint("http").url)

    assert problems(define) == [
        "box: the variable URL needs the port of 'ui', and only its name 'http' is known",
    ]


# Accounts


def operator(app: AppBuilder, account: str | None = None, *objects: dict[str, Any]) -> None:
    """An app whose operator has the rights of an account."""
    k8s = app.add_k3s_cluster("k8s", publish_as="skip")
    app.add_container("operator", "busybox:1.35").with_reference(k8s, service_account=account)
    if objects:
        k8s.add_k8s_manifest("rights", objects, publish_as="template")


def binding(account: str) -> dict[str, Any]:
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": {"name": "rights"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "edit"},
        "subjects": [{"kind": "ServiceAccount", "name": account}],
    }


def test_a_consumer_of_a_cluster_gets_an_account() -> None:
    """In place of a kubeconfig its pods must have a token, and be told that nothing gives them rights."""
    found = plain(operator)
    pod = found["Deployment", "operator"]["spec"]["template"]["spec"]
    assert (pod["serviceAccountName"], pod["automountServiceAccountToken"]) == ("operator", True)
    assert "envFrom" not in pod["containers"][0]
    assert ("ServiceAccount", "operator") in found
    (warning,) = warnings(rendered(operator))
    assert warning == (
        "operator: in a run it has all rights in 'k8s'; published, it runs as the ServiceAccount 'operator', which "
        "nothing in the chart gives rights to"
    )


def test_the_account_of_a_reference_is_the_pods() -> None:
    """Its name must be kept, whoever creates it; a binding in the chart must be enough."""
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "widgets"}}
    for brought in ((binding("widgets"),), (account, binding("widgets"))):
        found = rendered(lambda app: operator(app, "system/widgets", *brought), format="manifests", strict=True)  # noqa: B023
        pod = objects(found)["Deployment", "operator"]["spec"]["template"]["spec"]
        assert (pod["serviceAccountName"], pod["automountServiceAccountToken"]) == ("widgets", True)
        assert ("ServiceAccount", "widgets") in objects(found)
        assert [line for line in notes(found) if line.startswith("operator")] == []
    assert "operator: it runs as the ServiceAccount 'widgets', which nothing in the chart gives rights to" in notes(
        rendered(lambda app: operator(app, "system/widgets"))
    )


def test_two_programs_may_share_an_account_and_one_can_not_have_two() -> None:
    """One account must be published for both; two names for one pod must be an error, unless it says which."""

    def shared(app: AppBuilder) -> None:
        k8s = app.add_k3s_cluster("k8s", publish_as="skip")
        for name in ("a", "b"):
            app.add_container(name, "busybox:1.35").with_reference(k8s, service_account="ns/widgets")

    def torn(app: AppBuilder, *accounts: str) -> None:
        one, two = (app.add_k3s_cluster(name, publish_as="skip") for name in ("one", "two"))
        box = app.add_container("box", "busybox:1.35")
        box.with_reference(one, service_account="ns/a").with_reference(two, service_account="ns/b")
        for account in accounts:
            box.with_service_account(account)

    assert [key for key in plain(shared) if key[0] == "ServiceAccount"] == [("ServiceAccount", "widgets")]
    assert problems(torn) == ["box: its references to clusters name the accounts a, b, and a pod has one"]

    assert ("ServiceAccount", "c") in plain(lambda app: torn(app, "c"))


# Releases


def test_a_local_chart_is_copied(project: Path) -> None:
    """The chart's files must be in the app's, its values be merged in order, deferred ones translated."""

    def define(app: AppBuilder) -> None:
        cache = app.add_redis("cache")
        key = app.add_parameter("key", secret=True)
        k8s = app.add_k3s_cluster("k8s", publish_as="skip")
        release = k8s.add_helm_release(
            "site", "./web", values={"size": 2, "cache": cache.endpoint("tcp").host}, publish_as="dependency"
        )
        release.with_helm_values_file("one.yaml").with_helm_values_file("two.yaml").with_helm_value("auth.key", key)

    found = rendered(define, project, strict=True)
    assert found.files["charts/web/Chart.yaml"] == CHART
    assert {path for path in found.files if path.startswith("charts/")} == {
        "charts/web/Chart.yaml",
        "charts/web/.helmignore",
        "charts/web/templates/a.yaml",
    }
    (dependency,) = yaml.safe_load(found.files["Chart.yaml"])["dependencies"]
    assert dependency == {"name": "web", "alias": "site", "version": "1.2.3", "condition": "charts.site.enabled"}
    values = yaml.safe_load(found.files["values.yaml"])["site"]
    assert values == {"size": 2, "name": "two", "list": [1, 2], "cache": "cache", "auth": {"key": ""}}
    assert any(line.startswith("site: it is installed in the app's release and namespace") for line in notes(found))


@pytest.mark.parametrize(
    ("chart", "options", "dependency"),
    [
        ("redis", {"repo": "https://x"}, {"name": "redis", "repository": "https://x"}),
        ("oci://r.example.com/charts/redis", {}, {"name": "redis", "repository": "oci://r.example.com/charts"}),
        ("bitnami/redis", {}, {"name": "redis", "repository": "@bitnami"}),
    ],
)
def test_a_chart_of_a_repository_is_named(chart: str, options: Any, dependency: Any) -> None:
    """Each way to name a chart must be a dependency that helm can fetch."""

    def define(app: AppBuilder) -> None:
        k8s = app.add_k3s_cluster("k8s", publish_as="skip")
        k8s.add_helm_release("db", chart, version="1.0.0", publish_as="dependency", **options)

    (found,) = yaml.safe_load(rendered(define).files["Chart.yaml"])["dependencies"]
    assert found == {**dependency, "alias": "db", "version": "1.0.0", "condition": "charts.db.enabled"}


def test_charts_that_can_not_be_depended_on(project: Path) -> None:
    """What is missing or can't be copied must be said of each release, with what to do."""
    write(
        project,
        {
            "bare/values.yaml": "",
            "nameless/Chart.yaml": "version: 1.0.0\n",
            "broken/Chart.yaml": "a: ]",
            "needy/Chart.yaml": f"{CHART}dependencies: [{{name: common, version: 1.0.0, repository: 'https://x'}}]\n",
            "key/Chart.yaml": CHART,
            "key/files/tls.key": "private",
            "other/Chart.yaml": CHART,
            "list.yaml": "[1]",
        },
    )
    (project / "picture").mkdir()
    (project / "picture" / "Chart.yaml").write_text(CHART)
    (project / "picture" / "icon.png").write_bytes(b"\x89PNG\0")
    (project / "packed.tgz").write_bytes(b"\x1f\x8b")
    charts = ["./bare", "./nameless", "./broken", "./needy", "./key", "./picture", "./packed.tgz", "./nowhere", "/etc"]

    def define(app: AppBuilder) -> None:
        k8s = app.add_k3s_cluster("k8s", publish_as="skip")
        for number, chart in enumerate(charts):
            k8s.add_helm_release(f"r{number}", chart, publish_as="dependency")
        k8s.add_helm_release("unpinned", "redis", repo="https://x", publish_as="dependency")
        k8s.add_helm_release("lost", "redis", version="1", publish_as="dependency")
        bad = k8s.add_helm_release("bad", "./web", publish_as="dependency")
        bad.with_helm_values_file("none.yaml").with_helm_values_file("list.yaml")
        k8s.add_helm_release("twin", "./other", publish_as="dependency")
        k8s.add_helm_release("config", "./web", publish_as="dependency")

    assert problems(define, project) == [
        "r0: the chart ./bare has no Chart.yaml",
        "r1: the chart ./nameless has a Chart.yaml without a name or a version",
        "r2: the chart ./broken has a Chart.yaml that is not YAML: line 1, column 4: "
        "did not find expected node content",
        "r3: the chart ./needy needs the chart 'common', which is not unpacked in its folder",
        "r4: the chart ./key has files/tls.key, which looks secret, and everyone may read a chart",
        "r5: the chart ./picture has icon.png, which is not text",
        "r6: the chart ./packed.tgz is an archive",
        "r7: the chart ./nowhere is not there",
        "r8: the chart /etc belongs to this machine and not to the app",
        "unpinned: its chart has no version, so a published chart would be another one each day",
        "lost: the chart 'redis' has no repository",
        "bad: the values file none.yaml can't be used: there is no such file or folder",
        "bad: the values file list.yaml is not a mapping",
        "twin: its chart is another one than that of 'bad', and has the same name 'web'",
        "config: its values would be among those of the app",
    ]


# Manifests


def test_manifests_become_templates(project: Path) -> None:
    """Files and folders must be read as a run reads them, definitions of kinds be apart, deferred values translated."""

    def define(app: AppBuilder) -> None:
        cache = app.add_redis("cache")
        k8s = app.add_k3s_cluster("k8s", publish_as="skip")
        k8s.add_k8s_manifest("all", "./k8s", publish_as="template")
        config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "own"}}
        roles = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "all"}}
        data = {"HOST": cache.endpoint("tcp").host}
        k8s.add_k8s_manifest("own", [{**config, "data": data}, roles], namespace="tools", publish_as="template")

    found = rendered(define, project, strict=True)
    crds = [path for path in found.files if path.startswith("crds/")]
    assert [yaml.safe_load(found.files[path])["kind"] for path in crds] == ["CustomResourceDefinition"]
    made = plain(define, project)
    assert made["ConfigMap", "own"]["data"] == {"HOST": "cache"}
    assert made["ConfigMap", "own"]["metadata"]["namespace"] == "tools"
    assert "namespace" not in made["ClusterRole", "all"]["metadata"]
    assert "namespace" not in made["ConfigMap", "below"]["metadata"]
    assert made["ConfigMap", "below"]["metadata"]["labels"]["app.kubernetes.io/part-of"] == "shop"


def test_manifests_that_can_not_be_templates(project: Path) -> None:
    """A Kustomization, an empty folder and what is no object must be errors of the manifest."""
    write(project, {"base/kustomization.yaml": "resources: []\n", "bad.yaml": "a: ]", "odd.yaml": "kind: A\n"})
    (project / "empty").mkdir()

    def define(app: AppBuilder) -> None:
        k8s = app.add_k3s_cluster("k8s", publish_as="skip")
        for name, path in (("base", "./base"), ("empty", "./empty"), ("bad", "bad.yaml"), ("odd", "odd.yaml")):
            k8s.add_k8s_manifest(name, path, publish_as="template")

    found = problems(define, project)
    assert found[:3] == [
        "base: the manifest ./base has to be built by Kustomize: it holds kustomization.yaml",
        "empty: the manifest ./empty is a folder without YAML",
        "bad: the manifest bad.yaml is not YAML: line 1, column 4: did not find expected node content",
    ]
    assert found[3].startswith("odd: the manifest odd.yaml has no apiVersion")
