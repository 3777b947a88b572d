"""Containers: made or reused, followed, kept or removed, and found again when the engine was away."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Literal
from urllib.parse import urlsplit

from fairlead.drivers.containers.command_loop import CheckCommand, check_command
from fairlead.drivers.containers.engine import STOP_GRACE, engine_of
from fairlead.drivers.containers.files import archive, by_place, first_file, missing_folders, owner_ids
from fairlead.drivers.containers.images import PresentImage, build_again, ensure_image
from fairlead.drivers.containers.log import RETRY_SECONDS, ContainerLog
from fairlead.drivers.containers.naming import APP, LIFETIME, labels
from fairlead.drivers.containers.network import AppNetwork, network_of
from fairlead.drivers.containers.spec import Additions, Desired, changed_fields, desired_container, option_of
from fairlead.drivers.containers.sync import check_sync_targets, copy_changes, files_at_start
from fairlead.drivers.containers.volume_data import delete_data_commands, remove_data
from fairlead.engines.containers import ContainerEngine, ContainerInfo, ContainerSpec
from fairlead.engines.tasks import run_together
from fairlead.errors import EngineError, EngineUnavailable, StartError
from fairlead.model.command import Command
from fairlead.model.driving.driver import KEPT, Driver, FileChange, HostCommand, Kept, StopReason
from fairlead.model.driving.driver_context import DriverContext
from fairlead.model.endpoints.placement import HOST_FROM_CONTAINER
from fairlead.model.health import Health
from fairlead.model.lifetime import Lifetime
from fairlead.model.observation.state import State
from fairlead.model.observation.usage import ResourceUse
from fairlead.resources.container import Container
from fairlead.resources.external import ExternalService

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
        self._user = ""
        self._lifetime = Lifetime.SESSION
        self._grace = STOP_GRACE
        self._log: ContainerLog | None = None
        self._undoing: Literal["remove", "stop"] | None = None
        self._data_goes = False
        self._check_commands: dict[tuple[str, ...], CheckCommand] = {}

    @property
    def engine(self) -> ContainerEngine:
        """The engine it runs in."""
        assert self._engine is not None
        return self._engine

    @property
    def is_reused(self) -> bool:
        """Whether its container was there before its start."""
        return self._undoing != "remove"

    @property
    def log(self) -> ContainerLog:
        """Its log."""
        assert self._log is not None
        return self._log

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
        self._log = ContainerLog(context, self._engine)
        image, network = await run_together(ensure_image(self.engine, context, resource), network_of(context))
        additions = await self.additions(image, network)
        desired = await desired_container(context, image, network, self._lifetime, additions)
        check_sync_targets(resource, desired.spec)
        self._user = desired.user
        self._memory_limit = option_of(desired.spec, "--memory", "-m")
        try:
            await self._bring_up(desired, network)
        except BaseException:
            await self._undo()
            raise
        network.log_if_host_unreachable(context)
        _note_own_localhost(context, resource)
        context.report(container=self._id[:12], image=image.reference)
        context.set_output("container", self._id)

    async def additions(self, image: PresentImage, network: AppNetwork) -> Additions:
        """What the kind adds to the container that the definition describes; a kind may override it.

        Args:
            image: Its image, which is there.
            network: The network that it joins.
        """
        return Additions()

    def what_is_lost(self) -> str:
        """What becomes of a kept container's data when it is created anew, where that is worth saying."""
        return ""

    async def wait(self) -> int:
        """Wait until the container has ended; an engine that goes away meanwhile is waited for."""
        code, info = await self._end()
        await self.log.drain(all_that_comes=True)
        if info is not None:
            self.end_reason = why_ended(code, info, self._memory_limit)
            self.end_remedy = remedy_for_end(code, info, self._memory_limit)
        return code

    async def _end(self) -> tuple[int, ContainerInfo | None]:
        while True:
            try:
                code = await self.engine.wait(self._id)
                await self.engine.ping()  # one that shuts down ends its containers first, and then itself
                return code, await self.engine.inspect(self._id)
            except EngineUnavailable as error:
                await self._wait_for_engine(error)

    async def stop(self, reason: StopReason) -> int | Kept | None:
        """Stop and remove it; a persistent one stays when the whole run ends, and is only stopped otherwise."""
        if self._lifetime is Lifetime.PERSISTENT and reason is StopReason.RUN_ENDING:
            return KEPT
        if reason is StopReason.RUN_ENDING:
            self.engine.shorten_timeouts()
        try:
            await self.engine.stop(self._id, self._grace)
            await self.log.drain()
            if self.log.is_behind:
                self.context.log("Its last lines may be missing: the engine is behind with its log")
            info = await self.engine.inspect(self._id)
            if self._lifetime is Lifetime.SESSION or self._data_goes:
                await self.engine.remove(self._id)
            if self._data_goes:
                await remove_data(self.context, self.engine)
        except EngineUnavailable as error:
            self.context.log(f"It could not be {_UNDONE[self._lifetime]}: {error.message}")
            return None
        return info.exit_code if info else None

    async def health(self) -> Health | None:
        """What the image's own health check says, where it has one; unhealthy as well while it is paused."""
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

    async def run_check(self, argv: tuple[str, ...]) -> tuple[int, bytes]:
        """Run a command in the container, by a shell that stays there if the image has one."""
        command = self._check_commands.get(argv)
        if command is None:
            context = self.context
            command = await check_command(self.engine, self._id, argv, context.spawn, context.log)
            self._check_commands[argv] = command
        return await command.run()

    def commands(self) -> Sequence[Command]:
        """Deleting its data, where it has some of its own."""
        return delete_data_commands(self.context, self._delete_data)

    async def _delete_data(self) -> str:
        self._data_goes = True
        self.context.restart()
        return f"{self.context.resource.name} starts again, empty"

    async def usage(self) -> ResourceUse | None:
        """What the engine says that it uses."""
        use = await self.engine.usage(self._id)
        if use is None:
            return None
        return ResourceUse(use.cpu_seconds, use.memory, use.memory_limit, use.measured_at)

    def exec_command(self, argv: tuple[str, ...], *, terminal: bool, child: str | None = None) -> HostCommand | None:
        """The engine's own ``exec``.

        Raises:
            EngineError: The engine's command is not installed.
        """
        return exec_in(self.engine, self._id, argv, terminal=terminal)

    async def rebuild(self) -> None:
        """Build its image again, with the output in its log."""
        await build_again(self.engine, self.context, self._resource)

    async def sync(self, changes: Sequence[FileChange]) -> None:
        """Copy changed files in, owned by the user that it runs as, and remove what is gone."""
        self.context.log(await self._copy(changes))

    @property
    def _resource(self) -> Container:
        resource = self.context.resource
        assert isinstance(resource, Container)
        return resource

    async def _copy(self, changes: Sequence[FileChange]) -> str:
        return await copy_changes(self.engine, self._id, changes, await self._owner(self._id, self._user))

    # Bringing it up

    async def _bring_up(self, desired: Desired, network: AppNetwork) -> None:
        begin = time.time()
        existing = await self._existing(desired)
        if existing is None:
            await self._create_and_start(desired, network)
        else:
            self._id = existing.id
            await self._copy_at_start()
            if existing.state != "running":
                self._undoing = "stop"
                await self.engine.start(self._id)
            self.context.log(f"Reusing the container {self._id[:12]}")
        self.log.follow(self._id, begin if existing else None)  # what it wrote in earlier runs may be a lot

    async def _existing(self, desired: Desired) -> ContainerInfo | None:
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
                return known
            reason = f"this has changed: {', '.join(changed)}" if changed else f"it was left {known.state}"
            lost = self.what_is_lost()
            self.context.log(f"Recreated: {reason}{f'; {lost}' if lost else ''}")
            await self.engine.stop(known.id, self._grace)  # its data is kept, so it ends in order
        await self.engine.remove(known.id)
        return None

    async def _create_and_start(self, desired: Desired, network: AppNetwork) -> None:
        context = self.context
        data = Lifetime.SESSION if context.isolated else Lifetime.PERSISTENT
        for name in desired.volumes:
            volume = await self.engine.ensure_volume(name, labels(context.app_id, context.run_id, data))
            if volume.labels.get(APP) != context.app_id:
                context.log(f"Using the volume {name}, which Fairlead did not make and will not remove")
            elif context.isolated and name not in network.volumes:
                network.volumes.append(name)
        self._id = await self._create(desired.spec)
        self._undoing = "remove"
        if desired.files:
            uid, gid = await self._owner(self._id, desired.user)
            for place, files in by_place(desired.files, desired.file_volumes).items():
                missing = await missing_folders(self.engine, self._id, files)
                folders = [folder for folder in missing if folder.startswith(f"{place.rstrip('/')}/")]
                await self.engine.put_archive(self._id, archive(files, uid, gid, folders, place), place)
        await self._copy_at_start()
        await self.log.begin_open_lines(self._id)
        await self.engine.start(self._id)

    async def _copy_at_start(self) -> None:
        """Give it the watched files as they are now."""
        if files := await asyncio.to_thread(files_at_start, self.context.app, self._resource):
            self.context.log(f"{await self._copy(files)}, as its watch says")

    async def _undo(self) -> None:
        """Take back a start that failed or was cancelled: a new container goes, and one that it started stops.

        A container that was kept and ran already is left as it was.
        """
        if self._undoing is None:
            return
        removes = self._undoing == "remove"
        undoing = self.engine.remove(self._id) if removes else self.engine.stop(self._id, self._grace)
        with suppress(EngineError):  # what went wrong before says more
            await asyncio.shield(undoing)

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

    async def _owner(self, container: str, user: str) -> tuple[int, int]:
        name, _, group = user.partition(":")
        if name in ("", "0", "root") and not group:
            return 0, 0
        return owner_ids(user, *[await self._read(container, path) for path in ("/etc/passwd", "/etc/group")])

    async def _read(self, container: str, path: str) -> bytes:
        try:
            return first_file(await self.engine.get_archive(container, path))
        except EngineUnavailable:
            raise
        except EngineError:  # an image need not have it
            return b""

    # When the engine was away

    async def _wait_for_engine(self, error: EngineUnavailable) -> None:
        """Show that the engine is away, wait until it answers, and see to it that the container runs again."""
        lost = time.time()
        self.context.log(f"Lost the container engine: {error.message}")
        self.context.report(State.RUNTIME_UNHEALTHY)
        while True:
            await asyncio.sleep(RETRY_SECONDS)
            with suppress(EngineUnavailable):
                await self.engine.ping()
                await self._restart_after_engine(lost)
                break
        self.log.follow(self._id)
        self.context.log("The container engine is back")
        self.context.report(State.RUNNING)

    async def _restart_after_engine(self, lost: float) -> None:
        """Start the container again if it ended with the engine; one that ended by itself is left at that."""
        info = await self.engine.inspect(self._id)
        if info is None:
            raise EngineError("the container engine is back, and the container is gone")
        if info.state != "running" and await self.engine.has_restarted(lost):
            await self.engine.start(self._id)
            self.context.log("Started again, as it ended with the container engine")


