"""The contract between a kind of resource and the code that brings it up.

A kind names its driver as text (``"package.module:Class"``), so a definition never imports what runs it. The runtime
owns everything that is the same for all kinds (waits, states, health, hooks, logs, commands, failure); a driver does
the few things that differ, and decides nothing else.
"""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from pathlib import Path
from typing import Any, ClassVar, Literal, Protocol, TypeVar

from fairlead.model.app import App
from fairlead.model.command import Command
from fairlead.model.consumer import Contribution, Network
from fairlead.model.endpoint import Protocol as Transport
from fairlead.model.health import Health
from fairlead.model.observation.observed import ObservedChild
from fairlead.model.observation.snapshot import Snapshot
from fairlead.model.observation.state import State
from fairlead.model.observation.usage import ResourceUse
from fairlead.model.placement import Placement
from fairlead.model.resource import Consumer, Endpoint, Resource
from fairlead.model.value import ValueLike
from fairlead.model.wait import WaitKind

S = TypeVar("S")

#: Follows the log of an observed child: runs while that log has a reader, and is cancelled when the last one has gone.
FollowLog = Callable[[], Coroutine[Any, Any, None]]


class Forever(Enum):
    """The type of :data:`FOREVER`."""

    FOREVER = "forever"


#: What :meth:`Driver.wait` returns for a resource that never ends by itself.
FOREVER = Forever.FOREVER


class Kept(Enum):
    """The type of :data:`KEPT`."""

    KEPT = "kept"


#: What :meth:`Driver.stop` returns for what goes on without the host, as it outlives the run.
KEPT = Kept.KEPT


