"""Several resources at once: waits, failures that spread, values, parameters, and the end."""

from __future__ import annotations

import asyncio
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from tests.support.connections import kept_port
from tests.support.definitions import build
from tests.support.kinds import Odd
from tests.support.stage import Stage, stage

from fairlead import (
    AppBuilder,
    Apphost,
    DriverContext,
    FairleadError,
    Generate,
    Network,
    NotRunning,
    ResourceFailed,
    StartError,
    State,
    StateError,
    UsageError,
    WaitTimeout,
    ref,
)
from fairlead.model.health import HealthStatus
from fairlead.model.wait import WaitBehavior
from fairlead.runtime.host import Host
from fairlead.runtime.lifecycle.external_waits import explain
from fairlead.runtime.run_options import RunOptions
from fairlead.testing import InMemory
from fairlead.testing.listening import Listener

FAIL_FAST = WaitBehavior.FAIL_FAST


# Waits and failures


async def test_a_start_bypasses_the_wait() -> None:
    """A person who starts what waits must get it started at once; the wait of others goes on."""

    def define(app: AppBuilder) -> None:
        db = app.add(InMemory("db", blocks_start=True))
        app.add(InMemory("api").wait_for(db))
        app.add(InMemory("web").wait_for(db))

    async with stage(define) as shown:
        waiting = await shown.reach("api", State.WAITING)
        assert (waiting.waiting_for, waiting.blocked_by) == (("db to be running",), ("db",))
        await shown.command("api", "start")
        assert (await shown.wait_healthy("api")).waiting_for == ()
        assert "Started by hand, without waiting for db to be running" in shown.text("api")
        assert shown.snapshot("web").state is State.WAITING


async def test_a_failure_spreads_when_nobody_can_help() -> None:
    """In a run that fails fast a failure must end all who wait for it, each with the chain of causes."""

    def define(app: AppBuilder) -> None:
        db = app.add(InMemory("db", fails="no disk"))
        api = app.add(InMemory("api").wait_for(db))
        app.add(InMemory("web").wait_for(api))
        app.add(InMemory("other"))

    async with stage(define, FAIL_FAST) as shown:
        failed = await shown.reach("web", State.FAILED_TO_START)
        assert failed.reason == (
            "it waits for api to be running, but api failed to start "
            "(it waits for db to be running, but db failed to start (no disk))"
        )
        with pytest.raises(ResourceFailed, match=r"web failed to start \(.*no disk") as raised:
            await shown.wait_healthy("web")
        assert raised.value.exit_code == 18
        await shown.wait_healthy("other")
        assert [snapshot.name for snapshot in shown.host.failures] == ["db", "api", "web"]


async def test_a_failure_is_waited_out_when_somebody_can_help() -> None:
    """In a run that a person looks at, a failure must leave others waiting, saying why, until it is started again."""

    def define(app: AppBuilder) -> None:
        db = app.add(InMemory("db", fails="no disk"))
        app.add(InMemory("web").wait_for(app.add(InMemory("api").wait_for(db))))

    async with stage(define) as shown:
        waiting = await shown.until("api", lambda snapshot: "no disk" in "".join(snapshot.waiting_for))
        assert waiting.waiting_for == ("db to be running (db failed to start (no disk))",)
        shown.memory("db").fails = None
        await shown.command("db", "restart")
        await shown.wait_healthy("web")


@pytest.mark.parametrize("behavior", WaitBehavior)
async def test_a_wrong_exit_code_is_no_completion(behavior: WaitBehavior) -> None:
    """What ends with another code must fail who waits for its completion, or keep it waiting where a user can help."""

    def define(app: AppBuilder) -> None:
        migrate = app.add(InMemory("migrate", exit_code=3))
        app.add(InMemory("api").wait_for_completion(migrate))
        app.add(InMemory("report").wait_for_completion(migrate, exit_code=3))

    async with stage(define, behavior) as shown:
        await shown.wait_healthy("report")
        cause = "migrate ended with exit code 3, and it has to end with 0"
        if behavior is WaitBehavior.FAIL_FAST:
            failed = await shown.reach("api", State.FAILED_TO_START)
            assert failed.reason == f"it waits for migrate to complete, but {cause}"
            return
        missing = (f"migrate to complete ({cause})",)
        await shown.until("api", lambda snapshot: snapshot.waiting_for == missing)
        shown.memory("migrate").exit_code = 0
        await shown.command("migrate", "start")
        await shown.wait_healthy("api")


