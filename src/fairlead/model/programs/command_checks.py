"""Health checks by a command, which runs where the program does."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import Protocol, Self, TypeAlias

from fairlead.model.argument_checks import MAX_NUMBER, kind_of
from fairlead.model.health import CommandCheck
from fairlead.model.locations import mistake
from fairlead.model.programs.volume_mounts import VolumeUser


class Duration(Protocol):
    """What ``datetime.timedelta`` has; that takes a while to load, so it is not named here."""

    def total_seconds(self) -> float:
        """Its length in seconds."""


Seconds: TypeAlias = float | Duration
"""A number of seconds, or a ``timedelta``."""


class CommandChecked(VolumeUser):
    """A program whose health a command can check."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        #: Whether the health check that its image brings counts.
        self.image_health_check = True

    def with_command_health_check(
        self,
        command: str | Sequence[str],
        *,
        interval: Seconds | None = None,
        timeout: Seconds | None = None,
        retries: int | None = None,
        start_period: Seconds | None = None,
    ) -> Self:
        """Healthy when a command ends with 0: in its container, or beside its process with the same environment.

        Published as a readiness probe, and with ``start_period`` also as a startup probe. It takes the place of the
        health check of a container's image.

        Args:
            command: The command and its arguments. Text is a line for ``/bin/sh -c``, which the image needs to have.
            interval: Time between two checks of a healthy program; by default 30 seconds in a run and 10 in a cluster.
                A run checks more often until it is healthy.
            timeout: Time after which a check counts as failed; by default 30 seconds.
            retries: Failed checks in a row that make a healthy program unhealthy; by default 3.
            start_period: Time after the start in which failed checks don't count; by default none. A cluster starts a
                program again that is not healthy after it.
        """
        method = "with_command_health_check"
        self._declare(method)
        argv = self._health_command(command)
        times = {"interval": interval, "timeout": timeout, "start_period": start_period}
        seconds = {
            what: self._seconds(method, what, time, may_be_none=what == "start_period") for what, time in times.items()
        }
        valid = all((seconds[what] is None) == (time is None) for what, time in times.items())
        if retries is not None:
            valid &= self._number(method, "retries", retries, 1)
        if argv is not None and valid:
            self.health_checks.append(CommandCheck(argv, retries=retries, **seconds))
        return self

    def with_image_health_check(self, enabled: bool = True) -> Self:
        """Say whether the health check of its image counts (``HEALTHCHECK`` in its Dockerfile), as it does by default.

        Of an image that several programs share it is often about one of them.

        Args:
            enabled: Whether it counts, in a run and in what is published.
        """
        self._declare("with_image_health_check")
        self.image_health_check = self._flag("with_image_health_check", "enabled", enabled)
        return self

    def _health_command(self, command: object) -> str | tuple[str, ...] | None:
        """The command, or None, reported, where it is none."""
        method = "with_command_health_check"
        if isinstance(command, str):
            return command if self._text(method, "command", command) else None
        parts = tuple(command) if isinstance(command, Sequence) and not isinstance(command, bytes) else ()
        if not parts:
            mistake(
                f"{method}() needs a command, not {kind_of(command)}",
                resource=self.name,
                remedy="Give the program and its arguments: ['pg_isready', '-U', 'app'].",
            )
            return None
        wrong = next((part for part in parts if not isinstance(part, str) or "\0" in part), None)
        if wrong is not None:
            mistake(
                f"{method}() needs text as each part of the command, not {kind_of(wrong)}",
                resource=self.name,
                remedy="Give text; what is known later, or secret, in a variable that the command reads.",
            )
            return None
        return parts if self._text(method, "program", parts[0]) else None

    def _seconds(self, method: str, what: str, time: object, *, may_be_none: bool = False) -> float | None:
        """A time in seconds; None where there is none, or a wrong one, which is reported."""
        if time is None:
            return None
        total = getattr(time, "total_seconds", None)
        given: object = total() if callable(total) else time
        seconds = float(given) if isinstance(given, (int, float)) and not isinstance(given, bool) else None
        if seconds is not None and isfinite(seconds) and 0 <= seconds <= MAX_NUMBER and (seconds or may_be_none):
            return seconds
        found = kind_of(time) if seconds is None else f"{seconds:g}"
        mistake(
            f"{method}() needs a number of seconds as {what}, not {found}",
            resource=self.name,
            remedy="Give more than 0, or a timedelta; or leave it out.",
        )
        return None
