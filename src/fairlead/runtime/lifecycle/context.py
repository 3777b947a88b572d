"""What the runtime offers to a driver, and to the functions of a definition, for one start."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from fairlead.errors import StartError
from fairlead.model.consumer import Contribution, Mode, Network
from fairlead.model.contributions import consumer_of
from fairlead.model.driver import DriverContext
from fairlead.model.resource import Consumer, Resource
from fairlead.model.state import State
from fairlead.model.user_functions import Hook
from fairlead.model.value import ValueLike
from fairlead.runtime.lifecycle.run import Run
from fairlead.runtime.snapshot import MASKED, Variable
from fairlead.runtime.values.program_inputs import ProgramInputs, is_secret, resolve_arguments, resolve_environment
from fairlead.runtime.values.user_functions import call_user_function

if TYPE_CHECKING:
    from pathlib import Path

S = TypeVar("S")

#: Is told what a driver reports: a state (or None), and properties.
Report = Callable[[State | None, dict[str, str | int | None]], None]


class HookContext:
    """What hooks, commands and health checks are called with (the ``ActionContext`` of the public contract).

    Made on the event loop, and used on it or in the thread of a ``def`` function.

    Args:
        run: The run.
        resource: The resource it is about.
        log_name: Whose log it writes to, if not the resource's.
    """

    def __init__(self, run: Run, resource: Resource, log_name: str | None = None) -> None:
        self._run = run
        self._resource = resource
        self._log_name = log_name or resource.name
        self._loop = asyncio.get_running_loop()

    @property
    def resource(self) -> Resource:
        """The resource it is about."""
        return self._resource

    def log(self, text: str) -> None:
        """Write a line into the resource's log."""
        if _running_loop() is self._loop:
            self._write(text)
            return
        with suppress(RuntimeError):  # the loop is closed: the run is over, and its logs with it
            self._loop.call_soon_threadsafe(self._write, text)

    async def resolve(self, value: ValueLike) -> str:
        """The text of a value as this host sees it; waits until it is available, on whatever event loop."""
        resolving = self._run.resolver.text(value, host_consumer(self._resource))
        if _running_loop() is self._loop:
            return await resolving
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(resolving, self._loop))

    async def call(self, function: Hook) -> Any:
        """Call a function of the definition, be it ``def`` or ``async def``."""
        return await call_user_function(function, self)

    def _write(self, text: str) -> None:
        self._run.logs.log(self._log_name).write(text)


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def host_consumer(resource: Resource) -> Consumer:
    """A resource looked at from this machine."""
    return Consumer(resource, Network.HOST, Mode.RUN)


class ReplicaContext(DriverContext):
    """What a driver gets for one start of one replica.

    Args:
        run: The run.
        resource: The resource.
        settings: Its variables and arguments, callbacks called.
        replica: The replica's number, from 0.
        report: Is told what the driver reports.
    """

    def __init__(self, run: Run, resource: Resource, settings: ProgramInputs, replica: int, report: Report) -> None:
        self._run = run
        self._settings = settings
        self._report = report
        self.resource = resource
        self.app_id = run.app_id
        self.run_id = run.run_id
        self.directory: Path = run.app.directory
        self.replica = replica
        self.isolated = run.isolated
        self.variables: tuple[Variable, ...] = ()

    @property
    def _consumer(self) -> Consumer:
        return consumer_of(self.resource, Mode.RUN)

    @property
    def ending(self) -> bool:
        """Whether the run as a whole is ending, and not just this resource."""
        return self._run.ending.is_set()

    @property
    def contributions(self) -> tuple[Contribution, ...]:
        """What the resources it refers to give it, beyond the variables."""
        return self._settings.contributions(self._run.resolver)

    def log(self, text: str) -> None:
        """Write a line of Fairlead's own into the resource's log."""
        self._run.logs.log(self.resource.name).write(text)

    def output(self, stream: Literal["stdout", "stderr"], lines: list[bytes]) -> None:
        """Hand over lines that the resource itself wrote."""
        self._run.logs.log(self.resource.name).feed(stream, lines)

    async def environment(self) -> dict[str, str]:
        """The variables the resource is to see; the secret ones are masked in its log from now on."""
        texts = await resolve_environment(self._settings, self._run.resolver, self._consumer, self.replica)
        secret = {name for name, value in self._settings.environment.items() if is_secret(value)}
        for name in secret & set(texts):
            self._run.logs.mask(texts[name])
        self.variables = tuple(
            Variable(name, MASKED, True) if name in secret else Variable(name, self._run.logs.masked(text))
            for name, text in texts.items()
        )
        self._report(None, {})
        return texts

    async def arguments(self) -> list[str]:
        """The arguments of ``with_args``, resolved.

        Raises:
            StartError: One of them is secret and would be seen by everyone, which is only known now as it comes from
                a callback.
        """
        for value in self._settings.arguments:
            if is_secret(value):
                program = "container" if self.resource.maps_ports else "process"
                raise StartError(
                    f"a callback gave a secret as an argument, and those of a {program} can be seen by everyone",
                    remedy="Give it with with_environment(), or in a file.",
                )
        return await resolve_arguments(self._settings, self._run.resolver, self._consumer, self.replica)

    async def resolve(self, value: ValueLike) -> str:
        """The text of a value as this resource sees it; waits until it is available."""
        return await self._run.resolver.text(value, self._consumer, self.replica)

    def host_port(self, endpoint: str) -> int:
        """The port of this machine that callers of the endpoint use."""
        return self._run.addresses.host_port(self.resource, self.resource.endpoints[endpoint])

    def port(self, endpoint: str) -> int:
        """The port this replica has to listen on."""
        return self._run.addresses.target_port(self.resource, self.resource.endpoints[endpoint], self.replica)

    def set_output(self, name: str, value: str, *, network: Network | None = None) -> None:
        """Make the output of that name known."""
        self._run.outputs.set(self.resource.name, name, value, network)
        self._report(None, {})  # which outputs are known is shown, and so wakes who waits for them

    def mask(self, secret: str) -> None:
        """Keep a text out of all logs from now on."""
        self._run.logs.mask(secret)

    def report(self, state: State | None = None, **properties: str | int | None) -> None:
        """Change what is shown."""
        self._report(state, properties)

    async def shared(self, key: type[S], make: Callable[[], Awaitable[S]]) -> S:
        """One object for the whole run."""
        return await self._run.shared.get(key, make)