async def test_a_stopped_migration_has_not_completed() -> None:
    """What a person stopped must not count as completed; started again, it may complete."""

    def define(app: AppBuilder) -> None:
        app.add(InMemory("api").wait_for_completion(app.add(InMemory("migrate"))))

    async with stage(define) as shown:
        await shown.wait_healthy("migrate")
        await shown.command("migrate", "stop")
        assert shown.snapshot("migrate").exit_code == 0
        await shown.until(
            "api", lambda snapshot: snapshot.waiting_for == ("migrate to complete (migrate was stopped)",)
        )
        await shown.command("migrate", "start")
        await shown.wait_healthy("migrate")
        shown.memory("migrate").exit(0)
        await shown.wait_healthy("api")


async def test_what_is_missing_shrinks() -> None:
    """A resource that waits for several must say for which, and less and less as they come."""

    def define(app: AppBuilder) -> None:
        a, b = app.add(InMemory("a", blocks_start=True)), app.add(InMemory("b", blocks_start=True))
        app.add(InMemory("c").wait_for(a).wait_for(b))

    async with stage(define) as shown:
        await shown.until("c", lambda snapshot: snapshot.blocked_by == ("a", "b"))
        shown.memory("a").unblock_start()
        await shown.until("c", lambda snapshot: snapshot.blocked_by == ("b",))
        shown.memory("b").unblock_start()
        await shown.wait_healthy("c")


async def test_all_replicas_have_to_be_up() -> None:
    """Who waits for a resource with replicas must wait for all of them."""
    gates = [asyncio.Event(), asyncio.Event()]

    async def start(context: DriverContext) -> None:
        await gates[context.replica].wait()

    def define(app: AppBuilder) -> None:
        app.add(InMemory("b").wait_for_start(app.add(Odd("a", start=start).with_replicas(2))))

    async with stage(define) as shown:
        await shown.reach("b", State.WAITING)
        gates[0].set()
        await shown.until("a", lambda snapshot: [view.state for view in snapshot.replicas][:1] == [State.RUNNING])
        assert shown.snapshot("b").state is State.WAITING
        gates[1].set()
        await shown.wait_healthy("b")


async def test_a_child_waits_for_its_parent() -> None:
    """A part that waits for the whole must start after it, and own its state."""

    def define(app: AppBuilder) -> None:
        cluster = app.add(InMemory("cluster", blocks_start=True))
        cluster.adopt(InMemory("release", exit_code=0).wait_for(cluster))

    async with stage(define) as shown:
        await shown.reach("release", State.WAITING)
        shown.memory("cluster").unblock_start()
        assert (await shown.reach("release", State.FINISHED)).parent == "cluster"
        assert shown.snapshot("cluster").state is State.RUNNING


