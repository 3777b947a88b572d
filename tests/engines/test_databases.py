"""Postgres and Redis as a program uses them: connection strings, passwords, databases, data."""

from __future__ import annotations

from pathlib import Path

import psycopg
import redis.asyncio
from tests.support.containers import container_of, containers, reach, text
from tests.support.engines import ENGINES, EngineHost
from tests.support.waiting import until

from fairlead import AppBuilder
from fairlead.model.health import HealthStatus
from fairlead.model.observation.state import State
from fairlead.testing import Running

ODD_PASSWORD = "p@ss w'ord\"/#%$ü"
ODD_NAME = "Ships & \"Crews\" = 'all'"


async def ask(app: Running, resource: str, sql: str) -> object:
    """The first value that a database answers with."""
    uri = await app.connection_string(resource)
    async with await psycopg.AsyncConnection.connect(uri, autocommit=True, connect_timeout=30) as connection:
        found = await connection.execute(sql.encode())
        row = await found.fetchone() if found.description else None
    return row[0] if row else None


@ENGINES
async def test_databases_are_made_and_made_again(engine_host: EngineHost, tmp_path: Path) -> None:
    """Each database must be there under its own name, whatever it is; also when the server was made anew."""

    def define(app: AppBuilder) -> None:
        password = app.add_parameter("word", secret=True)
        pg = app.add_postgres("pg", user="captain", password=password)
        pg.add_database("orders")
        pg.add_database("odd", ODD_NAME)
        pg.add_database("there-already", "postgres")

    async with containers(define, tmp_path, engine_host, parameters={"word": ODD_PASSWORD}) as app:
        for name, own in (("orders", "orders"), ("odd", ODD_NAME), ("there-already", "postgres")):
            await app.wait_healthy(name)
            assert await ask(app, name, "SELECT current_database()") == own
        assert "Made the database orders" in text(app, "orders")
        assert "Made the database" not in text(app, "there-already")
        await ask(app, "orders", "CREATE TABLE log (line text)")
        before = container_of(app, "pg")

        await app.command("pg", "restart")
        assert app.snapshot("orders").state is not State.RUNNING, "who waits for it must not go on"
        for name in ("orders", "odd"):
            await app.wait_healthy(name)
        assert container_of(app, "pg") != before
        assert await ask(app, "odd", "SELECT current_database()") == ODD_NAME
        assert await ask(app, "orders", "SELECT count(*) FROM pg_tables WHERE tablename = 'log'") == 0


async def test_a_data_volume_keeps_what_is_in_a_database(docker: EngineHost, tmp_path: Path) -> None:
    """With a data volume a server that is started again must have its data, for as long as the run lasts."""

    def define(app: AppBuilder) -> None:
        app.add_postgres("pg").with_data_volume().add_database("orders")

    async with containers(define, tmp_path, docker) as app:
        await app.wait_healthy("orders")
        await ask(app, "orders", "CREATE TABLE log (line text)")
        await app.command("pg", "restart")
        await app.wait_healthy("orders")
        assert await ask(app, "orders", "SELECT count(*) FROM log") == 0


async def test_a_volume_with_another_password_is_noticed(docker: EngineHost, tmp_path: Path) -> None:
    """A server whose data has another password than is promised must be unhealthy, and what waits for it must wait."""
    old = "the-old-password"

    def define(app: AppBuilder) -> None:
        first = app.add_postgres("first", password=app.add_parameter("before", secret=True)).with_data_volume("data")
        word = app.add_parameter("word", secret=True)
        second = app.add_postgres("second", password=word).with_data_volume("data").with_explicit_start()
        second.add_database("orders")
        first.add_database("stock")

    async with containers(define, tmp_path, docker, parameters={"before": old, "word": "the-new-one"}) as app:
        await app.wait_healthy("stock")
        assert "already exists" not in text(app, "first")
        await app.command("first", "stop")
        await app.command("second", "start")
        refused = "most likely the volume holds another password. Give that one to the parameter word"
        await until(lambda: refused in str(app.snapshot("second").reports), "clients are refused", within=100)
        assert app.snapshot("second").health is HealthStatus.UNHEALTHY
        assert "password authentication failed" in str(app.snapshot("second").reports)
        assert app.snapshot("orders").state is State.WAITING


async def test_redis_with_and_without_a_password(docker: EngineHost, tmp_path: Path) -> None:
    """Redis must ask for its password where it has one, show it nowhere, and keep its data in a volume."""

    def define(app: AppBuilder) -> None:
        app.add_redis("open")
        word, bad = app.add_parameter("word", secret=True), app.add_parameter("bad", secret=True)
        app.add_redis("closed", password=word).with_data_volume()
        app.add_redis("odd", password=bad)

    given = {"word": "sesame-p@ss/#%ü", "bad": "open sesame"}
    async with containers(define, tmp_path, docker, parameters=given) as app:
        for name in ("open", "closed"):
            await app.wait_healthy(name)
            async with redis.asyncio.Redis.from_url(await app.connection_string(name)) as client:
                await client.set("key", name)
        port = app.endpoint("closed").rpartition(":")[2]
        async with redis.asyncio.Redis(port=int(port)) as stranger:
            assert "NOAUTH" in await refusal(stranger)

        failed = await reach(app, "odd", State.FAILED_TO_START)
        assert "parameter bad" in failed.reason
        assert "open sesame" not in failed.reason

        container = container_of(app, "closed")
        shown = docker.run("inspect", container) + docker.run("top", container, "-eo", "pid,args")
        assert "redis-server" in shown
        assert given["word"] not in shown + docker.run("logs", container)

        await app.command("closed", "restart")
        await app.wait_healthy("closed")
        async with redis.asyncio.Redis.from_url(await app.connection_string("closed")) as client:
            assert await client.get("key") == b"closed"


async def refusal(client: redis.asyncio.Redis) -> str:
    """What a server says to a client that it does not let in."""
    try:
        await client.get("key")
    except redis.exceptions.AuthenticationError as error:
        return f"NOAUTH {error}"
    return ""
