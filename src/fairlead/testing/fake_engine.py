"""A container engine in memory, which passes the same contract tests as Docker and Podman.

Images are coroutines that a test gives it. Published ports are real ones on loopback. Volumes hold nothing, there is no
isolation, and a network is only a name: a container that wants another one has to be told an address.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import secrets
import tarfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from fairlead.engines.containers import (
    BuildRequest,
    ContainerInfo,
    ContainerSpec,
    ImageInfo,
    NetworkInfo,
    OutputChunk,
    VolumeInfo,
)
from fairlead.engines.docker import errors
from fairlead.engines.docker.body import create_body
from fairlead.engines.docker.build import check, explain_build, instructions
from fairlead.engines.docker.images import explain_pull
from fairlead.errors import EngineError, EngineUnavailable
from fairlead.testing.fake_container import FakeContainer, FakeFile, Process, Program
from fairlead.testing.older_names import warn_of_older_name

T = TypeVar("T")


@dataclass
class FakeImage:
    """An image: what the engine shows of it, and the program that its containers run."""

    info: ImageInfo
    program: Program
    labels: Mapping[str, str] = field(default_factory=dict)


class FakeEngine:
    """A container engine in memory.

    Attributes:
        registry: The images that can be pulled; ``add_image`` puts them there.
        delays: Seconds that an operation takes, by the name of its method.
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
        self.registry: dict[str, FakeImage] = {}
        self.delays: dict[str, float] = {}
        self.refusals: dict[str, EngineError] = {}
        self.called: list[str] = []
        self._images: dict[str, FakeImage] = {}
        self._networks: dict[str, NetworkInfo] = {}
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
            id=f"sha256:{secrets.token_hex(32)}",
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
            self._images[reference] = self.registry[reference]

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
        image = self._images.get(reference)
        return image.info if image and (platform is None or image.info.is_for(platform)) else None

    async def pull(self, reference: str, on_progress: Callable[[str], None], platform: str | None = None) -> None:
        """Fetch an image from the registry."""
        on_progress(f"pulling {reference}{f' for {platform}' if platform else ''}")
        await self._begin("pull")
        if reference not in self.registry:
            raise explain_pull(reference, "manifest unknown", platform or self.architecture, False)
        self._images[reference] = self.registry[reference]
        on_progress(f"pulled {reference} in 0.0 s")

    async def build(self, request: BuildRequest, on_output: Callable[[list[bytes]], None]) -> None:
        """Build an image: its FROM gives the program, which also runs what stands behind RUN."""
        await self._begin("build")
        check(request)
        said: list[str] = []

        def say(data: bytes, stream: str = "stdout") -> None:
            lines = data.decode().splitlines()
            said.extend(lines)
            on_output([line.encode() for line in lines])

        steps = list(instructions(request.dockerfile_path.read_text()))
        image = None
        for place, (number, text) in enumerate(steps, 1):
            say(f"Step {place}/{len(steps)} : {text}".encode())
            word, _, rest = text.partition(" ")
            if word == "FROM":
                image = self._images.get(rest.partition(" ")[0])
            if word == "FROM" and image is None:
                raise explain_build(request, said, f"No such image: {rest}")
            if word == "RUN" and image is not None:
                files = {f"/run/secrets/{name}": FakeFile(text.encode()) for name, text in request.secrets.items()}
                code = await image.program(Process(("sh", "-c", rest), dict(request.args), files, say)) or 0
                if code:
                    raise explain_build(request, said, f"the command '{rest}' returned a non-zero code: {code}")
            if word not in ("FROM", "RUN", "ARG", "LABEL", "COPY", "ENV", "WORKDIR", "USER", "EXPOSE"):
                raise explain_build(request, said, f"dockerfile parse error line {number}: unknown instruction: {word}")
        if image is None:
            raise explain_build(request, said, "no build stage in current context")
        self._images[request.tag] = FakeImage(image.info, image.program, request.labels)

    async def ensure_network(self, name: str, labels: Mapping[str, str]) -> NetworkInfo:
        """A network of that name, made if it is missing."""
        await self._begin("ensure_network")
        made = NetworkInfo(secrets.token_hex(32), name, "127.0.0.1", dict(labels))
        return self._networks.setdefault(name, made)

    async def remove_network(self, name: str) -> None:
        """Remove a network by name or id, cutting off what is still on it; one that is not there is fine."""
        await self._begin("remove_network")
        name = next((each.name for each in self._networks.values() if each.id == name), name)
        self._networks.pop(name, None)
        for container in self._containers.values():
            container.networks.pop(name, None)

    async def networks(self, labels: Mapping[str, str]) -> list[NetworkInfo]:
        """The networks that carry all these labels."""
        await self._begin("networks")
        return [network for network in self._networks.values() if labels.items() <= network.labels.items()]

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
        if spec.image not in self._images or await self.image(spec.image, spec.platform) is None:
            raise errors.explain(EngineError(f"No such image: {spec.image}"), what)
        if spec.network is not None and spec.network not in self._networks:
            raise errors.explain(EngineError(f"network {spec.network} not found"), what)
        for mount in spec.mounts:
            if mount.kind == "bind" and not Path(str(mount.source)).exists():
                raise errors.explain(EngineError(f"bind source path does not exist: {mount.source}"), what)
            if mount.kind == "volume" and mount.source is not None:
                self._volumes.setdefault(mount.source, {})
        image = self._images[spec.image]
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

    async def check_health(self, container: str) -> ContainerInfo | None:
        """The same; its health is what the test has set."""
        await self._begin("check_health")
        return await self.inspect(container)

    async def containers(self, labels: Mapping[str, str]) -> list[ContainerInfo]:
        """The containers in whatever state that carry all these labels."""
        await self._begin("containers")
        infos = [container.info() for container in self._containers.values()]
        return [info for info in infos if labels.items() <= info.labels.items()]

    async def put_archive(self, container: str, archive: bytes, path: str = "/") -> None:
        """Unpack a tar archive below a path of a container, which need not run."""
        await self._begin("put_archive")
        files = self._containers[self._find(container)].process.files
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            for entry in tar:
                if content := tar.extractfile(entry):
                    where = f"{path.rstrip('/')}/{entry.name.removeprefix('./')}"
                    files[where] = FakeFile(content.read(), entry.uid, entry.gid, entry.mode)

    async def has_path(self, container: str, path: str) -> bool:
        """Whether a file or folder of that path was copied into a container."""
        await self._begin("has_path")
        files = self._containers[self._find(container)].process.files
        return any(f"{name}/".startswith(f"{path.rstrip('/')}/") for name in files)

    async def get_archive(self, container: str, path: str) -> bytes:
        """A file or folder of a container as a tar archive."""
        await self._begin("get_archive")
        path = path.rstrip("/")
        files = self._containers[self._find(container)].process.files
        found = {name: file for name, file in files.items() if name == path or name.startswith(f"{path}/")}
        if not found:
            raise errors.explain(
                EngineError(f"Could not find the file {path}"), f"{path} can't be copied out of the container"
            )
        archive = io.BytesIO()
        with tarfile.open(fileobj=archive, mode="w") as tar:
            for name, file in found.items():
                entry = tarfile.TarInfo(name.removeprefix(path.rpartition("/")[0]).lstrip("/"))
                entry.size, entry.uid, entry.gid, entry.mode = len(file.content), file.user, file.group, file.mode
                tar.addfile(entry, io.BytesIO(file.content))
        return archive.getvalue()

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
        found = self._containers[self._find(container)]
        if not found.is_running:
            raise EngineError(f"'{argv[0]}' can't be run in the container: it is not running.")
        output = bytearray()
        process = Process(
            argv, {**found.process.env, **(env or {})}, found.process.files, lambda data, stream: output.extend(data)
        )
        program = self._images[found.spec.image].program
        return await self._unless_away(program(process)) or 0, bytes(output)

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
        task, away = asyncio.ensure_future(operation), asyncio.ensure_future(self._away.wait())
        try:
            await asyncio.wait([task, away], return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                self._check_presence()
            return await task
        finally:
            task.cancel()
            away.cancel()

    def _by_name(self, name: str) -> FakeContainer | None:
        return next((container for container in self._containers.values() if container.spec.name == name), None)

    def _find(self, container: str, missing: type[Exception] = EngineError) -> str:
        for identity, found in self._containers.items():
            if container in (identity, found.spec.name):
                return identity
        raise missing(f"there is no container {container}.")
