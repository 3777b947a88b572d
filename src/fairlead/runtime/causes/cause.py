"""A cause: something that needs a person, with what helps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class CauseAction:
    """The one thing that helps.

    Args:
        kind: ``command`` runs a command of the resource, ``parameter`` asks for its value, ``details`` shows more.
        label: The words on its button.
        resource: The id of the resource that it is done to.
        command: The command, for the kind ``command``.
    """

    kind: Literal["command", "parameter", "details"]
    label: str
    resource: str
    command: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """What is wrong with a resource, by itself and not for the sake of another.

    Args:
        id: Stays the same as long as the cause does.
        resource: The id of the resource.
        name: Its name.
        severity: ``error`` for what has failed, ``warning`` for what lacks something or is unhealthy.
        title: What is wrong, in a few words that begin with the name.
        what: The same in a sentence.
        raw: What the engine, cluster or program said, in its own words; empty where it said nothing.
        remedy: What to do; empty where nothing is known.
        file: The app file's line that declares the resource, for the remedy.
        line: Its number.
        since: When it began.
        waiting: The names of the resources that wait for it, directly or for one another.
        action: The one thing that helps.
    """

    id: str
    resource: str
    name: str
    severity: Severity
    title: str
    what: str
    raw: str
    remedy: str
    file: str | None
    line: int | None
    since: float
    waiting: tuple[str, ...]
    action: CauseAction
