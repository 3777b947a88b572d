"""Every error Fairlead raises on purpose.

FairleadError
├── ModelError            one mistake in a definition
├── DefinitionError       all the mistakes of a definition, reported at once
├── ComposeFileError      all the mistakes of compose files, reported at once
├── UsageError            a command was called wrongly
├── PublishError          the model is sound but cannot be published as it stands
├── StateError            a file or folder that Fairlead keeps can't be read or written
├── AlreadyRunning        this app already has a host
├── NotRunning            this app has no host to talk to
├── EngineError           something outside refused
│   ├── EngineUnavailable it is not there at all
│   └── CommandFailed     a command could not be run, or ended badly
├── StartError            a resource could not be started
│   ├── ValueMissing      a value it needs has nobody to give it
│   └── DependencyFailed  something it waits for will not come
└── WaitError
    ├── WaitTimeout       a condition did not come true in time
    └── ResourceFailed    a resource that was waited for failed

Each carries the exit code that the command line ends with (design §7), the resource it is about, and a remedy.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar


def with_remedy(fact: str, remedy: str | None) -> str:
    """What is wrong and what to do, as two sentences; the fact alone where nothing is known to do."""
    return f"{fact}{'' if fact.endswith(('.', '!', '?')) else '.'} {remedy}" if remedy else fact


class FairleadError(Exception):
    """Base of all errors that are meant to be read by the user.

    Args:
        message: What is wrong, as a sentence without the resource's name.
        resource: Name of the resource concerned, if there is one.
        remedy: What to do about it, as a sentence.
        raw: What the engine, cluster or program itself said, where the message puts it into other words.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, resource: str | None = None, remedy: str | None = None, raw: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.resource = resource
        self.remedy = remedy
        self.raw = raw

    @property
    def explanation(self) -> str:
        """What is wrong and what to do, without the resource's name."""
        return with_remedy(self.message, self.remedy)

    def __str__(self) -> str:
        return f"{self.resource}: {self.explanation}" if self.resource else self.explanation


class ModelError(FairleadError):
    """One mistake in a definition, with the place in the app file that made it.

    Args:
        message: What is wrong.
        resource: Name of the resource concerned.
        file: Path of the file that holds the mistake, empty when unknown.
        line: Line in that file, 0 when unknown.
        remedy: What to write instead.
    """

    exit_code = 3

    def __init__(
        self, message: str, *, resource: str | None = None, file: str = "", line: int = 0, remedy: str | None = None
    ) -> None:
        super().__init__(message, resource=resource, remedy=remedy)
        self.file = file
        self.line = line

    @property
    def where(self) -> str:
        """The place as ``file:line``, or an empty string."""
        return f"{self.file}:{self.line}" if self.file else ""

    def __str__(self) -> str:
        text = super().__str__()
        return f"{self.where}: {text}" if self.where else text


class DefinitionError(FairleadError):
    """All the mistakes of one definition.

    Args:
        errors: The mistakes, in the order in which the definition makes them.
        app: The app as far as it is sound; None where the definition did not come to its end.
    """

    exit_code = 3

    def __init__(self, errors: Sequence[ModelError], app: Any = None) -> None:
        self.errors = tuple(errors)
        self.app = app
        count = len(self.errors)
        super().__init__(f"the definition has {count} {'mistake' if count == 1 else 'mistakes'}")

    def __str__(self) -> str:
        return "\n".join([f"{self.message}:", *(f"  {error}" for error in self.errors)])


class ComposeFileError(FairleadError):
    """All the mistakes that keep compose files from being read.

    Args:
        errors: The mistakes, each with its file and line.
    """

    exit_code = 3

    def __init__(self, errors: Sequence[ModelError]) -> None:
        self.errors = tuple(errors)
        count = len(self.errors)
        super().__init__(f"the compose file has {count} {'mistake' if count == 1 else 'mistakes'}")

    def __str__(self) -> str:
        return "\n".join([f"{self.message}:", *(f"  {error}" for error in self.errors)])


class UsageError(FairleadError):
    """A command was called in a way it does not have."""

    exit_code = 2


class PublishError(FairleadError):
    """The model is sound but cannot be published as it stands.

    Args:
        message: What is wrong, as a sentence without the resource's name.
        resource: Name of the resource concerned, if there is one.
        remedy: What to do about it, as a sentence.
        errors: All that speaks against publishing, where there are several things or one has a place in the app file.
    """

    def __init__(
        self,
        message: str,
        *,
        resource: str | None = None,
        remedy: str | None = None,
        errors: Sequence[ModelError] = (),
    ) -> None:
        super().__init__(message, resource=resource, remedy=remedy)
        self.errors = tuple(errors)

    def __str__(self) -> str:
        return (
            "\n".join([f"{super().__str__()}:", *(f"  {error}" for error in self.errors)])
            if self.errors
            else (super().__str__())
        )


class StateError(FairleadError):
    """A file or folder that Fairlead keeps for itself can't be read or written."""


class AlreadyRunning(FairleadError):
    """The app already has a host on this machine."""


class NotRunning(FairleadError):
    """The app has no host to talk to."""

    exit_code = 5


class EngineError(FairleadError):
    """Something outside Fairlead (a process, a container engine, a cluster) refused."""


class EngineUnavailable(EngineError):
    """An engine that is needed is not there, or does not answer."""

    exit_code = 4


class CommandFailed(EngineError):
    """A command could not be run, or ended badly."""


class StartError(FairleadError):
    """A resource could not be started; its message becomes the reason shown beside FailedToStart."""


class ValueMissing(StartError):
    """A resource needs a value, and nobody can give it."""


class DependencyFailed(StartError):
    """Something the resource waits for will not come; the message holds the chain of causes."""


class WaitError(FairleadError):
    """A wait ended without its condition."""


class WaitTimeout(WaitError):
    """A condition did not come true in time."""

    exit_code = 17


class ResourceFailed(WaitError):
    """A resource that was waited for failed, so that its condition can't come true any more."""

    exit_code = 18
