"""Where endpoints are reached, by where they run and from where one looks."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from tests.support.definitions import build, the_mistake

from fairlead import AppBuilder, Consumer, Mode, NeededPort, Network, Placement, UsageError, Workload
from fairlead.runtime.plan import needed_ports, plan_run
from fairlead.runtime.values.addresses import Addresses


class ServiceEndpoint(Workload):
    """Reached through a port of another resource's container."""

    driver = "tests.support.kinds:OddDriver"

    @property
    def placement(self) -> Placement:
        return Placement.port_of("K8s_node")

    def _ports_on_containers(self) -> Iterator[NeededPort]:
        yield NeededPort("K8s_node", "http")


class Pod(Workload):
    """Runs in a cluster."""

    driver = "tests.support.kinds:OddDriver"

    @property
    def placement(self) -> Placement:
        return Placement.pod_of("K8s_node")


def define(app: AppBuilder) -> None:
    app.add_executable("api", "true", ".").with_http_endpoint()
    app.add_container("Cache_1", "redis").with_endpoint("tcp", target_port=6379)
    app.add_container("K8s_node", "k3s").with_endpoint("api", scheme="https", target_port=6443)
    app.add(ServiceEndpoint("ui")).with_http_endpoint(target_port=80)
    app.add(Pod("job")).with_http_endpoint(target_port=9000)
    app.add_executable("looker", "true", ".")


PORTS = {
    "api/http": 10001,
    "api/http/gateway": 10002,
    "Cache_1/tcp": 10003,
    "K8s_node/api": 10004,
    "ui/http": 10005,
    "ui/http@K8s_node": 30123,
    "job/http": 10006,
}


@pytest.mark.parametrize(
    ("resource", "network", "address"),
    [
        ("api", Network.HOST, "localhost:10001"),
        ("api", Network.CONTAINER, "host.docker.internal:10002"),
        ("api", Network.POD, "host.docker.internal:10002"),
        ("Cache_1", Network.HOST, "localhost:10003"),
        ("Cache_1", Network.CONTAINER, "cache-1:6379"),
        ("Cache_1", Network.POD, "cache-1:6379"),
        ("ui", Network.HOST, "localhost:10005"),
        ("ui", Network.CONTAINER, "k8s-node:30123"),
        ("ui", Network.POD, "k8s-node:30123"),
        ("job", Network.CONTAINER, "job:9000"),
        ("job", Network.POD, "job:9000"),
    ],
)
def test_an_address_follows_from_the_placement(resource: str, network: Network, address: str) -> None:
    """An address must follow from where the resource runs and from which network it is looked at."""
    app = build(define)
    consumer = Consumer(app["looker"], network, Mode.RUN)
    endpoint = app[resource].endpoint()
    assert Addresses(PORTS).text(endpoint.host_and_port, consumer) == address


@pytest.mark.parametrize(("resource", "port"), [("api", 10001), ("Cache_1", 10003), ("ui", 10005)])
@pytest.mark.parametrize("network", Network)
def test_the_public_address_is_what_a_browser_of_this_machine_types(resource: str, port: int, network: Network) -> None:
    """The public address must be that of this machine, wherever the resource runs and whoever is told."""
    app = build(define)
    consumer = Consumer(app["looker"], network, Mode.RUN)
    endpoint = app[resource].endpoint()
    addresses = Addresses(PORTS)
    assert addresses.text(endpoint.public_url, consumer) == f"{endpoint.spec.scheme}://localhost:{port}"
    assert addresses.text(endpoint.public_host, consumer) == f"localhost:{port}"


def test_ports_on_other_containers_are_planned() -> None:
    """A port on another's container must be planned for this machine, and inside where none was asked for."""
    app = build(define)
    ports = {request.key: request for request in plan_run(app).ports}
    assert set(PORTS) <= set(ports)
    inside = ports["ui/http@K8s_node"]
    assert (inside.scope, inside.within) == ("K8s_node", range(30000, 32768))
    assert [(resource.name, port.name) for resource, port in needed_ports(app, "K8s_node")] == [("ui", "http")]


def test_a_place_comes_with_what_it_is_in() -> None:
    """What is reached through a container must bring that along when it is selected, and end before it."""
    plan = plan_run(build(define), selected=["ui"])
    assert {start.name for start in plan.starts if start.automatic} == {"ui", "K8s_node"}
    assert {"ui", "job"} <= set(plan.dependents["K8s_node"])


def test_a_place_in_what_is_excluded() -> None:
    """What is reached through an excluded container must be refused by name, not fail as it starts."""
    with pytest.raises(UsageError, match="ui: it runs in K8s_node, or is reached through it, and that is excluded"):
        plan_run(build(define), excluded=["K8s_node", "job"])


@pytest.mark.parametrize(
    ("declare", "message"),
    [
        (lambda app: None, "runs in 'K8s_node', or is reached through it, and there is no such resource"),
        (lambda app: app.add_executable("K8s_node", "true", "."), "which is an Executable and has none"),
    ],
)
def test_a_place_that_is_not_there(declare: Callable[[AppBuilder], object], message: str) -> None:
    """A place in what is missing, or is no container, must be a mistake of the definition."""

    def wrong(app: AppBuilder) -> None:
        declare(app)
        app.add(ServiceEndpoint("ui")).with_http_endpoint()

    assert message in the_mistake(wrong).message


def test_an_endpoint_without_a_port_on_the_container() -> None:
    """An endpoint that a kind asks no port for must be a mistake of the definition."""

    def wrong(app: AppBuilder) -> None:
        app.add_container("K8s_node", "k3s")
        app.add(ServiceEndpoint("ui")).with_http_endpoint().with_endpoint("admin")

    assert "asks for no port there for 'admin'" in the_mistake(wrong).message


def test_the_plan_has_placements() -> None:
    """Each planned start must say where it runs, and by which driver."""
    starts = {start.name: start for start in plan_run(build(define)).starts}
    assert starts["api"].placement is Placement.PROCESS
    assert starts["Cache_1"].placement is Placement.CONTAINER
    assert starts["ui"].placement == Placement.port_of("K8s_node")
    assert starts["job"].driver == "tests.support.kinds:OddDriver"
    assert (starts["job"].placement.network, starts["ui"].placement.network) == (Network.POD, Network.HOST)
