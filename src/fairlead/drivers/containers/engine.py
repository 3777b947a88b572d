"""The container engine of a run: connected to once, watched over, and freed of what earlier runs left there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import Any

from fairlead.drivers.containers.inner_objects import remove_inner_leftovers
from fairlead.drivers.containers.naming import APP, BASE, HOST, LIFETIME, RUN
from fairlead.engines.containers import ContainerEngine, ContainerInfo, NetworkInfo, VolumeInfo
from fairlead.engines.docker import DockerEngine, connect
from fairlead.engines.tasks import run_together
from fairlead.engines.watchdog.guard import Guard
from fairlead.engines.watchdog.host_mark import is_dead
from fairlead.errors import EngineError, EngineUnavailable
from fairlead.model.driving.driver_context import DriverContext
from fairlead.model.lifetime import Lifetime

STOP_GRACE = 10.0
"""Seconds that a container has to end by itself when it is stopped."""


@dataclass(frozen=True, slots=True)
class EngineConnection:
    """The engine that the drivers of a run share."""

    engine: ContainerEngine

    async def close(self) -> None:
        """Close the connection."""
        await self.engine.close()


async def engine_of(context: DriverContext) -> ContainerEngine:
    """The engine of the run. The first call connects, and removes what earlier runs of the app left in it.

    Raises:
        EngineUnavailable: There is none.
    """
    return (await context.shared(EngineConnection, lambda: _open(context))).engine


async def _open(context: DriverContext) -> EngineConnection:
    async with AsyncExitStack() as undo:

        async def connection() -> DockerEngine:
            engine = await connect()
            undo.push_async_callback(engine.close)
            return engine

        # At once: the watchdog is a program to be started, and an engine looks at its own parts before it answers.
        engine, guard = await run_together(connection(), context.guard())
        assert isinstance(guard, Guard)
        engine.guard = guard
        guard.watch_engine(engine.address, engine.certificates, verifies=engine.verifies_tls)
        await _sweep(engine, context)
        undo.pop_all()
    return EngineConnection(engine)


async def _sweep(engine: ContainerEngine, context: DriverContext) -> None:
    try:
        await remove_leftovers(engine, context.app_id, context.run_id, context.app.id)
    except EngineUnavailable:
        raise
    except EngineError as error:  # no reason not to run; what is in the way of something says so itself
        context.log(f"Something of an earlier run is left: {error.message}")


async def remove_leftovers(engine: ContainerEngine, app_id: str, keep_run: str, base: str) -> None:
    """Remove the session objects of an app that belong to other runs, whose hosts must have died.

    Isolated runs live beside others; what they left is removed where their hosts have died. What runs have left inside
    containers that stay is removed as those say (``inner_objects``), where they run.

    Args:
        engine: The engine.
        app_id: The app.
        keep_run: The run whose objects stay.
        base: What isolated runs of the app have in common.

    Raises:
        EngineError: Something could not be removed; the rest is.
    """
    mine, dead = await run_together(_EngineObjects.find(engine, {APP: app_id}), _objects_of_dead_hosts(engine, base))
    leftovers = mine.filter(lambda labels: labels.get(LIFETIME) == Lifetime.SESSION and labels.get(RUN) != keep_run)
    kept = mine.filter(lambda labels: labels.get(LIFETIME) == Lifetime.PERSISTENT).containers
    works = [(container.name, remove_inner_leftovers(engine, container, keep_run)) for container in kept]
    errors: list[BaseException] = []
    await _run_all([("objects", leftovers.union(dead).remove(engine)), *works], errors)
    for error in errors:
        raise error


async def remove_app(engine: ContainerEngine, app_id: str, base: str, *, volumes: bool = False) -> list[str]:
    """Remove everything of an app from an engine, what is persistent included. Its images stay.

    Args:
        engine: The engine.
        app_id: The app.
        base: What isolated runs of the app have in common; what such ones have left is removed as well.
        volumes: Whether to remove its volumes too, and the data in them.

    Returns:
        What was removed, in words.

    Raises:
        EngineError: Something could not be removed; the rest is.
    """
    mine = await _EngineObjects.find(engine, {APP: app_id})
    if not volumes:
        mine = replace(mine, volumes=())
    return await mine.union(await _objects_of_dead_hosts(engine, base)).remove(engine, in_order=not volumes)


async def _objects_of_dead_hosts(engine: ContainerEngine, base: str) -> _EngineObjects:
    """The session objects of an app's runs whose hosts have died."""
    found = await _EngineObjects.find(engine, {BASE: base, LIFETIME: str(Lifetime.SESSION)})
    return found.filter(lambda labels: is_dead(labels.get(HOST, "")))


@dataclass(frozen=True, slots=True)
class _EngineObjects:
    """Containers, networks and volumes of an engine."""

    containers: tuple[ContainerInfo, ...]
    networks: tuple[NetworkInfo, ...]
    volumes: tuple[VolumeInfo, ...]

    @classmethod
    async def find(cls, engine: ContainerEngine, labels: Mapping[str, str]) -> _EngineObjects:
        """The objects with all these labels."""
        containers, networks, volumes = await asyncio.gather(
            engine.containers(labels), engine.networks(labels), engine.volumes(labels)
        )
        return cls(tuple(containers), tuple(networks), tuple(volumes))

    def filter(self, is_wanted: Callable[[Mapping[str, str]], bool]) -> _EngineObjects:
        """The objects whose labels pass a test."""
        return _EngineObjects(
            tuple(one for one in self.containers if is_wanted(one.labels)),
            tuple(one for one in self.networks if is_wanted(one.labels)),
            tuple(one for one in self.volumes if is_wanted(one.labels)),
        )

    def union(self, others: _EngineObjects) -> _EngineObjects:
        """These objects and others."""
        return _EngineObjects(
            self.containers + others.containers, self.networks + others.networks, self.volumes + others.volumes
        )

    async def remove(self, engine: ContainerEngine, *, in_order: bool = False) -> list[str]:
        """Remove them and return what was removed, in words. The first error is raised after all has been tried.

        With ``in_order``, containers are stopped before, so that their data is left in order.
        """
        containers = {one.id: one for one in self.containers}.values()
        networks = {one.id: one for one in self.networks}.values()
        errors: list[BaseException] = []
        works = [(f"container {one.name}", _end(engine, one, not in_order)) for one in containers]
        removed = await _run_all(works, errors)
        removed += await _run_all([(f"network {one.name}", engine.remove_network(one.id)) for one in networks], errors)
        names = sorted({one.name for one in self.volumes})
        removed += await _run_all([(f"volume {name}", engine.remove_volume(name)) for name in names], errors)
        for error in errors:
            raise error
        return removed


async def _end(engine: ContainerEngine, container: ContainerInfo, data_goes: bool) -> None:
    """Remove a container; one whose data stays gets the time to leave it in order."""
    if not data_goes:
        await engine.stop(container.id, STOP_GRACE)
    await engine.remove(container.id)


async def _run_all(works: Sequence[tuple[str, Coroutine[Any, Any, object]]], errors: list[BaseException]) -> list[str]:
    """Run all at once and return the names of those that succeeded; the errors are added to a list."""
    outcomes = await asyncio.gather(*(work for _, work in works), return_exceptions=True)
    errors += [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    return [name for (name, _), outcome in zip(works, outcomes, strict=True) if not isinstance(outcome, BaseException)]
