"""The names that consumers see are a promise; these tests spell them out."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.definitions import build, mistakes, spelled, the_mistake, variables

from fairlead import AppBuilder, Consumer, Contribution, Parameter, Resource, Workload, ref
from fairlead.model.composition.dependencies import values_of


def seen(declare: Any, connection_name: str | None = None) -> dict[str, str]:
    """What a consumer sees that refers to what ``declare`` adds."""

    def define(app: AppBuilder) -> None:
        app.add_executable("tool", "true").with_reference(declare(app), connection_name)

    return spelled(variables(build(define), "tool"))


def test_http_endpoints() -> None:
    """An HTTP endpoint must give services__name__http__0 and NAME_HTTP."""
    url = "<my-api.endpoint('http').url>"

    assert seen(lambda app: app.add_uvicorn_app("my-api", ".", "a:b")) == {
        "services__my-api__http__0": url,
        "MY_API_HTTP": url,
    }


def test_several_endpoints() -> None:
    """The key must be the scheme for http and https, else the name; each endpoint must have its own variables."""
    found = seen(
        lambda app: (
            app.add_container("api", "x")
            .with_endpoint("https", target_port=1)
            .with_endpoint("grpc-web", scheme="http", target_port=2)
            .with_endpoint("http", scheme="https", target_port=3)
        )
    )

    assert found == {
        "services__api__https__0": "<api.endpoint('https').url>",
        "API_HTTPS": "<api.endpoint('https').url>",
        "services__api__grpc-web__0": "<api.endpoint('grpc-web').url>",
        "API_GRPC_WEB": "<api.endpoint('grpc-web').url>",
        "services__api__https__1": "<api.endpoint('http').url>",
        "API_HTTP": "<api.endpoint('http').url>",
    }


def test_one_endpoint() -> None:
    """A reference to an endpoint must give that one only."""
    found = seen(
        lambda app: (
            app.add_container("api", "x")
            .with_http_endpoint(target_port=1)
            .with_endpoint("admin", target_port=2)
            .endpoint("admin")
        )
    )

    assert [*found] == ["services__api__admin__0", "API_ADMIN"]


PG_URI = "postgresql://postgres:<parameter 'pg-password':uri>@<pg.endpoint('tcp').host>:<pg.endpoint('tcp').port>"


def test_postgres() -> None:
    """A Postgres server must give its endpoint, connection string, host, port, user name, password and URI."""
    assert seen(lambda app: app.add_postgres("pg")) == {
        "services__pg__tcp__0": "<pg.endpoint('tcp').url>",
        "PG_TCP": "<pg.endpoint('tcp').url>",
        "ConnectionStrings__pg": PG_URI,
        "PG_HOST": "<pg.endpoint('tcp').host>",
        "PG_PORT": "<pg.endpoint('tcp').port>",
        "PG_USERNAME": "postgres",
        "PG_PASSWORD": "<parameter 'pg-password'>",
        "PG_URI": PG_URI,
    }


def test_a_database() -> None:
    """A database must give the server's properties, its own name, and a URI with that name."""
    uri = f"{PG_URI}/shop%20db"

    assert seen(lambda app: app.add_postgres("pg").add_database("orders", "shop db")) == {
        "ConnectionStrings__orders": uri,
        "ORDERS_HOST": "<pg.endpoint('tcp').host>",
        "ORDERS_PORT": "<pg.endpoint('tcp').port>",
        "ORDERS_USERNAME": "postgres",
        "ORDERS_PASSWORD": "<parameter 'pg-password'>",
        "ORDERS_URI": uri,
        "ORDERS_DATABASENAME": "shop db",
    }


def test_redis() -> None:
    """Redis must give host, port and URI, and a password only where it has one."""
    without = seen(lambda app: app.add_redis("cache"))
    having = seen(lambda app: app.add_redis("cache", password=app.add_parameter("secret", secret=True)))
    uri = "redis://<cache.endpoint('tcp').host>:<cache.endpoint('tcp').port>"

    assert without == {
        "services__cache__tcp__0": "<cache.endpoint('tcp').url>",
        "CACHE_TCP": "<cache.endpoint('tcp').url>",
        "ConnectionStrings__cache": uri,
        "CACHE_HOST": "<cache.endpoint('tcp').host>",
        "CACHE_PORT": "<cache.endpoint('tcp').port>",
        "CACHE_URI": uri,
    }
    assert having["CACHE_PASSWORD"] == "<parameter 'secret'>"
    assert having["CACHE_URI"].startswith("redis://:<parameter 'secret':uri>@")


def test_external_services() -> None:
    """An external service must give its address under its scheme, or under default where that is known later."""
    assert seen(lambda app: app.add_external_service("mail-api", "https://mail.example.com")) == {
        "services__mail-api__https__0": "https://mail.example.com",
        "MAIL_API_HTTPS": "https://mail.example.com",
    }
    assert seen(lambda app: app.add_external_service("mail", app.add_parameter("url"))) == {
        "services__mail__default__0": "<parameter 'url'>",
        "MAIL_URL": "<parameter 'url'>",
    }


