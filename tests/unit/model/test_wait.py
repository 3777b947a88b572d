from __future__ import annotations

import pytest
from tests.support.definitions import Define, build, mistakes, the_mistake

from fairlead import App, AppBuilder, Resource, ref
from fairlead.model.composition.dependencies import all_waits, dependencies, find_cycles, value_uses
from fairlead.model.wait import WaitKind


class Maker(Resource):
    """Something with an output."""

    kind = "Maker"
    driver = "nowhere:Driver"


def waits(app: App, name: str) -> list[str]:
    return [f"{wait.target.name} {wait.kind}" for wait in all_waits(app[name])]


def test_kinds_of_waits() -> None:
    """Each wait method must ask for its own condition, and completion for its exit code."""

    def define(app: AppBuilder) -> None:
        job = app.add_executable("job", "x")
        tool = app.add_executable("tool", "x").wait_for(job).wait_for_start(job).wait_for_completion(job, 3)
        assert [(wait.kind, wait.exit_code) for wait in tool.waits] == [
            (WaitKind.READY, 0),
            (WaitKind.STARTED, 0),
            (WaitKind.COMPLETED, 3),
        ]

    assert mistakes(define) == []


def test_waiting_for_itself() -> None:
    """A resource that waits for itself must be a mistake."""

    def define(app: AppBuilder) -> None:
        tool = app.add_executable("tool", "x")
        tool.wait_for(tool)

    assert "wait for itself" in the_mistake(define).message


@pytest.mark.parametrize("target", ["k8s", "edge"])
def test_waiting_for_what_never_starts(target: str) -> None:
    """Waiting for what has nothing to start must be a mistake."""

    def define(app: AppBuilder) -> None:
        k8s = app.add_kubernetes_environment("k8s")
        found: dict[str, Resource] = {"k8s": k8s, "edge": k8s.add_ingress("edge")}
        app.add_executable("tool", "x").wait_for(found[target])

    assert "never starts" in the_mistake(define).message


def test_a_wait_for_a_child_waits_for_the_parent() -> None:
    """Whoever waits for a child must wait for its parent too, once, and not for itself."""

    def define(app: AppBuilder) -> None:
        pg = app.add_postgres("pg")
        a, b = pg.add_database("a"), pg.add_database("b")
        app.add_executable("tool", "x").wait_for(a).wait_for(b)
        app.add_executable("eager", "x").wait_for_start(pg).wait_for(a)

    app = build(define)

    assert waits(app, "tool") == ["a ready", "b ready", "pg ready"]
    assert waits(app, "eager") == ["pg started", "a ready"]


def test_a_database_waits_for_its_server() -> None:
    """A database must wait for its server."""
    assert waits(build(lambda app: app.add_postgres("pg").add_database("db")), "db") == ["pg ready"]


def test_values_are_dependencies() -> None:
    """Parameters and outputs must be dependencies wherever they are used, endpoints and own outputs must not."""

    def define(app: AppBuilder) -> None:
        maker = app.add(Maker("maker"))
        key = app.add_parameter("key")
        tool = app.add_executable("tool", "x").with_environment("A", ref("{x:uri}", x=maker.output("o")))
        tool.with_args(key).with_environment("KEY", key).with_environment("ME", tool.output("own"))
        tool.with_environment("C", app.add_redis("cache").endpoint("tcp").host)
        app.add_executable("filed", "x").with_container_files("/etc", {"key": key})

    app = build(define)

    assert [use.provider.name for use in value_uses(app["tool"])] == ["maker", "key"]
    assert [dependency.target.name for dependency in dependencies(app["tool"])] == ["maker", "key"]
    assert [use.provider.name for use in value_uses(app["filed"])] == ["key"]


def test_a_reference_brings_the_values_in_it() -> None:
    """A consumer must depend on the parameters in what it refers to, unless the reference is optional."""

    def define(app: AppBuilder) -> None:
        pg = app.add_postgres("pg")
        app.add_executable("tool", "x").with_reference(pg)
        app.add_executable("maybe", "x").with_reference(pg, optional=True)

    app = build(define)

    assert [use.provider.name for use in value_uses(app["tool"])] == ["pg-password"]
    assert value_uses(app["maybe"]) == []


