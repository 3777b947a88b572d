"""Names that only a run's network has are noted where a text uses them."""

from __future__ import annotations

from base64 import b64decode
from pathlib import Path

import pytest
import yaml
from tests.support.definitions import build

from fairlead import AppBuilder, Mode, ref
from fairlead.publish.publisher import render


def noted(define: object, folder: Path | None = None) -> list[str]:
    """The notes about names, with the resource that they are about."""
    rendered = render(build(define, Mode.PUBLISH, folder))  # type: ignore[arg-type]
    return [f"{note.resource}: {note.message}" for note in rendered.notes if "the cluster knows" in note.message]


def test_a_name_that_no_service_can_have_is_noted_wherever_it_stands(tmp_path: Path) -> None:
    """Variables, arguments and files that may mean another thing by it must be named, with what to write instead."""
    (tmp_path / "proxy.conf").write_text("proxy_pass http://api_server:8000;\n")

    def define(app: AppBuilder) -> None:
        key = app.add_parameter("key", secret=True)
        app.add_container("api_server", "a:1", env={"NAME": "api_server"}).with_http_endpoint(target_port=8000)
        web = app.add_container("web", "a:1", env={"PLAIN": "queue api_server", "OTHER": "x"})
        web.with_environment("SECRET", ref("{k} API_SERVER", k=key)).with_args("--api", "api_server")
        web.with_bind_mount("proxy.conf", "/etc/proxy.conf", read_only=True)

    ending = "has 'api_server' in it, and the cluster knows that only as 'api-server'"
    assert noted(define, tmp_path) == [
        f"web: the variable PLAIN {ending}",
        f"web: the variable SECRET {ending}",
        f"web: argument 2 {ending}",
        f"web: the file proxy.conf {ending}",
    ]


def test_other_names_are_left_alone() -> None:
    """The normal form, a longer word and a name that is its normal form must not be noted."""

    def define(app: AppBuilder) -> None:
        api = app.add_container("api_server", "a:1").with_http_endpoint(target_port=8000)
        app.add_container("db", "a:1")
        web = app.add_container("web", "a:1", env={"A": "http://api-server:8000", "B": "my_api_server", "C": "db"})
        web.with_environment("D", api.endpoint("http").url).with_environment("E", "api_server_2 x.api_server")

    assert noted(define) == []


@pytest.mark.parametrize(
    ("text", "published"),
    [
        ("http://api_server:8000/x", "http://api-server:8000/x"),
        ("http://API_Server", "http://api-server"),
        ("redis://user:word@api_server/0", "redis://user:word@api-server/0"),
        ("api_server:8000,other_one:9092", "api-server:8000,other-one:9092"),
        ("http://api_server_2:8000", "http://api_server_2:8000"),
        ("http://x/api_server/y", "http://x/api_server/y"),
        ("http://api_server.example.com", "http://api_server.example.com"),
        ("image/api_server:1", "image/api_server:1"),
        ("api_server:1", "api_server:1"),
        ("api_server", "api_server"),
    ],
)
def test_an_address_has_the_name_of_the_service(text: str, published: str) -> None:
    """A name that is an address without doubt must be the Service's in the chart, wherever it stands in a text."""

    def define(app: AppBuilder) -> None:
        for name in ("api_server", "other_one"):
            app.add_container(name, "a:1").with_http_endpoint(target_port=8000)
        app.add_container("web", "a:1", env={"A": text}, args=[text])

    rendered = render(build(define, Mode.PUBLISH), format="manifests", values={})
    notes = [note for note in rendered.notes if "no Service can have" in note.message]

    assert f"A: {published}" in rendered.files["web/configmap.yaml"].replace('"', "").replace("'", "")
    assert published in rendered.files["web/deployment.yaml"]
    assert {note.resource for note in notes} == ({"web"} if text != published else set())


@pytest.mark.parametrize(
    ("variable", "is_host"), [("DB_HOST", True), ("PGHOST", True), ("BROKERS", True), ("QUEUE", False)]
)
def test_a_variable_for_a_host_has_the_name_of_the_service(variable: str, is_host: bool) -> None:
    """A variable that holds nothing but a name must have that of the Service if it is called after a host."""

    def define(app: AppBuilder) -> None:
        app.add_container("my_db", "a:1").with_endpoint(target_port=5432)
        app.add_container("web", "a:1", env={variable: "my_db"})

    text = render(build(define, Mode.PUBLISH), format="manifests", values={}).files["web/configmap.yaml"]

    assert ("my-db" in text, "my_db" in text) == (is_host, not is_host)


def test_a_secret_address_and_one_of_no_service() -> None:
    """A text with a secret in it must have the Service's name too; a program that listens nowhere has no Service."""

    def define(app: AppBuilder) -> None:
        key = app.add_parameter("key", secret=True)
        app.add_container("my_db", "a:1").with_endpoint(target_port=5432)
        app.add_container("my_job", "a:1")
        web = app.add_container("web", "a:1", env={"JOB_HOST": "my_job"})
        web.with_environment("URL", ref("pg://u:{k}@my_db/x", k=key))

    files = render(build(define, Mode.PUBLISH), format="manifests", values={"secrets": {"key": "word"}}).files

    assert "JOB_HOST: my_job" in files["web/configmap.yaml"]
    assert "pg://u:word@my-db/x" in b64decode(yaml.safe_load(files["web/secret.yaml"])["data"]["URL"]).decode()
