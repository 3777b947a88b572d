"""PostgreSQL: a container that is healthy once the server takes connections, and databases that are made in it."""

from __future__ import annotations

from fairlead.drivers.container import ContainerDriver
from fairlead.drivers.engine import engine_of
from fairlead.engines.postgres import check_ready
from fairlead.errors import EngineError, StartError
from fairlead.model.driver import Driver, DriverContext
from fairlead.model.health import Health
from fairlead.resources.postgres import Postgres, PostgresDatabase

_LOOPBACK = "127.0.0.1"


class PostgresDriver(ContainerDriver):
    """Runs a PostgreSQL server."""

    async def health(self) -> Health | None:
        """Healthy when it takes connections."""
        server = self.context.resource
        assert isinstance(server, Postgres)
        user = await self.context.resolve(server.user)
        try:
            await check_ready(_LOOPBACK, self.context.host_port("tcp"), user, "postgres")
        except EngineError as error:
            return Health.unhealthy(error.message)
        return Health.healthy("takes connections")


class DatabaseDriver(Driver):
    """Makes a database when it is missing, by the tools in the server's own container."""

    async def start(self, context: DriverContext) -> None:
        """Make the database unless it is there.

        Raises:
            StartError: The server refuses; the message has its words.
        """
        database = context.resource
        assert isinstance(database, PostgresDatabase)
        engine = await engine_of(context)
        container = await context.resolve(database.server.container_id)
        user = await context.resolve(database.server.user)
        password = await context.resolve(database.server.password)
        name = database.database_name
        argv = ("createdb", "--no-password", "--username", user, "--", name)
        code, output = await engine.exec(container, argv, env={"PGPASSWORD": password})
        text = output.decode("utf-8", "replace").strip()
        if code == 0:
            context.log(f"Made the database {name}")
        elif "already exists" not in text:
            raise StartError(f"the database {name} could not be made: {text}")
        context.report(database=name)

    async def stop(self) -> None:
        """The database stays; it goes with its server's data."""