async def test_a_wait_from_outside_that_takes_too_long() -> None:
    """A timeout must tell the state of the resource and of all that it waits for, down to the cause."""

    def define(app: AppBuilder) -> None:
        db = app.add(InMemory("db", healthy=False))
        key = app.add_parameter("key")
        api = app.add(InMemory("api").wait_for(db).with_environment("KEY", key))
        app.add(InMemory("web").wait_for(api).wait_for(app.add(InMemory("seed").with_explicit_start())))

    async with stage(define) as shown:
        await shown.until("db", lambda snapshot: bool(snapshot.reports))
        await shown.until("api", lambda snapshot: "healthy" in "".join(snapshot.waiting_for))
        with pytest.raises(WaitTimeout, match=r"web: it was not healthy within 0\.01 s") as raised:
            await shown.wait_healthy("web", timeout=0.01)
        lines = [line.strip() for line in str(raised.value).splitlines()]
        assert lines[1:] == [line.strip() for line in explain(shown.host.run.bus, "web")]
        for expected in (
            "web is Waiting",
            "waiting for api to be running",
            "api is Waiting",
            "db is Running, Unhealthy",
            "In memory: the test says so",
            "key is ValueMissing: nothing gives it a value",
            "it is started by hand: fairlead start seed",
        ):
            assert any(expected in line for line in lines), expected


# Order of the end


async def test_the_end_is_in_reverse_order_of_dependency() -> None:
    """What depends on a resource must have ended before it is asked to; what is independent ends at the same time."""
    ended: list[str] = []
    apart = asyncio.Barrier(2)

    def kind(name: str, *, together: bool = False) -> Odd:
        async def stop(context: DriverContext) -> None:
            if together:
                await apart.wait()
            ended.append(name)

        return Odd(name, stop=stop)

    def define(app: AppBuilder) -> None:
        db = app.add(kind("db"))
        api = app.add(kind("api", together=True).wait_for(db))
        app.add(kind("worker", together=True).with_reference(db.with_http_endpoint()))
        app.add(kind("web").wait_for_start(api))

    async with stage(define) as shown:
        for name in ("web", "worker"):
            await shown.wait_healthy(name)
    assert set(ended[1:3]) == {"api", "worker"} or ended[0] == "web"
    assert ended[0] == "web" and ended[-1] == "db"


async def test_one_that_can_not_be_stopped_holds_up_nobody() -> None:
    """When a dependent can't be stopped, what it depends on must be stopped all the same."""

    async def stop(context: DriverContext) -> None:
        raise OSError("stuck")

    def define(app: AppBuilder) -> None:
        app.add(Odd("api", stop=stop).wait_for(app.add(InMemory("db"))))

    async with stage(define) as shown:
        await shown.wait_healthy("api")
    assert shown.memory("db").events == ["start", "stop"]
    assert shown.states("api")[-1] == "Finished"


async def test_no_patience() -> None:
    """Who cancels the end must not have to wait for it, and no task of the run may go on."""
    gate = asyncio.Event()

    async def stop(context: DriverContext) -> None:
        await gate.wait()

    async with stage(lambda app: app.add(Odd("a", stop=stop))) as shown:
        await shown.wait_healthy("a")
        ending = asyncio.ensure_future(shown.host.close())
        await shown.reach("a", State.STOPPING)
        ending.cancel()
        await asyncio.wait([ending])
        assert ending.cancelled()
    assert not [task for task in asyncio.all_tasks() if " of a" in task.get_name() and not task.done()]


async def test_a_hook_of_the_app_that_raises_starts_nothing() -> None:
    """When the app's own ``on_before_start`` raises, the run must fail with its error and nothing be started."""

    def check() -> None:
        raise ValueError("wrong branch")

    def define(app: AppBuilder) -> None:
        app.on_before_start(check)
        app.add(InMemory("a"))

    host = await Host.open(build(define), RunOptions(isolated=True, environ={}))
    try:
        with pytest.raises(FairleadError, match="on_before_start of the app raised ValueError: wrong branch"):
            await host.start()
        assert host.run.bus.current("a").state is State.NOT_STARTED
    finally:
        await host.close()


async def test_an_empty_app_is_over() -> None:
    """An app without resources must start, be over, and end, also with a hook."""

    def define(app: AppBuilder) -> None:
        app.on_before_start(lambda: None)

    async with stage(define) as shown:
        assert shown.host.is_over


