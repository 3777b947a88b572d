"""Which endpoints of processes are passed on to containers."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.support.definitions import build

from fairlead import AppBuilder, Consumer, ContainerFile, Contribution, Executable, ref
from fairlead.drivers.containers.network import endpoints_for_containers


class Silent(Executable):
    """Gives no address itself, as its driver writes it into a file."""

    def contribute(self, consumer: Consumer) -> Contribution:
        return Contribution()


class Parts:
    """What a definition of this file has."""

    def __init__(self, app: AppBuilder) -> None:
        self.api, other = (app.add_executable(name, "true", ".") for name in ("api", "other"))
        for process in (self.api, other):
            process.with_http_endpoint().with_endpoint("feed", protocol="udp")
        self.silent = app.add(Silent("silent", "true", ".")).with_http_endpoint()
        self.box = app.add_container("box", "x")
        app.add_executable("process", "true", ".").with_reference(self.api)


@pytest.mark.parametrize(
    ("give", "expected"),
    [
        (lambda it: None, []),
        (lambda it: it.box.with_reference(it.api), ["api.http", "api.feed"]),
        (lambda it: it.box.with_reference(it.api.endpoint("http")), ["api.http"]),
        (lambda it: it.box.with_environment("X", it.api.endpoint("http").port), ["api.http"]),
        (lambda it: it.box.with_environment("X", it.api.endpoint("http").public_url), []),
        (lambda it: it.box.with_args(ref("--to={u}", u=it.api.endpoint("http").url)), ["api.http"]),
        (
            lambda it: it.box.with_container_files(
                "/etc", [ContainerFile("x", ref("{u}", u=it.api.endpoint("feed").url))]
            ),
            ["api.feed"],
        ),
        (lambda it: it.box.with_reference(it.silent), ["silent.http"]),
        (
            lambda it: it.box.with_environment("X", lambda: "anything"),
            ["api.http", "api.feed", "other.http", "other.feed", "silent.http"],
        ),
    ],
)
def test_only_what_containers_are_told_of(give: Callable[[Parts], object], expected: list[str]) -> None:
    """Nothing must listen for an endpoint that no container knows; where a callback may give one, all must do."""
    app = build(lambda app: give(Parts(app)))

    assert [f"{resource.name}.{spec.name}" for resource, spec in endpoints_for_containers(app)] == expected


def test_pods_may_call_anything() -> None:
    """Where there is a cluster, all endpoints of processes must be passed on: nobody can see what its pods call."""

    def define(app: AppBuilder) -> None:
        app.add_executable("api", "true", ".").with_http_endpoint().with_endpoint("admin")
        app.add_k3s_cluster("k8s")

    endpoints = endpoints_for_containers(build(define))
    assert [f"{resource.name}.{spec.name}" for resource, spec in endpoints] == ["api.http", "api.admin"]
