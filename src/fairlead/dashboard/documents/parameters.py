"""Parameters: their values, where these come from, and who uses them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ParameterUser:
    """A resource that uses a parameter; ``waits_since`` is when it began to wait for its value, null if it does not.

    ``stale`` tells whether it still runs with the value before.
    """

    resource: str
    waits_since: float | None
    stale: bool


@dataclass(frozen=True, slots=True)
class ParameterSource:
    """A place where a value may come from; the first of the list that has one wins."""

    name: str
    has_value: bool
    wins: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterView:
    """A parameter.

    Args:
        name: Its name.
        secret: Whether its value is shown only on request.
        description: What the definition says of it.
        value: The value; ``***`` for a secret one, null where it has none.
        source: The source that won, in words; empty without a value.
        sources: All sources, in the order in which they win.
        used_by: Who uses it.
        file: The app file.
        line: The line that declares it.
        changed_at: When it was given a value in this run.
        variable: The environment variable that gives it.
        command: The arguments that give it on the command line.
        stored: Whether a value of it is stored for later runs, and so can be forgotten.
    """

    name: str
    secret: bool
    description: str
    value: str | None
    source: str
    sources: tuple[ParameterSource, ...]
    used_by: tuple[ParameterUser, ...]
    file: str
    line: int
    changed_at: float | None
    variable: str
    command: str
    stored: bool


@dataclass(frozen=True, slots=True)
class ParameterStore:
    """A file in which values are kept; ``count`` is how many of this app's."""

    kind: str
    path: str
    count: int


@dataclass(frozen=True, slots=True)
class ParameterList:
    """All parameters, in the order of the definition."""

    parameters: tuple[ParameterView, ...]
    stores: tuple[ParameterStore, ...]
