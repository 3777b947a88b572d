"""What a run is going to do, as text."""

from __future__ import annotations

from itertools import pairwise
from textwrap import dedent

import pytest
from tests.support.definitions import Define, build
from tests.support.work import calls

from fairlead import App, AppBuilder, Generate, Resource, UsageError, ref
from fairlead.runtime.plan import plan_run
from fairlead.testing import InMemory


def planned(define: Define, *selected: str) -> str:
    return str(plan_run(build(define), selected))


def text(block: str) -> str:
    return dedent(block).strip()


def shop(app: AppBuilder) -> None:
    key = app.add_parameter("key", secret=True)
    pg = app.add(InMemory("pg")).with_endpoint("tcp", target_port=5432)
    migrate = app.add_python_app("migrate", ".", module="migrate").with_reference(pg).wait_for(pg)
    api = app.add_uvicorn_app("api", ".", "main:app").with_replicas(2).with_reference(pg).wait_for_completion(migrate)
    api.with_environment("KEY", key).wait_for_start(pg)
    web = app.add_vite_app("web", ".").with_reference(api).with_external_http_endpoints()
    app.add_executable("load", "hey", ".", web.endpoint("http")).with_explicit_start()
    app.add_external_service("mail", "https://mail.example.com")


def test_a_whole_plan() -> None:
    """A plan must say who waits for what, which ports are needed, and who ends before whom."""
    assert planned(shop) == text(
        """
        start key
        start pg
        start migrate after pg ready
        start api x2 after migrate completed, pg started, parameter 'key' is known
        start web
        offer load
        start mail
        port pg/tcp = 5432
        port api/http
        port api/http/0
        port api/http/1
        port web/http
        stop key after api
        stop pg after migrate, api
        stop migrate after api
        stop api after web
        stop web after load
        """
    )


@pytest.mark.parametrize(
    ("selected", "started"),
    [
        (["pg"], ["pg"]),
        (["migrate"], ["pg", "migrate"]),
        (["API"], ["key", "pg", "migrate", "api"]),
        (["web", "mail"], ["key", "pg", "migrate", "api", "web", "mail"]),
        (["load"], ["key", "pg", "migrate", "api", "web", "load"]),
    ],
)
def test_what_is_selected_comes_with_what_it_needs(selected: list[str], started: list[str]) -> None:
    """``run NAME…`` must start those, whatever they need, and nothing else; naming one is starting it."""
    plan = plan_run(build(shop), selected)
    assert [start.name for start in plan.starts if start.automatic] == started
    assert len(plan.starts) == 7, "the others must be offered"


def test_a_cluster_comes_with_its_nodes() -> None:
    """What needs a cluster must bring the cluster with its agents and its registry, and nothing else of it."""

    def shop(app: AppBuilder) -> None:
        k8s = app.add_k3s_cluster("k8s", agent_count=1).with_registry()
        k8s.add_k8s_manifest("crds", "./crds")
        app.add_executable("api", "api", ".").with_reference(k8s.add_service_endpoint("door", "web", 80))

    plan = plan_run(build(shop), ["api"])
    started = [start.name for start in plan.starts if start.automatic]
    assert started == ["k8s", "k8s-token", "k8s-agent-0", "k8s-registry", "door", "api"]


def test_a_needed_resource_with_an_explicit_start_stays_offered() -> None:
    """What has an explicit start must not be started merely because something selected needs it."""

    def define(app: AppBuilder) -> None:
        a = app.add(InMemory("a")).with_explicit_start()
        app.add(InMemory("b").wait_for(a))

    assert planned(define, "b") == text(
        """
        offer a
        start b after a ready
        stop a after b
        """
    )


def test_a_name_that_is_not_there() -> None:
    """Selecting what the app does not have must be an error that names the nearest."""
    with pytest.raises(UsageError, match="did you mean 'migrate'"):
        planned(shop, "migrat")


def test_who_waits_for_a_child_waits_for_its_parent() -> None:
    """A wait for a database must bring a wait for its server, and a generated password a wait for its value."""

    def define(app: AppBuilder) -> None:
        server, database = InMemory("pg"), InMemory("orders")
        server.with_environment("PASSWORD", server.adopt(app.add_parameter("pg-password", Generate(), secret=True)))
        server.adopt(database)
        app.add(server)
        app.add(InMemory("api").wait_for(database))

    assert planned(define, "api") == text(
        """
        start pg-password
        start pg after parameter 'pg-password' is known
        start orders with pg
        start api after orders ready, pg ready
        stop pg-password after pg
        stop pg after orders, api
        stop orders after api
        """
    )


def test_a_child_may_wait_for_its_parent() -> None:
    """A child that waits for its parent must be planned like any other wait."""

    def define(app: AppBuilder) -> None:
        cluster = app.add(InMemory("cluster"))
        cluster.adopt(InMemory("release").wait_for(cluster))

    assert planned(define) == text(
        """
        start cluster
        start release with cluster after cluster ready
        stop cluster after release
        """
    )


def test_circles_of_references() -> None:
    """Two that refer to each other must both be planned, and the stop order must have no circle; waits decide it."""

    def define(app: AppBuilder) -> None:
        a = app.add(InMemory("a")).with_http_endpoint()
        b = app.add(InMemory("b")).with_http_endpoint().with_reference(a).wait_for(a)
        a.with_reference(b)

    assert planned(define) == text(
        """
        start a
        start b after a ready
        port a/http
        port b/http
        stop a after b
        """
    )


def test_what_needs_no_driver_is_not_planned() -> None:
    """A resource without a driver must take no part in a run, whoever refers to it."""

    class Note(Resource):
        @property
        def connection_string(self) -> None:
            return None

    def define(app: AppBuilder) -> None:
        app.add(Note("note"))
        app.add_kubernetes_environment("k8s")
        app.add(InMemory("a"))

    assert planned(define) == "start a"


def test_optional_references_are_not_waited_for() -> None:
    """An optional reference must add no condition; a plain one must wait for the values it brings."""

    def define(app: AppBuilder) -> None:
        db = app.add_connection_string("db", ref("pg://{p}", p=app.add_parameter("p", "1")))
        app.add(InMemory("a").with_reference(db, optional=True))
        app.add(InMemory("b").with_reference(db))

    plan = planned(define)
    assert "start a\n" in plan and "start b after parameter 'p' is known" in plan


@pytest.mark.parametrize("backwards", [False, True])
def test_a_long_chain_is_as_much_work_as_its_parts(backwards: bool) -> None:
    """A chain of 1,000 resources must not exhaust the stack, nor be more than four times the work of one of 250."""

    def chain(count: int) -> App:
        def define(app: AppBuilder) -> None:
            links = [InMemory(f"r{number}").with_http_endpoint() for number in range(count)]
            for before, after in pairwise(links):
                after.wait_for(before).with_reference(before)
            for resource in reversed(links) if backwards else links:
                app.add(resource)

        return build(define)

    long, short = chain(1000), chain(250)
    plan = plan_run(long, ["r999"])
    assert sum(start.automatic for start in plan.starts) == 1000
    assert plan.dependents["r0"] == ("r1",)
    assert calls(lambda: plan_run(long, ["r999"])) < 4.2 * calls(lambda: plan_run(short, ["r249"]))
