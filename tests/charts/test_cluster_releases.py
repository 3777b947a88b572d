"""Releases and manifests of a local cluster in the app's chart, judged by what helm makes of them."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
import yaml
from tests.support.charts import Charts, built, container

from fairlead import AppBuilder
from fairlead.publish.publisher import publish

CHART = {
    "Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.2.3\n",
    "values.yaml": "size: 1\nname: none\n",
    "templates/config.yaml": """\
apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Release.Name }}-{{ .Chart.Name }}}
data: {all: {{ toJson .Values | quote }}}
""",
    "templates/_helpers.tpl": '{{ define "unused" }}{{ end }}',
    "charts/inner/Chart.yaml": "apiVersion: v2\nname: inner\nversion: 0.1.0\n",
    "charts/inner/templates/config.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: inner}\n",
}
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
WIDGET = "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: first}\nspec: {text: '{{ not a template }}'}\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a chart, values and manifests."""
    folder = tmp_path / "project"
    files = {f"web/{path}": text for path, text in CHART.items()}
    files |= {"values.yaml": "name: from a file\n", "k8s/crd.yaml": CRD, "k8s/widget.yaml": WIDGET}
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return folder


def define(app: AppBuilder) -> None:
    """An app whose cluster has a local chart, manifests and an endpoint, used by a program."""
    app.add_kubernetes_environment("env").with_properties(namespace="shop")
    cache = app.add_redis("cache")
    token = app.add_parameter("token", secret=True)
    k8s = app.add_k3s_cluster("k8s", publish_as="skip")
    values = {"host": cache.endpoint("tcp").host, "token": token}
    site = k8s.add_helm_release("site", "./web", values=values, publish_as="dependency")
    site.with_helm_values_file("values.yaml").with_helm_value("size", 2)
    k8s.add_k8s_manifest("widgets", "./k8s", publish_as="template")
    ui = k8s.add_service_endpoint("ui", "shop-site", 80, "shop")
    app.add_container("box", "busybox:1.35").with_reference(ui).with_reference(k8s).with_environment("T", token)


def test_a_local_chart_is_installed_with_the_app(charts: Charts, project: Path) -> None:
    """The chart must be whole as it is published, and stay so when helm looks after its dependencies and packs it."""
    published = charts.publish(define, project=project)
    assert not [command for command in published.commands if "dependency" in command]
    secrets, values = {"token": "t"}, {"site": {"token": "t"}}
    objects = charts.render(secrets, values=values, namespace="shop")
    given = yaml.safe_load(objects["ConfigMap", "release-site"]["data"]["all"])
    assert {key: given[key] for key in ("size", "name", "host", "token")} == {
        "size": 2,
        "name": "from a file",
        "host": "cache",
        "token": "t",
    }
    assert ("ConfigMap", "inner") in objects
    assert objects["Widget", "first"]["spec"] == {"text": "{{ not a template }}"}
    assert objects["ConfigMap", "box"]["data"]["UI_URL"] == "http://shop-site.shop.svc:80"
    assert container(objects, "box")["name"] == "box"
    assert ("ServiceAccount", "box") in objects
    without = charts.render(secrets, values={"charts": {"site": {"enabled": False}}})
    assert ("ConfigMap", "release-site") not in without

    charts.helm("dependency", "update", charts.folder)
    charts.helm("package", charts.folder, "--destination", charts.folder.parent)
    (packed,) = charts.folder.parent.glob("*.tgz")
    rendered = charts.helm("template", "release", packed, "--include-crds", given={"secrets": secrets, **values})
    documents = [document for document in yaml.safe_load_all(rendered) if document]
    assert {("ConfigMap", "release-site"), ("CustomResourceDefinition", "widgets.example.com")} <= {
        (document["kind"], document["metadata"]["name"]) for document in documents
    }


def test_a_local_chart_beside_manifests(charts: Charts, project: Path, tmp_path: Path) -> None:
    """The command must name the copy with its values; a base must find the copy where Kustomize looks for it."""
    app, values = built(define, project=project), {"secrets": {"token": "t"}}
    plain = publish(app, tmp_path / "plain", format="manifests", values=values)
    (command,) = (shlex.split(command) for command in plain.commands if command.startswith("helm"))
    assert command[:4] == ["helm", "upgrade", "--install", "site"]
    file = command[command.index("--values") + 1]
    made = yaml.safe_load(charts.helm("template", "site", command[4], "--values", file, "-s", "templates/config.yaml"))
    assert yaml.safe_load(made["data"]["all"])["host"] == "cache"

    base = publish(app, tmp_path / "base", format="kustomize", values=values)
    (entry,) = yaml.safe_load((tmp_path / "base" / "kustomization.yaml").read_text())["helmCharts"]
    assert entry["name"] == "web" and "repo" not in entry
    assert (tmp_path / "base" / "charts" / "web" / "Chart.yaml").read_text() == CHART["Chart.yaml"]
    assert not [command for command in base.commands if "cp -R" in command]