async def test_five_hundred_resources() -> None:
    """A chain of 500 must cost the processor about four times what one of 125 does: nothing may be quadratic."""

    async def cost(length: int) -> float:
        def define(app: AppBuilder) -> None:
            chain = [app.add(InMemory(f"r{number}")) for number in range(length)]
            for before, after in pairwise(chain):
                after.wait_for(before)

        begin = time.thread_time()
        async with stage(define) as shown:
            await shown.reach(f"r{length - 1}", State.RUNNING)
        return time.thread_time() - begin

    assert await cost(500) < 10 * min([await cost(125) for _ in range(2)])


# Values


def provider(gate: asyncio.Event, values: list[str]) -> Any:
    async def run(context: DriverContext) -> int:
        await gate.wait()
        context.set_output("address", values.pop(0))
        await asyncio.get_running_loop().create_future()
        return 0

    return run


async def test_an_output_is_waited_for() -> None:
    """A consumer of an output must wait for it, shown as waiting, though its provider has long been up."""
    gate = asyncio.Event()

    def define(app: AppBuilder) -> None:
        cluster = app.add(Odd("cluster", wait=provider(gate, ["one", "two"])))
        app.add(InMemory("api").with_environment("URL", ref("http://{a}", a=cluster.output("address"))))

    async with stage(define) as shown:
        await shown.wait_healthy("cluster")
        waiting = await shown.reach("api", State.WAITING)
        assert (waiting.waiting_for, waiting.blocked_by) == (("the value of cluster.address",), ("cluster",))
        gate.set()
        await shown.wait_healthy("api")
        assert shown.snapshot("cluster").outputs == ("address",)
        assert shown.memory("api").seen["URL"] == "http://one"
        gate.clear()
        await shown.command("cluster", "restart")
        assert shown.snapshot("cluster").outputs == ()
        await shown.command("api", "restart")
        await shown.reach("api", State.WAITING)
        gate.set()
        await shown.wait_healthy("api")
        assert shown.memory("api").seen["URL"] == "http://two"


async def test_a_value_from_a_callback_is_waited_for() -> None:
    """A value that only a callback brings must be waited for like others, and fail who needs it when it can't come."""

    def define(app: AppBuilder) -> None:
        key = app.add_parameter("key")
        app.add(InMemory("api").with_environment("KEY", lambda: key))

    async with stage(define) as shown:
        waiting = await shown.reach("api", State.WAITING)
        assert waiting.blocked_by == ("key",)
        await shown.host.values.set_parameter("key", "now")
        await shown.wait_healthy("api")
        assert shown.memory("api").seen["KEY"] == "now"
    async with stage(define, FAIL_FAST) as shown:
        assert "key has no value" in (await shown.reach("api", State.FAILED_TO_START)).reason


async def test_optional_references_are_left_out() -> None:
    """An optional reference without a value must be left out of the environment; with one it must be in it."""

    def define(app: AppBuilder) -> None:
        db = app.add_connection_string("db", ref("pg://{p}", p=app.add_parameter("p")))
        app.add(InMemory("early").with_reference(db, optional=True).with_environment("X", 1))
        app.add(InMemory("late").with_reference(db, optional=True).with_explicit_start())

    async with stage(define) as shown:
        await shown.wait_healthy("early")
        assert shown.memory("early").seen == {"X": "1"}
        await shown.host.values.set_parameter("p", "host")
        await shown.wait_for("db", "running")
        await shown.command("late", "start")
        await shown.wait_healthy("late")
        assert shown.memory("late").seen == {"ConnectionStrings__db": "pg://host"}


def port_of(shown: Stage, name: str) -> int:
    resource = shown.app[name]
    return shown.host.run.addresses.host_port(resource, resource.endpoints["http"])


