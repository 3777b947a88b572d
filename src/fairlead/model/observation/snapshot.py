"""Snapshots: what can be seen of a resource of a run, immutable and replaced as a whole at each change.

Snapshots go to drivers, the dashboard, the command line and tests. Secrets are in none of them: a secret value is
replaced when the snapshot is made, and only its name is kept.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from pathlib import PurePath
from typing import Any, Literal, TypedDict

from fairlead.model.command import CommandInput
from fairlead.model.health import Health, HealthStatus
from fairlead.model.locations import Location
from fairlead.model.observation.state import State

MASKED = "***"

Origin = Literal["declared", "observed"]
"""Where a snapshot comes from: a resource of the definition, or an object that a driver has found below one."""


@dataclass(frozen=True, slots=True)
class Url:
    """A link to the resource; ``name`` is the endpoint's, or the label of ``with_url``."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class HealthReport:
    """The last answer of one health check.

    Args:
        name: The check.
        status: What it found.
        description: The same in words.
        checked_at: When, in seconds since the epoch. A report that differs in nothing else counts as the same.
        expected: What a healthy answer is, such as ``200``; empty where the check does not say.
        got: What was answered; empty where the check does not say.
        duration: How long the answer took, in seconds.
        since: Since when it finds the same status, in seconds since the epoch.
        raw: What else was said, in its own words, such as the text of an answer.
    """

    name: str
    status: HealthStatus
    description: str
    checked_at: float = field(compare=False)
    expected: str = ""
    got: str = ""
    duration: float | None = field(default=None, compare=False)
    since: float | None = field(default=None, compare=False)
    raw: str = field(default="", compare=False)

    @classmethod
    def of(cls, name: str, health: Health, checked_at: float, duration: float | None = None) -> HealthReport:
        """The report of a check's answer."""
        return cls(
            name, health.status, health.description, checked_at, health.expected, health.got, duration, raw=health.raw
        )


@dataclass(frozen=True, slots=True)
class VariableView:
    """An environment variable as the resource got it; the value of a secret one is masked.

    Args:
        name: Its name.
        value: Its value.
        secret: Whether it is shown only on request.
        origin: Where its value comes from, in words: a reference, a parameter, a rule of its kind, a file.
        origin_resource: The name of the resource that it comes from, if it comes from one.
    """

    name: str
    value: str
    secret: bool = False
    origin: str = ""
    origin_resource: str | None = None


@dataclass(frozen=True, slots=True)
class WaitView:
    """One thing that a resource waits for before it starts.

    Args:
        resource: The name of the resource that it waits for.
        condition: What that has to be: ``healthy``, ``running``, ``completed``, or ``value`` for a value of it.
        satisfied: Whether it is.
        since: When it became so, or when the wait began, in seconds since the epoch.
        why_not: Why it is not yet, in words; empty when it is.
        took: Seconds from the beginning of the wait until it was; None while it is not.
    """

    resource: str
    condition: str
    satisfied: bool
    since: float | None
    why_not: str = ""
    took: float | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class EndpointView:
    """An address of an endpoint.

    Args:
        name: The endpoint.
        address: A URL, or ``host:port`` where the scheme says nothing to a browser.
        seen_from: From where it is reached: ``host``, or ``container``.
        note: What is special about it, such as ``internal`` or ``forwarded``; empty where nothing is.
    """

    name: str
    address: str
    seen_from: Literal["host", "container"]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Declaration:
    """The line of the app file that declares a resource.

    Args:
        file: The file, relative to the folder of the app file where it is in there.
        line: The number of the line, from 1.
    """

    file: str
    line: int

    @classmethod
    def of(cls, where: Location, directory: PurePath) -> Declaration | None:
        """The declaration at a location; None where that is unknown.

        Args:
            where: The location.
            directory: The folder of the app file.
        """
        if not where.line:
            return None
        file = PurePath(where.file)
        inside = file.is_relative_to(directory)
        return cls(file.relative_to(directory).as_posix() if inside else where.file, where.line)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class ReplicaView:
    """One replica of a resource that has several.

    Args:
        number: Its number, from 0.
        state: What it is doing.
        exit_code: How it ended, if it ended with an exit code.
        properties: What its driver tells about it, such as ``pid``.
        id: Names it in addresses, logs and causes: ``api-1`` for the first of ``api``; ``api.1`` where a resource is
            called ``api-1``.
        health: None unless it runs.
        reports: The last answers of the health checks that ask this replica alone.
        reason: Why it is as it is, in one line; empty when all is well.
        urls: Links to it alone, past the balancer.
        started_at: When it came up, in seconds since the epoch.
        stopped_at: When it ended.
    """

    number: int
    state: State
    exit_code: int | None = None
    properties: tuple[tuple[str, str], ...] = ()
    id: str = ""
    health: HealthStatus | None = None
    reports: tuple[HealthReport, ...] = ()
    reason: str = ""
    urls: tuple[Url, ...] = ()
    started_at: float | None = None
    stopped_at: float | None = None


