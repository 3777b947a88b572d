"""A program must be told where to send its telemetry, and nothing that its user has said be changed by it."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import unquote

import pytest
from tests.support.definitions import build, mistakes

from fairlead import AppBuilder, Lifetime, Mode
from fairlead.model.programs.workload import Workload
from fairlead.publish.publisher import render
from fairlead.runtime.telemetry.exporting import Exporting, containers_send, port_of, port_request
from fairlead.runtime.telemetry.tokens import Tokens
from fairlead.runtime.telemetry.variables import token_in

HEADERS = "OTEL_EXPORTER_OTLP_HEADERS"
ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
ATTRIBUTES = "OTEL_RESOURCE_ATTRIBUTES"


@pytest.fixture
def exporting() -> Iterator[Exporting]:
    exporting = Exporting.open(0, Tokens(lambda resource: f"lasting-{resource}"), "run1")
    yield exporting
    exporting.listening.close()


def resource_of(define: Callable[[AppBuilder], Any]) -> Workload:
    """The resource ``api`` of a definition."""
    resource = build(define)["api"]
    assert isinstance(resource, Workload)
    return resource


def process(app: AppBuilder) -> Workload:
    return app.add_executable("api", "api")


def container(app: AppBuilder) -> Workload:
    return app.add_container("api", "nginx:1")


def test_process_is_told_all_it_needs(exporting: Exporting) -> None:
    """A process must be told who it is, where to send, by which protocol, and to do so at once."""
    variables = exporting.variables(resource_of(process), "api", {}, {})

    assert variables[ENDPOINT] == f"http://127.0.0.1:{exporting.port}"
    assert variables["OTEL_EXPORTER_OTLP_PROTOCOL"] == "http/protobuf"
    assert variables["OTEL_SERVICE_NAME"] == "api"
    assert variables[ATTRIBUTES] == "service.instance.id=api,fairlead.run.id=run1"
    assert variables["OTEL_BSP_SCHEDULE_DELAY"] == variables["OTEL_BLRP_SCHEDULE_DELAY"] == "1000"
    assert variables["OTEL_METRIC_EXPORT_INTERVAL"] == "1000"
    header = unquote(variables[HEADERS])
    assert header.startswith("authorization=Bearer api.")
    assert exporting.tokens.resource_of(header.removeprefix("authorization=Bearer ")) == "api"
    assert exporting.tokens.resource_of(token_in(variables[HEADERS])) == "api"


def test_container_reaches_the_host(exporting: Exporting) -> None:
    """A container must be given the name by which it finds this machine."""
    variables = exporting.variables(resource_of(container), "api", {}, {})

    assert variables[ENDPOINT] == f"http://host.docker.internal:{exporting.port}"


def test_replicas_are_told_apart(exporting: Exporting) -> None:
    """Each replica must have an id of its own, and the token of their resource."""
    resource = resource_of(lambda app: process(app).with_replicas(2))

    first, second = (exporting.variables(resource, instance, {}, {}) for instance in ("api-1", "api-2"))

    assert first[ATTRIBUTES].startswith("service.instance.id=api-1,")
    assert second[ATTRIBUTES].startswith("service.instance.id=api-2,")
    assert first[HEADERS] == second[HEADERS]


def test_python_app_is_told_what_to_send(exporting: Exporting) -> None:
    """What starts a Python program with its instrumentation must not have to be told more."""
    variables = exporting.variables(
        resource_of(lambda app: app.add_python_app("api", ".", script="x.py")), "api", {}, {}
    )

    assert variables["OTEL_TRACES_EXPORTER"] == variables["OTEL_LOGS_EXPORTER"] == "otlp"


@pytest.mark.parametrize("source", ["definition", "environment"])
def test_own_variable_counts(exporting: Exporting, source: str) -> None:
    """What the definition or the environment of this machine sets must stay as it is."""
    own = {"OTEL_SERVICE_NAME": "mine", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc", "OTEL_TRACES_SAMPLER": "always_off"}
    given, inherited = (own, {}) if source == "definition" else ({}, own)

    variables = exporting.variables(resource_of(process), "api", given, inherited)

    assert not own.keys() & variables.keys()
    assert ENDPOINT in variables


@pytest.mark.parametrize(
    "own",
    [
        {ENDPOINT: "http://collector:4318"},
        {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://collector:4318/v1/traces"},
        {HEADERS: "api-key=x"},
        {"OTEL_SDK_DISABLED": "true"},
    ],
)
def test_own_destination_gets_nothing_of_ours(exporting: Exporting, own: dict[str, str]) -> None:
    """A program that sends somewhere else must be left alone, and our token not go there."""
    assert exporting.variables(resource_of(process), "api", own, {}) == {}
    assert exporting.variables(resource_of(process), "api", {}, own) == {}


def test_attributes_are_added_to(exporting: Exporting) -> None:
    """The attributes that the user gives must stay, and win over ours; the name of the service too."""
    own = {ATTRIBUTES: "team=sea, service.instance.id=mine,service.name=shop"}

    variables = exporting.variables(resource_of(process), "api", own, {})

    assert variables[ATTRIBUTES] == "fairlead.run.id=run1,team=sea, service.instance.id=mine,service.name=shop"
    assert "OTEL_SERVICE_NAME" not in variables


@pytest.mark.parametrize(
    ("define", "told"),
    [
        (process, True),
        (container, True),
        (lambda app: process(app).with_otlp_exporter(False), False),
        (lambda app: app.add_redis("api"), False),
        (lambda app: app.add_postgres("api"), False),
        (lambda app: app.add_redis("api").with_otlp_exporter(), True),
        (lambda app: app.add_container("api", "x").with_lifetime(Lifetime.PERSISTENT), False),
        (lambda app: app.add_container("api", "x").with_lifetime(Lifetime.PERSISTENT).with_otlp_exporter(), True),
        (lambda app: app.add_k3s_cluster("api"), False),
    ],
)
def test_who_is_told(exporting: Exporting, define: Callable[[AppBuilder], Any], told: bool) -> None:
    """Programs that may send telemetry must be told, servers that never do must not, and the definition decides."""
    assert bool(exporting.variables(resource_of(define), "api", {}, {})) == told
    assert containers_send(build(define)) == (told and define is not process)


def test_container_that_is_kept_is_told_the_same_in_every_run() -> None:
    """A container that outlives the run must not have to be made anew for the sake of telemetry."""
    kept = resource_of(
        lambda app: app.add_container("api", "x").with_lifetime(Lifetime.PERSISTENT).with_otlp_exporter()
    )
    listening = socket.create_server(("127.0.0.1", 0))
    with listening:
        runs = [Exporting(listening, Tokens(lambda resource: f"lasting-{resource}"), run_id) for run_id in ("1", "2")]
        first, second = (run.variables(kept, "api", {}, {}) for run in runs)
        others = [run.variables(resource_of(process), "api", {}, {})[HEADERS] for run in runs]

        assert first == second
        assert others[0] != others[1]


@pytest.mark.parametrize("token", ["", ".", "api", "api.", "api.x", "other.x", "api.ü", "\0", "." * 1000])
def test_wrong_token_is_nobodys(token: str) -> None:
    """Whatever is sent as a token, only that of a resource must count."""
    tokens = Tokens(lambda resource: "")
    right = tokens.of("api")

    assert tokens.resource_of(token) is None
    assert tokens.resource_of(right) == "api"
    assert tokens.resource_of(right[:-1]) is None
    assert Tokens(lambda resource: "").resource_of(right) is None


def test_port_is_bound_before_anything_is_served(exporting: Exporting) -> None:
    """A program that starts first must be able to connect, and wait for an answer."""
    with socket.create_connection(("127.0.0.1", exporting.port)) as client:
        client.sendall(b"POST")


def test_taken_port_is_replaced(exporting: Exporting) -> None:
    """A port that another program has taken meanwhile must not keep the app from running."""
    another = Exporting.open(exporting.port, Tokens(lambda resource: ""), "run2")
    with another.listening:
        assert another.port != exporting.port


def test_port_has_to_be_free_for_containers_too() -> None:
    """Containers reach it at another address of this machine, by the same number."""
    assert port_request(for_containers=True).host == "0.0.0.0"
    assert port_of({port_request(for_containers=False).key: 5}) == 5


def test_option_is_checked() -> None:
    """Anything but a truth value must be a mistake of the definition."""
    assert len(mistakes(lambda app: process(app).with_otlp_exporter("no"))) == 1  # type: ignore[arg-type]


def test_charts_get_nothing_of_it() -> None:
    """What is published must not know of telemetry."""

    def define(app: AppBuilder) -> None:
        app.add_python_app("api", "api", script="x.py")
        container_ = app.add_container("web", "nginx:1").with_otlp_exporter()
        container_.with_environment("A", "b")

    files = render(build(define, Mode.PUBLISH)).files

    assert "templates/web/deployment.yaml" in files
    assert not [path for path, text in files.items() if "OTEL" in text]
