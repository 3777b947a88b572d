from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.support.definitions import Define, build, mistakes, the_mistake

from fairlead import AppBuilder, Workload
from fairlead.model.endpoints.endpoint import EndpointSpec


def specs(define: Define, name: str = "api") -> dict[str, EndpointSpec]:
    return build(define)[name].endpoints


def test_the_only_endpoint_is_the_default() -> None:
    """endpoint() must be the only endpoint, whatever its name."""
    app = build(lambda app: app.add_redis("cache"))

    assert app["cache"].endpoint().spec.name == "tcp"


def test_http_is_the_default_among_several() -> None:
    """endpoint() must be the one called http where there are several."""
    app = build(lambda app: app.add_uvicorn_app("api", ".", "a:b").with_endpoint("admin", target_port=9))

    assert app["api"].endpoint().spec.name == "http"


def test_an_endpoint_that_is_not_there_lists_those_that_are() -> None:
    """Asking for an endpoint that is not there must name those that are, and suggest the nearest."""

    def define(app: AppBuilder) -> None:
        api = app.add_uvicorn_app("api", ".", "a:b").with_endpoint("admin", target_port=9)
        api.endpoint("admim")

    error = the_mistake(define)

    assert error.resource == "api" and error.line == define.__code__.co_firstlineno + 2
    assert "'http', 'admin'" in error.message
    assert error.remedy == "Did you mean 'admin'?"


def test_no_default_among_several() -> None:
    """endpoint() must be a mistake where there are several and none is called http."""
    error = the_mistake(
        lambda app: (
            app.add_container("c", "nginx")
            .with_endpoint("a", target_port=1)
            .with_endpoint("b", target_port=2)
            .endpoint()
        )
    )

    assert "several" in error.message and "'a', 'b'" in error.message


def test_an_endpoint_may_be_taken_before_it_is_declared() -> None:
    """The order of declaration must not matter for endpoints either."""

    def define(app: AppBuilder) -> None:
        api = app.add_container("api", "nginx")
        url = api.endpoint("http").url
        app.add_executable("tool", "true").with_environment("URL", url)
        api.with_http_endpoint(target_port=80)

    assert mistakes(define) == []


@pytest.mark.parametrize("port", [0, -1, 65536, "80", 80.0, True])
@pytest.mark.parametrize("which", ["port", "target_port"])
def test_ports_are_checked(which: str, port: object) -> None:
    """A port must be a whole number from 1 to 65535."""
    ports: Any = {"target_port": 80, which: port}
    found = mistakes(lambda app: app.add_container("api", "nginx").with_http_endpoint(**ports))

    assert "65535" in str(found[0].remedy)


def test_a_container_needs_a_target_port() -> None:
    """An endpoint of a container without target_port must be a mistake at its own line."""

    def define(app: AppBuilder) -> None:
        web = app.add_container("web", "nginx")
        web.with_http_endpoint(port=80)

    error = the_mistake(define)

    assert "target_port" in error.message and error.line == define.__code__.co_firstlineno + 2


@pytest.mark.parametrize(
    ("calls", "message"),
    [
        (lambda exe: exe.with_replicas(2).with_http_endpoint(target_port=80), "2 replicas can't all listen on"),
        (lambda exe: exe.with_http_endpoint(target_port=80).with_replicas(2), "2 replicas can't all listen on"),
        (lambda exe: exe.with_http_endpoint(port=80, target_port=81), "nothing stands between"),
        (lambda exe: exe.with_endpoint("dns", protocol="udp", env="P").with_replicas(2), "not balanced"),
    ],
)
def test_ports_of_processes(calls: Callable[[Workload], Any], message: str) -> None:
    """What a process can't have must be a mistake, in whatever order it is said."""
    assert message in the_mistake(lambda app: calls(app.add_executable("api", "true"))).message


@pytest.mark.parametrize(
    "calls",
    [
        lambda exe: exe.with_replicas(2).with_http_endpoint(port=80),
        lambda exe: exe.with_http_endpoint(port=80, target_port=80),
        lambda exe: exe.with_http_endpoint(target_port=80),
    ],
)
def test_ports_that_a_process_can_have(calls: Callable[[Workload], Any]) -> None:
    """A balanced port, and one port said once or twice the same, must be fine for a process."""
    assert mistakes(lambda app: calls(app.add_executable("api", "true"))) == []


def test_replicas_of_a_container_may_share_a_target_port() -> None:
    """A container's target_port must be fine with replicas, since each has a network of its own."""
    assert (
        mistakes(lambda app: app.add_container("c", "nginx").with_http_endpoint(target_port=80).with_replicas(3)) == []
    )


@pytest.mark.parametrize(
    "define",
    [
        lambda app: [app.add_container(n, "x").with_http_endpoint(port=80, target_port=80) for n in ("a", "b")],
        lambda app: [app.add_executable(n, "x").with_http_endpoint(target_port=80) for n in ("a", "b")],
        lambda app: (
            app.add_container("a", "x").with_http_endpoint(port=80, target_port=1),
            app.add_executable("b", "x").with_http_endpoint(target_port=80),
        ),
        lambda app: (
            app.add_container("b", "x")
            .with_http_endpoint(port=80, target_port=1)
            .with_http_endpoint(name="other", port=80, target_port=2)
        ),
    ],
)
def test_a_port_of_this_machine_is_for_one(define: Define) -> None:
    """Two endpoints that want one port of this machine must be a mistake, also on one resource."""
    error = the_mistake(define)

    assert error.resource == "b" and "port 80 of this machine" in error.message


