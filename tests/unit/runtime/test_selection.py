"""Groups: what a run starts by itself, and what it refuses because a part of it is not there."""

from __future__ import annotations

import pytest
from tests.support.definitions import Define, build, mistakes

from fairlead import AppBuilder, DefinitionError, UsageError, ref
from fairlead.model.composition.composition import compose
from fairlead.model.endpoints.consumer import Mode
from fairlead.model.programs.workload import Workload
from fairlead.runtime.plan import Plan, plan_run
from fairlead.testing import InMemory


def shop(app: AppBuilder) -> None:
    pg = app.add_postgres("pg")
    app.add_executable("api", "api").with_reference(pg).wait_for(pg)
    with app.group("tools"):
        admin_key = app.add_parameter("admin-key", secret=True)
        app.add_container("admin", "adminer").with_reference(pg).wait_for(pg).with_environment("KEY", admin_key)
        with app.group("debug"):
            app.add_container("mail", "mailpit")
    app.add_container("shell", "busybox", group=["debug", "ci"])


def plan(define: Define, *selected: str, groups: tuple[str, ...] = (), excluded: tuple[str, ...] = ()) -> Plan:
    return plan_run(build(define), selected, excluded, groups=groups)


def started(found: Plan) -> list[str]:
    return [start.name for start in found.starts if start.automatic]


def waits(found: Plan, name: str) -> list[str]:
    return [str(wait) for start in found.starts if start.name == name for wait in start.waits]


ALWAYS = ["pg", "pg-password", "api"]


@pytest.mark.parametrize(
    ("groups", "more"),
    [
        ((), []),
        (("tools",), ["admin-key", "admin", "mail"]),
        (("debug",), ["mail", "shell"]),
        (("ci",), ["shell"]),
        (("ci", "tools"), ["admin-key", "admin", "mail", "shell"]),
        (("*",), ["admin-key", "admin", "mail", "shell"]),
    ],
)
def test_members_start_where_one_of_their_groups_is_asked_for(groups: tuple[str, ...], more: list[str]) -> None:
    """What is in no group must always start, a member only where one of its groups is asked for.

    A value that only members use must not be asked for without them.
    """
    assert started(plan(shop, groups=groups)) == [*ALWAYS, *more]


def test_other_members_are_offered() -> None:
    """A member of an inactive group must be there to be started by hand."""
    found = plan(shop)

    assert [start.name for start in found.starts if not start.automatic] == ["admin-key", "admin", "mail", "shell"]
    assert found.inactive == {"admin", "mail", "shell"}


def test_a_member_that_is_named_starts_with_what_it_needs() -> None:
    """``run admin`` must start it whatever its groups, with what it needs, and no other member."""
    assert started(plan(shop, "admin")) == ["pg", "pg-password", "admin-key", "admin"]


def test_children_are_in_the_groups_of_their_parent() -> None:
    """A database must be in the groups of its server, so that who needs it needs the group."""

    def define(app: AppBuilder) -> None:
        orders = app.add_postgres("pg", group="data").add_database("orders")
        app.add_executable("api", "api", group="data").with_reference(orders).wait_for(orders)

    assert started(plan(define)) == []
    assert started(plan(define, groups=("data",))) == ["pg", "pg-password", "orders", "api"]


def test_without_a_resource_or_a_group() -> None:
    """``--without`` must leave a resource out, and with the name of a group its members."""
    assert started(plan(shop, groups=("*",), excluded=("admin",))) == [*ALWAYS, "admin-key", "mail", "shell"]
    assert started(plan(shop, groups=("ci",), excluded=("tools",))) == [*ALWAYS, "shell"]
    assert plan(shop, excluded=("tools",)).excluded == {"admin", "mail"}


@pytest.mark.parametrize(
    ("group", "remedy"), [("tool", "Did you mean 'tools'"), ("x", "It has 'tools', 'debug', 'ci'")]
)
def test_a_group_that_is_not_there(group: str, remedy: str) -> None:
    """A group that the app does not have must be an error that names the nearest, or all."""
    with pytest.raises(UsageError, match=f"no group '{group}'.*{remedy}"):
        plan(shop, groups=(group,))


