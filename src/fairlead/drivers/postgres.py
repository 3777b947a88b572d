"""PostgreSQL: a container that is healthy once the server takes connections, and databases that are made in it."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fairlead.drivers.container import ContainerDriver
from fairlead.drivers.containers.engine import engine_of
from fairlead.engines.services.postgres import WRONG_PASSWORD, Refusal, Session, check_ready, session
from fairlead.errors import EngineError, StartError
from fairlead.model.driving.driver import Driver, StopReason
from fairlead.model.driving.driver_context import DriverContext
from fairlead.model.endpoints.consumer import Network
from fairlead.model.health import Health
from fairlead.resources.postgres import MAKE_DATABASE, Postgres, PostgresDatabase

_LOOPBACK = "127.0.0.1"
_NO_CONNECTION = 2  # psql's exit code
_ASK_AGAIN_SECONDS = 30.0
_MADE = "CREATE DATABASE"  # psql's answer to just that
_SCRIPT = f"""\
exec psql --no-password --no-psqlrc --set=ON_ERROR_STOP=1 --set=name="$DATABASE_NAME" --dbname=postgres <<'SQL'
{MAKE_DATABASE}SQL
"""


class PostgresDriver(ContainerDriver):
    """Runs a PostgreSQL server."""

    def __init__(self) -> None:
        super().__init__()
        self._takes_password = False
        self._refusal = ""
        self._ask_again = 0.0

    async def health(self) -> Health | None:
        """Healthy when it takes connections, and the promised password.

        A data volume keeps the password that it was made with, whatever the server is told later.
        """
        server = self.context.resource
        assert isinstance(server, Postgres)
        user = await self.context.resolve(server.user)
        try:
            await check_ready(_LOOPBACK, self.context.host_port("tcp"), user, "postgres")
        except EngineError as error:
            return Health.unhealthy(error.message)
        refusal = await self._refusal_of_clients(server)
        return Health.unhealthy(refusal) if refusal else Health.healthy("takes connections")

    async def _refusal_of_clients(self, server: Postgres) -> str:
        """Why it refuses a client with the promised password; empty when it does not, or that can't be known."""
        if self._takes_password or time.monotonic() < self._ask_again:
            return self._refusal
        self._ask_again = time.monotonic() + _ASK_AGAIN_SECONDS  # a look may be a process in the container
        try:
            async with _session(self.context, server) as session:
                if session.asked_for_password:
                    self._takes_password, self._refusal = True, ""
                    return ""
        except Refusal as refusal:
            if refusal.code == WRONG_PASSWORD:
                self._refusal = _explained(server, refusal.message)
                return self._refusal
        except EngineError:
            pass
        return await self._refusal_of_psql(server)

    async def _refusal_of_psql(self, server: Postgres) -> str:
        """The same by psql in its container, where it trusts this machine or wants what only psql can do."""
        # From its address on the network, as the image trusts whoever comes by the socket or by 127.0.0.1.
        info = await self.engine.inspect(self._id)
        address = next(filter(None, info.networks.values()), None) if info else None
        if address is None:
            return self._refusal
        argv = ("psql", "--no-password", "--no-psqlrc", "--host", address, "--command", "")
        code, words = await run_tool(self.context, server, argv, PGDATABASE="postgres", PGCONNECT_TIMEOUT="3")
        self._takes_password = code != _NO_CONNECTION
        self._refusal = "" if self._takes_password else _explained(server, words)
        return self._refusal


def _explained(server: Postgres, words: str) -> str:
    said = words.rpartition("FATAL:")[2].strip()
    if not any(volume.target == server.data_path for volume in server.volumes):
        return f"it refuses clients: {said}"
    return (
        f"it refuses clients ({said}); most likely the volume holds another password. Give that one to the parameter "
        f"{server.password.name}, or begin with an empty volume: fairlead down --volumes"
    )


@asynccontextmanager
async def _session(context: DriverContext, server: Postgres) -> AsyncIterator[Session]:
    """Log in as its user for a block, through its port of this machine."""
    user, password = await context.resolve(server.user), await context.resolve(server.password)
    port = context.address(server.endpoint("tcp"), Network.HOST).port
    async with session(_LOOPBACK, port, user, password, "postgres") as logged_in:
        yield logged_in


async def run_tool(context: DriverContext, server: Postgres, argv: tuple[str, ...], **env: str) -> tuple[int, str]:
    """Run a program of the server's own container as its user; how it ended, and what it said.

    The password is in its environment: a command line can be seen by everyone.
    """
    engine = await engine_of(context)
    container = await context.resolve(server.container_id)
    env["PGUSER"] = await context.resolve(server.user)
    env["PGPASSWORD"] = await context.resolve(server.password)
    code, output = await engine.exec(container, argv, env=env)
    return code, output.decode("utf-8", "replace").strip()


class DatabaseDriver(Driver):
    """Makes a database when it is missing.

    The runtime starts it again after the server was started again: without a volume its data went with its container.
    """

    async def start(self, context: DriverContext) -> None:
        """Make the database unless it is there.

        Raises:
            StartError: The server refuses; the message has its words.
        """
        database = context.resource
        assert isinstance(database, PostgresDatabase)
        name, server = database.database_name, database.server
        if await _ensure_database(context, server, name):
            context.log(f"Made the database {name}")
        context.report(database=name)

    async def stop(self, reason: StopReason) -> None:
        """The database stays; it goes with its server's data."""


async def _ensure_database(context: DriverContext, server: Postgres, name: str) -> bool:
    """Make a database unless it is there, and return whether it was made."""
    try:
        async with _session(context, server) as logged_in:
            return await logged_in.ensure_database(name)
    except EngineError:  # psql can do more, and its words for what it can't are known
        code, output = await run_tool(context, server, ("sh", "-c", _SCRIPT), DATABASE_NAME=name)
    if code != 0:
        raise StartError(f"the database {name} could not be made: {output}")
    return _MADE in output.splitlines()
