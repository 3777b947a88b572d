"""Charts of others: where they come from, and those that are releases of their own."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.charts.test_network import refusals
from tests.support.charts import Charts, built
from tests.support.definitions import mistakes

from fairlead import AppBuilder, PublishError
from fairlead.publish.publisher import publish


def chart(folder: Path, name: str, version: str = "1.2.3") -> None:
    """A chart whose ConfigMap has all its values."""
    (folder / "templates").mkdir(parents=True)
    (folder / "Chart.yaml").write_text(f"apiVersion: v2\nname: {name}\nversion: {version}\n")
    (folder / "values.yaml").write_text("host: unset\ntoken: ''\n")
    (folder / "templates" / "cm.yaml").write_text(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: '{{ .Release.Name }}-mailer'}\n"
        "data: {all: {{ .Values | toJson | quote }}}\n"
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a chart in it, and one beside it."""
    chart(tmp_path / "project" / "charts" / "mailer", "mailer")
    chart(tmp_path / "beside", "beside")
    return tmp_path / "project"


def environment(add: Callable[[Any], object]) -> Callable[[AppBuilder], None]:
    def define(app: AppBuilder) -> None:
        app.add_container("api", "busybox:1.35").with_http_endpoint(target_port=80)
        add(app.add_kubernetes_environment("k8s"))

    return define


@pytest.mark.parametrize(
    ("where", "repo"),
    [
        ("./charts/mailer", None),
        ("file://charts/mailer", None),
        ("mailer", "file://charts/mailer"),
        ("file://./charts/mailer/", None),
        (Path("charts/mailer"), None),
    ],
)
def test_a_chart_in_a_folder_is_copied_from_beside_the_app_file(
    charts: Charts, project: Path, where: str | Path, repo: str | None
) -> None:
    """A folder must be found from the app file, whatever the output folder, and the chart need no other folder."""
    charts.publish(
        environment(lambda k8s: k8s.add_helm_chart("post", where, repo=repo, values={"host": "h"})), project=project
    )

    found = charts.render()["ConfigMap", "release-mailer"]
    assert yaml.safe_load(found["data"]["all"])["host"] == "h"
    (dependency,) = yaml.safe_load((charts.folder / "Chart.yaml").read_text())["dependencies"]
    assert (dependency["name"], dependency["version"], dependency.get("repository")) == ("mailer", "1.2.3", None)


def test_a_chart_beside_the_project_is_found(charts: Charts, project: Path) -> None:
    """A path may lead out of the app file's folder."""
    charts.publish(environment(lambda k8s: k8s.add_helm_chart("post", Path("../beside"))), project=project)

    assert ("ConfigMap", "release-mailer") in charts.render()


@pytest.mark.parametrize(
    ("where", "options", "reference"),
    [
        (
            "oci://r.example.com/charts/mailer",
            {"version": "1.x.x"},
            "oci://r.example.com/charts/mailer --version 1.x.x",
        ),
        (
            "mailer",
            {"version": "1.2.3", "repo": "https://c.example.com"},
            "mailer --repo https://c.example.com --version 1.2.3",
        ),
        ("team/mailer", {"version": ">1.0"}, "team/mailer --version '>1.0'"),
        ("https://c.example.com/mailer-1.2.3.tgz", {}, "https://c.example.com/mailer-1.2.3.tgz"),
        ("./charts/mailer", {}, "{place}/releases/post"),
    ],
)
@pytest.mark.parametrize("format", ["helm", "manifests", "kustomize"])
@pytest.mark.parametrize("order", ["before", "after"])
def test_a_release_of_its_own_has_a_command(
    tmp_path: Path, project: Path, where: str, options: dict[str, Any], reference: str, format: str, order: str
) -> None:
    """Each reference must be named as helm takes it, with namespace and name, before or after the app's command."""
    define = environment(
        lambda k8s: k8s.add_helm_chart("post", where, namespace="mail", release_name="letters", order=order, **options)
    )

    found = publish(built(define, project=project), tmp_path / "out", format=format, check=True).commands

    place = tmp_path / "out"
    command = (
        f"helm upgrade --install letters {reference.format(place=place)} --namespace mail --create-namespace "
        f"--values {place}/releases/post.values.yaml"
    )
    assert len(found) == 2
    assert found[0 if order == "before" else 1] == f"{command}{' --wait' if order == 'before' else ''}"


