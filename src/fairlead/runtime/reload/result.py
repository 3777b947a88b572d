"""What a reload is about, and what came of it: plain records."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple, Protocol

from fairlead.model.app import App
from fairlead.records import record
from fairlead.runtime.plan import Plan
from fairlead.runtime.values.parameters import ParameterSources


class Action(StrEnum):
    """What is done with a resource."""

    #: It is new, and starts; or nothing kept it from starting before, and now something needs it.
    START = "start"
    #: It is new, and starts on request.
    OFFER = "offer"
    #: It is no longer there: it is stopped, and gone.
    REMOVE = "remove"
    #: It is another resource of the same name: the one before is stopped, and the new one started.
    REPLACE = "replace"
    #: It is stopped and started again; a container is made anew by that.
    RESTART = "restart"
    #: The run goes by it from now on, and nothing is started again.
    UPDATE = "update"
    #: It counts when it is started, which it is not.
    LATER = "later"
    #: Only a chart is told of it.
    NOTHING = "nothing"


@record
class Difference:
    """What differs in one resource.

    Args:
        name: The resource.
        kind: Its kind, of the new definition where it is there.
        action: What is done.
        parts: What differs, in words; no values, as some are secret.
        note: What becomes of its container or data, where that is worth saying.
    """

    name: str
    kind: str
    action: Action
    parts: tuple[str, ...] = ()
    note: str = ""


class ReadAnew(NamedTuple):
    """A definition that was read anew.

    Args:
        app: The app.
        forget: Takes back what reading it has changed in this process.
    """

    app: App
    forget: Callable[[], None]


@record
class ReloadError:
    """Why a new definition can't be gone by: one mistake.

    Args:
        message: What is wrong.
        resource: The resource that it is about; None for none.
        file: The file that it is in; empty where that is not known.
        line: The line; 0 where it is not known.
        remedy: What to do about it; None where nothing is known.
    """

    message: str
    resource: str | None = None
    file: str = ""
    line: int = 0
    remedy: str | None = None


@record
class Reload:
    """What came of a reload.

    Args:
        differences: What differs.
        unchanged: How many resources are as they were.
        errors: Why nothing was done; empty where the definition is sound.
        applied: Whether the run goes by the new definition now.
    """

    differences: tuple[Difference, ...] = ()
    unchanged: int = 0
    errors: tuple[ReloadError, ...] = ()
    applied: bool = False


@record
class Prepared:
    """A new definition, with all that the run needs to go by it.

    Args:
        app: The app.
        plan: Its plan.
        sources: Where its parameters come from.
        digest: The digest of the app file that it was read from.
    """

    app: App
    plan: Plan
    sources: ParameterSources
    digest: str


class Reloads(Protocol):
    """What reloads a run."""

    async def reload(self, *, check: bool = False) -> Reload:
        """Read the app file, find what differs, and apply it unless it is only to be checked."""