@dataclass(frozen=True, slots=True)
class CommandView:
    """A command that a user can give, and what it asks for; see ``with_command``.

    Args:
        name: Its name.
        display: The words on its button.
        confirm: A question to ask before it runs.
        inputs: What it asks for.
        enabled: Whether it can be given now.
        why_not: Why it can't, in words.
        effects: What it will do, also to other resources, in order, each in a sentence.
        loses_data: Whether data is lost that nothing brings back.
        running_since: Since when it runs, in seconds since the epoch; None when it does not.
    """

    name: str
    display: str
    confirm: str | None = None
    inputs: tuple[CommandInput, ...] = ()
    enabled: bool = True
    why_not: str = ""
    effects: tuple[str, ...] = ()
    loses_data: bool = False
    running_since: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """One resource at one moment.

    Args:
        name: The resource.
        kind: What it is called in tables.
        id: Names it in addresses and commands: the name of a declared resource, by default; an observed one has
            ``<owner>/<kind>/<namespace or ->/<name>``.
        origin: Whether the definition declares it, or a driver observes it below a declared one.
        owner: The declared resource whose driver observes it; None for a declared one.
        parent: The id of the resource it is shown below.
        state: What it is doing.
        health: None unless it runs.
        reports: The last answers of its health checks.
        ready: Whether it has become healthy, and its ``on_ready`` hooks are done, since it was started.
        ready_failure: Why it will not become ready until it is started again: how an ``on_ready`` hook failed.
        exit_code: How it ended last, when it had an exit code.
        end_failure: Why its last end is a failure whatever its exit code: an error that ended it. Empty otherwise.
        failure: The kind of the error that it failed by, such as ``EngineUnavailable``; empty when none did.
        state_since: Since when it is in this state, in seconds since the epoch; None where that is not known.
        reason: Why it is as it is, in words; empty when all is well.
        remedy: What to do about it, which the reason ends with; empty where nothing is known.
        raw: What the engine, cluster or program itself said; empty where it said nothing more.
        word: Its own word for what it is doing, which takes the place of the state, such as ``ImagePullBackOff``.
        summary: The one line that tables show of why it is as it is: what it waits for, the reason, the failing
            checks; empty when there is nothing to say.
        stop_requested: Whether somebody stopped it, so that its exit code says nothing about it.
        waiting_for: What it still waits for, in words.
        blocked_by: The resources that it waits for, one for each entry of ``waiting_for``.
        waits: All that its last start waits or has waited for.
        declared: The line of the app file that declares it; None for an observed one.
        icon: What its kind looks like, as ``with_icon`` or its kind says.
        urls: Links to it.
        endpoints: Its addresses, as this machine and as containers see them.
        environment: The variables of its last start.
        replicas: Its replicas.
        commands: What can be done with it now.
        properties: What its driver tells about it.
        outputs: The names of the values that it has made known, as ``name@network`` where one network alone has been
            told; the values may be secret.
        starts: How many times it was started.
        restarts: How often in a row it was started again because it had ended by itself.
        restart_reason: How it ended before the last of these restarts.
        started_at: When it last became Running, in seconds since the epoch.
        stopped_at: When it last ended.
        version: Rises with each change in the app; assigned by the bus.
    """

    name: str
    kind: str
    id: str = ""
    origin: Origin = "declared"
    owner: str | None = None
    parent: str | None = None
    state: State = State.NOT_STARTED
    health: HealthStatus | None = None
    reports: tuple[HealthReport, ...] = ()
    ready: bool = False
    ready_failure: str = ""
    exit_code: int | None = None
    end_failure: str = ""
    failure: str = ""
    state_since: float | None = None
    reason: str = ""
    remedy: str = ""
    raw: str = ""
    word: str = ""
    summary: str = ""
    stop_requested: bool = False
    waiting_for: tuple[str, ...] = ()
    blocked_by: tuple[str, ...] = ()
    waits: tuple[WaitView, ...] = ()
    declared: Declaration | None = None
    icon: str | None = None
    urls: tuple[Url, ...] = ()
    endpoints: tuple[EndpointView, ...] = ()
    environment: tuple[VariableView, ...] = ()
    replicas: tuple[ReplicaView, ...] = ()
    commands: tuple[CommandView, ...] = ()
    properties: tuple[tuple[str, str], ...] = ()
    outputs: tuple[str, ...] = ()
    starts: int = 0
    restarts: int = 0
    restart_reason: str = ""
    started_at: float | None = None
    stopped_at: float | None = None
    version: int = 0

    def __post_init__(self) -> None:
        if not self.id:
            object.__setattr__(self, "id", self.name)

    def command(self, name: str) -> CommandView:
        """Return one of its commands.

        Raises:
            LookupError: It has none of that name.
        """
        for command in self.commands:
            if command.name == name:
                return command
        raise LookupError(f"{self.name} has no command {name!r}")

    def with_version(self, version: int) -> Snapshot:
        """The same snapshot with another version."""
        return replace(self, version=version)

    def same_as(self, other: Snapshot) -> bool:
        """Whether nothing differs but the version and the times of health checks."""
        return self == other.with_version(self.version)

    def to_json(self) -> dict[str, Any]:
        """The snapshot as plain data for JSON; ``kind`` is called ``type`` there."""
        data: dict[str, Any] = {"id": self.id, "name": self.name, "type": self.kind}
        for each in fields(self):
            if each.name not in ("id", "name", "kind"):
                data[each.name] = _plain(getattr(self, each.name))
        data["properties"] = dict(self.properties)
        for view, replica in zip(data["replicas"], self.replicas, strict=True):
            view["properties"] = dict(replica.properties)
        return data