def test_target_ports_of_containers_do_not_clash() -> None:
    """Containers must be free to listen on the same port, and TCP and UDP to share a number."""

    def define(app: AppBuilder) -> None:
        for name in ("a", "b"):
            app.add_container(name, "x").with_http_endpoint(target_port=80)
        dns = app.add_container("dns", "x").with_endpoint("tcp", port=53, target_port=53)
        dns.with_endpoint("udp", port=53, target_port=53, protocol="udp")

    assert mistakes(define) == []


def test_a_second_declaration_is_a_mistake() -> None:
    """Declaring an endpoint twice must be a mistake that names the first line."""
    error = the_mistake(
        lambda app: app.add_container("c", "x").with_http_endpoint(target_port=80).with_http_endpoint(target_port=81)
    )

    assert "declared already, at" in error.message and "name=" in str(error.remedy)


def test_adjusting_what_a_kind_brings_along() -> None:
    """Naming an endpoint of the kind must change what is given, and keep the rest: scheme, port, variable."""
    tcp = specs(lambda app: app.add_redis("api").with_endpoint("tcp", port=6380, external=True))["tcp"]
    http = specs(lambda app: app.add_uvicorn_app("api", ".", "a:b").with_http_endpoint(port=8000))["http"]

    assert (tcp.scheme, tcp.port, tcp.target_port, tcp.external) == ("redis", 6380, 6379, True)
    assert (http.scheme, http.port, http.target_port, http.env) == ("http", 8000, None, "PORT")


def test_it_can_be_adjusted_once() -> None:
    """A second adjustment must be a mistake, like any second declaration."""
    assert "already" in the_mistake(lambda app: app.add_redis("r").with_endpoint("tcp").with_endpoint("tcp")).message


@pytest.mark.parametrize(
    ("name", "protocol", "scheme", "expected"),
    [
        ("http", "tcp", None, "http"),
        ("https", "tcp", None, "https"),
        ("grpc", "tcp", None, "tcp"),
        ("dns", "udp", None, "udp"),
        ("web", "tcp", "https", "https"),
    ],
)
def test_schemes(name: str, protocol: Any, scheme: str | None, expected: str) -> None:
    """The scheme must be the one given, else the name where that is one, else the protocol."""
    found = specs(
        lambda app: app.add_container("api", "x").with_endpoint(name, target_port=1, protocol=protocol, scheme=scheme)
    )

    assert found[name].scheme == expected


@pytest.mark.parametrize("first", [True, False])
def test_external_http_endpoints(first: bool) -> None:
    """with_external_http_endpoints must mark all HTTP endpoints and no other, wherever it stands."""

    def define(app: AppBuilder) -> None:
        api = app.add_container("api", "x").with_http_endpoint(target_port=80)
        if first:
            api.with_external_http_endpoints()
        api.with_endpoint("secure", scheme="https", target_port=81).with_endpoint("raw", target_port=82)
        if not first:
            api.with_external_http_endpoints()

    assert {name: spec.external for name, spec in specs(define).items()} == {"http": True, "secure": True, "raw": False}


def test_port_variables_of_a_process() -> None:
    """PORT must go to the first HTTP endpoint that needs telling, and never to two."""

    def define(app: AppBuilder) -> None:
        api = app.add_executable("api", "x").with_http_endpoint(name="admin", target_port=9000)
        api.with_http_endpoint().with_http_endpoint(name="more", env="MORE_PORT").with_endpoint("raw", env="RAW_PORT")

    assert {name: spec.env for name, spec in specs(define).items()} == {
        "admin": None,
        "http": "PORT",
        "more": "MORE_PORT",
        "raw": "RAW_PORT",
    }


def test_containers_get_no_port_variable_by_default() -> None:
    """A container must not be given a PORT that it did not ask for."""
    assert specs(lambda app: app.add_container("api", "x").with_http_endpoint(target_port=80))["http"].env is None


def test_one_variable_for_two_ports_is_a_mistake() -> None:
    """Two endpoints that give their port in one variable must be a mistake."""
    error = the_mistake(
        lambda app: (
            app.add_executable("api", "x").with_http_endpoint(env="P", target_port=80).with_endpoint("raw", env="P")
        )
    )

    assert "both give their port in P" in error.message


def test_parts_of_an_address_are_values() -> None:
    """Each part of an endpoint must be a value, the same one each time."""
    api = build(lambda app: app.add_redis("api"))["api"]
    tcp = api.endpoint("tcp")

    for part in ("host", "port", "target_port", "scheme", "url", "host_and_port", "public_url", "public_host"):
        assert getattr(tcp, part).describe() == f"api.endpoint('tcp').{part}"
        assert getattr(tcp, part) is getattr(api.endpoint("tcp"), part)


def test_a_handle_without_declaration_says_so() -> None:
    """Reading the declaration of an endpoint that is not there must raise LookupError with the reason."""
    app = build(lambda app: app.add_executable("tool", "x"))

    with pytest.raises(LookupError, match="no endpoints"):
        _ = app["tool"].endpoint().spec


def test_names_that_differ_in_case_and_separators_only() -> None:
    """Two endpoints whose variables would have the same names must be a mistake."""

    def define(app: AppBuilder) -> None:
        app.add_container("api", "a:1").with_endpoint("a-b", target_port=1).with_endpoint("A_b", target_port=2)

    assert the_mistake(define).message.startswith("endpoint 'A_b' has the same name as 'a-b', at ")


@pytest.mark.parametrize("scheme", ["a b", "{x}", "", "1st", 7])
def test_schemes_are_those_of_urls(scheme: Any) -> None:
    """What can't stand before the colon of a URL must be a mistake."""
    error = the_mistake(lambda app: app.add_container("api", "a:1").with_endpoint(target_port=1, scheme=scheme))

    assert "scheme" in error.message
