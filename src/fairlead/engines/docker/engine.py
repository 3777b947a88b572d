"""The container engine, over the Docker Engine API."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Final

from fairlead.engines.container_command import CommandOutput, ContainerCommand, Content
from fairlead.engines.containers import (
    BuildRequest,
    ContainerInfo,
    ContainerSpec,
    ContainerUsage,
    ImageInfo,
    NetworkInfo,
    OutputChunk,
    VolumeInfo,
)
from fairlead.engines.docker import archives, build, commands, images, logs, networks, open_lines, volumes
from fairlead.engines.docker.api import Api
from fairlead.engines.docker.containers import Containers
from fairlead.engines.docker.facts import engine_facts
from fairlead.engines.docker.identity import Identity
from fairlead.engines.docker.transport.client import client_command, client_variables
from fairlead.engines.engine_facts import EngineFacts
from fairlead.engines.watchdog.guard import Guard
from fairlead.errors import EngineUnavailable

ANSWER_TIME: Final = 10.0
"""Seconds in which an engine has to answer that it is there."""


class DockerEngine:
    """An engine that answers; made by ``connect``.

    Belongs to the event loop it was made in. See :class:`fairlead.engines.containers.ContainerEngine` for what its
    methods do.
    """

    def __init__(
        self, api: Api, identity: Identity, environment: Mapping[str, str], guard: Guard | None = None
    ) -> None:
        self.name = identity.name
        self.version = identity.version
        self.is_desktop = identity.is_desktop
        self._api = api
        self._environment = environment
        shares_files = api.candidate.socket is not None and not self.is_desktop
        self._containers = Containers(api, self.name, shares_files, guard)

    @property
    def guard(self) -> Guard | None:
        """Is told what is created and built, so that nothing of it is left should this host die."""
        return self._containers.guard

    @guard.setter
    def guard(self, guard: Guard | None) -> None:
        self._containers.guard = guard

    @property
    def address(self) -> str:
        """Where it is, in the form of DOCKER_HOST."""
        return self._api.candidate.address

    @property
    def certificates(self) -> str | None:
        """The folder with the certificates for its address; None for a plain connection."""
        folder = self._api.candidate.certificates
        return str(folder) if folder else None

    @property
    def client(self) -> tuple[tuple[str, ...], Mapping[str, str]] | None:
        """The engine's own command, with the variables that lead it to this engine; None if it is not installed."""
        command = client_command(self._api.candidate, self.name, self._environment)
        return (command, client_variables(self._api.candidate)) if command else None

    @property
    def verifies_tls(self) -> bool:
        """Whether the engine's own certificate is checked; true as well for a plain connection."""
        return self._api.candidate.certificates is None or self._api.candidate.verify

    async def architecture(self) -> str:
        """What it runs on, such as ``amd64``. Takes an engine a quarter of a second."""
        return await self._api.architecture()

    async def facts(self) -> EngineFacts:
        """What it says about itself and its machine, for which it looks at its own parts and containers."""
        may_be_here = self._api.candidate.socket is not None and not self.is_desktop
        raw = await self._api.call("GET", "info")
        return engine_facts(self.name, raw, socket.gethostname() if may_be_here else None)

    async def ping(self) -> None:
        """Return when it answers, which it has to do in ``ANSWER_TIME`` seconds.

        It is asked on a connection of its own, since one that shuts down still answers on those it has.
        """
        fresh = Api(self._api.candidate, self._environment)
        try:
            async with asyncio.timeout(ANSWER_TIME), fresh.stream("GET", "_ping", versioned=False) as answer:
                await answer.read()
            self._api.note_answer()
        except TimeoutError:
            raise self._api.lost(f"not within {ANSWER_TIME:.0f} s") from None
        finally:
            await fresh.close()

    async def has_restarted(self, since: float) -> bool:
        """Whether the engine was started after a moment: it forgets the events from before its start.

        Podman's containers are no children of its service, and nothing ends with that.
        """
        if self.name == "podman":
            return False
        async with self._api.stream("GET", "events", params={"since": 1, "until": f"{since:.6f}"}) as answer:
            return not (await answer.read()).strip()

    def shorten_timeouts(self) -> None:
        """Take the engine for lost after a shorter silence from now on, because the user waits for the run to end."""
        self._api.shorten_timeouts()

    async def close(self) -> None:
        """Close the connection."""
        await self._api.close()

    # Images

    async def image(self, reference: str, platform: str | None = None) -> ImageInfo | None:
        """An image that is there, for a platform if one is given, or None.

        An engine may hold one name for several platforms. Newer ones show the image that is asked for; of older ones
        that hold several, only the one for their own machine is seen.
        """
        return await images.inspect(self._api, reference, platform)

    async def pull(self, reference: str, on_progress: Callable[[str], None], platform: str | None = None) -> None:
        """Fetch an image, with the credentials that the user has stored; progress comes as lines for a log."""
        await images.pull(self._api, reference, platform, self._environment, on_progress)

    async def push(self, reference: str, on_progress: Callable[[str], None]) -> None:
        """Send an image to its registry, with the credentials that the user has stored."""
        await images.push(self._api, reference, self._environment, on_progress)

    async def tag(self, reference: str, name: str) -> None:
        """Give an image another name."""
        await images.tag(self._api, reference, name)

    async def build(self, request: BuildRequest, on_output: Callable[[list[bytes]], None]) -> None:
        """Build an image. The error shows the line that failed."""
        await build.build(self._api, self.name, request, self._environment, on_output, self.guard)

    async def save_images(self, *references: str, platform: str | None = None) -> AsyncGenerator[bytes, None]:
        """The archive of images with their names, piece by piece."""
        async with contextlib.aclosing(images.save(self._api, references, platform)) as archive:
            async for piece in archive:
                yield piece

    async def load_images(self, archive: Content) -> list[str]:
        """Take in images from an archive, and return what they are called."""
        return await images.load(self._api, archive)

    # Networks and volumes

    async def ensure_network(self, name: str, labels: Mapping[str, str], *, subnet: str | None = None) -> NetworkInfo:
        """A bridge network of that name, created if it is missing."""
        return await networks.ensure_network(self._api, self.guard, name, labels, subnet)

    async def connect_network(
        self, network: str, container: str, *, aliases: tuple[str, ...] = (), address: str | None = None
    ) -> None:
        """Join a container, which need not run, to one more network. One that is on it already stays as it is."""
        await networks.connect_network(self._api, network, container, aliases, address)

    async def disconnect_network(self, network: str, container: str) -> None:
        """Take a container off a network; it is fine if it is not on it, or either of them is gone."""
        await networks.disconnect_network(self._api, network, container)

    async def remove_network(self, name: str) -> None:
        """Remove a network by name or id, cutting off what is still on it; one that is not there is fine."""
        with self._left_to_watchdog():
            await networks.remove_network(self._api, name)

    async def networks(self, labels: Mapping[str, str]) -> list[NetworkInfo]:
        """The networks that carry all these labels."""
        return await networks.list_networks(self._api, labels)

    async def ensure_volume(self, name: str, labels: Mapping[str, str]) -> VolumeInfo:
        """A volume of that name, made if it is missing."""
        return await volumes.ensure_volume(self._api, self.guard, name, labels)

    async def remove_volume(self, name: str) -> None:
        """Remove a volume; one that is not there is fine, one that is in use is an error that names its users."""
        with self._left_to_watchdog():
            await volumes.remove_volume(self._api, name)

    async def volumes(self, labels: Mapping[str, str]) -> list[VolumeInfo]:
        """The volumes that carry all these labels."""
        return await volumes.list_volumes(self._api, labels)

    # Containers

    async def create(self, spec: ContainerSpec) -> str:
        """Create a container and return its id; a taken name is an error that says who has it.

        A call to the engine can't be taken back: when the caller is cancelled meanwhile, what it made is removed again.
        """
        return await self._containers.create(spec)

    async def start(self, container: str) -> None:
        """Start a created or ended container; a taken port is an error that names it."""
        await self._containers.start(container)

    async def stop(self, container: str, grace: float) -> None:
        """TERM (or the image's signal), and KILL after so many seconds; one that has ended or is gone is fine."""
        with self._left_to_watchdog():
            await self._containers.stop(container, grace)

    async def kill(self, container: str) -> None:
        """End it at once; one that has ended or is gone is fine."""
        with self._left_to_watchdog():
            await self._containers.kill(container)

    async def remove(self, container: str, *, volumes: bool = True) -> None:
        """Remove it, ending it if need be, with its anonymous volumes; one that is gone is fine."""
        with self._left_to_watchdog():
            await self._containers.remove(container, volumes=volumes)

    async def inspect(self, container: str) -> ContainerInfo | None:
        """A container by id or name, or None."""
        return await self._containers.inspect(container)

    async def usage(self, container: str) -> ContainerUsage | None:
        """What a container uses of the machine; None for one that does not run. It may take an engine a second."""
        return await self._containers.usage(container)

    async def check_health(self, container: str) -> ContainerInfo | None:
        """The same, with what its image's health check says.

        Podman leaves running it to systemd, which need not be there; it does so when it is asked.
        """
        return await self._containers.check_health(container)

    async def containers(self, labels: Mapping[str, str]) -> list[ContainerInfo]:
        """The containers in whatever state that carry all these labels."""
        return await self._containers.list(labels)

    async def put_archive(self, container: str, archive: Content, path: str = "/") -> None:
        """Unpack a tar archive below a path of a container, which need not run; it may come in pieces."""
        await archives.put_archive(self._api, container, archive, path)

    async def has_path(self, container: str, path: str) -> bool:
        """Whether a container has a file or folder of that path; it need not run."""
        return await archives.has_path(self._api, container, path)

    async def get_archive(self, container: str, path: str) -> bytes:
        """A file or folder of a container as a tar archive."""
        return b"".join([piece async for piece in self.read_archive(container, path)])

    async def read_archive(self, container: str, path: str) -> AsyncGenerator[bytes, None]:
        """The same in pieces, at the pace of the reader."""
        async with contextlib.aclosing(archives.read_archive(self._api, container, path)) as archive:
            async for piece in archive:
                yield piece

    async def logs(
        self, container: str, *, since: float | None = None, follow: bool = True
    ) -> AsyncIterator[OutputChunk]:
        """What a container has written since a moment, and writes until it ends; nothing is lost at its end."""
        podman = self.name == "podman"
        read = logs.read_logs(self._api, container, since=since, follow=follow, follow_loses=podman)
        async with contextlib.aclosing(read):
            async for chunk in read:
                yield chunk

    def open_lines(self, container: str) -> AbstractAsyncContextManager[AsyncIterator[CommandOutput]]:
        """What a container writes during a block of a line without its end, each time that changes."""
        return open_lines.open_lines(self._api, container)

    async def wait(self, container: str) -> int:
        """Wait until a container has ended, and tell its exit code."""
        return await self._containers.wait(container)

    async def exec(
        self, container: str, argv: tuple[str, ...], *, env: Mapping[str, str] | None = None, user: str | None = None
    ) -> tuple[int, bytes]:
        """Run a command in a running container; its exit code and what it wrote to either stream.

        Not for asking often: Podman keeps a process of its own for five minutes after each.
        """
        async with self.open_command(container, argv, env=env, user=user) as command:
            output = b"".join([chunk.data async for chunk in command.chunks()])
            return await command.wait(), output

    def open_command(
        self,
        container: str,
        argv: tuple[str, ...],
        *,
        stdin: Content | None = None,
        env: Mapping[str, str] | None = None,
        user: str | None = None,
    ) -> AbstractAsyncContextManager[ContainerCommand]:
        """Run a command in a running container during a block, with its output as it comes."""
        return commands.open_command(self._api, container, argv, stdin, env or {}, user)

    @contextlib.contextmanager
    def _left_to_watchdog(self) -> Iterator[None]:
        """What can't be ended or removed in the block, because the engine is away, is left to the watchdog."""
        try:
            yield
        except EngineUnavailable:
            if self.guard is not None:
                self.guard.expect_leftovers()
            raise
