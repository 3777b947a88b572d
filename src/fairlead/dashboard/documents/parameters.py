"""Parameters: their values, where these come from, and who uses them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fairlead.errors import StateError
from fairlead.model.observation.snapshot import MASKED, Snapshot
from fairlead.model.observation.state import State
from fairlead.model.parameter import Parameter
from fairlead.runtime.lifecycle.run import Run
from fairlead.runtime.plan import Plan
from fairlead.runtime.values.parameters import STORED, ParameterSources, SourceAnswer


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


_UP = (State.RUNNING, State.ACTIVE, State.RUNTIME_UNHEALTHY)


def parameter_list(run: Run, sources: ParameterSources) -> ParameterList:
    """Return the parameters of a run.

    Args:
        run: The run.
        sources: Where their values come from.
    """
    parameters = [resource for resource in run.app if isinstance(resource, Parameter)]
    views = tuple(_view(parameter, run, sources) for parameter in parameters)
    return ParameterList(views, tuple(_stores(parameters, sources)))


def parameter_users(
    parameter: str, plan: Plan, snapshots: Mapping[str, Snapshot], changed_at: float | None
) -> tuple[ParameterUser, ...]:
    """Return the resources of a run that use a parameter.

    Args:
        parameter: Its name.
        plan: Tells which values each resource needs.
        snapshots: The present snapshots, by id.
        changed_at: When the parameter got another value in this run, in seconds since the epoch.
    """
    users = [start.name for start in plan.starts if any(value.target == parameter for value in start.values)]
    return tuple(
        ParameterUser(
            name,
            waits_since=_waits_since(snapshots[name], parameter),
            stale=_is_stale(snapshots[name], changed_at),
        )
        for name in users
    )


def _waits_since(snapshot: Snapshot, parameter: str) -> float | None:
    if snapshot.state is not State.WAITING:
        return None
    return next((wait.since for wait in snapshot.waits if wait.resource == parameter and not wait.satisfied), None)


def _is_stale(snapshot: Snapshot, changed_at: float | None) -> bool:
    is_up = snapshot.state in _UP and snapshot.started_at is not None
    return is_up and changed_at is not None and (snapshot.started_at or 0) < changed_at


def _view(parameter: Parameter, run: Run, sources: ParameterSources) -> ParameterView:
    answers = _answers(parameter, sources)
    winner = next((answer for answer in answers if answer.value is not None), None)
    changed_at = sources.changed_at(parameter)
    return ParameterView(
        name=parameter.name,
        secret=parameter.secret,
        description=parameter.description,
        value=_shown(parameter, winner, run),
        source=winner.source if winner else "",
        sources=tuple(
            ParameterSource(answer.source, answer.value is not None, wins=answer is winner) for answer in answers
        ),
        used_by=parameter_users(parameter.name, run.plan, run.bus.snapshots, changed_at),
        file=parameter.where.file,
        line=parameter.where.line,
        changed_at=changed_at,
        variable=parameter.variable,
        command=f"--parameter {parameter.name}={'@FILE' if parameter.secret else 'VALUE'}",
        stored=_is_stored(parameter, sources),
    )


def _answers(parameter: Parameter, sources: ParameterSources) -> list[SourceAnswer]:
    try:
        return sources.answers(parameter)
    except StateError:
        return []  # the parameter itself says why


def _is_stored(parameter: Parameter, sources: ParameterSources) -> bool:
    try:
        return sources.store is not None and sources.store.get(parameter.name) is not None
    except StateError:
        return False


def _shown(parameter: Parameter, winner: SourceAnswer | None, run: Run) -> str | None:
    if winner is None or winner.value is None:
        return None
    return MASKED if parameter.secret else run.logs.masked(winner.value)


def _stores(parameters: list[Parameter], sources: ParameterSources) -> list[ParameterStore]:
    stores = []
    if sources.store is not None:
        stored = sum(_is_stored(parameter, sources) for parameter in parameters)
        stores.append(ParameterStore(STORED, _from_home(sources.store.path), stored))
    if sources.project_file is not None:
        stores.append(ParameterStore(sources.project_file.name, str(sources.project_file), sources.project_count))
    return stores


def _from_home(path: Path) -> str:
    """The path as a user writes it."""
    home = Path.home()
    return f"~/{path.relative_to(home)}" if path.is_relative_to(home) else str(path)
