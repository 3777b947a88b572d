"""Containers: made or reused, followed, kept or removed, and found again when the engine was away."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from urllib.parse import urlsplit

from fairlead.drivers.container_files import archive, member, missing_folders, owner
from fairlead.drivers.container_spec import Desired, changed_fields, desired_container, option_of
from fairlead.drivers.engine import STOP_GRACE, engine_of
from fairlead.drivers.images import ensure_image
from fairlead.drivers.naming import APP, LIFETIME, labels
from fairlead.drivers.network import AppNetwork, network_of
from fairlead.engines.container_command import Stream
from fairlead.engines.containers import ContainerEngine, ContainerInfo, ContainerSpec
from fairlead.engines.tasks import run_together
from fairlead.errors import EngineError, EngineUnavailable, StartError
from fairlead.model.driver import KEPT, Driver, DriverContext, HostCommand, Kept, StopReason
from fairlead.model.health import Health
from fairlead.model.lifetime import Lifetime
from fairlead.model.state import State
from fairlead.resources.container import Container
from fairlead.resources.external import ExternalService
from fairlead.runtime.values.addresses import HOST_FROM_CONTAINER

_RETRY_SECONDS = 1.0
_LOG_DRAIN_SECONDS = 2.0  # without a line, when it has ended by itself; in all, when somebody waits for its stop
_AFTER = 1e-6  # seconds behind a line at which reading goes on; closer than a clock's float can tell
STOP_MARGIN = 30.0
"""Seconds that a stop may take beyond the container's own time: for its log, and for its removal."""
_REUSABLE = ("running", "exited")  # one that was created and never started may lack its files
_KILLED = 137
_UNDONE = {Lifetime.SESSION: "removed", Lifetime.PERSISTENT: "stopped"}


