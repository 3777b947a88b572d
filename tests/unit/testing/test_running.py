"""`fairlead.testing.testing` as a reader's tests use it."""

from __future__ import annotations

import inspect

import pytest

from fairlead import AppBuilder, DefinitionError, apphost
from fairlead.testing import InMemory, testing


@apphost
def shop(app: AppBuilder) -> None:
    api = app.add(InMemory("api"))
    app.add(InMemory("web")).wait_for(api)


@apphost
def broken(app: AppBuilder) -> None:
    app.add(InMemory("no name"))


def test_testing_is_no_test() -> None:
    """pytest takes functions whose names begin with `test` for tests, so `testing` must not be one."""
    assert inspect.isclass(testing) and not testing.__name__.startswith("Test")


async def test_app_runs_inside_the_block() -> None:
    """The app must run inside the block, and be stopped behind it."""
    async with testing(shop) as running:
        await running.wait_healthy("web")
        web = running.app["web"]

    assert isinstance(web, InMemory) and web.events == ["start", "stop"]


async def test_mistakes_are_raised_on_entering() -> None:
    """A definition with mistakes must raise where the app would start, and start nothing."""
    with pytest.raises(DefinitionError):
        async with testing(broken):
            pytest.fail("the block must not be entered")


async def test_failing_block_stops_the_app() -> None:
    """A test that fails must leave nothing running."""
    with pytest.raises(ZeroDivisionError):
        async with testing(shop) as running:
            await running.wait_healthy("web")
            web = running.app["web"]
            1 / 0  # noqa: B018

    assert isinstance(web, InMemory) and web.events[-1] == "stop"
