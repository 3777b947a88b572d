"""What a chart user gives when installing: values that may stay empty, and those that have to be written."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.support.charts import Charts, built, container

from fairlead import AppBuilder, ContainerFile, Generate, PublishError, ref
from fairlead.publish.publisher import publish


def with_optional_secret(app: AppBuilder) -> None:
    """An app whose secret may be left out, wherever a secret can be."""
    token = app.add_parameter("token", "", secret=True, description="Of the metrics service; none for no metrics.")
    api = app.add_container("api", "busybox:1.35", env={"TOKEN": token, "HEADER": ref("t={t}", t=token)})
    api.with_args("--token", token).with_container_files("/etc/api", [ContainerFile("token", token)])


EMPTY = {"TOKEN": "", "HEADER": "t=", "token": ""}


def secret_data(secret: dict[str, Any]) -> dict[str, str]:
    return {key: b64decode(text).decode() for key, text in secret["data"].items()}


def test_an_optional_secret_can_be_left_empty(charts: Charts) -> None:
    """A secret with an empty default must not be asked for, and be empty where it is used."""
    charts.publish(with_optional_secret)

    objects = charts.render()

    assert secret_data(objects["Secret", "api"]) == EMPTY
    assert container(objects, "api")["args"] == ["--token", "$(TOKEN)"]
    assert secret_data(charts.render({"token": "t0"})["Secret", "api"])["HEADER"] == "t=t0"
    assert "May stay empty." in (charts.folder / "values.yaml").read_text()


def test_an_optional_secret_can_be_left_empty_in_manifests(charts: Charts) -> None:
    """Plain manifests must be made without a value for it."""
    charts.publish(with_optional_secret, format="manifests")

    assert secret_data(yaml.safe_load((charts.folder / "api" / "secret.yaml").read_text())) == EMPTY


@pytest.mark.docker
def test_an_optional_secret_can_be_left_empty_in_a_base(charts: Charts, kustomize: Callable[[Path], str]) -> None:
    """Kustomize must make the Secret of the empty text."""
    charts.publish(with_optional_secret, format="kustomize")

    (secret,) = (found for found in yaml.safe_load_all(kustomize(charts.folder)) if found["kind"] == "Secret")
    assert secret_data(secret) == EMPTY


def test_a_secret_whose_default_stays_here_is_asked_for(charts: Charts) -> None:
    """A default that is a secret, or is not to be published, must not make the value optional."""

    def define(app: AppBuilder) -> None:
        known = app.add_parameter("known", "s3cret", secret=True)
        local = app.add_parameter("local", "", secret=True, publish_default=False)
        app.add_container("api", "busybox:1.35", env={"KNOWN": known, "LOCAL": local})

    charts.publish(define)

    said = charts.failure()
    assert "known" in said and "local" in said
    assert "s3cret" not in "".join(file.read_text() for file in charts.folder.rglob("*") if file.is_file())


def with_all_that_is_asked_for(app: AppBuilder) -> None:
    """An app that needs values of every kind."""
    k8s = app.add_kubernetes_environment("k8s").with_properties(namespace="shop", release_name="front")
    region, token = app.add_parameter("region"), app.add_parameter("token", secret=True, description="With\n{{ }}.")
    api = app.add_container("api", "busybox:1.35", env={"REGION": region, "TOKEN": token}, env_file="api.env")
    api.with_bind_mount("tls.key", "/tls.key", read_only=True)
    app.add_redis("cache", password=app.add_parameter("cache-password", secret=True))
    values = {"list": [{"a.b": token, "c": 1}, {"d": app.add_parameter("other")}], "true": {"no": region}}
    k8s.add_helm_chart("post", "mailer", "1.2.3", repo="https://charts.example.com", values=values)


#: Each passes through a values file and a shell's command line differently.
PASSWORDS = (
    "a\\b$c\"d'e",
    "a,images.api.tag=evil",
    "line\nbreak\n",
    "017",
    "{{ .Values }}",
    " blanks ",
    "null",
    "~",
    "é…",
)


def test_values_are_asked_for_as_a_file(charts: Charts, tmp_path: Path) -> None:
    """What publish and the chart ask for must be a file that can be filled in, with who needs what, and no option."""
    (tmp_path / "api.env").write_text("LEVEL=debug\n")

    published = charts.publish(with_all_that_is_asked_for, project=tmp_path)

    (file,) = published.values_files
    assert file.name == "front-values.yaml"
    assert yaml.safe_load(file.text) == {
        "parameters": {"region": ""},
        "secrets": {"token": "", "api": {"LEVEL": ""}, "api-tls.key": "", "cache-password": ""},
        "post": {"list": [{"a.b": "", "c": 1}, {"d": ""}], "true": {"no": ""}},
    }
    assert '  token: ""  # With {{ }}. Used by api.' in file.text
    assert "# The same as secrets.token, used by post. The parameter other, used by post." in file.text
    install = f"helm upgrade --install front {charts.folder} --namespace shop --create-namespace --values {file.name}"
    assert published.commands == (f"helm dependency update {charts.folder}", install)
    written = "".join(path.read_text() for path in charts.folder.rglob("*") if path.is_file())
    assert not re.search(r"--set\b|--set-|secrets\.\S*=", written)


def test_a_chart_asks_for_the_same_file(charts: Charts, tmp_path: Path) -> None:
    """A chart that is rendered without them must ask for the same values, in the same words as publish."""

    def define(app: AppBuilder) -> None:
        app.add_container("api", "busybox:1.35", env_file="api.env").with_environment("N", app.add_parameter("n"))
        app.add_container("web", "busybox:1.35", env={"T": app.add_parameter("t", secret=True)})

    (tmp_path / "api.env").write_text("LEVEL=debug\n")
    published = charts.publish(define, project=tmp_path)

    assert published.values_files[0].text in charts.failure()
    assert charts.missing(values={"secrets": {"t": "x"}, "parameters": {"n": "1"}}) == {
        "secrets": {"api": {"LEVEL": ""}}
    }
    assert "--reset-then-reuse-values" not in charts.failure()
    assert "--reset-then-reuse-values" in charts.failure("--is-upgrade")


@pytest.mark.parametrize("password", PASSWORDS)
def test_a_password_arrives_as_it_is_in_the_file(charts: Charts, password: str) -> None:
    """What is filled in must reach the Secret unchanged, and set nothing else."""

    def define(app: AppBuilder) -> None:
        app.add_container("api", "busybox:1.35", env={"KEY": app.add_parameter("key", secret=True)})

    charts.publish(define)
    objects = charts.render({"key": password})

    assert secret_data(objects["Secret", "api"]) == {"KEY": password}
    assert container(objects, "api")["image"] == "busybox:1.35"


def with_a_made_up_password(app: AppBuilder) -> None:
    """An app with a database, whose password is made up and which others are given."""
    pg = app.add_postgres("pg").with_data_volume()
    app.add_container("api", "busybox:1.35").with_reference(pg)
    app.add_container("web", "busybox:1.35", env={"ID": app.add_parameter("id", Generate(length=9))})


ASKED = {"secrets": {"pg-password": ""}, "parameters": {"id": ""}}
GIVEN = {"secrets": {"pg-password": "p"}, "parameters": {"id": "i"}}


def test_made_up_values_need_not_be_given(charts: Charts) -> None:
    """Publish must not ask for them, and the chart keep what it was given in a Secret that outlives the release."""
    published = charts.publish(with_a_made_up_password)

    assert not published.values_files and published.commands == (f"helm upgrade --install shop {charts.folder}",)
    kept = charts.render(values=GIVEN)["Secret", "shop.generated"]
    assert kept["metadata"]["annotations"] == {"helm.sh/resource-policy": "keep"}
    assert secret_data(kept) == {"pg-password": "p", "id": "i"}
    values = (charts.folder / "values.yaml").read_text()
    assert "# Left empty, it is made up by the first installation, and kept in the Secret shop.generated." in values
    notes = charts.notes(given=GIVEN)
    assert "The Secret shop.generated keeps what was made up where it was left empty:\n  parameters.id" in notes


def test_made_up_values_are_asked_for_where_none_can_be_kept(charts: Charts) -> None:
    """Without a cluster to ask, and at the upgrade of a release without them, a new value each time would be wrong."""
    charts.publish(with_a_made_up_password)

    assert charts.missing() == charts.missing("--is-upgrade") == ASKED
    assert "helm can't ask the cluster" in charts.failure()


def test_a_value_that_a_secret_of_the_users_has_is_not_made_up(charts: Charts) -> None:
    """Where all who need it have it from such Secrets it must not be kept; where some have, it must be theirs."""
    charts.publish(with_a_made_up_password)

    elsewhere = {"existingSecrets": {"pg": "theirs", "api": "theirs"}}
    objects = charts.render(values={**GIVEN, **elsewhere})
    assert secret_data(objects["Secret", "shop.generated"]) == {"id": "i"}
    partly = {"parameters": {"id": "i"}, "existingSecrets": {"pg": "theirs"}}
    assert charts.missing(values=partly) == {"secrets": {"pg-password": ""}}


def test_charts_that_share_a_value_do_not_make_it_up(charts: Charts) -> None:
    """A value that another environment's chart, or a chart of others, has too must be given to both."""

    def spread(app: AppBuilder) -> None:
        data = app.add_kubernetes_environment("data").with_properties(namespace="data")
        apps = app.add_kubernetes_environment("apps").with_properties(namespace="apps")
        pg = app.add_postgres("pg").with_compute_environment(data)
        app.add_container("api", "busybox:1.35").with_reference(pg).with_compute_environment(apps)

    def passed(app: AppBuilder) -> None:
        k8s = app.add_kubernetes_environment("k8s")
        values = {"password": app.add_postgres("pg").password}
        k8s.add_helm_chart("post", "mailer", "1.2.3", repo="https://charts.example.com", values=values)

    published = charts.publish(spread)
    assert [yaml.safe_load(file.text) for file in published.values_files] == [{"secrets": {"pg-password": ""}}] * 2
    (file,) = charts.publish(passed).values_files
    assert yaml.safe_load(file.text) == {"secrets": {"pg-password": ""}, "post": {"password": ""}}