def circle(app: AppBuilder) -> None:
    a, b, c = (app.add_executable(name, "x") for name in "abc")
    a.wait_for(b)
    b.wait_for_start(c)
    c.wait_for_completion(a)


def through_a_value(app: AppBuilder) -> None:
    maker = app.add(Maker("maker"))
    tool = app.add_executable("tool", "x").with_environment("A", maker.output("token"))
    maker.wait_for(tool)


def through_values_only(app: AppBuilder) -> None:
    a, b = app.add_executable("a", "x"), app.add_executable("b", "x")
    a.with_environment("A", b.output("token"))
    b.with_environment("B", a.output("token"))


def through_a_reference(app: AppBuilder) -> None:
    class Given(Maker):
        @property
        def connection_string(self) -> ref:  # type: ignore[valid-type]
            return self.output("uri")

    given = app.add(Given("given"))
    given.wait_for(app.add_executable("tool", "x").with_reference(given))


def through_a_parent(app: AppBuilder) -> None:
    pg = app.add_postgres("pg")
    pg.wait_for(app.add_executable("tool", "x").wait_for(pg.add_database("db")))


def parent_for_child(app: AppBuilder) -> None:
    pg = app.add_postgres("pg")
    pg.wait_for(pg.add_database("db"))


@pytest.mark.parametrize(
    ("define", "names"),
    [
        (circle, "abc"),
        (through_a_value, ["maker", "tool"]),
        (through_values_only, ["a", "b"]),
        (through_a_reference, ["given", "tool"]),
        (through_a_parent, ["pg", "tool"]),
        (parent_for_child, ["pg", "db"]),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_circles_are_found(define: Define, names: str | list[str]) -> None:
    """A circle of waits, values and parents must be a mistake that shows every step with its line."""
    error = mistakes(define)[0]

    assert "nothing in this circle could ever start" in error.message
    assert all(f"{name} " in error.message for name in names)
    assert error.message.count(__file__) >= 2 and error.remedy == "Take one of the waits out."


def test_each_circle_is_reported_once() -> None:
    """A circle said twice over must be one mistake, and two circles must be two."""

    def define(app: AppBuilder) -> None:
        for names in ("ab", "cd"):
            first, second = (app.add_executable(name, "x") for name in names)
            first.wait_for(second).wait_for_start(second)
            second.wait_for(first).wait_for_start(first).with_environment("A", first.output("o"))

    assert len(mistakes(define)) == 2


def test_resources_of_one_name_make_no_circle() -> None:
    """A name used twice must be reported as that, not as a circle."""

    def define(app: AppBuilder) -> None:
        app.add_executable("a", "x").wait_for(app.add_executable("a", "x"))

    assert "same name" in the_mistake(define).message


def test_no_circles_in_a_diamond() -> None:
    """Two ways to one resource must not be a circle."""

    def define(app: AppBuilder) -> None:
        top, left, right, end = (app.add_executable(name, "x") for name in "abcd")
        end.wait_for(left).wait_for(right)
        left.wait_for(top)
        right.wait_for(top)

    assert mistakes(define) == []


def test_a_long_chain_is_no_problem() -> None:
    """A chain of two thousand waits must be searched without running out of stack."""

    def define(app: AppBuilder) -> None:
        before = app.add_executable("r0", "x")
        for number in range(1, 2000):
            before = app.add_executable(f"r{number}", "x").wait_for(before)

    assert find_cycles(build(define)) == []


def test_shown_below_itself() -> None:
    """A circle of with_parent_relationship must be a mistake, since nobody could draw it."""

    def define(app: AppBuilder) -> None:
        a, b = app.add_executable("a", "x"), app.add_executable("b", "x")
        a.with_parent_relationship(b)
        b.with_parent_relationship(a)

    assert {error.message for error in mistakes(define)} == {"is to be shown below itself"}


@pytest.mark.parametrize("kind", ["parameter", "external"])
def test_waiting_for_the_end_of_what_never_ends(kind: str) -> None:
    """A wait for the completion of what only ever is there must be a mistake, as it would never be over."""

    def define(app: AppBuilder) -> None:
        target = app.add_parameter("p", "x") if kind == "parameter" else app.add_external_service("p", "http://x")
        app.add_executable("tool", "x").wait_for_completion(target)

    assert "waits for the end of 'p', and a" in the_mistake(define).message
