"""What a run offers to a driver. The runtime decides; a driver asks it, and tells it what it has seen."""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping
from pathlib import Path
from typing import Any, Literal, TypeVar

from fairlead.model.app import App
from fairlead.model.driving.ports import Address, ContainerPort
from fairlead.model.driving.run_guard import RunGuard
from fairlead.model.endpoints.consumer import Contribution, Network
from fairlead.model.endpoints.placement import Placement
from fairlead.model.observation.observed import ObservedChild
from fairlead.model.observation.snapshot import Snapshot
from fairlead.model.observation.state import State
from fairlead.model.resource import Consumer, Endpoint, Resource
from fairlead.model.values.value import ValueLike
from fairlead.model.wait import WaitKind

S = TypeVar("S")

#: Follows the log of an observed child: runs while that log has a reader, and is cancelled when the last one has gone.
FollowLog = Callable[[], Coroutine[Any, Any, None]]


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
