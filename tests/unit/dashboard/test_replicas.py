"""Replicas by themselves: their rows, their lines, and what can't be asked of one of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.control import Control, control
from tests.support.ports import free_port
from tests.support.stage import Stage, stage

from fairlead import AppBuilder, State
from fairlead.model.health import HealthStatus
from fairlead.testing import InMemory

PORT = free_port()
"""One for each worker, since the tests of this file may run beside each other."""


def define(app: AppBuilder) -> None:
    app.add(InMemory("a").with_replicas(2).with_http_endpoint(port=PORT))
    app.add(InMemory("b"))


@pytest.fixture
async def shown() -> AsyncIterator[Stage]:
    async with stage(define) as shown:
        await shown.wait_healthy("a")
        await shown.wait_healthy("b")
        yield shown


@pytest.fixture
async def api(shown: Stage, tmp_path: Path) -> AsyncIterator[Control]:
    async with control(shown.host, tmp_path) as api:
        yield api


async def test_each_is_a_row(shown: Stage) -> None:
    """A replica must have its id, health, start, and an address of its own past the balancer."""
    first, second = shown.snapshot("a").replicas
    assert (first.id, second.id, first.health) == ("a-1", "a-2", HealthStatus.HEALTHY)
    assert first.started_at is not None
    assert first.urls[0].url != second.urls[0].url != f"http://localhost:{PORT}"


async def test_one_that_ended_is_the_cause(shown: Stage, api: Control) -> None:
    """When one of two ends, it must be the cause, and the resource say how many are well."""
    shown.host.run.logs.log("a").feed("stderr", [b"KeyError: 'FEED'"], "a-2")
    shown.host.run.logs.log("a").feed("stderr", [b"all is well"], "a-1")
    shown.memory("a").drivers[1].end(3)
    sick = await shown.until("a", lambda snapshot: snapshot.health is HealthStatus.UNHEALTHY)
    assert sick.replicas[1].reason == "ended with exit code 3"
    (cause,) = (await api.get("/api/causes"))["causes"]
    assert (cause["resource"], cause["title"], cause["raw"]) == ("a-2", "a-2 exited 3", "KeyError: 'FEED'")
    assert cause["severity"] == "error" and cause["line"] == shown.app["a"].where.line


async def lines_of(api: Control, query: str) -> list[Any]:
    return [line["text"] for line in (await api.get(f"/api/logs?{query}"))["lines"] if line["stream"] == "stdout"]


async def test_its_lines_alone(shown: Stage, api: Control) -> None:
    """The log of a replica must hold its own lines, its tail count them, and go with those of other resources."""
    log = shown.host.run.logs.log("a")
    for number in range(3):
        log.feed("stdout", [f"one {number}".encode()], "a-1")
        log.feed("stdout", [f"two {number}".encode(), b"two more"], "a-2")
    log.feed_open("stdout", b"Name?", "a-1")
    log.feed_open("stdout", b"Really?", "a-2")
    shown.host.run.logs.log("b").feed("stdout", [b"from b"])
    assert await lines_of(api, "name=A-1") == ["one 0", "one 1", "one 2"]
    assert await lines_of(api, "name=a-1&tail=2") == ["one 1", "one 2"]
    assert await lines_of(api, "name=a-2&tail=3") == ["two more", "two 2", "two more"]
    assert await lines_of(api, "name=a-1&tail=0") == []
    assert await lines_of(api, "name=a-1&name=b&tail=1") == ["one 2", "from b"]
    assert len(await lines_of(api, "name=a-1&name=a")) == 9
    assert [line["text"] for line in (await api.get("/api/logs?name=a-2"))["open"]] == ["Really?"]
    async with api.follow("/api/logs?name=a-2&tail=1&follow=1") as lines:
        assert (await anext(lines))["text"] == "two more"
        log.feed("stdout", [b"not this"], "a-1")
        log.feed("stdout", [b"but this"], "a-2")
        assert (await anext(lines))["text"] == "but this"


async def test_its_resource_is_found_by_it(shown: Stage, api: Control) -> None:
    """Asked for, a replica must lead to its resource; a command to it alone must be refused with what there is."""
    assert (await api.get("/api/resources/a-2"))["id"] == "a"
    status, message = await api.refused("POST", "/api/resources/a-2/commands/restart", {})
    assert status == 409
    assert message == (
        "it is a replica of a, and can't restart by itself Use `fairlead restart a`, which means all of its replicas."
    )
    assert shown.snapshot("a").state is State.RUNNING and shown.snapshot("a").starts == 1
