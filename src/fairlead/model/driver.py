"""The contract between a kind of resource and the code that brings it up.

A kind names its driver as text (``"package.module:Class"``), so a definition never imports what runs it. The runtime
owns everything that is the same for all kinds (waits, states, health, hooks, logs, commands, failure); a driver does
the few things that differ, and decides nothing else.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import ClassVar, Literal, TypeVar

from fairlead.model.consumer import Contribution, Network
from fairlead.model.health import Health
from fairlead.model.resource import Resource
from fairlead.model.state import State
from fairlead.model.value import ValueLike

S = TypeVar("S")


class Forever(Enum):
    """The type of :data:`FOREVER`."""

    FOREVER = "forever"


#: What :meth:`Driver.wait` returns for a resource that never ends by itself.
FOREVER = Forever.FOREVER


@dataclass(frozen=True, slots=True)
class HostCommand:
    """A command of this machine.

    Args:
        argv: The program and its arguments.
        env: Variables that it gets beyond, or instead of, those of whoever runs it.
        cwd: The folder it runs in; empty for that of whoever runs it.
    """

    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: str = ""


class DriverContext(ABC):
    """What the runtime offers to a driver for one start of one replica of one resource."""

    resource: Resource
    #: Identifies the app on this machine; two checkouts have two.
    app_id: str
    #: Identifies this run of the app.
    run_id: str
    #: The folder of the app file, which relative paths start at.
    directory: Path
    #: Which replica this is, from 0.
    replica: int
    #: Whether nothing may outlive the run, whatever lifetime the definition asks for (as in tests).
    isolated: bool

    @property
    @abstractmethod
    def ending(self) -> bool:
        """Whether the run as a whole is ending, and not just this resource: what is persistent stays then."""

    @property
    @abstractmethod
    def contributions(self) -> tuple[Contribution, ...]:
        """What the resources it refers to give it, beyond the variables: mounts, hosts, files."""

    @abstractmethod
    def log(self, text: str) -> None:
        """Write a line of Fairlead's own into the resource's log."""

    @abstractmethod
    def output(self, stream: Literal["stdout", "stderr"], lines: list[bytes]) -> None:
        """Hand over lines that the resource itself wrote, without line ends."""

    @abstractmethod
    async def environment(self) -> dict[str, str]:
        """The variables the resource is to see, with references, callbacks and ports resolved; nothing inherited."""

    @abstractmethod
    async def arguments(self) -> list[str]:
        """The arguments of ``with_args``, resolved."""

    @abstractmethod
    async def resolve(self, value: ValueLike) -> str:
        """The text of a value as this resource sees it; waits until it is available."""

    @abstractmethod
    def host_port(self, endpoint: str) -> int:
        """The port of this machine that callers of the endpoint of that name use."""

    @abstractmethod
    def port(self, endpoint: str) -> int:
        """The port this replica has to listen on for the endpoint of that name."""

    @abstractmethod
    def set_output(self, name: str, value: str, *, network: Network | None = None) -> None:
        """Make the output of that name known, for consumers on one network or on all."""

    @abstractmethod
    def mask(self, secret: str) -> None:
        """Keep a text out of all logs from now on."""

    @abstractmethod
    def report(self, state: State | None = None, **properties: str | int | None) -> None:
        """Change what is shown: a state of its own while it starts (such as Building), and named properties."""

    @abstractmethod
    async def shared(self, key: type[S], make: Callable[[], Awaitable[S]]) -> S:
        """One object for the whole run, made on first use and closed (``await x.close()``) when the run ends."""


class Driver(ABC):
    """Brings one replica of one resource up and down. The runtime makes a new one for each start."""

    #: The state of a resource of this kind that has ended: processes are Finished, containers Exited.
    end_state: ClassVar[State] = State.FINISHED
    #: The state while it is up; ``Active`` for what has no process of its own.
    up_state: ClassVar[State] = State.RUNNING
    #: Seconds after which a stop, or a start that was cancelled, is given up if it has not returned.
    stop_timeout: ClassVar[float] = 60.0
    #: Why it ended, in words, where :meth:`wait` found out more than the exit code tells.
    end_reason: str = ""

    @abstractmethod
    async def start(self, context: DriverContext) -> None:
        """Bring the resource up; return as soon as it runs. It need not be healthy yet.

        When it is cancelled or raises, nothing that it started may be left.

        Raises:
            FairleadError: It can't be started; the message becomes the reason of FailedToStart.
        """

    async def wait(self) -> int | Forever | None:
        """Wait until the resource ends by itself, and tell its exit code (None: it has none).

        Returns:
            The exit code, or ``FOREVER`` at once for what never ends by itself, which is the default.
        """
        return FOREVER

    @abstractmethod
    async def stop(self) -> int | None:
        """Bring the resource down and return when it is.

        Called once after a start that returned, also when the resource has ended by itself.

        Returns:
            The exit code, when it has one.
        """

    async def health(self) -> Health | None:
        """What the kind itself knows of its health, or None when it has no opinion. Called like any health check."""
        return None

    def exec_command(self, argv: tuple[str, ...], *, terminal: bool) -> HostCommand | None:
        """What to run on this machine so that a command runs where the resource does (``fairlead exec``).

        Called only while the resource is up.

        Args:
            argv: The command.
            terminal: Whether a person at a terminal runs it.

        Returns:
            The command; None where the kind has no such place, which is the default.

        Raises:
            EngineError: What it takes to get there is not installed.
        """
        return None