def test_a_name_of_helm_repo_add_is_a_dependency(charts: Charts) -> None:
    """A chart as ``repo/name`` must be in the app's release, from the repository of that name."""
    charts.publish(environment(lambda k8s: k8s.add_helm_chart("post", "team/mailer", "1.x.x")))

    (dependency,) = yaml.safe_load((charts.folder / "Chart.yaml").read_text())["dependencies"]
    assert dependency["repository"] == "@team"
    assert dependency["name"] == "mailer"


def test_the_commands_of_releases_make_what_they_say(charts: Charts, project: Path) -> None:
    """What the printed commands name must be there and have the values, and the app's chart have none of it."""

    def define(app: AppBuilder) -> None:
        k8s = app.add_kubernetes_environment("k8s").with_properties(namespace="shop")
        api = app.add_container("api", "busybox:1.35").with_http_endpoint(target_port=80)
        token, region = app.add_parameter("token", secret=True), app.add_parameter("region", "eu")
        k8s.add_helm_chart("plain", "./charts/mailer", order="before")
        values = {"host": api.endpoint().host, "token": token, "region": region}
        k8s.add_helm_chart("post", "./charts/mailer", order="after", namespace="mail", values=values)

    published = charts.publish(define, project=project)

    first, _, last = published.commands
    assert "--namespace shop --create-namespace" in first
    assert last.endswith(f"--values {charts.folder}/releases/post.values.yaml --values post-values.yaml")
    words = shlex.split(last)
    given = words.pop()
    words.pop()
    rendered = charts.helm("template", *words[3:], given={"token": "t"})
    assert given == "post-values.yaml"
    (found,) = [one for one in yaml.safe_load_all(rendered) if one]
    assert yaml.safe_load(found["data"]["all"]) == {"host": "api.shop.svc", "token": "t", "region": "eu"}
    (file,) = published.values_files
    assert (file.name, file.text) == ("post-values.yaml", 'token: ""  # The parameter token.\n')
    text = (charts.folder / "releases" / "post.values.yaml").read_text()
    assert "# token is the secret token, and has to be given: --values post-values.yaml." in text
    assert "# region is the parameter region." in text
    assert not [key for key in charts.render() if key[0] == "ConfigMap"]


def test_what_a_release_needs_is_a_file_to_fill_in(charts: Charts, project: Path) -> None:
    """Beside the file for the app there must be one for each release, with what the app shares with it said."""

    def define(app: AppBuilder) -> None:
        k8s = app.add_kubernetes_environment("k8s")
        token = app.add_parameter("token", secret=True)
        app.add_container("api", "busybox:1.35", env={"TOKEN": token})
        values = {"users": [{"name": "a", "token": token}], "nested": {"token": token}}
        k8s.add_helm_chart("post", "./charts/mailer", order="before", values=values)

    first, second = charts.publish(define, project=project).values_files

    assert yaml.safe_load(first.text) == {"secrets": {"token": ""}}
    assert second.name == "post-values.yaml"
    assert yaml.safe_load(second.text) == {"users": [{"name": "a", "token": ""}], "nested": {"token": ""}}
    assert second.text.count("# The same as secrets.token of shop.") == 2