def test_other_formats_make_nothing_up(charts: Charts) -> None:
    """Where values are filled in at publish there is no cluster to keep one, so it must be given."""
    with pytest.raises(PublishError) as caught:
        charts.publish(with_a_made_up_password, format="manifests")

    assert [error.message.partition(" is not given")[0] for error in caught.value.errors] == [
        "parameters.id",
        "secrets.pg-password",
    ]


def test_what_data_keep_is_said(charts: Charts) -> None:
    """A password that a volume keeps must be warned of in values and notes; without one it is a value like others."""

    def define(app: AppBuilder) -> None:
        user = app.add_parameter("user", "admin")
        app.add_postgres("pg", user=user).with_data_volume()
        app.add_postgres("scratch")

    charts.publish(define)

    values = (charts.folder / "values.yaml").read_text()
    remark = "# The data of pg keep the first one. Before you change it here, change it there: ALTER ROLE"
    assert values.count(remark) == 2 and "data of scratch" not in values
    given = {"secrets": {"pg-password": "p", "scratch-password": "s"}}
    notes = charts.notes(given=given)
    assert "pg keeps POSTGRES_PASSWORD with its data. Before you change secrets.pg-password, change it there:" in notes
    assert "pg keeps POSTGRES_USER with its data. Before you change parameters.user, change it there:" in notes
    assert "CHANGED" not in notes and "scratch keeps" not in notes
    assert "POSTGRES_PASSWORD" not in charts.notes(given={**given, "existingSecrets": {"pg": "theirs"}})


