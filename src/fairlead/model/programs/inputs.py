"""What a definition gives a program: variables, arguments, references, and functions that make the first two."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple, TypeAlias

from fairlead.model.endpoints.consumer import Mode
from fairlead.model.locations import Location
from fairlead.model.resource import Endpoint, Resource
from fairlead.model.values.value import ValueLike
from fairlead.records import record


@record
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


EnvironmentResult: TypeAlias = ValueLike | Awaitable[ValueLike]
"""What a function gives that makes the value of a variable."""
# Any for what is in a list: mypy takes the one of ``lambda: ["--port", 80]`` for a list of objects.
ArgumentsResult: TypeAlias = ValueLike | Sequence[Any] | Awaitable[ValueLike | Sequence[Any]]
"""What a function gives that makes an argument, or several."""
EnvironmentCallback: TypeAlias = Callable[[], EnvironmentResult] | Callable[[CallbackContext], EnvironmentResult]
ArgumentsCallback: TypeAlias = Callable[[], ArgumentsResult] | Callable[[CallbackContext], ArgumentsResult]
EnvironmentEntry: TypeAlias = ValueLike | EnvironmentCallback
Argument: TypeAlias = ValueLike | ArgumentsCallback


class Variable(NamedTuple):
    """One environment variable as the definition gave it; ``value`` may be a callback."""

    name: str
    value: EnvironmentEntry
    where: Location


@record
class ArgumentEntry:
    """One argument as the definition gave it; a callback gives one or several."""

    value: Argument
    where: Location


@record
class Reference:
    """One ``with_reference``. ``endpoint`` is set when only that endpoint is referred to."""

    target: Resource
    where: Location
    connection_name: str | None = None
    optional: bool = False
    endpoint: Endpoint | None = None
    service_account: str | None = None