def test_the_notes_have_the_commands_of_releases(charts: Charts, project: Path) -> None:
    """Whoever has only the cluster must find which releases belong to the app, and how each is installed."""

    def add(k8s: Any) -> None:
        k8s.add_helm_chart("certs", "oci://r.example.com/certs", "1.0.0", namespace="certs", order="before")
        k8s.add_helm_chart("post", "./charts/mailer", order="after")

    charts.publish(environment(add), project=project)
    lines = charts.notes("--namespace", "mine").splitlines()

    before = lines.index("Releases of their own, installed before it:")
    after = lines.index("Releases of their own, to be installed after it:")
    assert lines[before + 1] == (
        "  helm upgrade --install certs oci://r.example.com/certs --version 1.0.0 --namespace certs --create-namespace "
        "--values CHART/releases/certs.values.yaml --wait"
    )
    assert lines[after + 1] == (
        "  helm upgrade --install post CHART/releases/post --namespace mine --create-namespace "
        "--values CHART/releases/post.values.yaml"
    )


def test_a_packed_chart_is_without_the_charts_beside_it(charts: Charts, project: Path, tmp_path: Path) -> None:
    """What helm keeps of a release is limited, so charts that are not part of it must stay out."""
    charts.publish(
        environment(lambda k8s: k8s.add_helm_chart("post", "./charts/mailer", order="after")), project=project
    )

    charts.helm("package", charts.folder, "--destination", tmp_path)
    names = subprocess.run(
        ["tar", "-tzf", tmp_path / "shop-0.1.0.tgz"], capture_output=True, text=True, check=True
    ).stdout.split()

    assert "shop/releases/post.values.yaml" in names
    assert not [name for name in names if name.startswith("shop/releases/post/")]


def test_values_of_releases_are_filled_in_where_a_format_has_none(tmp_path: Path, project: Path) -> None:
    """In manifests and a base a secret must be in the values file, for its owner only, and be asked for."""

    def define(app: AppBuilder) -> None:
        token = app.add_parameter("token", secret=True)
        k8s = app.add_kubernetes_environment("k8s")
        k8s.add_helm_chart("post", "./charts/mailer", namespace="mail", values={"token": token, "host": "h"})

    app = built(define, project=project)
    for format in ("manifests", "kustomize"):
        given = {"secrets": {"token": "t"}, "post": {"host": "other"}}
        published = publish(app, tmp_path / format, format=format, values=given)
        file = tmp_path / format / "releases" / "post.values.yaml"
        assert yaml.safe_load(file.read_text()) == {"token": "t", "host": "other"}
        assert file.stat().st_mode & 0o77 == 0
        assert "post-values.yaml" not in published.commands[0]
        with pytest.raises(PublishError, match="token is not given"):
            publish(app, tmp_path / "none", format=format)


@pytest.mark.parametrize(
    ("namespace", "own", "host"),
    [("shop", "mail", "api.shop.svc"), ("shop", "shop", "api"), ("shop", None, "api"), (None, None, "api")],
)
def test_a_release_in_another_namespace_has_whole_addresses(
    charts: Charts, project: Path, namespace: str | None, own: str | None, host: str
) -> None:
    """A name without its namespace leads nowhere from another one."""

    def define(app: AppBuilder) -> None:
        k8s = app.add_kubernetes_environment("k8s")
        if namespace:
            k8s.with_properties(namespace=namespace)
        api = app.add_container("api", "busybox:1.35").with_http_endpoint(target_port=80)
        values = {"url": api.endpoint().url}
        k8s.add_helm_chart("post", "./charts/mailer", namespace=own, order="after", values=values)

    published = charts.publish(define, project=project)

    values = yaml.safe_load((charts.folder / "releases" / "post.values.yaml").read_text())
    assert values == {"url": f"http://{host}:80"}
    assert published.warnings == ()


def test_an_address_of_an_unknown_namespace_is_said(project: Path) -> None:
    """Where the app's namespace is chosen later, a release in another one can't be given an address."""

    def define(app: AppBuilder) -> None:
        k8s = app.add_kubernetes_environment("k8s")
        api = app.add_container("api", "busybox:1.35").with_http_endpoint(target_port=80)
        k8s.add_helm_chart("post", "./charts/mailer", namespace="mail", values={"url": api.endpoint().url})

    found = publish(built(define, project=project), "/nonexistent/nowhere", check=True).warnings

    assert [(one.resource, one.message) for one in found] == [
        ("post", "it is given the address of 'api', which is in a namespace that the definition does not name")
    ]