def test_connection_strings() -> None:
    """A connection string must give itself; without a value it is a secret parameter of its own."""
    host = Parameter("host")

    def composed(app: AppBuilder) -> Resource:
        return app.add_connection_string("db", ref("db://{h}", h=app.add(host)))

    assert seen(composed) == {"ConnectionStrings__db": "db://<parameter 'host'>"}
    assert seen(lambda app: app.add_connection_string("db")) == {
        "ConnectionStrings__db": "<parameter 'db-connection-string'>"
    }


def test_another_name() -> None:
    """connection_name must replace the resource's name in all variables."""
    found = seen(lambda app: app.add_redis("cache"), "my.Store")

    assert all(name.startswith(("services__my.Store__", "ConnectionStrings__my.Store", "MY_STORE_")) for name in found)
    assert "MY_STORE_HOST" in found


def test_a_contribution_of_its_own() -> None:
    """A kind must decide what its consumers get, told who asks."""
    asked: list[Consumer] = []

    class Gift(Resource):
        def contribute(self, consumer: Consumer) -> Contribution:
            asked.append(consumer)
            return Contribution(env={"GIFT": self.output("box")})

    found = seen(lambda app: app.add(Gift("gift")))

    assert found == {"GIFT": "<gift.box>"}
    assert {consumer.resource.name for consumer in asked} == {"tool"}


def test_a_reference_adds_no_wait() -> None:
    """A reference must add no wait."""
    app = build(lambda app: app.add_executable("tool", "x").with_reference(app.add_redis("cache")))

    assert app["tool"].waits == []


def test_two_may_refer_to_each_other() -> None:
    """References to endpoints may form circles, since addresses are known before anything starts."""

    def define(app: AppBuilder) -> None:
        a, b = app.add_uvicorn_app("a", ".", "a:b"), app.add_uvicorn_app("b", ".", "a:b")
        a.with_reference(b)
        b.with_reference(a)

    assert mistakes(define) == []


@pytest.mark.parametrize(
    ("target", "message", "remedy"),
    [
        (lambda app: app.add_executable("job", "x"), "neither an endpoint nor", "with_http_endpoint()"),
        (lambda app: app.add_parameter("key"), "a value only", "with_environment"),
        (lambda app: app.add_kubernetes_environment("k8s"), "neither an endpoint nor", "with_http_endpoint()"),
    ],
)
def test_references_to_what_gives_nothing(target: Any, message: str, remedy: str) -> None:
    """Referring to what has nothing to give must be a mistake with a remedy that fits."""
    error = the_mistake(lambda app: app.add_executable("tool", "x").with_reference(target(app)))

    assert message in error.message and remedy in str(error.remedy) and error.resource == "tool"


def test_what_is_not_part_of_the_app() -> None:
    """A reference, wait, value or link to what was never added must be a mistake each, naming the call to write."""
    from fairlead.resources.redis import Redis

    def define(app: AppBuilder) -> None:
        out = Redis("out")
        tool = app.add_executable("tool", "x")
        tool.with_reference(out)
        tool.wait_for(out)
        app.add_executable("tool2", "x").with_environment("H", ref("{h}", h=out.endpoint().host))
        app.add_executable("tool3", "x").with_args(Parameter("lost"))
        app.add_executable("tool4", "x").with_parent_relationship(out)
        app.add_kubernetes_environment("k8s").add_ingress("edge").with_path("/", out)

    found = mistakes(define)

    assert [error.resource for error in found] == ["tool", "tool", "tool2", "tool3", "tool4", "edge"]
    assert all("not part of this app" in error.message and "app.add(" in str(error.remedy) for error in found)


def test_values_that_keep_a_resource_from_starting() -> None:
    """The values of a resource must hold all it was given, the address of an external service among them."""
    app = build(lambda app: app.add_external_service("mail", app.add_parameter("url")))

    assert [value.describe() for value, _ in values_of(app["mail"])] == ["parameter 'url'"]


def test_an_explicit_variable_is_kept_beside_a_reference() -> None:
    """A variable must be kept as it was given; that it wins over references is the reader's rule."""
    app = build(
        lambda app: app.add_executable("tool", "x").with_reference(app.add_redis("c")).with_environment("C_HOST", "me")
    )
    tool = app["tool"]

    assert isinstance(tool, Workload)
    assert [(variable.name, variable.value) for variable in tool.environment] == [("C_HOST", "me")]


@pytest.mark.parametrize("name", ["my conn", "a=b", "{x}"])
def test_a_connection_name_is_part_of_names(name: str) -> None:
    """A name that no variable could have must be a mistake."""
    error = the_mistake(lambda app: app.add_container("api", "a:1").with_reference(app.add_redis("cache"), name))

    assert f"got {name!r} as connection_name" in error.message
