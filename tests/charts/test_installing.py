"""What a chart user gives when installing: values that may stay empty, and those that have to be written."""

from __future__ import annotations

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
