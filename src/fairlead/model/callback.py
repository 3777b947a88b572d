"""What the functions of a definition are called with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from fairlead.model.consumer import Mode
from fairlead.model.resource import Resource
from fairlead.model.value import ValueLike


@dataclass(frozen=True, slots=True)
class CallbackContext:
    """What an environment or argument callback is told.

    Args:
        resource: The resource whose environment or arguments are made.
        mode: Whether the app runs or is published.
    """

    resource: Resource
    mode: Mode

    @property
    def is_run_mode(self) -> bool:
        """Whether the app runs on this machine."""
        return self.mode is Mode.RUN

    @property
    def is_publish_mode(self) -> bool:
        """Whether the app is published."""
        return self.mode is Mode.PUBLISH


class ActionContext(Protocol):
    """What hooks, commands and health checks are called with while the app runs."""

    @property
    def resource(self) -> Resource:
        """The resource it is about."""

    @property
    def inputs(self) -> Mapping[str, Any]:
        """What a command was given, by the names of its inputs; empty for anything but a command."""

    def log(self, text: str) -> None:
        """Write a line into the resource's log."""

    async def resolve(self, value: ValueLike) -> str:
        """The text of a value as this host sees it; waits until it is available."""
