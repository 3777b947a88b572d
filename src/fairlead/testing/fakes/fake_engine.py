"""A container engine in memory, which passes the same contract tests as Docker and Podman.

Images are coroutines that a test gives it. Published ports are real ones on loopback. Volumes hold nothing, there is no
isolation, and a network is only a name: a container that wants another one has to be told an address.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Final, TypeVar

from fairlead.engines.container_command import CommandOutput, ContainerCommand, Content, pieces
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
from fairlead.engines.docker import errors
from fairlead.engines.docker.body import create_body
from fairlead.engines.engine_facts import EngineFacts
from fairlead.engines.tasks import Interrupted, unless_set
from fairlead.errors import EngineError, EngineUnavailable
from fairlead.testing.fakes import fake_files
from fairlead.testing.fakes.fake_command import run_command
from fairlead.testing.fakes.fake_container import FakeContainer, FakeFile, Process, Program
from fairlead.testing.fakes.fake_images import FakeImage, FakeImages, image_id
from fairlead.testing.fakes.fake_networks import FakeNetworks
from fairlead.testing.older_names import warn_of_older_name

T = TypeVar("T")

_PIECE: Final = 64 * 1024


class FakeEngine:
    """A container engine in memory.

    Attributes:
        registry: The images that can be pulled; ``add_image`` puts them there.
        delays: Seconds that an operation takes, by the name of its method.
        machine: What ``facts`` says; a test may put others in their place.
        refusals: What an operation is refused with, by the name of its method, until it is taken out again.
        called: The operations asked for so far, by the name of their method.
    """

    name = "docker"
    version = "fake"
    is_desktop = False
    address = "fake://engine"
    certificates = None
    verifies_tls = True
    architecture = "amd64"

    def __init__(self) -> None:
        self._images = FakeImages()
        self.registry = self._images.registry
        self.machine = EngineFacts(
            cgroup_version=2,
            cgroup_driver="systemd",
            limits=frozenset({"memory", "cpu", "cpuset", "pids"}),
            security_options=frozenset({"seccomp"}),
            default_runtime="runc",
            storage_driver="overlay2",
            filesystem="extfs",
            root_folder="/var/lib/docker",
            memory=16 << 30,
            cpus=8,
            kernel="6.1.0",
            operating_system="Debian GNU/Linux 12 (bookworm)",
            machine="fake",
            dns_on_loopback=True,
        )
        self.delays: dict[str, float] = {}
        self.refusals: dict[str, EngineError] = {}
        self.called: list[str] = []
        self._networks = FakeNetworks()
        self._volumes: dict[str, Mapping[str, str]] = {}
        self._containers: dict[str, FakeContainer] = {}
        self._away = asyncio.Event()
        self._ended_at = 0.0

    # What a test does to it

    def add_image(
        self,
        reference: str,
        program: Program,
        *,
        is_there: bool = True,
        user: str = "",
        entrypoint: tuple[str, ...] | None = None,
        command: tuple[str, ...] | None = None,
        env: Mapping[str, str] | None = None,
        has_health_check: bool = False,
        architecture: str | None = None,
    ) -> None:
        """Put an image into the registry and, unless told otherwise, into the engine.

        Args:
            reference: What it is called.
            program: What its containers run: ``async def program(process)``, which returns an exit code or None for 0.
            is_there: Whether the engine has it without pulling it.
            user: Whom the program runs as.
            entrypoint: The program and its first arguments.
            command: The arguments behind them, where a container gives none.
            env: Variables that each of its containers has.
            has_health_check: Whether it has one; its answer is ``engine.container(name).health``.
            architecture: What it is for; by default what the engine runs on.
        """
        info = ImageInfo(
            id=image_id(),
            user=user,
            entrypoint=entrypoint,
            command=command,
            env=env or {},
            has_health_check=has_health_check,
            os="linux",
            architecture=architecture or self.architecture,
        )
        self.registry[reference] = FakeImage(info, program)
        if is_there:
            self._images.local[reference] = self.registry[reference]

    async def go_away(self, *, end_containers: bool = False) -> None:
        """Answer no longer, until ``come_back``.

        Args:
            end_containers: Whether the containers end with it, as those of a Docker that is stopped do.
        """
        self._away.set()
        if end_containers:
            self._ended_at = time.time()
            for container in self._containers.values():
                await container.kill()

    def come_back(self) -> None:
        """Answer again."""
        self._away = asyncio.Event()

    def container(self, name: str) -> FakeContainer:
        """A container, to look into it or to set its health."""
        return self._containers[self._find(name)]

    # The contract

    @property
    def client(self) -> tuple[tuple[str, ...], Mapping[str, str]] | None:
        """It has no command of its own."""
        return None

    async def facts(self) -> EngineFacts:
        """What the test says about it."""
        await self._begin("facts")
        return self.machine

    async def ping(self) -> None:
        """Return when it answers."""
        await self._begin("ping")

    async def has_restarted(self, since: float) -> bool:
        """Whether it went away with its containers after a moment."""
        await self._begin("has_restarted")
        return self._ended_at >= since - 1  # who asks noticed it a little later

    def shorten_timeouts(self) -> None:
        """Change nothing: the fake engine answers at once, or is away."""

    @property
    def verifies(self) -> bool:
        """The older name of ``verifies_tls``."""
        warn_of_older_name("FakeEngine.verifies", "FakeEngine.verifies_tls")
        return self.verifies_tls

    def hurry(self) -> None:
        """The older name of :meth:`shorten_timeouts`."""
        warn_of_older_name("FakeEngine.hurry()", "FakeEngine.shorten_timeouts()")
        self.shorten_timeouts()

    async def close(self) -> None:
        """End what runs."""
        for container in self._containers.values():
            await container.kill()

    async def image(self, reference: str, platform: str | None = None) -> ImageInfo | None:
        """An image that is there, for a platform if one is given, or None."""
        await self._begin("image")
        image = self._images.find(reference, platform)
        return image.info if image else None

    async def pull(self, reference: str, on_progress: Callable[[str], None], platform: str | None = None) -> None:
        """Fetch an image from the registry."""
        on_progress(f"pulling {reference}{f' for {platform}' if platform else ''}")
        await self._begin("pull")
        self._images.pull(reference, platform or self.architecture)
        on_progress(f"pulled {reference} in 0.0 s")

    async def build(self, request: BuildRequest, on_output: Callable[[list[bytes]], None]) -> None:
        """Build an image: its FROM gives the program, which also runs what stands behind RUN."""
        await self._begin("build")
        await self._images.build(request, on_output)

    async def save_images(self, *references: str, platform: str | None = None) -> AsyncGenerator[bytes, None]:
        """An archive of images; only engines of the same test can load it."""
        await self._begin("save_images")
        yield self._images.save(references)

    async def load_images(self, archive: Content) -> list[str]:
        """Take in images from an archive, and return what they are called."""
        await self._begin("load_images")
        return self._images.load(await _whole(archive))

    async def ensure_network(self, name: str, labels: Mapping[str, str], *, subnet: str | None = None) -> NetworkInfo:
        """A network of that name, created if it is missing."""
        await self._begin("ensure_network")
        return self._networks.ensure(name, labels, subnet)

    async def connect_network(
        self, network: str, container: str, *, aliases: tuple[str, ...] = (), address: str | None = None
    ) -> None:
        """Join a container to one more network; ``container(name).aliases`` shows its names there."""
        await self._begin("connect_network")
        self._networks.connect(network, self._containers[self._find(container)], aliases, address)

    async def disconnect_network(self, network: str, container: str) -> None:
        """Take a container off a network; it is fine if it is not on it, or either of them is gone."""
        await self._begin("disconnect_network")
        with contextlib.suppress(KeyError):
            self._networks.disconnect(network, self._containers[self._find(container, KeyError)])

    async def remove_network(self, name: str) -> None:
        """Remove a network by name or id, cutting off what is still on it; one that is not there is fine."""
        await self._begin("remove_network")
        self._networks.remove(name, self._containers.values())

    async def networks(self, labels: Mapping[str, str]) -> list[NetworkInfo]:
        """The networks that carry all these labels."""
        await self._begin("networks")
        return self._networks.list(labels)

    async def ensure_volume(self, name: str, labels: Mapping[str, str]) -> VolumeInfo:
        """A volume of that name, made if it is missing."""
        await self._begin("ensure_volume")
        return VolumeInfo(name, self._volumes.setdefault(name, dict(labels)))

    async def remove_volume(self, name: str) -> None:
        """Remove a volume; one that is not there is fine, one that is in use is an error that names its users."""
        await self._begin("remove_volume")
        users = [
            container.spec.name
            for container in self._containers.values()
            if any(mount.kind == "volume" and mount.source == name for mount in container.spec.mounts)
        ]
        if users:
            raise errors.volume_in_use(name, sorted(users))
        self._volumes.pop(name, None)

    async def volumes(self, labels: Mapping[str, str]) -> list[VolumeInfo]:
        """The volumes that carry all these labels."""
        await self._begin("volumes")
        return [VolumeInfo(name, own) for name, own in self._volumes.items() if labels.items() <= own.items()]

    async def create(self, spec: ContainerSpec) -> str:
        """Create a container and return its id; a taken name is an error that says who has it."""
        body = create_body(spec)
        await self._begin("create")
        what = f"the container '{spec.name}' can't be created"
        if holder := self._by_name(spec.name):
            raise errors.name_taken(spec, holder.info())
        if (image := self._images.find(spec.image, spec.platform)) is None:
            raise errors.explain(EngineError(f"No such image: {spec.image}"), what)
        if spec.network is not None and self._networks.find(spec.network) is None:
            raise errors.explain(EngineError(f"network {spec.network} not found"), what)
        for mount in spec.mounts:
            if mount.kind == "bind" and not Path(str(mount.source)).exists():
                raise errors.explain(EngineError(f"bind source path does not exist: {mount.source}"), what)
            if mount.kind == "volume" and mount.source is not None:
                self._volumes.setdefault(mount.source, {})
        entrypoint = (image.info.entrypoint or ()) if spec.entrypoint is None else spec.entrypoint
        command = (image.info.command if spec.entrypoint is None else ()) if spec.command is None else spec.command
        env = {**image.info.env, **dict(entry.partition("=")[::2] for entry in body["Env"])}
        process = Process((*entrypoint, *(command or ())), env, {}, lambda data, stream: None)
        identity = secrets.token_hex(32)
        self._containers[identity] = FakeContainer(identity, spec, image.program, process, image.info.id)
        return identity

    async def start(self, container: str) -> None:
        """Start a created or ended container; a taken port is an error that names it."""
        await self._begin("start")
        found = self._containers[self._find(container)]
        if not found.is_running:
            await found.start()

    async def stop(self, container: str, grace: float) -> None:
        """TERM, and KILL after so many seconds; one that has ended or is gone is fine."""
        await self._begin("stop")
        with contextlib.suppress(KeyError):
            await self._containers[self._find(container, KeyError)].stop(grace)

    async def kill(self, container: str) -> None:
        """End it at once; one that has ended or is gone is fine."""
        await self._begin("kill")
        with contextlib.suppress(KeyError):
            await self._containers[self._find(container, KeyError)].kill()

    async def remove(self, container: str, *, volumes: bool = True) -> None:
        """Remove it, ending it if need be; one that is gone is fine."""
        await self._begin("remove")
        with contextlib.suppress(KeyError):
            identity = self._find(container, KeyError)
            await self._containers[identity].kill()
            self._containers.pop(identity, None)

    async def inspect(self, container: str) -> ContainerInfo | None:
        """A container by id or name, or None."""
        await self._begin("inspect")
        try:
            return self._containers[self._find(container, KeyError)].info()
        except KeyError:
            return None

    async def usage(self, container: str) -> ContainerUsage | None:
        """What a container uses of the machine: as if it had taken half of a core since its start."""
        await self._begin("usage")
        found = self._containers[self._find(container)]
        return found.usage()

    async def check_health(self, container: str) -> ContainerInfo | None:
        """The same; its health is what the test has set."""
        await self._begin("check_health")
        return await self.inspect(container)

    async def containers(self, labels: Mapping[str, str]) -> list[ContainerInfo]:
        """The containers in whatever state that carry all these labels."""
        await self._begin("containers")
        infos = [container.info() for container in self._containers.values()]
        return [info for info in infos if labels.items() <= info.labels.items()]

    async def put_archive(self, container: str, archive: Content, path: str = "/") -> None:
        """Unpack a tar archive below a path of a container, which need not run."""
        await self._begin("put_archive")
        fake_files.unpack(self._files(container), await _whole(archive), path)

    async def has_path(self, container: str, path: str) -> bool:
        """Whether a file or folder of that path was copied into a container."""
        await self._begin("has_path")
        return fake_files.has_path(self._files(container), path)

    async def get_archive(self, container: str, path: str) -> bytes:
        """A file or folder of a container as a tar archive."""
        await self._begin("get_archive")
        return fake_files.pack(self._files(container), path)

    async def read_archive(self, container: str, path: str) -> AsyncGenerator[bytes, None]:
        """The same in pieces."""
        async for piece in pieces(await self.get_archive(container, path), _PIECE):
            yield piece

    async def logs(
        self, container: str, *, since: float | None = None, follow: bool = True
    ) -> AsyncIterator[OutputChunk]:
        """What a container has written since a moment, and writes until it ends."""
        await self._begin("logs")
        output = self._containers[self._find(container)].output(since, follow)
        while True:
            try:
                yield await self._unless_away(anext(output))
            except StopAsyncIteration:
                return

    @contextlib.asynccontextmanager
    async def open_lines(self, container: str) -> AsyncIterator[AsyncIterator[CommandOutput]]:
        """What a container writes during a block of a line without its end, each time that changes."""
        await self._begin("open_lines")
        changes = self._containers[self._find(container)].open_lines()

        async def until_away() -> AsyncIterator[CommandOutput]:
            with contextlib.suppress(StopAsyncIteration):
                while True:
                    yield await self._unless_away(anext(changes))

        yield until_away()

    async def wait(self, container: str) -> int:
        """Wait until a container has ended, and tell its exit code."""
        await self._begin("wait")
        found = self._containers[self._find(container)]
        await self._unless_away(found.ended.wait())
        return found.info().exit_code or 0

    async def exec(
        self, container: str, argv: tuple[str, ...], *, env: Mapping[str, str] | None = None, user: str | None = None
    ) -> tuple[int, bytes]:
        """Run the image's program with these arguments, beside the one that runs."""
        await self._begin("exec")
        async with self.open_command(container, argv, env=env, user=user) as command:
            output = b"".join([chunk.data async for chunk in command.chunks()])
            return await command.wait(), output

    @contextlib.asynccontextmanager
    async def open_command(
        self,
        container: str,
        argv: tuple[str, ...],
        *,
        stdin: Content | None = None,
        env: Mapping[str, str] | None = None,
        user: str | None = None,
    ) -> AsyncIterator[ContainerCommand]:
        """Run the image's program with these arguments during a block, beside the one that runs."""
        await self._begin("open_command")
        found = self._containers[self._find(container)]
        if not found.is_running:
            raise EngineError(f"'{argv[0]}' can't be run in the container: it is not running.")
        image = self._images.local[found.spec.image]
        async with run_command(found, image.program, argv, env or {}, stdin, self._unless_away) as command:
            yield command

    # What these are made of

    async def _begin(self, operation: str) -> None:
        self.called.append(operation)
        self._check_presence()
        await asyncio.sleep(self.delays.get(operation, 0))
        self._check_presence()
        if operation in self.refusals:
            raise self.refusals[operation]

    def _check_presence(self) -> None:
        if self._away.is_set():
            raise EngineUnavailable(f"the container engine at {self.address} does not answer (it went away).")

    async def _unless_away(self, operation: Awaitable[T]) -> T:
        try:
            return await unless_set(self._away, _awaited(operation), "fake engine")
        except Interrupted:
            self._check_presence()
            raise

    def _files(self, container: str) -> dict[str, FakeFile]:
        return self._containers[self._find(container)].process.files

    def _by_name(self, name: str) -> FakeContainer | None:
        return next((container for container in self._containers.values() if container.spec.name == name), None)

    def _find(self, container: str, missing: type[Exception] = EngineError) -> str:
        for identity, found in self._containers.items():
            if container in (identity, found.spec.name):
                return identity
        raise missing(f"there is no container {container}.")


async def _whole(content: Content) -> bytes:
    return b"".join([piece async for piece in pieces(content, _PIECE)])


async def _awaited(operation: Awaitable[T]) -> T:
    return await operation
