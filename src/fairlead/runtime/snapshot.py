"""What can be seen of a running resource: an immutable picture, replaced as a whole at each change.

Pictures go to the dashboard, the command line and tests. Secrets are in none of them: a secret value is replaced where
the picture is made, and only its name is kept.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

from fairlead.model.health import Health, HealthStatus
from fairlead.model.state import State

MASKED = "***"


@dataclass(frozen=True, slots=True)
class Url:
    """A link to the resource; ``name`` is the endpoint's, or the label of ``with_url``."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class HealthReport:
    """The last answer of one health check; ``checked_at`` is in seconds since the epoch."""

    name: str
    status: HealthStatus
    description: str
    checked_at: float

    @classmethod
    def of(cls, name: str, health: Health, checked_at: float) -> HealthReport:
        """The report of a check's answer."""
        return cls(name, health.status, health.description, checked_at)


@dataclass(frozen=True, slots=True)
class Variable:
    """An environment variable as the resource got it; the value of a secret one is masked."""

    name: str
    value: str
    secret: bool = False


@dataclass(frozen=True, slots=True)
class ReplicaView:
    """One replica: its number from 0, its state, and what its driver tells about it (such as ``pid``)."""

    number: int
    state: State
    exit_code: int | None = None
    properties: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class CommandView:
    """A command that a person can give now."""

    name: str
    display: str
    confirm: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """One resource at one moment.

    Args:
        name: The resource.
        kind: What it is called in tables.
        parent: The resource it is shown below.
        state: What it is doing.
        health: None unless it runs.
        reports: The last answers of its health checks.
        ready: Whether it has become healthy, and its ``on_ready`` hooks are done, since it was started.
        ready_failure: Why it will not become ready until it is started again: how an ``on_ready`` hook failed.
        exit_code: How it ended last, when it had an exit code.
        reason: Why it is as it is, in words; empty when all is well.
        stop_requested: Whether somebody stopped it, so that its exit code says nothing about it.
        waiting_for: What it still waits for, in words.
        blocked_by: The resources that it waits for, one for each entry of ``waiting_for``.
        urls: Links to it.
        environment: The variables of its last start.
        replicas: Its replicas.
        commands: What can be done with it now.
        properties: What its driver tells about it.
        outputs: The names of the values that it has made known; the values may be secret.
        starts: How many times it was started.
        started_at: When it last became Running, in seconds since the epoch.
        stopped_at: When it last ended.
        version: Rises with each picture of the app; assigned by the bus.
    """

    name: str
    kind: str
    parent: str | None = None
    state: State = State.NOT_STARTED
    health: HealthStatus | None = None
    reports: tuple[HealthReport, ...] = ()
    ready: bool = False
    ready_failure: str = ""
    exit_code: int | None = None
    reason: str = ""
    stop_requested: bool = False
    waiting_for: tuple[str, ...] = ()
    blocked_by: tuple[str, ...] = ()
    urls: tuple[Url, ...] = ()
    environment: tuple[Variable, ...] = ()
    replicas: tuple[ReplicaView, ...] = ()
    commands: tuple[CommandView, ...] = ()
    properties: tuple[tuple[str, str], ...] = ()
    outputs: tuple[str, ...] = ()
    starts: int = 0
    started_at: float | None = None
    stopped_at: float | None = None
    version: int = 0

    def with_version(self, version: int) -> Snapshot:
        """The same picture with another version."""
        return replace(self, version=version)

    def same_as(self, other: Snapshot) -> bool:
        """Whether nothing but the version differs."""
        return self == other.with_version(self.version)

    def to_json(self) -> dict[str, Any]:
        """The picture as plain data for JSON; ``kind`` is called ``type`` there (design §7)."""
        data: dict[str, Any] = {"name": self.name, "type": self.kind}
        for field in fields(self):
            if field.name not in ("name", "kind"):
                data[field.name] = _plain(getattr(self, field.name))
        data["properties"] = dict(self.properties)
        for view, replica in zip(data["replicas"], self.replicas, strict=True):
            view["properties"] = dict(replica.properties)
        return data


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(entry) for entry in value]
    if hasattr(value, "__dataclass_fields__"):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    return str(value) if isinstance(value, (State, HealthStatus)) else value