def exec_in(engine: ContainerEngine, container: str, argv: tuple[str, ...], *, terminal: bool) -> HostCommand:
    """What to run on this machine so that a command runs in a container.

    Args:
        engine: The container's engine.
        container: Its id.
        argv: The command.
        terminal: Whether a user at a terminal runs it.

    Raises:
        EngineError: The engine's command is not installed.
    """
    if engine.client is None:
        raise EngineError(
            f"the command {engine.name} was not found, which is needed to run something in a container",
            remedy="Install it.",
        )
    command, env = engine.client
    return HostCommand((*command, "exec", "-i", *(["-t"] if terminal else []), container, *argv), env)


def why_ended(code: int, info: ContainerInfo, memory_limit: str | None) -> str:
    """Why a container has ended by itself, in words; empty where its exit code says all there is to say.

    The kernel kills what has no memory left. Podman does not tell that it did, and Docker only sometimes.
    """
    if info.error:
        return info.error
    if code == _KILLED and info.oom_killed:
        limit = _in_mebibytes(info.memory_limit)
        return "it ran out of memory" + (f"; it used {limit} of {limit}" if limit else "")
    if code == _KILLED and memory_limit:
        return f"it was killed; its memory limit is {memory_limit}, so most likely it ran out of memory"
    if info.oom_killed:
        return "one of its processes was killed before, as memory ran out"
    return ""


def remedy_for_end(code: int, info: ContainerInfo, memory_limit: str | None) -> str:
    """What to do about the end of a container; empty where nothing is known."""
    if code == _KILLED and memory_limit and not info.error:
        return f'Give it more memory than {memory_limit}: with_memory("…").'
    if code == _KILLED and info.oom_killed:
        return "Free memory on this machine, or let the container need less."
    return ""


def _in_mebibytes(size: int | None) -> str:
    """The kernel ends what has reached its limit, so that the limit is also what was used."""
    return "" if size is None else f"{size / 2**20:.10g} MiB"


def _note_own_localhost(context: DriverContext, resource: Container) -> None:
    """Say that localhost is the container itself, where a URL that it refers to is known and names it."""
    for target in {reference.target for reference in resource.references}:
        if isinstance(target, ExternalService):
            host = urlsplit(context.known(target.url) or "").hostname
            if host in ("localhost", "127.0.0.1", "::1"):
                context.log(
                    f"{host}, in the URL of {target.name}, is this container itself. What listens on all addresses of "
                    f"this machine is at {HOST_FROM_CONTAINER}; what the app runs is reached by a reference to it."
                )