async def test_environment_precedence() -> None:
    """References come first, then the ports of its own endpoints, then what the definition says; later wins."""

    def define(app: AppBuilder) -> None:
        db = app.add(InMemory("db")).with_http_endpoint()
        a = app.add(InMemory("a")).with_reference(db).with_http_endpoint(env="PORT")
        a.with_environment("DB_HTTP", "mine").with_environment("N", 1).with_environment("N", 2)
        b = app.add(InMemory("b")).with_http_endpoint(env="DB_HTTP").with_reference(db, "main")
        b.with_environment("SELF", b.endpoint("http").url)

    async with stage(define) as shown:
        a = (await shown.wait_healthy("a"), shown.memory("a").seen)[1]
        b = (await shown.wait_healthy("b"), shown.memory("b").seen)[1]
        db, own = f"http://localhost:{port_of(shown, 'db')}", f"http://localhost:{port_of(shown, 'b')}"
        assert (a["DB_HTTP"], a["N"], a["services__db__http__0"]) == ("mine", "2", db)
        assert a["PORT"] == str(port_of(shown, "a"))
        assert (b["MAIN_HTTP"], b["DB_HTTP"], b["SELF"]) == (db, own.rpartition(":")[2], own)


# Parameters


def with_parameter(app: AppBuilder, **options: Any) -> None:
    key = app.add_parameter("the-key", **options)
    app.add(InMemory("api").with_environment("KEY", key))


async def value_seen(host: Host) -> str:
    shown = Stage(host)
    await host.start()
    await shown.wait_healthy("api")
    return shown.memory("api").seen["KEY"]


async def test_sources_of_parameters(tmp_path: Path) -> None:
    """Given > environment > .env > stored > pyproject > default: each must win over those behind it."""
    app_file = tmp_path / "app" / "apphost.py"
    app_file.parent.mkdir()
    environ = {"HOME": str(tmp_path), "XDG_RUNTIME_DIR": "", "FAIRLEAD_PARAMETER_THE_KEY": "from the environment"}
    pyproject, dotenv = app_file.with_name("pyproject.toml"), app_file.with_name(".env")
    pyproject.write_text('[tool.fairlead]\nid = "sources"\n[tool.fairlead.parameters]\nthe-key = "from pyproject"\n')
    dotenv.write_text("FAIRLEAD_PARAMETER_THE_KEY='from .env'\n")

    async def run(store: str | None = None, **given: str) -> str:
        app = Apphost(lambda app: with_parameter(app, default="default"), "shop", app_file).build()
        host = await Host.open(app, RunOptions(parameters=given, environ=environ))
        try:
            seen = await value_seen(host)
            if store is not None:
                await host.values.set_parameter("the-key", store, store=True)
            return seen
        finally:
            await host.close()

    assert await run(store="stored", **{"THE-KEY": "given"}) == "given"
    assert await run() == "from the environment"
    del environ["FAIRLEAD_PARAMETER_THE_KEY"]
    assert await run() == "from .env"
    dotenv.unlink()
    assert await run() == "stored"
    (tmp_path / ".config" / "fairlead" / "secrets" / "sources.json").unlink()
    assert await run() == "from pyproject"
    pyproject.write_text('[tool.fairlead]\nid = "sources"\n')
    assert await run() == "default"


async def open_host(tmp_path: Path, **options: Any) -> Host:
    app_file = tmp_path / "apphost.py"
    app = Apphost(lambda app: with_parameter(app, **options), "shop", app_file).build()
    return await Host.open(app, RunOptions(environ={"HOME": str(tmp_path)}))


async def test_a_generated_value_is_stored(tmp_path: Path) -> None:
    """A generated password must be the same in the next run, in a file that only its owner can read."""
    seen = []
    for _ in range(2):
        host = await open_host(tmp_path, default=Generate(), secret=True)
        try:
            seen.append(await value_seen(host))
        finally:
            await host.close()
    assert seen[0] == seen[1] and len(seen[0]) == 22
    (file,) = (tmp_path / ".config" / "fairlead" / "secrets").glob("*.json")
    assert file.stat().st_mode & 0o077 == 0