def test_two_charts_are_parts_of_a_third(charts: Charts, tmp_path: Path) -> None:
    """Each must keep to its own values and names, and say under which key it misses any."""

    def one(app: AppBuilder) -> None:
        app.add_kubernetes_environment("k8s").with_properties(helm_chart_name="one")
        app.add_container("first", "busybox:1.35").wait_for_completion(app.add_postgres("pg1").add_database("orders"))

    def other(app: AppBuilder) -> None:
        app.add_kubernetes_environment("k8s").with_properties(helm_chart_name="other")
        app.add_container("second", "busybox:1.35", env={"KEY": app.add_parameter("key", secret=True)})

    publish(built(one), charts.folder / "charts" / "one")
    publish(built(other), charts.folder / "charts" / "other")
    parts = [{"name": "one", "version": "0.1.0", "condition": "one.enabled"}, {"name": "other", "version": "0.1.0"}]
    about = {"apiVersion": "v2", "name": "both", "version": "1.0.0", "dependencies": parts}
    (charts.folder / "Chart.yaml").write_text(yaml.safe_dump(about))

    assert charts.missing(values={"other": {"secrets": {"key": "k"}}}) == {"one": {"secrets": {"pg1-password": ""}}}
    given = {"one": {"secrets": {"pg1-password": "p"}}, "other": {"secrets": {"key": "k"}}}
    rendered = charts.helm("template", "both", charts.folder, given=given)
    names = {(found["kind"], found["metadata"]["name"]) for found in yaml.safe_load_all(rendered) if found}
    assert {("Deployment", "first"), ("Deployment", "second"), ("Secret", "shop.generated")} <= names
    off = charts.helm("template", "both", charts.folder, given={**given, "one": {"enabled": False}})
    assert "second" in off and "first" not in off
