"""What a third-party kind gets from the public contract: definition, variables, and one lifecycle like all others."""

from __future__ import annotations

import sys
from urllib.parse import urlsplit

import pytest
from tests.support.connections import connected
from tests.support.definitions import build, mistakes, spelled, the_mistake, variables
from tests.thirdparty.kafka import Kafka, Mirror

from fairlead import AppBuilder, Apphost, Executable, ResourceFailed, State
from fairlead.testing import testing as run

SHOW = "import os; print(os.environ['ConnectionStrings__events'], os.environ['KAFKA_TOPICS'], flush=True)"


def define(app: AppBuilder) -> None:
    kafka = app.add(Kafka("events")).with_topic("orders").with_topic("mails").with_icon("queue")
    mirror = kafka.add_mirror("copy")
    app.add_executable("tool", sys.executable, ".", "-c", SHOW).with_reference(kafka).wait_for(kafka)
    app.add_executable("late", sys.executable, ".", "-c", "pass").with_reference(mirror).wait_for(mirror)


def test_the_definition_reads_like_any_other() -> None:
    """Its methods, the inherited ones and its children must work as those of Fairlead's kinds do."""
    app = build(define)
    kafka, mirror, tool = app["events"], app["copy"], app["tool"]

    assert isinstance(kafka, Kafka) and kafka.topics == ["orders", "mails"] and kafka.icon == "queue"
    assert isinstance(mirror, Mirror) and mirror.parent is kafka and isinstance(tool, Executable)
    assert repr(kafka) == "<Kafka events>"


def test_what_its_consumers_see() -> None:
    """Its consumers must get the usual variables by the promised names, and what it adds."""
    assert spelled(variables(build(define), "tool")) == {
        "services__events__broker__0": "<events.endpoint('broker').url>",
        "EVENTS_BROKER": "<events.endpoint('broker').url>",
        "ConnectionStrings__events": (
            "kafka://<events.token:uri>@<events.endpoint('broker').host>:<events.endpoint('broker').port>"
        ),
        "EVENTS_BOOTSTRAP": "<events.endpoint('broker').host_and_port>",
        "EVENTS_TOKEN": "<events.token>",
        "KAFKA_TOPICS": "orders,mails",
    }


def test_its_secret_stays_one() -> None:
    """What holds its token must be secret, so that it is an error in the arguments of a process."""

    def leak(app: AppBuilder) -> None:
        app.add_executable("tool", "x").with_args(app.add(Kafka("events")).connection_string)

    assert "secret" in the_mistake(leak).message


def test_its_mistakes_are_collected() -> None:
    """Wrong arguments to inherited methods must be mistakes at the app file's line, like those to any kind."""
    found = mistakes(lambda app: app.add(Kafka("a--b", retention=None)).with_replicas(0))  # type: ignore[arg-type]

    assert len(found) == 3 and {error.file for error in found} == {__file__}


def test_waiting_in_a_circle_with_its_output() -> None:
    """Its outputs must take part in the search for circles."""

    def circle(app: AppBuilder) -> None:
        tool = app.add_executable("tool", "x")
        tool.with_environment("TOKEN", app.add(Kafka("events")).wait_for(tool).token)

    assert "circle" in the_mistake(circle).message


async def test_it_runs() -> None:
    """It must run like any kind: healthy by its own word, its outputs known to consumers, masked in logs."""
    async with run(Apphost(define, name="shop")) as app:
        snapshot = await app.wait_healthy("events")
        assert snapshot.state is State.RUNNING
        address = urlsplit(app.endpoint("events"))
        async with connected(address.port or 0) as (reader, writer):
            writer.write(b"LIST\n")
            assert await reader.readline() == b"orders,mails\n"
        await app.wait_for("tool", "completed")
        await app.wait_for("late", "completed")

        (printed,) = [line.text for line in app.logs("tool") if line.stream == "stdout"]
        assert printed == "*** orders,mails"
        told = [line.text for name in ("events", "copy") for line in app.logs(name)]
        assert "2 topics, token ***" in told and any("mirrors" in text and "***" in text for text in told), told


async def test_its_failure_is_told() -> None:
    """An error in its driver must make it FailedToStart with the reason, and fail who waits for it."""

    def failing(app: AppBuilder) -> None:
        kafka = app.add(Kafka("events", retention="a week"))
        app.add_executable("tool", sys.executable, ".", "-c", "pass").wait_for(kafka)

    async with run(Apphost(failing, name="shop")) as app:
        with pytest.raises(ResourceFailed, match="not in days"):
            await app.wait_healthy("events")
        with pytest.raises(ResourceFailed, match="events"):
            await app.wait_for("tool", "running")


async def test_a_parameter_reaches_it() -> None:
    """A value it was given must block its start until it is known, and reach it resolved."""

    def asking(app: AppBuilder) -> None:
        app.add(Kafka("events", retention=app.add_parameter("keep")))

    async with run(Apphost(asking, name="shop"), parameters={"keep": "3d"}) as app:
        await app.wait_healthy("events")
