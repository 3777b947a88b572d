"""The container engine of a run: connected to once, watched over, and freed of what earlier runs left there."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass
from typing import Any

from fairlead.drivers.naming import APP, LIFETIME, RUN
from fairlead.engines.containers import ContainerEngine, ContainerInfo
from fairlead.engines.docker import connect
from fairlead.engines.guard import Guard
from fairlead.errors import EngineError, EngineUnavailable, StartError
from fairlead.model.driver import DriverContext
from fairlead.model.lifetime import Lifetime
from fairlead.runtime.run import Run

STOP_GRACE = 10.0
"""Seconds that a container has to end by itself when it is stopped."""


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
        engine = await connect(guard=guard)
        try:
            guard.watch_engine(engine.address, engine.certificates, verifies=engine.verifies)
            await _sweep(engine, context)
        except BaseException:
            await engine.close()
            raise
        return EngineConnection(engine)

    return (await context.shared(EngineConnection, make)).engine


async def _sweep(engine: ContainerEngine, context: DriverContext) -> None:
    try:
        await remove_leftovers(engine, context.app_id, context.run_id)
    except EngineUnavailable:
        raise
    except EngineError as error:  # no reason not to run; what is in the way of something says so itself
        context.log(f"Something of an earlier run is left: {error.message}")


async def remove_leftovers(engine: ContainerEngine, app_id: str, keep_run: str) -> None:
    """Remove the session objects of an app that belong to other runs, whose hosts must have died.

    Args:
        engine: The engine.
        app_id: The app.
        keep_run: The run whose objects stay.

    Raises:
        EngineError: Something could not be removed; the rest is.
    """
    mine = {APP: app_id, LIFETIME: str(Lifetime.SESSION)}
    containers = [one for one in await engine.containers(mine) if one.labels.get(RUN) != keep_run]
    networks = [one for one in await engine.networks(mine) if one.labels.get(RUN) != keep_run]
    await _each((f"container {one.name}", engine.remove(one.id)) for one in containers)
    await _each((f"network {one.name}", engine.remove_network(one.name)) for one in networks)


async def remove_app(engine: ContainerEngine, app_id: str, *, volumes: bool = False) -> list[str]:
    """Remove everything of an app from an engine, what is persistent included. Its images stay.

    Args:
        engine: The engine.
        app_id: The app.
        volumes: Whether to remove its volumes too, and the data in them.

    Returns:
        What was removed, in words.

    Raises:
        EngineError: Something could not be removed; the rest is.
    """
    mine = {APP: app_id}
    containers = await engine.containers(mine)
    networks = await engine.networks(mine)
    kept = await engine.volumes(mine) if volumes else []
    removed = await _each((f"container {one.name}", _end(engine, one, volumes)) for one in containers)
    removed += await _each((f"network {one.name}", engine.remove_network(one.name)) for one in networks)
    return removed + await _each((f"volume {one}", engine.remove_volume(one)) for one in kept)


async def _end(engine: ContainerEngine, container: ContainerInfo, data_goes: bool) -> None:
    """Remove a container; one whose data stays gets the time to leave it in order."""
    if not data_goes:
        await engine.stop(container.id, STOP_GRACE)
    await engine.remove(container.id)


async def _each(deeds: Iterable[tuple[str, Coroutine[Any, Any, None]]]) -> list[str]:
    """Do things at the same time, all of them; what they are called. The first error is raised when all are done."""
    named = dict(deeds)
    for error in await asyncio.gather(*named.values(), return_exceptions=True):
        if isinstance(error, BaseException):
            raise error
    return list(named)
