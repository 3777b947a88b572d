"""What a test can ask a running app, and what it is told when a wait fails."""

from __future__ import annotations

import asyncio

import pytest

from fairlead import AppBuilder, Apphost, ResourceFailed, UsageError, WaitError, WaitTimeout
from fairlead.testing import InMemory, Running, testing


def shop_of(*resources: InMemory) -> Apphost:
    def define(app: AppBuilder) -> None:
        for resource in resources:
            app.add(resource)

    return Apphost(define, name="shop")


async def failure(app: Running, name: str, seconds: float = 60) -> WaitError:
    """How waiting for a resource's health ends."""
    with pytest.raises(WaitError) as caught:
        await app.wait_healthy(name, timeout=seconds)
    return caught.value


async def test_failed_wait_tells_the_chain() -> None:
    """The notes must hold the state and last lines of the resource and of all that it waited for in vain."""
    data = InMemory("data", fails="the disk is gone")
    move = InMemory("move").wait_for(data)
    fine = InMemory("fine")
    web = InMemory("web").wait_for(move).wait_for(fine)
    async with testing(shop_of(data, move, fine, web)) as app:
        await app.wait_healthy("fine")
        error = await failure(app, "web")

    assert isinstance(error, ResourceFailed) and "the disk is gone" in str(error) and "fairlead logs" not in str(error)
    web_note, move_note, data_note = error.__notes__
    assert web_note.startswith("web is FailedToStart")
    assert move_note.startswith("move is FailedToStart")
    assert data_note.startswith("data is FailedToStart (the disk is gone); the last lines of its log:\n  | ")
    assert "Failed to start: the disk is gone" in data_note


async def test_late_wait_tells_what_it_waits_for() -> None:
    """A wait that takes too long must tell what is missing, and the log of what that is missing in."""
    data = InMemory("data", healthy=False)
    web = InMemory("web").wait_for(data)
    async with testing(shop_of(data, web)) as app:
        await app.wait_for("data", "running")
        app.host.run.logs.log("data").write("looking for a disk", "stdout")
        error = await failure(app, "web", seconds=0.05)

    assert isinstance(error, WaitTimeout) and "web is Waiting" in str(error)
    assert "  | looking for a disk" in error.__notes__[1].splitlines()


async def test_notes_hide_secrets_and_colours() -> None:
    """A secret must be masked in the notes, also where it was written before it was known to be one."""
    data = InMemory("data", healthy=False)
    async with testing(shop_of(data)) as app:
        await app.wait_for("data", "running")
        app.host.run.logs.log("data").write("\x1b[31mkey=opensesame\x1b[0m", "stdout")
        app.host.run.logs.mask("opensesame")
        error = await failure(app, "data", seconds=0.05)

    assert "  | key=***" in error.__notes__[0].splitlines()


async def test_addresses_are_known_at_once() -> None:
    """The address of an endpoint must be known before its resource runs, and be the same to its consumers."""
    api = InMemory("api", blocks_start=True).with_http_endpoint()
    web = InMemory("web").with_reference(api)
    async with testing(shop_of(api, web)) as app:
        address = app.endpoint("API")
        assert address == app.endpoint("api", "http") and address.startswith("http://localhost:")
        await app.wait_healthy("web")
        assert app.environment("web")["API_HTTP"] == address


async def test_wrong_questions() -> None:
    """What is not there must be refused with the names of what is."""
    api = InMemory("api").with_endpoint("grpc").with_endpoint("admin")
    async with testing(shop_of(api)) as app:
        with pytest.raises(UsageError, match="'api'"):
            app.endpoint("apy")
        with pytest.raises(UsageError, match=r"api: .*grpc.*admin"):
            app.endpoint("api", "http")
        with pytest.raises(UsageError, match="api: its endpoint 'grpc' speaks tcp, not HTTP"):
            app.http("api", "grpc")
        with pytest.raises(UsageError, match="api: it has no connection string"):
            await app.connection_string("api")


@pytest.mark.parametrize("keyword", ["exclude", "select"])
def test_text_in_place_of_names(keyword: str) -> None:
    """Text where a set of names belongs must be refused, as its letters would be taken for names."""
    with pytest.raises(UsageError, match=rf"{keyword}=\{{'api'\}}"):
        testing(shop_of(InMemory("api")), **{keyword: "api"})  # type: ignore[arg-type]


async def test_parameter_that_is_not_there() -> None:
    """A value for a parameter that the app does not have must be refused, and the right name suggested."""

    def define(app: AppBuilder) -> None:
        app.add_parameter("payment-key", secret=True)

    with pytest.raises(UsageError, match=r"'payment_key'.*Did you mean 'payment-key'"):
        async with testing(Apphost(define, name="shop"), parameters={"payment_key": "x"}):
            pytest.fail("the block must not be entered")


async def test_connection_string() -> None:
    """A connection string must come with its parts resolved; its secrets are only masked in what is printed."""

    def define(app: AppBuilder) -> None:
        orders = app.add_postgres("pg", password=app.add_parameter("secret", secret=True)).add_database("orders")
        app.add(InMemory("api")).with_reference(orders)

    async with testing(Apphost(define, name="shop"), parameters={"secret": "open sesame"}, exclude={"pg"}) as app:
        port = app.endpoint("pg").rpartition(":")[2]
        expected = f"postgresql://postgres:open%20sesame@localhost:{port}/orders"
        assert await app.connection_string("orders") == expected
        await app.wait_healthy("api")
        assert app.environment("api")["ORDERS_PASSWORD"] == "***"


async def test_connection_string_without_a_value() -> None:
    """A connection string that lacks a part for good must fail at once, and say which."""

    def define(app: AppBuilder) -> None:
        app.add_connection_string("db")

    async with testing(Apphost(define, name="shop")) as app:
        with pytest.raises(ResourceFailed, match=r"db-connection-string.*nothing gives it a value"):
            await app.connection_string("db")


async def test_selected_resources_only() -> None:
    """Only what is selected must be started; the rest must be there to be started."""
    api, web = InMemory("api"), InMemory("web")
    async with testing(shop_of(api, web), select={"api"}) as app:
        await app.wait_healthy("api")
        assert web.events == []
        await app.command("web", "start")
        await app.wait_healthy("web")


async def test_clients_are_closed_with_the_app() -> None:
    """Each client must have cookies of its own, and none may stay open behind the block."""
    async with testing(shop_of(InMemory("api").with_http_endpoint())) as app:
        first, second = app.http("api"), app.http("api")
        assert first.cookie_jar is not second.cookie_jar
        async with first:
            pass
        assert first.closed and not second.closed

    assert second.closed


def test_other_event_loop() -> None:
    """A wait in another event loop must be refused with the remedy, and not last until it is over."""
    block = testing(shop_of(InMemory("api")))
    with asyncio.Runner() as loop:
        app = loop.run(block.__aenter__())
        with pytest.raises(UsageError, match="another event loop"):
            asyncio.run(app.wait_healthy("api"))
        loop.run(block.__aexit__(None, None, None))
