"""The contract between a kind of resource and the code that brings it up.

A kind names its driver as text (``"package.module:Class"``), so a definition never imports what runs it. The runtime
owns everything that is the same for all kinds (waits, states, health, hooks, logs, commands, failure); a driver does
the few things that differ, and decides nothing else.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from pathlib import Path
from typing import ClassVar

from fairlead.errors import EngineError, StartError
from fairlead.model.command import Command
from fairlead.model.driving.driver_context import DriverContext
from fairlead.model.health import Health
from fairlead.model.observation.state import State
from fairlead.model.observation.usage import ResourceUse


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


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file of this machine that was written, or is gone.

    Args:
        source: The file; where it is no longer there, it was removed.
        target: Its absolute path where the resource runs.
    """

    source: Path
    target: str


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

    async def run_check(self, argv: tuple[str, ...]) -> tuple[int, bytes]:
        """Run the command of a health check where the resource runs: its exit code, and what it wrote.

        Called for one check at a time, while the resource is up. When it is cancelled the command must end. By default
        there is no such place.

        Args:
            argv: The command and its arguments.

        Raises:
            FairleadError: It can't be run.
        """
        raise EngineError("no command can be run where it runs.", remedy="Use another health check.")

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

    async def rebuild(self) -> None:
        """Build anew what the next start is made from, while this one goes on: for a container, its image.

        Called for a watch with ``action="rebuild"``, while the resource is up; a restart follows.

        Raises:
            FairleadError: It can't be built; the resource goes on as it is. By default nothing can be.
        """
        raise StartError("its kind builds nothing")

    async def sync(self, changes: Sequence[FileChange]) -> None:
        """Bring changed files to where the resource runs, and remove there what is gone.

        Called for a watch with ``action="sync"``, while the resource is up.

        Raises:
            FairleadError: They can't be brought there. By default no kind has such a place.
        """
        raise StartError("its kind takes no files")