@dataclass(frozen=True, slots=True)
class Removal:
    """An observed resource is gone; takes the place of its snapshots for those who watch.

    Args:
        id: The id that its snapshots had.
        version: Rises with each change in the app; assigned by the bus.
    """

    id: str
    version: int = 0

    def to_json(self) -> dict[str, Any]:
        """The removal as plain data for JSON."""
        return {"id": self.id, "removed": True, "version": self.version}


class SnapshotChange(TypedDict, total=False):
    """New values for some fields of a :class:`Snapshot`; the others stay."""

    state: State
    health: HealthStatus | None
    reports: tuple[HealthReport, ...]
    ready: bool
    ready_failure: str
    exit_code: int | None
    end_failure: str
    failure: str
    reason: str
    remedy: str
    raw: str
    stop_requested: bool
    waiting_for: tuple[str, ...]
    blocked_by: tuple[str, ...]
    waits: tuple[WaitView, ...]
    urls: tuple[Url, ...]
    endpoints: tuple[EndpointView, ...]
    environment: tuple[VariableView, ...]
    replicas: tuple[ReplicaView, ...]
    properties: tuple[tuple[str, str], ...]
    outputs: tuple[str, ...]
    starts: int
    restarts: int
    restart_reason: str
    started_at: float | None
    stopped_at: float | None


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(entry) for entry in value]
    if hasattr(value, "__dataclass_fields__"):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    return str(value) if isinstance(value, (State, HealthStatus)) else value