async def test_a_missing_value_can_be_given(tmp_path: Path) -> None:
    """Without a value a parameter must say what to do, and who needs it wait; once it is given, they must go on."""
    async with stage(with_parameter) as shown:
        missing = await shown.reach("the-key", State.VALUE_MISSING)
        assert "FAIRLEAD_PARAMETER_THE_KEY" in missing.reason and "--parameter the-key=VALUE" in missing.reason
        waiting = await shown.reach("api", State.WAITING)
        assert waiting.blocked_by == ("the-key",)
        with pytest.raises(UsageError, match="no parameter"):
            await shown.host.values.set_parameter("api", "x")
        await shown.host.values.set_parameter("THE-KEY", "x")
        await shown.wait_healthy("api")
        assert shown.memory("api").seen["KEY"] == "x"


async def test_a_damaged_secrets_file(tmp_path: Path) -> None:
    """A secrets file that can't be understood must fail the parameter with its path, and be left as it is."""
    host = await open_host(tmp_path, default=Generate(), secret=True)
    await value_seen(host)
    await host.close()
    (file,) = (tmp_path / ".config" / "fairlead" / "secrets").glob("*.json")
    file.write_text('{"the-key": ')
    host = await open_host(tmp_path, default=Generate(), secret=True)
    try:
        await host.start()
        shown = Stage(host)
        failed = await shown.reach("the-key", State.FAILED_TO_START)
        assert str(file) in failed.reason and "Nothing was changed" in failed.reason
        await shown.until("api", lambda snapshot: str(file) in "".join(snapshot.waiting_for))
    finally:
        await host.close()
    assert file.read_text() == '{"the-key": '


async def test_a_secret_that_can_not_be_stored(tmp_path: Path) -> None:
    """Without a store a generated parameter must fail, as data written with its value could not be read again."""
    (tmp_path / ".config").write_text("a file, where a folder has to be")
    host = await open_host(tmp_path, default=Generate(), secret=True)
    try:
        await host.start()
        shown = Stage(host)
        failed = await shown.reach("the-key", State.FAILED_TO_START)
        assert ".config is not a folder" in failed.reason and "XDG_CONFIG_HOME" in failed.reason
        with pytest.raises(StateError, match="not a folder"):
            await host.values.set_parameter("the-key", "mine", store=True)
        await shown.command("the-key", "restart")
        await shown.reach("the-key", State.FAILED_TO_START)
        await host.values.set_parameter("the-key", "mine")
        await shown.wait_healthy("api")
    finally:
        await host.close()


# External services and connection strings


