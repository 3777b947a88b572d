"""What a chart user gives when installing: values that may stay empty, and those that have to be written."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.support.charts import Charts, container

from fairlead import AppBuilder, ContainerFile, ref


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