def needing(app: AppBuilder) -> None:
    mail = app.add_container("mail", "mailpit", group=("tools", "debug")).with_http_endpoint(target_port=80)
    api = app.add_executable("api", "api")
    api.wait_for(mail)
    worker = app.add_executable("worker", "worker")
    worker.with_environment("MAIL", ref("{x}", x=mail.endpoint("http").host))
    web = app.add_executable("web", "web")
    web.with_reference(mail)


def test_what_needs_an_inactive_member_is_a_mistake() -> None:
    """A wait for, a reference to, or a value of a member of an inactive group must be an error that names both."""
    with pytest.raises(DefinitionError) as caught:
        plan(needing)

    errors = caught.value.errors
    nobody = "'mail', which is in the groups 'tools', 'debug' only, and nothing asks for that here"
    assert [f"{error.resource}: {error.message}" for error in errors] == [
        f"api: waits for {nobody}",
        f"worker: uses mail.endpoint('http').host of {nobody}",
        f"web: refers to {nobody}",
    ]
    assert all(error.file == __file__ and error.line for error in errors)
    assert (
        errors[0].remedy == "Put 'api' into it too: with_group('tools'); or let it do without: wait with optional=True."
    )
    assert started(plan(needing, groups=("debug",))) == ["mail", "api", "worker", "web"]
    assert started(plan(needing, "web")) == ["mail", "web"], "what is named starts with what it needs"


def lenient(app: AppBuilder) -> None:
    mail = app.add(InMemory("mail")).with_group("tools").with_http_endpoint(target_port=80)
    api = app.add_executable("api", "api").with_reference(mail, optional=True)
    api.wait_for(mail, optional=True).wait_for_start(mail, optional=True)
    app.add_executable("worker", "worker").wait_for_completion(mail, optional=True)


def test_what_can_do_without_does() -> None:
    """An optional wait or reference must count where the member is there, and be left out, and noted, where not."""
    found, app = plan(lenient), build(lenient)
    (api,) = (start for start in found.starts if start.name == "api")
    program = app["api"]
    assert isinstance(program, Workload)

    assert waits(found, "api") == waits(found, "worker") == []
    assert waits(plan(lenient, groups=("tools",)), "api") == ["mail ready", "mail started"]
    assert api.notes == (
        "Not waiting for mail: its group, tools, is not part of this run",
        "Not waiting for mail: its group, tools, is not part of this run",
        "Without the variables of mail: its group, tools, is not part of this run",
    )
    assert list(compose(program, Mode.RUN, inactive=found.inactive).variables) == []
    assert "MAIL_HTTP" in compose(program, Mode.RUN).variables
    assert started(plan(lenient, "api")) == ["api"], "what it can do without must not come along"


def test_bad_groups_are_mistakes() -> None:
    """Something that can't be the name of a group must be a mistake of its line."""

    def define(app: AppBuilder) -> None:
        with app.group("a b"):
            app.add_container("one", "a")
        app.add_container("two", "a").with_group()
        app.add_container("three", "a").with_group("x", "")
        app.add_container("four", "a").wait_for(app.add_container("five", "a"), optional="yes")  # type: ignore[arg-type]
        with app.group():
            pass
        app.add_container("six", "a", group=3)  # type: ignore[arg-type]

    assert [error.message for error in mistakes(define)] == [
        "with_group() got 'a b' as the name of a group",
        "with_group() needs a group",
        "with_group() got '' as the name of a group",
        "wait_for() needs True or False as optional, not str",
        "group() needs a group",
        "group= needs a list, not int",
        "with_group() needs a group",
    ]


def test_what_only_a_chart_has_needs_no_group() -> None:
    """A route of an environment to a member must be no mistake in a run, where it does nothing."""

    def define(app: AppBuilder) -> None:
        admin = app.add_container("admin", "adminer", group="tools").with_http_endpoint(target_port=80)
        app.add_kubernetes_environment("k8s").add_ingress("edge").with_path("/", admin)

    assert started(plan(define)) == []
