"""The container engine of a run: connected to once, watched over, and freed of what earlier runs left there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from fairlead.drivers.inner_objects import remove_inner_leftovers
from fairlead.drivers.naming import APP, BASE, HOST, LIFETIME, RUN
from fairlead.engines.containers import ContainerEngine, ContainerInfo, NetworkInfo, VolumeInfo
from fairlead.engines.docker import connect
from fairlead.engines.guard import Guard
from fairlead.engines.host_mark import is_dead
from fairlead.errors import EngineError, EngineUnavailable
from fairlead.model.driver import DriverContext
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
    """The engine of the run. The first who asks connects, and removes what earlier runs of the app left in it.

    Raises:
        EngineUnavailable: There is none.
    """

    async def make() -> EngineConnection:
        guard = await context.guard()
        assert isinstance(guard, Guard)
        engine = await connect(guard=guard)
        try:
            guard.watch_engine(engine.address, engine.certificates, verifies=engine.verifies_tls)
            await _sweep(engine, context)
        except BaseException:
            await engine.close()
            raise
        return EngineConnection(engine)

    return (await context.shared(EngineConnection, make)).engine


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
    mine = await _Objects.find(engine, {APP: app_id})
    leftovers = mine.where(lambda labels: labels.get(LIFETIME) == Lifetime.SESSION and labels.get(RUN) != keep_run)
    kept = mine.where(lambda labels: labels.get(LIFETIME) == Lifetime.PERSISTENT).containers
    inner = [(f"inside {container.name}", remove_inner_leftovers(engine, container, keep_run)) for container in kept]
    await _each([("objects", leftovers.also(await _dead(engine, base)).remove(engine)), *inner])


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
    mine = await _Objects.find(engine, {APP: app_id})
    if not volumes:
        mine = replace(mine, volumes=())
    return await mine.also(await _dead(engine, base)).remove(engine, in_order=not volumes)


async def _dead(engine: ContainerEngine, base: str) -> _Objects:
    """What runs of an app have left whose hosts have died."""
    found = await _Objects.find(engine, {BASE: base, LIFETIME: str(Lifetime.SESSION)})
    return found.where(lambda labels: is_dead(labels.get(HOST, "")))


@dataclass(frozen=True, slots=True)
class _Objects:
    """Things in an engine."""

    containers: tuple[ContainerInfo, ...]
    networks: tuple[NetworkInfo, ...]
    volumes: tuple[VolumeInfo, ...]

    @classmethod
    async def find(cls, engine: ContainerEngine, labels: Mapping[str, str]) -> _Objects:
        """Those with these labels."""
        containers, networks = await engine.containers(labels), await engine.networks(labels)
        return cls(tuple(containers), tuple(networks), tuple(await engine.volumes(labels)))

    def where(self, are_meant: Callable[[Mapping[str, str]], bool]) -> _Objects:
        """Those with such labels."""
        return _Objects(
            tuple(one for one in self.containers if are_meant(one.labels)),
            tuple(one for one in self.networks if are_meant(one.labels)),
            tuple(one for one in self.volumes if are_meant(one.labels)),
        )

    def also(self, others: _Objects) -> _Objects:
        """These and others."""
        return _Objects(
            self.containers + others.containers, self.networks + others.networks, self.volumes + others.volumes
        )

    async def remove(self, engine: ContainerEngine, *, in_order: bool = False) -> list[str]:
        """Remove them, and say what that was; ``in_order`` gives containers the time to leave their data in order."""
        containers = {one.id: one for one in self.containers}.values()
        networks = {one.id: one for one in self.networks}.values()
        removed = await _each((f"container {one.name}", _end(engine, one, not in_order)) for one in containers)
        removed += await _each((f"network {one.name}", engine.remove_network(one.id)) for one in networks)
        volumes = {one.name for one in self.volumes}
        return removed + await _each((f"volume {name}", engine.remove_volume(name)) for name in sorted(volumes))


async def _end(engine: ContainerEngine, container: ContainerInfo, data_goes: bool) -> None:
    """Remove a container; one whose data stays gets the time to leave it in order."""
    if not data_goes:
        await engine.stop(container.id, STOP_GRACE)
    await engine.remove(container.id)


async def _each(works: Iterable[tuple[str, Coroutine[Any, Any, object]]]) -> list[str]:
    """Run all at the same time and return their names. The first error is raised after all have ended."""
    named = [*works]  # names may repeat: an engine that is asked twice may create two networks of one name
    for error in await asyncio.gather(*(work for _, work in named), return_exceptions=True):
        if isinstance(error, BaseException):
            raise error
    return [name for name, _ in named]
