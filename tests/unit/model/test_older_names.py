"""Methods that kinds override for Fairlead: users are not offered them, and their names without underscore work."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from tests.support.definitions import build, mistakes

from fairlead import AppBuilder, Container, NeededPort, Parameter, Placement, Resource
from fairlead.model.locations import Location, mistake
from fairlead.model.older_names import OLDER_NAMES
from fairlead.model.resource import driver_at, given_values, ports_on_containers, published_address


class Marked:
    """A class of another package that is no kind by itself."""

    def given_values(self) -> Iterator[tuple[object, Location]]:
        yield from super().given_values()  # type: ignore[misc]
        yield "mark", self.where  # type: ignore[attr-defined]


class Queue(Marked, Container):
    """A kind that was written with the older names."""

    def given_values(self) -> Iterator[tuple[object, Location]]:
        yield from super().given_values()
        yield "queue", self.where

    def finish(self) -> None:
        super().finish()  # type: ignore[misc]
        mistake("it is a queue", resource=self.name, remedy="Nothing.")

    def ports_on_containers(self) -> Iterator[NeededPort]:
        yield NeededPort(self.name, "admin")

    def driver_at(self, placement: Placement) -> str | None:
        return f"{super().driver_at(placement)}, but at {placement.kind}"  # type: ignore[misc]


class Topics(Queue):
    """A kind of today on one of then."""

    def _given_values(self) -> Iterator[tuple[object, Location]]:
        yield from super()._given_values()
        yield "topics", self.where


class Streams(Topics):
    """A kind with an older name on one of today."""

    def given_values(self) -> Iterator[tuple[object, Location]]:
        yield from super().given_values()
        yield "streams", self.where


def test_older_names_can_be_overridden() -> None:
    """Whichever name each class in the line uses, Fairlead must call the last, and super() reach the one before."""
    values = [value for value, _ in given_values(Streams("s", "a:1").with_environment("A", "b"))]
    queue = Queue("q", "a:1")

    assert values == [None, "b", "mark", "queue", "topics", "streams"]
    assert [port.name for port in ports_on_containers(queue)] == ["admin"]
    assert driver_at(queue, queue.placement) == "fairlead.drivers.container:ContainerDriver, but at container"


def test_an_older_finish_is_called_with_those_before_it() -> None:
    """Building must call it once, and with it what its base reports."""
    found = mistakes(lambda app: app.add(Queue("q", "a:1")).with_endpoint("tcp"))

    assert [error.message for error in found] == ["endpoint 'tcp' of a container needs a target_port", "it is a queue"]


def test_older_names_can_be_called() -> None:
    """Code that calls a method by its older name must get the same."""
    web: Any = Container("web", "a:1").with_endpoint("http", target_port=80)

    assert list(web.given_values()) == list(given_values(web))
    assert web.published_address(web.endpoints["http"]) == published_address(web, web.endpoints["http"])
    with pytest.raises(AttributeError, match="'Container' object has no attribute 'given_value'"):
        web.given_value()


INTERNAL = {
    *OLDER_NAMES,
    "check_so_far",
    "endpoint_handles",
    "frozen",
    "is_completion_target",
    "refuse_secret_arguments",
}


def test_users_are_not_offered_what_is_for_fairlead() -> None:
    """What an editor lists behind a dot must be of use to the one who writes a definition."""
    offered: list[object] = []

    def define(app: AppBuilder) -> None:
        k8s, cluster, pg = app.add_kubernetes_environment("k8s"), app.add_k3s_cluster("k3s"), app.add_postgres("pg")
        offered.extend([app, k8s, cluster, pg, pg.add_database("orders"), app.add_parameter("key"), app.add_redis("r")])
        offered.extend([k8s.add_ingress("edge"), cluster.add_helm_release("web", "./web")])
        offered.append(app.add_uvicorn_app("api", "./api", "main:app"))

    build(define)
    for each in offered:
        assert "where" in dir(each) or isinstance(each, AppBuilder)
        assert INTERNAL & set(dir(each)) == set(), each
    assert all(isinstance(each, (Resource, Parameter, AppBuilder)) for each in offered)
