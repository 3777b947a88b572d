"""Containers: made or reused, followed, kept or removed, and found again when the engine was away."""

from __future__ import annotations

import asyncio
import time

from fairlead.drivers.container_files import archive, member, owner
from fairlead.drivers.container_spec import Desired, changed_fields, desired_container
from fairlead.drivers.engine import STOP_GRACE, engine_of
from fairlead.drivers.images import ensure_image
from fairlead.drivers.naming import APP, labels
from fairlead.drivers.network import AppNetwork, network_of
from fairlead.engines.containers import ContainerEngine, ContainerInfo, ImageInfo
from fairlead.errors import EngineError, EngineUnavailable, StartError
from fairlead.model.driver import Driver, DriverContext
from fairlead.model.health import Health
from fairlead.model.lifetime import Lifetime
from fairlead.model.state import State
from fairlead.resources.container import Container
from fairlead.runtime.spec_key import SpecKey

_RETRY_SECONDS = 1.0
_LOG_DRAIN_SECONDS = 2.0


class ContainerDriver(Driver):
    """Runs a container on the app's network."""

    end_state = State.EXITED

    def __init__(self) -> None:
        self._context: DriverContext | None = None
        self._engine: ContainerEngine | None = None
        self._image: ImageInfo | None = None
        self._id = ""
        self._lifetime = Lifetime.SESSION
        self._following: asyncio.Task[None] | None = None

    @property
    def engine(self) -> ContainerEngine:
        """The engine it runs in."""
        assert self._engine is not None
        return self._engine

    @property
    def context(self) -> DriverContext:
        """Its start."""
        assert self._context is not None
        return self._context

    async def start(self, context: DriverContext) -> None:
        """Get the image, make the container or take the one that is there, copy its files in, and start it.

        Raises:
            EngineUnavailable: There is no engine.
            EngineError: The engine refuses.
            StartError: What it needs of this machine is not there.
        """
        resource = context.resource
        assert isinstance(resource, Container)
        self._context = context
        if resource.replicas > 1:
            context.log(f"A container runs once here; its {resource.replicas} replicas are for the cluster")
        self._lifetime = Lifetime.SESSION if context.isolated else resource.lifetime
        self._engine = await engine_of(context)
        network = await network_of(context)
        reference, self._image = await ensure_image(self.engine, context, resource)
        key = await context.shared(SpecKey, _unprovided)
        desired = await desired_container(
            context, resource, self._image, reference, network.name, network.extra_hosts, self._lifetime, key
        )
        begin = time.time()
        reused = await self._reuse(desired)
        self._id = reused or await self._make(desired, network)
        since = begin if reused else None  # what it wrote in earlier runs may be a lot
        self._following = asyncio.create_task(self._follow(since), name=f"logs of {resource.name}")
        context.report(container=self._id[:12], image=reference)
        context.set_output("container", self._id)

    async def wait(self) -> int:
        """Wait until the container has ended; an engine that goes away meanwhile is waited for."""
        code = await self._exit_code()
        await self._drain_logs()
        info = await self._look()
        if info is not None and info.oom_killed:
            self.context.log("It was ended because it ran out of memory")
        if info is not None and info.error:
            self.context.log(info.error)
        return code

    async def _exit_code(self) -> int:
        while True:
            try:
                return await self.engine.wait(self._id)
            except EngineUnavailable as error:
                await self._until_back(error)

    async def stop(self) -> int | None:
        """Stop and remove it; a persistent one stays when the whole run ends, and is only stopped otherwise."""
        if self._lifetime is Lifetime.PERSISTENT and self.context.ending:
            self.context.log("Kept for the next run")
            self._end_logs()
            return None
        try:
            await self.engine.stop(self._id, STOP_GRACE)
            await self._drain_logs()
            info = await self.engine.inspect(self._id)
            if self._lifetime is Lifetime.SESSION:
                await self.engine.remove(self._id)
        except EngineUnavailable as error:
            self.context.log(f"It could not be removed: {error.message}")
            return None
        finally:
            self._end_logs()
        return info.exit_code if info else None

    async def health(self) -> Health | None:
        """What the image's own health check says, where it has one and the engine runs it."""
        if self._image is None or not self._image.has_health_check or self.engine.name == "podman":
            return None  # Podman leaves running them to systemd, which need not be there
        info = await self.engine.inspect(self._id)
        if info is None or info.health in (None, "healthy"):
            return Health.healthy() if info else Health.unhealthy("the container is gone")
        return Health.unhealthy(f"the image's health check says {info.health}: {info.health_log.strip()[-200:]}")

    # Making it

    async def _reuse(self, desired: Desired) -> str | None:
        """The persistent container that is there, if it is the one that is wanted; another one is removed."""
        known = await self.engine.inspect(desired.spec.name)
        if known is None:
            return None
        if known.labels.get(APP) != self.context.app_id:
            raise StartError(
                f"the name {desired.spec.name} is taken by a container that Fairlead did not make",
                remedy=f"Remove it ({self.engine.name} rm -f {known.name}), or rename the resource.",
            )
        if self._lifetime is Lifetime.PERSISTENT:
            changed = changed_fields(known.labels, desired.fields)
            if not changed:
                return await self._take(known)
            self.context.log(f"Made anew, as this has changed: {', '.join(changed)}")
        await self.engine.remove(known.id)
        return None

    async def _take(self, known: ContainerInfo) -> str:
        if known.state != "running":
            await self.engine.start(known.id)
        self.context.log(f"Reusing the container {known.id[:12]}")
        return known.id

    async def _make(self, desired: Desired, network: AppNetwork) -> str:
        context = self.context
        for volume in desired.volumes:
            await self.engine.ensure_volume(volume, labels(context.app_id, context.run_id, Lifetime.PERSISTENT))
            if context.isolated and volume not in network.volumes:
                network.volumes.append(volume)
        made = await self.engine.create(desired.spec)
        try:
            if desired.files:
                await self._copy_in(made, desired)
            await self.engine.start(made)
        except BaseException:
            await asyncio.shield(self.engine.remove(made))
            raise
        return made

    async def _copy_in(self, container: str, desired: Desired) -> None:
        assert self._image is not None
        passwd = b""
        if self._image.user.partition(":")[0] not in ("", "0", "root"):
            passwd = member(await self.engine.get_archive(container, "/etc/passwd"))
        await self.engine.put_archive(container, archive(desired.files, *owner(self._image.user, passwd)))

    # Following it

    async def _follow(self, since: float | None) -> None:
        last = since
        while True:
            try:
                async for chunk in self.engine.logs(self._id, since=last):
                    last = chunk.time
                    self.context.output(chunk.stream, chunk.lines)
                return
            except EngineUnavailable:
                await asyncio.sleep(_RETRY_SECONDS)
            except EngineError as error:
                self.context.log(f"Its log can't be read: {error.message}")
                return

    async def _drain_logs(self) -> None:
        if self._following is not None:
            await asyncio.wait([self._following], timeout=_LOG_DRAIN_SECONDS)

    def _end_logs(self) -> None:
        if self._following is not None:
            self._following.cancel()

    async def _until_back(self, error: EngineUnavailable) -> None:
        """Show that the engine is away, wait until it answers, and see to it that the container runs again."""
        self.context.log(f"Lost the container engine: {error.message}")
        self.context.report(State.RUNTIME_UNHEALTHY)
        while True:
            await asyncio.sleep(_RETRY_SECONDS)
            try:
                info = await self.engine.inspect(self._id)
                if info is None:
                    raise EngineError("the engine is back, and the container is gone")
                if info.state != "running" and info.exit_code != 0:  # one that has ended well is left at that
                    await self.engine.start(self._id)
                break
            except EngineUnavailable:
                continue
        self.context.log("The container engine is back")
        self.context.report(State.RUNNING)

    async def _look(self) -> ContainerInfo | None:
        try:
            return await self.engine.inspect(self._id)
        except EngineError:
            return None


async def _unprovided() -> SpecKey:
    return SpecKey(None)
