"""PostgreSQL: a container that is healthy once the server takes connections, and databases that are made in it."""

from __future__ import annotations

from fairlead.drivers.container import ContainerDriver
from fairlead.drivers.engine import engine_of, run_of
from fairlead.engines.postgres import check_ready
from fairlead.errors import EngineError, StartError
from fairlead.model.driver import Driver, DriverContext, Forever
from fairlead.model.health import Health
from fairlead.model.state import State
from fairlead.model.wait import WaitKind
from fairlead.resources.postgres import Postgres, PostgresDatabase
from fairlead.runtime.plan import PlannedWait
from fairlead.runtime.snapshot import Snapshot
from fairlead.runtime.waits import judge

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
    """Makes a database when it is missing, by the tools in the server's own container.

    It looks again whenever the server has been started again: without a volume its data went with its container.
    """

    def __init__(self) -> None:
        self._context: DriverContext | None = None

    @property
    def context(self) -> DriverContext:
        """Its start."""
        assert self._context is not None
        return self._context

    @property
    def _database(self) -> PostgresDatabase:
        assert isinstance(self.context.resource, PostgresDatabase)
        return self.context.resource

    async def start(self, context: DriverContext) -> None:
        """Make the database unless it is there.

        Raises:
            StartError: The server refuses; the message has its words.
        """
        self._context = context
        await self._ensure()
        context.report(database=self._database.database_name)

    async def wait(self) -> Forever:
        """Make the database again when the server has been away; never ends.

        Raises:
            StartError: The server refuses.
        """
        bus = (await run_of(self.context)).bus
        server = self._database.server.name

        def is_ready() -> bool:
            return judge(PlannedWait(server, WaitKind.READY), bus.current(server)) is None

        while True:
            starts = bus.current(server).starts
            await bus.wait_until(lambda: _is_away(bus.current(server), starts), [server])  # noqa: B023
            self.context.log(f"Waiting for {server} to be back")
            self.context.report(State.WAITING)
            await bus.wait_until(is_ready, [server])
            await self._ensure()
            self.context.report(State.RUNNING)

    async def stop(self) -> None:
        """The database stays; it goes with its server's data."""

    async def _ensure(self) -> None:
        name = self._database.database_name
        code, text = await self._run("createdb", "--no-password", "--", name)
        if code == 0:
            self.context.log(f"Made the database {name}")
            return
        # Its words may be in any language. The name comes by a variable: an argument may be taken for a whole URI.
        there, _ = await self._run("psql", "--no-password", "--no-psqlrc", "--command", "", PGDATABASE=name)
        if there != 0:
            raise StartError(f"the database {name} could not be made: {text}")

    async def _run(self, *argv: str, **env: str) -> tuple[int, str]:
        server = self._database.server
        engine = await engine_of(self.context)
        container = await self.context.resolve(server.container_id)
        env["PGUSER"] = await self.context.resolve(server.user)
        env["PGPASSWORD"] = await self.context.resolve(server.password)
        code, output = await engine.exec(container, argv, env=env)
        return code, output.decode("utf-8", "replace").strip()


def _is_away(server: Snapshot, starts: int) -> bool:
    return server.state is not State.RUNNING or server.starts != starts
