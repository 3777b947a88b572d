"""An app that runs inside a test or a program."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from fairlead.app import Apphost
from fairlead.model.app import App
from fairlead.model.consumer import Mode
from fairlead.model.wait import WaitBehavior
from fairlead.runtime.conditions import Condition, wait_for_condition
from fairlead.runtime.context import host_consumer
from fairlead.runtime.host import Host, RunOptions
from fairlead.runtime.logs import LogLine
from fairlead.runtime.snapshot import Snapshot


class Running:
    """A running app; made by :func:`testing`.

    Args:
        host: Its host.
    """

    def __init__(self, host: Host) -> None:
        self.host = host

    @property
    def app(self) -> App:
        """The model."""
        return self.host.run.app

    def snapshot(self, name: str) -> Snapshot:
        """How a resource is now."""
        return self.host.run.bus.current(self._name(name))

    async def wait_for(self, name: str, condition: Condition, timeout: float = 60) -> Snapshot:  # noqa: ASYNC109
        """Return when a resource is ``running``, ``healthy`` or ``completed``.

        Args:
            name: The resource.
            condition: What to wait for.
            timeout: Seconds.

        Raises:
            ResourceFailed: It will not come to that.
            WaitTimeout: It has not come to that in time; the message says what it waits for.
        """
        name = self._name(name)
        return await wait_for_condition(
            self.host.run.bus,
            name,
            condition,
            timeout,
            ready_when_finished=self.app[name].ready_when_finished,
        )

    async def wait_healthy(self, name: str, timeout: float = 60) -> Snapshot:  # noqa: ASYNC109
        """Return when a resource is healthy; see :meth:`wait_for`."""
        return await self.wait_for(name, "healthy", timeout)

    async def endpoint(self, name: str, endpoint: str | None = None) -> str:
        """The address of an endpoint as this machine sees it, such as ``http://localhost:10123``.

        Args:
            name: The resource.
            endpoint: The endpoint's name; by default the only one, or ``http``.

        Raises:
            LookupError: There is no such endpoint.
        """
        resource = self.app[name]
        return await self.host.run.resolver.text(resource.endpoint(endpoint).url, host_consumer(resource))

    def logs(self, name: str) -> list[LogLine]:
        """What a resource has written, and what Fairlead has to say about it."""
        return self.host.run.logs.log(self._name(name)).lines()

    async def command(self, name: str, command: str) -> str | None:
        """Give a command to a resource: ``start``, ``stop``, ``restart``, or one of its own."""
        return await self.host.supervisor.command(name, command)

    def _name(self, name: str) -> str:
        return self.app[name].name


@asynccontextmanager
async def testing(
    apphost: Apphost,
    *,
    parameters: Mapping[str, str] | None = None,
    behavior: WaitBehavior = WaitBehavior.FAIL_FAST,
) -> AsyncIterator[Running]:
    """Run an app beside everything else that may run: random ports, nothing stored, waits that fail fast.

    Args:
        apphost: The definition.
        parameters: Values of parameters by name.
        behavior: What waits do when their target fails.

    Raises:
        DefinitionError: The definition has mistakes.
    """
    app = apphost.build(Mode.RUN)
    options = RunOptions(parameters=dict(parameters or {}), behavior=behavior, isolated=True)
    host = await Host.open(app, options)
    try:
        await host.start()
        yield Running(host)
    finally:
        await host.close()