def test_charts_that_helm_could_not_take_are_refused(project: Path) -> None:
    """Folders that are none, other names and versions than asked for, and releases of one name must be errors."""

    def define(app: AppBuilder) -> None:
        k8s = app.add_kubernetes_environment("k8s").with_properties(namespace="shop")
        k8s.add_helm_chart("gone", "./charts/gone")
        k8s.add_helm_chart("renamed", "letters", repo="file://charts/mailer")
        k8s.add_helm_chart("newer", "./charts/mailer", "2.0.0")
        k8s.add_helm_chart("absolute", "/etc")
        k8s.add_helm_chart("same", "./charts/mailer", release_name="shop")
        for name in ("one", "two"):
            k8s.add_helm_chart(name, "./charts/mailer", release_name="both", namespace="n")

    with pytest.raises(PublishError) as caught:
        publish(built(define, project=project), "/nonexistent/nowhere", check=True)

    assert [f"{error.resource}: {error.message}" for error in caught.value.errors] == [
        "gone: the chart ./charts/gone is not there",
        "renamed: the chart charts/mailer has the name 'mailer', and 'letters' is asked for",
        "newer: the chart ./charts/mailer has the version '1.2.3', and '2.0.0' is asked for",
        "absolute: the chart /etc belongs to this machine and not to the app",
        "same: its release would be 'shop' in 'shop', like that of the app",
        "two: its release would be 'both' in 'n', like that of 'one'",
    ]


def test_references_that_lead_nowhere_are_mistakes() -> None:
    """What Helm could not find, and names that it could not give, must be mistakes at their lines."""

    def define(app: AppBuilder) -> None:
        k8s = app.add_kubernetes_environment("k8s")
        k8s.add_helm_chart("bare", "mailer", "1.0.0")
        k8s.add_helm_chart("deep", "a/b/mailer", "1.0.0")
        k8s.add_helm_chart("twice", "oci://r.example.com/mailer", "1.0.0", repo="https://c.example.com")
        k8s.add_helm_chart("folder", "./mailer", repo="https://c.example.com")
        k8s.add_helm_chart("unversioned", "oci://r.example.com/mailer")
        k8s.add_helm_chart("other", "https://c.example.com/mailer-1.2.3.tgz", "1.2.4")
        k8s.add_helm_chart("wrong", "./mailer", namespace="Mail", release_name="a.b", order="later")  # type: ignore[arg-type]
        k8s.add_helm_chart("l" * 60, "./mailer", order="before")

    assert [f"{error.resource}: {error.message}" for error in mistakes(define)] == [
        "bare: the chart 'mailer' has no repository",
        "deep: the chart 'a/b/mailer' has no repository",
        "twice: the chart 'oci://r.example.com/mailer' has two repositories",
        "folder: the chart './mailer' has two repositories",
        "unversioned: its chart has no version, so it would be another one each day",
        "other: the archive 'https://c.example.com/mailer-1.2.3.tgz' is not of version '1.2.4'",
        "wrong: add_helm_chart() got 'Mail' as namespace",
        "wrong: add_helm_chart() got 'a.b' as release_name",
        "wrong: add_helm_chart() got 'later' as order",
        f"{'l' * 60}: Helm can't call a release {'l' * 60!r}",
    ]


def test_a_name_among_the_apps_values_is_refused() -> None:
    """The values of a chart must not take a section of the app's."""
    found = refusals(
        environment(lambda k8s: k8s.add_helm_chart("config", "oci://r.example.com/m", "1.0.0", order="before"))
    )

    assert found == ["config: its values would be among those of the app"]
