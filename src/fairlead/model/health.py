"""Health: what a check answers, and the checks a definition can ask for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import TypeAlias

from fairlead.model.endpoints.endpoint import EndpointHandle
from fairlead.model.values.value import Value
from fairlead.records import record

_NAME_WIDTH = 60


class HealthStatus(StrEnum):
    """The answer of a check. The order of badness is the order here."""

    HEALTHY = "Healthy"
    DEGRADED = "Degraded"
    UNHEALTHY = "Unhealthy"


@record
class Health:
    """What a health check found.

    Args:
        status: The verdict.
        description: Why, in words for a person; must hold no secret.
        expected: What a healthy answer is, such as ``200``; empty where the check asks nothing of that kind.
        got: What was answered instead, such as ``503``.
        raw: What else was said, in its own words, such as the text of an answer.
    """

    status: HealthStatus
    description: str = ""
    expected: str = ""
    got: str = ""
    raw: str = ""

    @classmethod
    def healthy(cls, description: str = "") -> Health:
        """All is well."""
        return cls(HealthStatus.HEALTHY, description)

    @classmethod
    def degraded(cls, description: str) -> Health:
        """It works, but not as it should. Does not count as healthy for a wait."""
        return cls(HealthStatus.DEGRADED, description)

    @classmethod
    def unhealthy(cls, description: str) -> Health:
        """It does not work."""
        return cls(HealthStatus.UNHEALTHY, description)


HealthAnswer: TypeAlias = Health | bool | Awaitable[Health | bool | None] | None
"""What a function answers that checks health: None and True mean healthy, False unhealthy."""
HealthFunction: TypeAlias = Callable[..., HealthAnswer]
"""``def`` or ``async def``, of no argument or of an :class:`~fairlead.model.resource.ActionContext`. An exception
means unhealthy."""


@record
class HttpCheck:
    """GET ``path`` answers with ``status``; ``base`` is an endpoint, or an address."""

    path: str
    status: int
    base: EndpointHandle | Value | str

    @property
    def name(self) -> str:
        """What the check is called in reports."""
        return f"GET {self.path}"


@record
class TcpCheck:
    """A connection to the endpoint is accepted."""

    endpoint: EndpointHandle

    @property
    def name(self) -> str:
        """What the check is called in reports."""
        return "TCP connect"


@record
class CommandCheck:
    """A command ends with 0 where the program runs: in its container, or beside its process. Times are in seconds.

    Args:
        command: The command and its arguments; text is a line for ``/bin/sh -c``.
        interval: Between two checks of a healthy program.
        timeout: After which a check counts as failed.
        retries: Failed checks in a row that make a healthy program unhealthy.
        start_period: After the start, in which failed checks don't count.
    """

    command: str | tuple[str, ...]
    interval: float | None = None
    timeout: float | None = None
    retries: int | None = None
    start_period: float | None = None

    @property
    def argv(self) -> tuple[str, ...]:
        """The command as it is run."""
        return ("/bin/sh", "-c", self.command) if isinstance(self.command, str) else self.command

    @property
    def name(self) -> str:
        """What the check is called in reports: its command, cut to a width that fits beside others."""
        words = self.command if isinstance(self.command, str) else " ".join(self.command)
        text = " ".join(words.split())
        return text if len(text) <= _NAME_WIDTH else f"{text[: _NAME_WIDTH - 1]}…"


@record
class FunctionCheck:
    """A function of the user answers."""

    name: str
    function: HealthFunction


HealthCheck: TypeAlias = HttpCheck | TcpCheck | CommandCheck | FunctionCheck
