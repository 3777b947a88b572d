"""The graph must have a line for each pair of resources of which one needs the other, and say what for."""

from __future__ import annotations

from tests.support.definitions import build

from fairlead import AppBuilder
from fairlead.dashboard.documents.links import links_of
from fairlead.testing import InMemory


def shop(app: AppBuilder) -> None:
    key = app.add_parameter("key", secret=True)
    pg = app.add(InMemory("pg")).with_endpoint("tcp", target_port=5432)
    migrate = app.add_python_app("migrate", ".", module="migrate").with_reference(pg).wait_for(pg)
    api = app.add_uvicorn_app("api", ".", "main:app").with_reference(pg).wait_for_completion(migrate)
    api.with_environment("KEY", key).with_environment("SELF", api.endpoint("http").url).wait_for_start(pg)
    app.add_executable("load", "hey", ".", api.endpoint("http"))


def test_a_line_for_each_pair() -> None:
    """Waits, references and single values must each make a line, several for one pair one line; none to itself."""
    lines = [
        f"{link.provider} -> {link.consumer}:"
        + "".join(f" {wait}" for wait in link.waits)
        + (" reference" if link.reference else "")
        + (" values" if link.values else "")
        for link in links_of(build(shop))
    ]
    assert lines == [
        "pg -> migrate: ready reference values",
        "pg -> api: started reference values",
        "migrate -> api: completed",
        "key -> api: value values",
        "api -> load: values",
    ]


def test_a_line_says_where_it_was_declared() -> None:
    """A line must name the line of the app file that says it first."""
    app = build(shop)
    first, *_ = links_of(app)
    assert (first.file, first.line) == (__file__, app["migrate"].where.line)


def childish(app: AppBuilder) -> None:
    pg = app.add_postgres("pg")
    app.add_executable("api", "true", ".").wait_for(pg.add_database("orders"))


def test_waits_that_follow_from_a_parent_are_left_out() -> None:
    """A consumer of a database must have a line to that, and none of the wait to its server, which follows from it."""
    assert ("orders", "api") in {(link.provider, link.consumer) for link in links_of(build(childish))}
    assert ("pg", "api") not in {(link.provider, link.consumer) for link in links_of(build(childish))}
