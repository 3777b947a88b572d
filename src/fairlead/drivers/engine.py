"""The container engine of a run: connected to once, watched over, and freed of what earlier runs left there."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from fairlead.drivers.naming import APP, LIFETIME, RUN
from fairlead.engines.containers import ContainerEngine
from fairlead.engines.docker import connect
from fairlead.engines.guard import Guard
from fairlead.errors import StartError
from fairlead.model.driver import DriverContext
from fairlead.model.lifetime import Lifetime
from fairlead.runtime.run import Run


@dataclass(frozen=True, slots=True)
class EngineConnection:
    """The engine that the drivers of a run share."""

    engine: ContainerEngine

    async def close(self) -> None:
        """Close the connection."""
        await self.engine.close()


async def run_of(context: DriverContext) -> Run:
    """The run that a driver is part of, for what concerns the app as a whole."""

    async def unprovided() -> Run:
        raise StartError("this driver can only be used by Fairlead's own runtime")

    return await context.shared(Run, unprovided)


async def guard_of(context: DriverContext) -> Guard:
    """The watchdog of the run."""
    return await context.shared(Guard, lambda: Guard.start(context.app_id, context.run_id))


async def engine_of(context: DriverContext) -> ContainerEngine:
    """The engine of the run. The first who asks connects, and removes what earlier runs of the app left in it.

    Raises:
        EngineUnavailable: There is none.
    """

    async def make() -> EngineConnection:
        guard = await guard_of(context)
        engine = await connect()
        try:
            guard.watch_engine(engine.address)
            await remove_leftovers(engine, context.app_id, context.run_id)
        except BaseException:
            await engine.close()
            raise
        return EngineConnection(engine)

    return (await context.shared(EngineConnection, make)).engine


async def remove_leftovers(engine: ContainerEngine, app_id: str, keep_run: str) -> None:
    """Remove the session objects of an app that belong to other runs, whose hosts must have died.

    Args:
        engine: The engine.
        app_id: The app.
        keep_run: The run whose objects stay.
    """
    mine = {APP: app_id, LIFETIME: str(Lifetime.SESSION)}
    async with asyncio.TaskGroup() as group:
        for container in await engine.containers(mine):
            if container.labels.get(RUN) != keep_run:
                group.create_task(engine.remove(container.id))
    for network in await engine.networks(mine):
        if network.labels.get(RUN) != keep_run:
            await engine.remove_network(network.name)


async def remove_app(engine: ContainerEngine, app_id: str, *, volumes: bool = False) -> list[str]:
    """Remove everything of an app from an engine, what is persistent included.

    Args:
        engine: The engine.
        app_id: The app.
        volumes: Whether to remove its volumes too, and the data in them.

    Returns:
        What was removed, in words.
    """
    removed: list[str] = []
    for container in await engine.containers({APP: app_id}):
        await engine.remove(container.id)
        removed.append(f"container {container.name}")
    for network in await engine.networks({APP: app_id}):
        await engine.remove_network(network.name)
        removed.append(f"network {network.name}")
    for volume in await engine.volumes({APP: app_id}) if volumes else []:
        await engine.remove_volume(volume)
        removed.append(f"volume {volume}")
    return removed