async def test_an_external_service_is_asked_how_it_is() -> None:
    """An external service must be Active at once, and healthy when it answers; its address may be a parameter."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")

    def define(app: AppBuilder) -> None:
        mail = app.add_external_service("mail", app.add_parameter("mail-url")).with_http_health_check("/up", 204)
        app.add(InMemory("api").with_reference(mail).wait_for(mail))

    with kept_port() as port:
        address = f"http://127.0.0.1:{port}"
        async with stage(define, parameters={"mail-url": address}) as shown:
            sick = await shown.until("mail", lambda snapshot: bool(snapshot.reports))
            assert (sick.state, sick.health) == (State.ACTIVE, HealthStatus.UNHEALTHY)
            await shown.reach("api", State.WAITING)
            async with Listener(answer) as listener:
                await listener.open_tcp(port)
                await shown.wait_healthy("api")
                assert shown.memory("api").seen["MAIL_URL"] == address


async def test_a_connection_string_is_active_and_masked() -> None:
    """A connection string must be Active once it is known, count as ready, and show no secret."""

    def define(app: AppBuilder) -> None:
        password = app.add_parameter("password", secret=True)
        db = app.add_connection_string("db", ref("pg://app:{p:uri}@db/x", p=password))
        app.add(InMemory("api").with_reference(db).wait_for(db))

    async with stage(define, parameters={"password": "p@ss/word"}) as shown:
        await shown.wait_healthy("api")
        assert shown.snapshot("db").state is State.ACTIVE
        assert shown.memory("api").seen["ConnectionStrings__db"] == "pg://app:p%40ss%2Fword@db/x"
        assert "p%40ss" not in str([snapshot.to_json() for snapshot in shown.host.run.bus.all()])


# Values that come late, or not at all


async def test_an_output_for_another_network_only() -> None:
    """What was made known on one network only must not be awaited on another for ever, silently."""

    async def provide(context: DriverContext) -> None:
        context.set_output("config", "/on/the/host", network=Network.CONTAINER)

    def define(app: AppBuilder) -> None:
        provider = app.add(Odd("provider", start=provide))
        app.add(InMemory("consumer")).with_environment("CONFIG", provider.output("config"))

    async with stage(define, FAIL_FAST) as shown:
        failed = await shown.reach("consumer", State.FAILED_TO_START)
        assert "provider has made it known on the network container only" in failed.reason
    async with stage(define) as shown:
        waiting = await shown.reach("consumer", State.WAITING)
        assert "container only" in waiting.waiting_for[0]


@pytest.mark.parametrize("behavior", WaitBehavior)
async def test_a_provider_that_restarts_while_its_consumer_starts(behavior: WaitBehavior) -> None:
    """A value that is gone while a driver works must be waited for visibly, and fail the start where failures count."""
    pulling, gate = asyncio.Event(), asyncio.Event()
    fails = False

    async def provide(context: DriverContext) -> None:
        if fails:
            raise StartError("no disk")
        context.set_output("token", "abc")

    def define(app: AppBuilder) -> None:
        provider = app.add(Odd("provider", start=provide))
        token = provider.output("token")

        async def pull(context: DriverContext) -> None:
            pulling.set()
            await gate.wait()
            await context.resolve(token)

        app.add(Odd("consumer", start=pull)).with_environment("TOKEN", token)

    async with stage(define, behavior) as shown:
        await pulling.wait()
        fails = True
        await shown.command("provider", "restart")
        await shown.reach("provider", State.FAILED_TO_START)
        gate.set()
        if behavior is FAIL_FAST:
            failed = await shown.reach("consumer", State.FAILED_TO_START)
            assert "provider failed to start (no disk)" in failed.reason
            return
        waiting = await shown.reach("consumer", State.WAITING)
        assert waiting.blocked_by == ("provider",)
        fails = False
        await shown.command("provider", "start")
        await shown.wait_healthy("consumer")


async def test_what_is_known_is_told_without_waiting() -> None:
    """A driver must be able to look at a value without waiting for it."""
    seen: list[str | None] = []

    def define(app: AppBuilder) -> None:
        provider = app.add(InMemory("provider")).with_endpoint("tcp", target_port=1234)
        never = provider.output("never")
        port = ref("port {port}", port=provider.endpoint("tcp").port)

        async def look(context: DriverContext) -> None:
            seen.extend([context.known("plain"), context.known(never), context.known(port)])

        app.add(Odd("consumer", start=look))

    async with stage(define) as shown:
        await shown.wait_healthy("consumer")
        assert seen[:2] == ["plain", None]
        assert seen[2] is not None and seen[2].startswith("port ")


async def test_a_restart_under_way_when_the_run_ends() -> None:
    """A restart that waits for its stop when the run ends must not start the program again."""
    gate, stopping = asyncio.Event(), asyncio.Event()

    async def stop(context: DriverContext) -> None:
        stopping.set()
        await gate.wait()

    async with stage(lambda app: app.add(Odd("a", stop=stop))) as shown:
        await shown.wait_healthy("a")
        restarting = asyncio.ensure_future(shown.command("a", "restart"))
        await stopping.wait()
        ending = asyncio.ensure_future(shown.host.stop())
        await asyncio.sleep(0)
        gate.set()
        await ending
        with pytest.raises(NotRunning, match="the run is ending"):
            await restarting
        assert shown.snapshot("a").starts == 1
