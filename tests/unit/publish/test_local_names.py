"""Names that only a run's network has are noted where a text uses them."""

from __future__ import annotations

from pathlib import Path

from tests.support.definitions import build

from fairlead import AppBuilder, Mode, ref
from fairlead.publish.publisher import render


def noted(define: object, folder: Path | None = None) -> list[str]:
    """The notes about names, with the resource that they are about."""
    rendered = render(build(define, Mode.PUBLISH, folder))  # type: ignore[arg-type]
    return [f"{note.resource}: {note.message}" for note in rendered.notes if "the cluster knows" in note.message]


def test_a_name_that_no_service_can_have_is_noted_wherever_it_stands(tmp_path: Path) -> None:
    """Variables, arguments and files that use it must be named, with what to write instead."""
    (tmp_path / "proxy.conf").write_text("proxy_pass http://api_server:8000;\n")

    def define(app: AppBuilder) -> None:
        key = app.add_parameter("key", secret=True)
        app.add_container("api_server", "a:1", env={"NAME": "api_server"}).with_http_endpoint(target_port=8000)
        web = app.add_container("web", "a:1", env={"PLAIN": "http://api_server:8000", "OTHER": "x"})
        web.with_environment("SECRET", ref("http://u:{k}@API_SERVER/", k=key)).with_args("--api", "api_server:8000")
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