class StopReason(StrEnum):
    """Why a driver is told to stop."""

    #: It has ended by itself, or another replica could not be started; there may be something to tidy up.
    FINISHED = "finished"
    #: The user stops this resource; the run goes on.
    ASKED = "asked"
    #: The parent that it follows has ended, or the user stops that; it starts again with the parent.
    PARENT_STOPPED = "parent stopped"
    #: The whole run ends; what is persistent stays.
    RUN_ENDING = "run ending"
    #: Its next start follows at once.
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True)
class Address:
    """A host name and a port."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class ContainerPort:
    """A port of a resource's container that is published on this machine when the container is created.

    Args:
        resource: The name of the resource that needs it: the container's own, or one that is reached through it.
        name: The endpoint, or the name of the port, of that resource.
        container_port: The port inside.
        host_port: The port of this machine.
        protocol: The transport.
        external: Whether it is bound to all addresses of this machine, and not to loopback alone.
    """

    resource: str
    name: str
    container_port: int
    host_port: int
    protocol: Transport = "tcp"
    external: bool = False


class RunGuard(Protocol):
    """The watchdog of a run, which ends what belongs to the run when the host dies by any means."""

    @property
    def environment(self) -> Mapping[str, str]:
        """Variables that mark processes of the run: every process that a driver starts on this machine gets them."""

    def watch_group(self, pgid: int) -> None:
        """Watch a process group, and the session of the same number; call it as soon as the group exists."""

    def forget_group(self, pgid: int) -> None:
        """Watch a process group no longer: nothing of it is left. Call it before its leader is reaped."""

    def creating(self, kind: Literal["container", "network", "volume"], name: str) -> None:
        """An engine is about to be asked to create something that carries the run's labels and ends with the run.

        Should the host die before ``created``, the watchdog waits for it to turn up.
        """

    def created(self, kind: Literal["container", "network", "volume"], name: str) -> None:
        """The engine has answered: it was created, or will not be."""

    def add_cleanup(self, container: str, argv: Sequence[str]) -> None:
        """Have a command run inside a container that outlives the run, when the host has died or the run ends.

        For what a run creates in there, such as objects in a cluster. The watchdog repeats the command until it ends
        with exit code 0, and runs none where the container is gone.

        Args:
            container: The container's id in the engine, in full.
            argv: The command, of up to about 4,000 bytes.
        """

    def remove_cleanup(self, container: str, argv: Sequence[str]) -> None:
        """Take a clean-up command back: nothing of the run is left in the container."""


@dataclass(frozen=True, slots=True)
class HostCommand:
    """A command of this machine.

    Args:
        argv: The program and its arguments.
        env: Variables that it gets beyond, or instead of, those of the caller.
        cwd: The folder it runs in; empty for that of the caller.
    """

    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: str = ""


class DriverContext(ABC):
    """What the runtime offers to a driver for one start of one replica of a resource. It is all that a driver gets."""

    resource: Resource
    #: The model of the whole app.
    app: App
    #: Identifies the app on this machine; two checkouts have two. An isolated run has one of its own (``app.id`` not).
    app_id: str
    #: Identifies this run of the app.
    run_id: str
    #: The folder of the app file, which relative paths start at.
    directory: Path
    #: Where the resource runs.
    placement: Placement
    #: Which replica this is, from 0.
    replica: int
    #: Whether nothing may outlive the run, whatever lifetime the definition asks for (as in tests).
    isolated: bool
    #: Whether what programs write is shown in a terminal, so that they may use colours.
    color: bool
    #: Whether the user asked for this start by ``restart``: what is left out where nothing has changed is done then.
    is_restart: bool

    # The resource in the app and the run

    @property
    @abstractmethod
    def ending(self) -> bool:
        """Whether the run as a whole is ending, and not just this resource: what is persistent stays then."""

    @property
    @abstractmethod
    def children(self) -> tuple[Resource, ...]:
        """Its declared children that are part of the run, to prune what is left of others."""

    @property
    @abstractmethod
    def consumers(self) -> tuple[Consumer, ...]:
        """The resources that refer to it by ``with_reference``, with where each of them runs."""

    @property
    @abstractmethod
    def contributions(self) -> tuple[Contribution, ...]:
        """What the resources it refers to give it, beyond the variables: mounts, hosts, files."""

    @property
    @abstractmethod
    def state_folder(self) -> Path:
        """A folder for small files of the app, outside the repository, created on first use with mode 0700.

        It is safe to delete between runs. An isolated run has a folder of its own, removed when the run ends.

        Raises:
            StateError: It can't be created.
        """

    @abstractmethod
    def snapshot(self, id: str) -> Snapshot | None:
        """The present snapshot of a resource, or of an observed child by its id; None where there is none."""

    @abstractmethod
    async def wait_until(self, condition: Callable[[], bool], ids: Collection[str]) -> None:
        """Return when a condition on the snapshots with these ids holds; evaluated at each of their changes.

        Raises:
            NotRunning: The run ended first.
        """

    @abstractmethod
    async def wait_for(self, resource: Resource, kind: WaitKind = WaitKind.READY) -> None:
        """Return when another resource is ready, started or completed, as a wait of the definition does.

        During a start the resource is shown as Waiting meanwhile.

        Raises:
            DependencyFailed: It won't come true, and failures end the run.
        """

    # Values

    @abstractmethod
    async def environment(self) -> dict[str, str]:
        """The variables the resource is to see, with references, callbacks and ports resolved; nothing inherited."""

    @abstractmethod
    async def arguments(self) -> list[str]:
        """The arguments of ``with_args``, resolved."""

    @abstractmethod
    async def resolve(self, value: ValueLike) -> str:
        """The text of a value as this resource sees it; waits until it is available.

        Raises:
            DependencyFailed: It won't become available, and failures end the run.
        """

    @abstractmethod
    def known(self, value: ValueLike) -> str | None:
        """The text of a value as this resource sees it, if it is available now; never waits."""

    @abstractmethod
    def address(self, endpoint: Endpoint, network: Network) -> Address:
        """Where an endpoint of any resource is reached from a network; known before anything starts.

        Raises:
            LookupError: There is no such endpoint.
        """

    @abstractmethod
    def host_port(self, endpoint: str) -> int:
        """The port of this machine that callers of the endpoint of that name use.

        Raises:
            LookupError: There is no such endpoint.
        """

    @abstractmethod
    def port(self, endpoint: str) -> int:
        """The port this replica has to listen on for the endpoint of that name.

        Raises:
            LookupError: There is no such endpoint.
        """

    @property
    @abstractmethod
    def container_ports(self) -> tuple[ContainerPort, ...]:
        """The ports that its container has to publish: of its endpoints, and those that other resources asked for."""

    @property
    @abstractmethod
    def needed_ports(self) -> tuple[ContainerPort, ...]:
        """The ports that it asked for by ``ports_on_containers``, as they were allocated, in that order."""

    @abstractmethod
    def take_spare_port(self, name: str, unusable: Collection[int] = ()) -> ContainerPort:
        """Exchange a port that it needs on a container, with its port of this machine, for a spare one.

        For a port that turned out taken inside. Its addresses are others from then on, and are remembered for later
        runs; consumers that have started before know the former ones.

        Args:
            name: The port's name.
            unusable: Ports inside the container that are no use either.

        Returns:
            What it has now.

        Raises:
            LookupError: There is no such port, or no spare one that is published in the same way.
        """

    @abstractmethod
    def set_output(self, name: str, value: str, *, network: Network | None = None) -> None:
        """Make the output of that name known, for consumers on one network or on all."""

    @abstractmethod
    def field_hashes(self, fields: Mapping[str, Any]) -> dict[str, str]:
        """A short hash of each named part of a spec, plain data, to tell later which part has changed.

        The hashes are keyed, so one tells nothing about a secret in it, and the same from run to run.
        """

    # What is shown and logged

    @abstractmethod
    def log(self, text: str) -> None:
        """Write a line of Fairlead's own into the resource's log."""

    @abstractmethod
    def write_lines(self, stream: Literal["stdout", "stderr"], lines: list[bytes], source: str | None = None) -> None:
        """Hand over lines that the resource itself wrote.

        Args:
            stream: Where it wrote them.
            lines: Raw, without line ends.
            source: Which part of the resource wrote them, such as a container of a pod; by default the replica, where
                there are several.
        """

    @abstractmethod
    def write_open_line(self, stream: Literal["stdout", "stderr"], text: bytes, source: str | None = None) -> None:
        """Show what there is of a line that has no end yet; the next call for its stream and source replaces it.

        Args:
            stream: Where it is written.
            text: All that there is of it; empty for a line that was wiped.
            source: As for :meth:`write_lines`.
        """

    def output(self, stream: Literal["stdout", "stderr"], lines: list[bytes]) -> None:
        """The former name of :meth:`write_lines`; goes away with the next minor version."""
        warnings.warn("DriverContext.output() is called write_lines() now", DeprecationWarning, stacklevel=2)
        self.write_lines(stream, lines)

    @abstractmethod
    def health_changed(self) -> None:
        """Have the health of the resource asked again now, and not only when its time has come."""

    @abstractmethod
    def mask(self, secret: str) -> None:
        """Keep a text out of all logs from now on."""

    @abstractmethod
    def masked(self, text: str) -> str:
        """A text without what is kept out of the logs, for what is written elsewhere."""

    @abstractmethod
    def report(self, state: State | None = None, **properties: str | int | None) -> None:
        """Change what is shown: a state of its own while it starts (such as Building), and named properties."""

    @abstractmethod
    def observe(self, child: ObservedChild, follow: FollowLog | None = None) -> str:
        """Show an observed child below the resource, or what has changed of it.

        Observed children belong to the start, and its replicas share them: those that are left when the resource has
        been stopped are forgotten, and what is observed later is not shown.

        Args:
            child: What is observed.
            follow: Writes its log by :meth:`write_child`: called when the first reader of that log comes, cancelled
                when the last one has gone or the child is forgotten, and called again for the next reader, to go on
                behind what it has written. What it raises is noted in the log of the resource. The first one that is
                given for a child holds.

        Returns:
            Its id.

        Raises:
            ValueError: A part of its id is empty or holds a slash, or it is shown below itself.
        """

    @abstractmethod
    def forget(self, id: str) -> None:
        """Show an observed child no longer; its log goes too. One that is not shown is left at that."""

    @abstractmethod
    def write_child(self, id: str, lines: list[bytes], *, source: str | None = None) -> None:
        """Add lines to the log of an observed child.

        Args:
            id: The child.
            lines: Without line ends.
            source: Which part of it wrote them, such as a container of a pod.
        """

    @abstractmethod
    def log_child(self, id: str, text: str) -> None:
        """Write a line of Fairlead's own into the log of an observed child; one that is not shown is left at that.

        Args:
            id: The child.
            text: The line; several where it has line ends.
        """

    # What belongs to the start, and to the run

    @abstractmethod
    def spawn(self, work: Coroutine[Any, Any, object], what: str = "") -> None:
        """Run work beside the driver until the resource has been stopped; it is cancelled then.

        An error in it ends the resource, as one of :meth:`Driver.wait` does.

        Args:
            work: What is run.
            what: What it does, in a word or two.

        Raises:
            RuntimeError: The resource has been stopped.
        """

    @abstractmethod
    def restart(self) -> None:
        """Have the resource stopped and started again, as its user does by ``restart``; return at once.

        The driver is stopped with ``StopReason.REPLACED``. Nothing happens where the run is ending.
        """

    @abstractmethod
    async def shared(self, key: type[S], make: Callable[[], Awaitable[S]]) -> S:
        """One object for the whole run, made on first use and closed (``await x.close()``) when the run ends."""

    @abstractmethod
    async def guard(self) -> RunGuard:
        """The watchdog of the run, started on first use.

        Raises:
            EngineError: It does not start.
        """


class Driver(ABC):
    """Brings one replica of one resource up and down. The runtime makes a new one for each start."""

    #: The state of a resource of this kind that has ended: processes are Finished, containers Exited.
    end_state: ClassVar[State] = State.FINISHED
    #: The state while it is up; ``Active`` for what has no process of its own.
    up_state: ClassVar[State] = State.RUNNING
    #: Seconds after which a stop, or a start that was cancelled, is given up if it has not returned.
    stop_timeout: float = 60.0
    #: Whether :meth:`usage` costs so little that it is asked all the time, and not only while somebody watches.
    is_usage_cheap: ClassVar[bool] = False
    #: Why it ended, in words, where :meth:`wait` found out more than the exit code tells.
    end_reason: str = ""
    #: What to do about that, as a sentence; shown behind the reason.
    end_remedy: str = ""

    @abstractmethod
    async def start(self, context: DriverContext) -> None:
        """Bring the resource up; return as soon as it runs. It need not be healthy yet.

        When it is cancelled or raises, nothing that it started may be left.

        Raises:
            FairleadError: It can't be started; the message becomes the reason of FailedToStart.
        """

    async def wait(self) -> int | Forever | None:
        """Wait until the resource ends by itself, and tell its exit code (None: it has none).

        What it raises ends the resource as a failure, with the message as the reason.

        Returns:
            The exit code, or ``FOREVER`` at once for what never ends by itself, which is the default.
        """
        return FOREVER

    @abstractmethod
    async def stop(self, reason: StopReason) -> int | Kept | None:
        """Bring the resource down and return when it is.

        Called once after a start that returned, also when the resource has ended by itself. A driver that makes no
        difference may leave the argument out: ``async def stop(self)``.

        Args:
            reason: Why.

        Returns:
            The exit code, when it has one; ``KEPT`` where it goes on without the host.
        """

    async def undo(self) -> None:  # noqa: B027 - what most kinds do
        """Take back what a start has left behind that has ended by itself, as the user stops the resource.

        For kinds that do their work once, such as a Helm release, whose end is not the end of what they have brought
        about. Called at most once, after :meth:`stop`; the context can't ``spawn`` any more. By default nothing of the
        kind is left, and a resource that has ended can't be stopped.
        """

    async def health(self) -> Health | None:
        """What the kind itself knows of its health, or None when it has no opinion. Called like any health check."""
        return None

    async def usage(self) -> ResourceUse | None:
        """What it uses of the machine, or None where that is not known, which is the default.

        Called once a second while it is up, and again only when it has returned. What it raises counts as None.
        """
        return None

    def commands(self) -> Sequence[Command]:
        """Commands that it offers while it is up, beside those of the definition, which win where a name is the same.

        Called once, for the first replica, when it has come up. A name or an input that is not valid fails the start.
        """
        return ()

    def details(self) -> AsyncGenerator[object] | None:
        """More than snapshots tell, for a page of its own: a document at first, and again each time that it changes.

        Called for each client that looks, while the resource is up, of the first replica; the generator is closed when
        the client has gone. None where the kind has no such thing, which is the default.

        Returns:
            A generator of documents: for a cluster, of ``ClusterDocument``.
        """
        return None

    def exec_command(self, argv: tuple[str, ...], *, terminal: bool, child: str | None = None) -> HostCommand | None:
        """What to run on this machine so that a command runs where the resource does (``fairlead exec``).

        Called only while the resource is up.

        Args:
            argv: The command.
            terminal: Whether a person at a terminal runs it.
            child: The id of the observed child in which it is to run; None for the resource itself.

        Returns:
            The command; None where the kind has no such place, which is the default.

        Raises:
            EngineError: What it takes to get there is not installed.
        """
        return None
