"""Starting an app for a test, and stopping it."""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping
from contextlib import AsyncExitStack, suppress
from types import TracebackType
from typing import TYPE_CHECKING

from fairlead.definition import Definition
from fairlead.engines.containers import ContainerEngine
from fairlead.errors import UsageError
from fairlead.model.endpoints.consumer import Mode
from fairlead.model.wait import WaitBehavior, WaitBehaviorText
from fairlead.runtime.host import Host
from fairlead.runtime.run_options import RunOptions
from fairlead.testing.arguments import check_parameters, given_behavior, given_names
from fairlead.testing.blocking import BlockingRunning
from fairlead.testing.either_way import EitherWay
from fairlead.testing.loop_thread import LoopThread, runs_here
from fairlead.testing.observers import observers
from fairlead.testing.running import Running

if TYPE_CHECKING:
    from fairlead.runtime.lifecycle.run import Run


# A class, because pytest would take a function of that name for a test of the module that imports it.
class testing(EitherWay[Running, BlockingRunning]):
    """Run an app beside everything else that may run: random ports, nothing stored, waits that fail fast.

    ``async with testing(shop, exclude={"web"}) as app:`` starts it and goes on at once; ``app`` is a :class:`Running`,
    which can be waited on. It is stopped when the block ends, and nothing of it stays, whatever lifetimes the
    definition asks for.

    ``with testing(shop) as app:`` is the same for code without an event loop; ``app`` is a :class:`BlockingRunning`,
    whose methods block. The app then lives in a thread.

    Args:
        apphost: The definition.
        parameters: Values of parameters by name; they win over the environment, ``pyproject.toml`` and defaults.
        exclude: Names of resources that are not started. What waits for one of them goes on without; its addresses
            stay known, so a test can put something of its own there. ``docs/how-to/test-your-app.md`` has the rules.
        select: Names of the resources to start, with what they need; all when empty. The others can be started by
            ``app.command(name, "start")``.
        groups: The groups whose members start as well, ``*`` for all.
        behavior: What waits do when their target fails.
        engine: What is used instead of this machine's container engine. It is not closed, and a test run that is
            killed leaves what is in it.
    """

    def __init__(
        self,
        apphost: Definition,
        *,
        parameters: Mapping[str, str] | None = None,
        exclude: Collection[str] = (),
        select: Collection[str] = (),
        groups: Collection[str] = (),
        behavior: WaitBehavior | WaitBehaviorText = WaitBehavior.FAIL_FAST,
        engine: ContainerEngine | None = None,
    ) -> None:
        self._apphost = apphost
        self._options = RunOptions(
            parameters=dict(parameters or {}),
            selected=given_names("select", select),
            groups=given_names("groups", groups),
            excluded=given_names("exclude", exclude),
            behavior=given_behavior(behavior),
            isolated=True,
        )
        self._engine = engine
        self._running: Running | None = None

    def _blocking(self, entered: Running, thread: LoopThread) -> BlockingRunning:
        return BlockingRunning(entered, thread)

    async def __aenter__(self) -> Running:
        """Start the app; what has to be waited for is.

        Raises:
            DefinitionError: The definition has mistakes.
            UsageError: There is no resource, group or parameter of a given name, or what is excluded can't be done
                without; or no event loop of asyncio runs here.
        """
        if not runs_here():
            raise UsageError(
                "an app needs the event loop of asyncio, and none runs here" + (", but trio" if _is_trio() else ""),
                remedy="Call it from a coroutine that asyncio runs (with AnyIO: the backend asyncio). Elsewhere "
                "`with testing(…) as app:` needs no event loop; under trio, enter it in a thread: "
                "trio.to_thread.run_sync().",
            )
        app = self._apphost.build(Mode.RUN)
        check_parameters(app, self._options.parameters)
        host = await Host.open(app, self._options)
        try:
            if self._engine is not None:
                _lend(host.run, self._engine)
            await host.start()
        except BaseException:
            await host.close()
            raise
        self._running = Running(host)
        for observer in observers():
            observer.opened(self._running)
        return self._running

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the app, however the block ended."""
        running, self._running = self._running, None
        if running is None:
            return
        async with AsyncExitStack() as ends:  # each is done whatever those before it raise; the last first
            for observer in observers():
                ends.push_async_callback(observer.closed, running)
            ends.push_async_callback(running.host.close)
            ends.push_async_callback(running.close_clients)
            for observer in observers():
                await observer.closing(running, error)


def _is_trio() -> bool:
    """Whether trio runs this, which is loaded then."""
    sniffio = sys.modules.get("sniffio")
    trio = sys.modules.get("trio")
    with suppress(Exception):  # either says so by an error that nothing runs
        if sniffio is not None:
            return bool(sniffio.current_async_library() == "trio")
        return trio is not None and trio.lowlevel.current_task() is not None
    return False


def _lend(run: Run, engine: ContainerEngine) -> None:
    # Here, as only this needs the module, and the drivers of containers bring the engine's client along.
    from fairlead.drivers.containers.engine import EngineConnection

    class Lent(EngineConnection):
        """A connection that belongs to the test."""

        async def close(self) -> None:
            """Leave it open."""

    run.shared.provide(EngineConnection, Lent(engine))
