"""What a run does without the resources that are excluded from it."""

from __future__ import annotations

import asyncio

import pytest
from tests.support.definitions import Define, build

from fairlead import AppBuilder, Apphost, Driver, DriverContext, Output, UsageError, Value, Workload, ref
from fairlead.model.driving.driver import StopReason
from fairlead.runtime.plan import plan_run
from fairlead.testing import InMemory, testing
from fairlead.testing.listening import Listener


class Cluster(Workload):
    """Something whose address only its driver knows."""

    kind = "Cluster"
    driver = f"{__name__}:ClusterDriver"

    @property
    def token(self) -> Output:
        return self.output("token", secret=True)

    @property
    def connection_string(self) -> Value:
        return ref("cluster:{token}", token=self.token)


class ClusterDriver(Driver):
    async def start(self, context: DriverContext) -> None:
        context.set_output("token", "let me in")

    async def stop(self, reason: StopReason) -> None:
        return


def planned(define: Define, *excluded: str, selected: tuple[str, ...] = ()) -> list[str]:
    """The starts of a run, as text."""
    return [str(start) for start in plan_run(build(define), selected, excluded).starts if start.automatic]


def chain(app: AppBuilder) -> None:
    data = app.add(InMemory("data"))
    move = app.add(InMemory("move")).wait_for(data)
    app.add(InMemory("api")).wait_for_completion(move)


def test_who_waited_for_it_waits_for_what_it_waited_for() -> None:
    """The order of those that are left must stay as it was."""
    assert planned(chain, "move") == ["start data", "start api after data ready"]
    assert planned(chain, "MOVE", "data") == ["start api"]
    assert plan_run(build(chain), (), ["move"]).dependents["data"] == ("api",)


def test_selection_goes_past_it() -> None:
    """What is selected must get what the excluded would have waited for, and not what only the excluded refers to."""

    def define(app: AppBuilder) -> None:
        data, mail = app.add(InMemory("data")), app.add(InMemory("mail")).with_http_endpoint()
        move = app.add(InMemory("move")).wait_for(data).with_reference(mail)
        app.add(InMemory("api")).wait_for_completion(move)

    assert planned(define, "move", selected=("api",)) == ["start data", "start api after data ready"]


def test_its_parts_go_with_it() -> None:
    """The databases of an excluded server must not be started; its generated password stays, as others are told it."""

    def define(app: AppBuilder) -> None:
        orders = app.add_postgres("pg").add_database("orders")
        app.add(InMemory("api")).with_reference(orders).wait_for(orders)

    assert planned(define, "pg") == ["start pg-password", "start api after parameter 'pg-password' is known"]


@pytest.mark.parametrize(
    ("excluded", "selected", "problem"),
    [
        (("apy",), (), "'api'"),
        (("api",), ("api",), "both selected and excluded"),
    ],
)
def test_wrong_names(excluded: tuple[str, ...], selected: tuple[str, ...], problem: str) -> None:
    """A name that is not there, or is selected too, must be refused."""
    with pytest.raises(UsageError, match=problem):
        plan_run(build(chain), selected, excluded)


def test_argument_that_needs_it() -> None:
    """What can't be left out must be refused, with the line that needs it and what to do."""

    def define(app: AppBuilder) -> None:
        app.add(InMemory("api")).with_args("--token", app.add(Cluster("k8s")).token)

    with pytest.raises(UsageError, match=r"api: it can't do without k8s.token \(.*test_exclusion.py.*Exclude api too"):
        plan_run(build(define), (), ["k8s"])


async def test_reference_keeps_the_address() -> None:
    """A reference must give the address as always, and whoever listens there must be reached."""

    def define(app: AppBuilder) -> None:
        pay = app.add(InMemory("pay")).with_http_endpoint()
        app.add(InMemory("api")).with_reference(pay).wait_for(pay)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\nconnection: close\r\n\r\npaid")

    async with testing(Apphost(define, name="shop"), exclude={"pay"}) as app:
        await app.wait_healthy("api")
        assert app.environment("api")["services__pay__http__0"] == app.endpoint("pay")
        port = int(app.endpoint("pay").rpartition(":")[2])
        async with Listener(answer) as listener:
            await listener.open_tcp(port)
            async with app.http("pay").get("/") as response:
                assert await response.text() == "paid"
        told = [line.text for line in app.logs("api")]
        assert "Not waiting for pay: it is excluded from this run" in told
        assert "pay is excluded from this run; its address is given all the same" in told


async def test_variables_that_only_it_could_give() -> None:
    """A variable, or a reference, that needs what only its driver could tell must be left out, and said to be."""

    def define(app: AppBuilder) -> None:
        k8s = app.add(Cluster("k8s")).with_http_endpoint()
        api = app.add(InMemory("api")).with_reference(k8s).with_environment("LEVEL", "info")
        api.with_environment("TOKEN", k8s.token).with_environment("LATER", lambda: k8s.token)

    shop = Apphost(define, name="shop")
    async with testing(shop, exclude={"k8s"}) as app:
        await app.wait_healthy("api")
        api = app.app["api"]
        assert isinstance(api, InMemory) and api.seen == {"LEVEL": "info"}
        told = [line.text for line in app.logs("api")]
        assert "Without the variables of k8s: it is excluded from this run" in told
        assert "Without the variable TOKEN: what it is made of is excluded from this run" in told
    async with testing(shop) as app:
        await app.wait_healthy("api")
        api = app.app["api"]
        assert isinstance(api, InMemory) and api.seen["TOKEN"] == "let me in" == api.seen["LATER"]


async def test_argument_of_a_callback_that_needs_it() -> None:
    """An argument that turns out to need it must fail the start with the reason."""

    def define(app: AppBuilder) -> None:
        key = app.add_parameter("key", "x")
        app.add(InMemory("api")).with_args(lambda: key)

    async with testing(Apphost(define, name="shop"), exclude={"key"}) as app:
        with pytest.raises(Exception, match="excluded from this run"):
            await app.wait_healthy("api")


@pytest.mark.parametrize("value", [None, "db://elsewhere"])
async def test_connection_string_that_nobody_gave(value: str | None) -> None:
    """An excluded connection string must be left out where nothing gives it, and given where something does."""

    def define(app: AppBuilder) -> None:
        app.add(InMemory("api")).with_reference(app.add_connection_string("db"))

    given = {} if value is None else {"db-connection-string": value}
    async with testing(Apphost(define, name="shop"), exclude={"db"}, parameters=given) as app:
        await app.wait_healthy("api")
        api = app.app["api"]
        assert isinstance(api, InMemory) and api.seen.get("ConnectionStrings__db") == value


async def test_it_is_not_there() -> None:
    """Waiting for it, its log and its state must be refused with the remedy."""
    async with testing(Apphost(chain, name="shop"), exclude={"move"}) as app:
        for ask in (app.snapshot, app.logs, app.environment):
            with pytest.raises(UsageError, match="excluded from this run"):
                ask("move")
        with pytest.raises(UsageError, match="excluded from this run"):
            await app.wait_healthy("move")