class ContainerDriver(Driver):
    """Runs a container on the app's network."""

    end_state = State.EXITED

    def __init__(self) -> None:
        self._context: DriverContext | None = None
        self._engine: ContainerEngine | None = None
        self._has_health_check = False
        self._memory_limit: str | None = None
        self._id = ""
        self._lifetime = Lifetime.SESSION
        self._grace = STOP_GRACE
        self._following: asyncio.Future[None] | None = None
        self._read_until: float | None = None
        self._chunks_read = 0
        self._open_lines: dict[Stream, bytes] = {}
        self._shows_open_lines = False

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
        self._grace = STOP_GRACE if resource.stop_timeout is None else resource.stop_timeout
        self.stop_timeout = max(self.stop_timeout, self._grace + STOP_MARGIN)
        self._lifetime = Lifetime.SESSION if context.isolated else resource.lifetime
        self._engine = await engine_of(context)
        image, network = await run_together(ensure_image(self.engine, context, resource), network_of(context))
        desired = await desired_container(context, image, network, self._lifetime)
        self._memory_limit = option_of(desired.spec, "--memory", "-m")
        begin = time.time()
        reused = await self._reuse(desired)
        self._id = reused or await self._make(desired, network)
        try:
            self._read_until = begin if reused else None  # what it wrote in earlier runs may be a lot
            self._follow_log()
            network.log_if_host_unreachable(context)
            context.spawn(_note_own_localhost(context, resource), "note of localhost")
            context.report(container=self._id[:12], image=image.reference)
            context.set_output("container", self._id)
        except BaseException:
            await self._undo(self._id, remove=reused is None)
            raise

    async def wait(self) -> int:
        """Wait until the container has ended; an engine that goes away meanwhile is waited for."""
        code, info = await self._end()
        await self._drain_logs(all_that_comes=True)
        if info is not None:
            self.end_reason = why_ended(code, info, self._memory_limit)
        return code

    async def _end(self) -> tuple[int, ContainerInfo | None]:
        while True:
            try:
                code = await self.engine.wait(self._id)
                await self.engine.ping()  # one that shuts down ends its containers first, and then itself
                return code, await self.engine.inspect(self._id)
            except EngineUnavailable as error:
                await self._until_back(error)

    async def stop(self, reason: StopReason) -> int | Kept | None:
        """Stop and remove it; a persistent one stays when the whole run ends, and is only stopped otherwise."""
        if self._lifetime is Lifetime.PERSISTENT and reason is StopReason.RUN_ENDING:
            return KEPT
        if reason is StopReason.RUN_ENDING:
            self.engine.shorten_timeouts()
        try:
            await self.engine.stop(self._id, self._grace)
            await self._drain_logs()
            if self._following is not None and not self._following.done():
                self.context.log("Its last lines may be missing: the engine is behind with its log")
            info = await self.engine.inspect(self._id)
            if self._lifetime is Lifetime.SESSION:
                await self.engine.remove(self._id)
        except EngineUnavailable as error:
            self.context.log(f"It could not be {_UNDONE[self._lifetime]}: {error.message}")
            return None
        return info.exit_code if info else None

    async def health(self) -> Health | None:
        """What the image's own health check says, where it has one; unhealthy as well while somebody pauses it."""
        try:
            info = await self.engine.check_health(self._id)
        except EngineUnavailable:
            if self._has_health_check:
                raise
            return None  # its state says so
        if info is None:
            return Health.unhealthy("the container is gone")
        self._has_health_check = info.health is not None
        if info.state == "paused":
            return Health.unhealthy(f"it is paused; {self.engine.name} unpause {info.name} lets it go on")
        if info.health in (None, "healthy"):
            return Health.healthy()
        said = info.health_log.strip()[-200:]
        return Health.unhealthy(f"the image's health check says {info.health}" + (f": {said}" if said else ""))

    def exec_command(self, argv: tuple[str, ...], *, terminal: bool, child: str | None = None) -> HostCommand:
        """The engine's own ``exec``.

        Raises:
            EngineError: The engine's command is not installed.
        """
        client = self.engine.client
        if client is None:
            raise EngineError(
                f"the command {self.engine.name} was not found, which is needed to run something in a container",
                remedy="Install it.",
            )
        command, env = client
        return HostCommand((*command, "exec", "-i", *(["-t"] if terminal else []), self._id, *argv), env)

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
        if self._lifetime is Lifetime.PERSISTENT and known.labels.get(LIFETIME) == Lifetime.PERSISTENT:
            changed = changed_fields(known.labels, desired.fields)
            if not changed and known.state in _REUSABLE:
                return await self._take(known)
            reason = f"this has changed: {', '.join(changed)}" if changed else f"it was left {known.state}"
            self.context.log(f"Made anew, as {reason}")
            await self.engine.stop(known.id, self._grace)  # its data is kept, so it ends in order
        await self.engine.remove(known.id)
        return None

    async def _take(self, known: ContainerInfo) -> str:
        if known.state != "running":
            await self.engine.start(known.id)
        self.context.log(f"Reusing the container {known.id[:12]}")
        return known.id

    async def _make(self, desired: Desired, network: AppNetwork) -> str:
        context = self.context
        data = Lifetime.SESSION if context.isolated else Lifetime.PERSISTENT
        for volume in desired.volumes:
            found = await self.engine.ensure_volume(volume, labels(context.app_id, context.run_id, data))
            if found.labels.get(APP) != context.app_id:
                context.log(f"Using the volume {volume}, which Fairlead did not make and will not remove")
            elif context.isolated and volume not in network.volumes:
                network.volumes.append(volume)
        made = await self._create(desired.spec)
        try:
            if desired.files:
                uid, gid = await self._owner(made, desired.user)
                folders = await missing_folders(self.engine, made, desired.files)
                await self.engine.put_archive(made, archive(desired.files, uid, gid, folders))
            await self._begin_open_lines(made)
            await self.engine.start(made)
        except BaseException:
            await self._undo(made, remove=True)
            raise
        return made

    async def _create(self, spec: ContainerSpec) -> str:
        """Create it. The engine may only now do what an earlier run had asked for; that container is removed."""
        for is_last in (False, False, True):
            try:
                return await self.engine.create(spec)
            except EngineUnavailable:
                raise
            except EngineError:
                holder = await self.engine.inspect(spec.name)
                if is_last or holder is None or not self._is_superseded(holder):
                    raise
                await self.engine.remove(holder.id)
        raise AssertionError("the last try returns or raises")

    def _is_superseded(self, holder: ContainerInfo) -> bool:
        is_session = holder.labels.get(LIFETIME) == Lifetime.SESSION
        return holder.labels.get(APP) == self.context.app_id and (is_session or holder.state == "created")

    async def _undo(self, container: str, *, remove: bool) -> None:
        """Take back a start that failed or was cancelled: one that was made for it goes, one that was there stops."""
        undoing = self.engine.remove(container) if remove else self.engine.stop(container, self._grace)
        with suppress(EngineError):  # what went wrong before says more
            await asyncio.shield(undoing)

    async def _owner(self, container: str, user: str) -> tuple[int, int]:
        name, _, group = user.partition(":")
        if name in ("", "0", "root") and not group:
            return 0, 0
        return owner(user, *[await self._read(container, path) for path in ("/etc/passwd", "/etc/group")])

    async def _read(self, container: str, path: str) -> bytes:
        try:
            return member(await self.engine.get_archive(container, path))
        except EngineUnavailable:
            raise
        except EngineError:  # an image need not have it
            return b""

    # Following it

    def _follow_log(self) -> None:
        if self._following is None or self._following.done():
            self._following = asyncio.get_running_loop().create_future()
            self.context.spawn(self._follow(self._following), "log")
        if not self._shows_open_lines:
            self.context.spawn(self._show_open_lines(self._id, asyncio.Event()), "open lines")

    async def _begin_open_lines(self, container: str) -> None:
        """Attach to a container before it starts: the first that it writes may be a question."""
        attached = asyncio.Event()
        self.context.spawn(self._show_open_lines(container, attached), "open lines")
        await attached.wait()

    async def _follow(self, done: asyncio.Future[None]) -> None:
        try:
            await self._read_log()
        finally:
            if not done.done():
                done.set_result(None)

    async def _read_log(self) -> None:
        while True:
            try:
                async for chunk in self.engine.logs(self._id, since=self._read_until):
                    self._read_until = chunk.time + _AFTER
                    self._chunks_read += 1
                    self.context.write_lines(chunk.stream, chunk.lines)
                    if open_line := self._open_lines.get(chunk.stream):  # it has begun meanwhile
                        self.context.write_open_line(chunk.stream, open_line)
                return
            except EngineUnavailable:
                await asyncio.sleep(_RETRY_SECONDS)
            except EngineError as error:
                self.context.log(f"Its log can't be read: {error.message}")
                return

    async def _show_open_lines(self, container: str, attached: asyncio.Event) -> None:
        """Show prompts and progress bars, which no log has before their line ends."""
        self._shows_open_lines = True
        try:
            async with self.engine.open_lines(container) as changes:
                attached.set()
                async for stream, text in changes:
                    self._open_lines[stream] = text
                    self.context.write_open_line(stream, text)
        except EngineError:  # who reads the log says so, and begins again when the engine is back
            pass
        finally:
            attached.set()
            for stream in self._open_lines:
                self.context.write_open_line(stream, b"")
            self._open_lines.clear()
            self._shows_open_lines = False

    async def _drain_logs(self, *, all_that_comes: bool = False) -> None:
        """Wait for the rest of its log: an engine gives out a flood of lines slower than it takes it."""
        following = self._following
        while following is not None and not following.done():
            before = self._chunks_read
            await asyncio.wait([following], timeout=_LOG_DRAIN_SECONDS)
            if not all_that_comes or self._chunks_read == before:
                return

    async def _until_back(self, error: EngineUnavailable) -> None:
        """Show that the engine is away, wait until it answers, and see to it that the container runs again."""
        lost = time.time()
        self.context.log(f"Lost the container engine: {error.message}")
        self.context.report(State.RUNTIME_UNHEALTHY)
        while True:
            await asyncio.sleep(_RETRY_SECONDS)
            with suppress(EngineUnavailable):
                await self.engine.ping()
                await self._revive(lost)
                break
        self._follow_log()
        self.context.log("The container engine is back")
        self.context.report(State.RUNNING)

    async def _revive(self, lost: float) -> None:
        """Start the container again if it ended with the engine; one that ended by itself is left at that."""
        info = await self.engine.inspect(self._id)
        if info is None:
            raise EngineError("the container engine is back, and the container is gone")
        if info.state != "running" and await self.engine.has_restarted(lost):
            await self.engine.start(self._id)
            self.context.log("Started again, as it ended with the container engine")


def why_ended(code: int, info: ContainerInfo, memory_limit: str | None) -> str:
    """Why a container has ended by itself, in words; empty where its exit code says all there is to say.

    The kernel kills what has no memory left. Podman does not tell that it did, and Docker only sometimes.
    """
    if info.error:
        return info.error
    if code == _KILLED and info.oom_killed:
        return "it ran out of memory" + (f"; its limit is {memory_limit}" if memory_limit else "")
    if code == _KILLED and memory_limit:
        return f"it was killed; its memory limit is {memory_limit}, so most likely it ran out of memory"
    if info.oom_killed:
        return "one of its processes was killed before, as memory ran out"
    return ""


async def _note_own_localhost(context: DriverContext, resource: Container) -> None:
    for target in {reference.target for reference in resource.references}:
        if isinstance(target, ExternalService):
            host = urlsplit(await context.resolve(target.url)).hostname
            if host in ("localhost", "127.0.0.1", "::1"):
                context.log(
                    f"{host}, in the URL of {target.name}, is this container itself. What listens on all addresses of "
                    f"this machine is at {HOST_FROM_CONTAINER}; what the app runs is reached by a reference to it."
                )
