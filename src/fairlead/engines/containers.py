"""What Fairlead asks of a container engine: plain data, and the operations as a protocol.

An engine does what it is told and decides nothing. Docker and Podman are behind one implementation of this, and the
fake engine of :mod:`fairlead.testing` is another; both pass the same contract tests.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from fairlead.engines.container_command import CommandOutput as CommandOutput
from fairlead.engines.container_command import ContainerCommand, Content
from fairlead.engines.container_command import OutputChunk as OutputChunk
from fairlead.engines.engine_facts import EngineFacts

TransportProtocol = Literal["tcp", "udp"]
ContainerState = Literal["created", "running", "paused", "restarting", "removing", "exited", "dead"]
MountKind = Literal["volume", "bind", "tmpfs"]
ImageHealth = Literal["starting", "healthy", "unhealthy"]


@dataclass(frozen=True, slots=True)
class PublishedPort:
    """A port of a container that is reachable at a port of this machine."""

    container_port: int
    host_port: int
    protocol: TransportProtocol = "tcp"
    host_ip: str = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Mount:
    """A volume, a file or folder of the host, or memory, at a path. ``source`` is None for an anonymous volume."""

    kind: MountKind
    source: str | None
    target: str
    read_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerSpec:
    """All that a container is made from.

    Args:
        name: Its name in the engine.
        image: The image, which has to be there already.
        env: Its environment, beyond the image's.
        entrypoint: Instead of the image's; None for that.
        command: Instead of the image's; None for that.
        labels: Its labels.
        ports: What is published on this machine.
        network: The network it joins; None for the engine's default one.
        aliases: Its names on that network.
        mounts: Its volumes and bind mounts.
        extra_hosts: Names that it finds in its hosts file, with their addresses.
        options: Options of ``docker run`` in the form ``--name=value`` or ``--name``.
        platform: What its image has to be for, such as ``linux/amd64``; None for whatever it is.
        host_name: What it is called to itself unless its options say otherwise; None for the engine's choice.
    """

    name: str
    image: str
    env: Mapping[str, str] = field(default_factory=dict)
    entrypoint: tuple[str, ...] | None = None
    command: tuple[str, ...] | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    ports: tuple[PublishedPort, ...] = ()
    network: str | None = None
    aliases: tuple[str, ...] = ()
    mounts: tuple[Mount, ...] = ()
    extra_hosts: Mapping[str, str] = field(default_factory=dict)
    options: tuple[str, ...] = ()
    platform: str | None = None
    host_name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildRequest:
    """An image to be built.

    Args:
        context: The folder that is sent to the engine.
        dockerfile: The Dockerfile, relative to the context.
        tag: What to call the image.
        args: Build arguments.
        target: The stage to build; None for the last.
        labels: Labels of the image.
        secrets: What ``RUN --mount=type=secret,id=…`` finds, by id; neither the image nor its history has it.
        platform: What it is to be for, such as ``linux/amd64``; None for what the engine runs on.
    """

    context: str
    dockerfile: str
    tag: str
    args: Mapping[str, str] = field(default_factory=dict)
    target: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    platform: str | None = None

    @property
    def dockerfile_path(self) -> Path:
        """Where the Dockerfile is."""
        return Path(self.context, self.dockerfile)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerInfo:
    """A container as the engine shows it; times are in seconds since the epoch, ``memory_limit`` is in bytes."""

    id: str
    name: str
    image: str
    image_id: str
    labels: Mapping[str, str]
    state: ContainerState
    exit_code: int | None = None
    oom_killed: bool = False
    memory_limit: int | None = None
    error: str = ""
    health: ImageHealth | None = None
    health_log: str = ""
    started_at: float | None = None
    ended_at: float | None = None
    ports: tuple[PublishedPort, ...] = ()
    networks: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ContainerUsage:
    """What a running container uses.

    Args:
        cpu_seconds: Processor time since it was created, of all cores.
        memory: Memory in bytes, without what the kernel has cached of files that nothing uses now.
        memory_limit: The most it may take, in bytes; that of the machine where it has no limit.
        measured_at: When it was measured, in seconds since the epoch.
    """

    cpu_seconds: float
    memory: float
    memory_limit: float
    measured_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageInfo:
    """An image that the engine has."""

    id: str
    user: str = ""
    entrypoint: tuple[str, ...] | None = None
    command: tuple[str, ...] | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    exposed_ports: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    has_health_check: bool = False
    os: str = ""
    architecture: str = ""
    variant: str = ""

    def is_for(self, platform: str) -> bool:
        """Whether it is for a platform such as ``linux/arm64`` or ``linux/arm/v7``; one that says nothing is not."""
        system, architecture, variant = (*platform.split("/"), "", "")[:3]
        if (system, architecture) != (self.os, self.architecture):
            return False
        return not variant or not self.variant or variant == self.variant


@dataclass(frozen=True, slots=True)
class NetworkInfo:
    """A network of the engine.

    Args:
        id: Its id.
        name: Its name.
        gateway: This machine's address on it, where there is one.
        labels: Its labels.
        subnets: Its ranges of addresses, such as ``172.18.0.0/16``.
    """

    id: str
    name: str
    gateway: str | None
    labels: Mapping[str, str]
    subnets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class VolumeInfo:
    """A volume of the engine."""

    name: str
    labels: Mapping[str, str]


class ContainerEngine(Protocol):
    """A container engine.

    Each operation raises ``EngineUnavailable`` when the engine does not answer (any more), and ``EngineError`` with its
    reason when it refuses.
    """

    @property
    def name(self) -> str:
        """``docker`` or ``podman``."""

    @property
    def version(self) -> str:
        """The engine's version."""

    @property
    def is_desktop(self) -> bool:
        """Whether it runs in a virtual machine that gives containers ``host.docker.internal`` by itself."""

    @property
    def address(self) -> str:
        """Where it is, in the form of DOCKER_HOST."""

    @property
    def client(self) -> tuple[tuple[str, ...], Mapping[str, str]] | None:
        """The engine's own command, with the variables that lead it to this engine; None if it is not installed."""

    @property
    def certificates(self) -> str | None:
        """The folder with the certificates for its address; None for a plain connection."""

    @property
    def verifies_tls(self) -> bool:
        """Whether the engine's own certificate is checked; true as well for a plain connection."""

    async def facts(self) -> EngineFacts:
        """What it says about itself and its machine. It takes a real engine more than a tenth of a second."""

    async def ping(self) -> None:
        """Return when it answers, on a connection of its own: one that shuts down still answers on those it has."""

    async def has_restarted(self, since: float) -> bool:
        """Whether the engine was started after a moment, so that what ran before may have ended with it."""

    def shorten_timeouts(self) -> None:
        """Take the engine for lost after a shorter silence from now on, because the user waits for the run to end."""

    async def close(self) -> None:
        """Close the connection."""

    async def image(self, reference: str, platform: str | None = None) -> ImageInfo | None:
        """An image that is there, for a platform if one is given, or None."""

    async def pull(self, reference: str, on_progress: Callable[[str], None], platform: str | None = None) -> None:
        """Fetch an image, with the credentials that the user has stored; progress comes as lines for a log."""

    async def build(self, request: BuildRequest, on_output: Callable[[list[bytes]], None]) -> None:
        """Build an image. The error shows the line that failed."""

    def save_images(self, *references: str, platform: str | None = None) -> AsyncGenerator[bytes, None]:
        """The archive of images with their names, as ``docker save`` writes it: what is in common is in it once.

        It comes in pieces, at the pace of the reader, and is never in memory as a whole.

        Args:
            references: The images.
            platform: Only what is for this one, such as ``linux/amd64``, of an image that is for several; by default
                all that the engine has of it.
        """

    async def load_images(self, archive: Content) -> list[str]:
        """Take in images from an archive of ``save_images`` or ``docker save``.

        Returns:
            What the images are called; their ids where they have no name.
        """

    async def ensure_network(self, name: str, labels: Mapping[str, str], *, subnet: str | None = None) -> NetworkInfo:
        """A bridge network of that name, created if it is missing.

        Args:
            name: Its name.
            labels: Its labels, where it is created.
            subnet: Its range of addresses, where it is created, such as ``10.7.0.0/24``; None lets the engine choose.
                Only in a network with a subnet of its own can a container be given an address.
        """

    async def connect_network(
        self, network: str, container: str, *, aliases: tuple[str, ...] = (), address: str | None = None
    ) -> None:
        """Join a container, which need not run, to one more network. One that is on it already stays as it is.

        Args:
            network: The network, by name or id.
            container: The container, by name or id.
            aliases: Its names on that network.
            address: Its address there, which needs a network with a subnet of its own; None lets the engine choose.
        """

    async def disconnect_network(self, network: str, container: str) -> None:
        """Take a container off a network; it is fine if it is not on it, or either of them is gone."""

    async def remove_network(self, name: str) -> None:
        """Remove a network by name or id, cutting off what is still on it; one that is not there is fine."""

    async def networks(self, labels: Mapping[str, str]) -> list[NetworkInfo]:
        """The networks that carry all these labels."""

    async def ensure_volume(self, name: str, labels: Mapping[str, str]) -> VolumeInfo:
        """A volume of that name, made if it is missing."""

    async def remove_volume(self, name: str) -> None:
        """Remove a volume; one that is not there is fine, one that is in use is an error that names its users."""

    async def volumes(self, labels: Mapping[str, str]) -> list[VolumeInfo]:
        """The volumes that carry all these labels."""

    async def create(self, spec: ContainerSpec) -> str:
        """Create a container and return its id; a taken name is an error that says who has it."""

    async def start(self, container: str) -> None:
        """Start a created or ended container; a taken port is an error that names it."""

    async def stop(self, container: str, grace: float) -> None:
        """TERM (or the image's signal), and KILL after so many seconds; one that has ended or is gone is fine."""

    async def kill(self, container: str) -> None:
        """End it at once; one that has ended or is gone is fine."""

    async def remove(self, container: str, *, volumes: bool = True) -> None:
        """Remove it, ending it if need be, with its anonymous volumes; one that is gone is fine."""

    async def inspect(self, container: str) -> ContainerInfo | None:
        """A container by id or name, or None."""

    async def usage(self, container: str) -> ContainerUsage | None:
        """What a container uses of the machine; None for one that does not run. It may take an engine a second."""

    async def check_health(self, container: str) -> ContainerInfo | None:
        """The same, with what its image's health check says; an engine that leaves it to others runs it now."""

    async def containers(self, labels: Mapping[str, str]) -> list[ContainerInfo]:
        """The containers in whatever state that carry all these labels."""

    async def put_archive(self, container: str, archive: Content, path: str = "/") -> None:
        """Unpack a tar archive below a path of a container, which need not run; it may come in pieces."""

    async def has_path(self, container: str, path: str) -> bool:
        """Whether a container has a file or folder of that path; it need not run."""

    async def get_archive(self, container: str, path: str) -> bytes:
        """A file or folder of a container as a tar archive."""

    def read_archive(self, container: str, path: str) -> AsyncGenerator[bytes, None]:
        """The same in pieces, at the pace of the reader; it is never in memory as a whole."""

    def logs(self, container: str, *, since: float | None = None, follow: bool = True) -> AsyncIterator[OutputChunk]:
        """What a container has written since a moment, and writes until it ends; nothing is lost at its end."""

    def open_lines(self, container: str) -> AbstractAsyncContextManager[AsyncIterator[CommandOutput]]:
        """What a container writes during a block of a line without its end, such as a prompt, each time that changes.

        An empty text means that there is none any more. It ends with the container; one that has not started is waited
        for. It is to be shown and forgotten: :meth:`logs` has the line when it has ended.
        """

    async def wait(self, container: str) -> int:
        """Wait until a container has ended, and tell its exit code."""

    async def exec(
        self, container: str, argv: tuple[str, ...], *, env: Mapping[str, str] | None = None, user: str | None = None
    ) -> tuple[int, bytes]:
        """Run a command in a running container; its exit code and what it wrote to either stream."""

    def open_command(
        self,
        container: str,
        argv: tuple[str, ...],
        *,
        stdin: Content | None = None,
        env: Mapping[str, str] | None = None,
        user: str | None = None,
    ) -> AbstractAsyncContextManager[ContainerCommand]:
        """Run a command in a running container during a block, with its output as it comes.

        A command that has not ended when the block is left or cancelled loses its input and output. Its processes are
        ended by TERM, and after 2 s by KILL, if the container has ``sh`` and ``grep``; engines can't end them.

        Args:
            container: The container, by name or id.
            argv: The command and its arguments.
            stdin: What it reads, up to the end; None for nothing. An error of the iterator ends the block.
            env: Variables beyond the container's.
            user: The user that it runs as; None for the container's.
        """
