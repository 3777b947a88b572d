"""One run of an app, from the first line to the last: the only place that starts an event loop."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import time
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fairlead.cli.page_options import PageOptions
from fairlead.cli.screens.appearance import is_own
from fairlead.cli.screens.lines import Screen
from fairlead.cli.screens.sampling import Sampler
from fairlead.cli.signals import ENDING, handle_signals
from fairlead.cli.terminal import display_path
from fairlead.dashboard.listening import Listener, listen_for
from fairlead.engines.tasks import Interrupted, TaskScope, unless_set
from fairlead.errors import EngineUnavailable
from fairlead.model.app import App
from fairlead.model.observation.snapshot import Removal, Snapshot
from fairlead.model.observation.state import State
from fairlead.runtime.causes.cause import Cause
from fairlead.runtime.host import Host
from fairlead.runtime.logs.records import Stream
from fairlead.runtime.run_options import RunOptions
from fairlead.runtime.store.instance import RunRecord

if TYPE_CHECKING:
    from fairlead.dashboard.server import ControlServer

_REFRESH_SECONDS = 0.1
_HEAD_START = 0.25
"""Seconds that the app has for its start before the control API is loaded beside it."""
_TAIL = 10
_REMEMBERED_NOTICES = 100
_TAIL_LOOK = 50


@dataclass(frozen=True, slots=True)
class RunResult:
    """How a run ended.

    Args:
        failures: The resources that had failed when it was over or was told to stop.
        causes: What needed a person then, worst first.
        logs: The last lines of each of those.
        was_killed: Whether a second Ctrl+C ended it.
        lacked_engine: Whether all that had failed did so because an engine is not there.
    """

    failures: list[Snapshot]
    causes: Sequence[Cause]
    logs: dict[str, list[str]]
    was_killed: bool = False
    lacked_engine: bool = False

    @property
    def exit_code(self) -> int:
        """What the process ends with."""
        if self.lacked_engine:
            return EngineUnavailable.exit_code
        return 1 if self.failures or self.was_killed else 0


class Session:
    """Runs an app until it is told to stop.

    Args:
        app: The app.
        options: How it is run.
        screen: Where it is shown.
        ends_by_itself: Whether it is over when nothing runs any more.
        announce: Is called once the app is started and can be talked to, with the address of its page.
        page: How its page is served; None for no page.
        until: The resource whose end is the end of the run; None for no such one.
        copy: Is given all lines of that resource with their stream, also where logs drop some.
    """

    def __init__(
        self,
        app: App,
        options: RunOptions,
        screen: Screen,
        *,
        ends_by_itself: bool,
        announce: Callable[[RunRecord, str | None], None] = lambda record, page: None,
        page: PageOptions | None = None,
        until: str | None = None,
        copy: Callable[[Stream, str], None] = lambda stream, text: None,
    ) -> None:
        self._app = app
        self._options = options
        self._screen = screen
        self._ends_by_itself = ends_by_itself
        self._announce = announce
        self._page = page
        self._until = until
        self._copy = copy
        self._listener: Listener | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop = asyncio.Event()
        self._signals = 0
        self._killed = False
        self._sampler: Sampler | None = None
        self._quiet = {resource.name for resource in app if resource.quiet_log}
        self._tasks = TaskScope("session")
        self._cleanup = AsyncExitStack()

    def ask_to_stop(self) -> None:
        """End the run in order; may be called from any thread."""
        if self._loop is not None:
            with suppress(RuntimeError):  # it is closed: the run is over
                self._loop.call_soon_threadsafe(self._stop.set)

    async def run(self) -> RunResult:
        """Run it.

        Raises:
            FairleadError: It can't be started.
        """
        try:
            return await self._run_with_signals()
        except asyncio.CancelledError:
            if not self._killed:
                raise
            return RunResult(
                [], (), {}, was_killed=True
            )  # what is up ends with the event loop, the rest by the watchdog

    async def _run_with_signals(self) -> RunResult:
        self._loop = asyncio.get_running_loop()
        main = asyncio.current_task()
        assert main is not None
        logging.getLogger().addHandler(_Notices(self._screen))
        with handle_signals(
            {signal.SIGCONT: self._screen.redraw, **dict.fromkeys(ENDING, partial(self._on_signal, main))}
        ):
            return await self._open_and_run()

    async def _open_and_run(self) -> RunResult:
        host = await Host.open(self._app, self._options)
        self._screen.notice(f"{self._app.name}  {display_path(self._app.file)}")
        try:
            if self._page is not None:
                self._listener = listen_for(host, self._page.port)
                self._cleanup.callback(self._listener.socket.close)
            return await self._run(host)
        finally:
            if not self._killed:
                await host.close()

    async def _run(self, host: Host) -> RunResult:
        if self._screen.rate is not None:
            self._sampler = Sampler(host.run.logs, self._screen.rate, self._quiet)
        if self._until is not None:
            host.run.logs.log(self._until).copy = self._copy
        changes = self._tasks.start(self._show_changes(host), "showing changes")
        self._tasks.start(self._keep_fresh(), "keeping fresh")
        self._tasks.start(self._follow_definition(host), "following the definition")
        served = self._tasks.start(self._serve(host), "serving the control API")
        try:
            if await self._unless_stopped(host.start()) and await self._unless_stopped(_result_of(served)):
                self._announce(host.record, self._listener.page if self._listener else None)
                await self._unless_stopped(self._is_over(host))
            failures, causes, lacked_engine = host.failures, host.causes.current(), host.lacks_engine
            self._screen.stopping()
            self._screen.notice(f"Stopping {self._app.name}…")
            self._screen.refresh()
            await host.stop()
            await changes
            self._show_new_lines(last=True)
            self._screen.settle()
            logs = {failure.name: _tail(host, failure.name) for failure in failures}
            return RunResult(failures, causes, logs, lacked_engine=lacked_engine)
        finally:
            await self._tasks.close()
            await self._cleanup.aclose()

    async def _serve(self, host: Host) -> None:
        """Begin to serve the control API.

        Loading it takes as long as a service takes to start, and holds up everything else meanwhile; so what is quickly
        up goes first.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(_HEAD_START):
                await host.run.bus.wait_until(lambda: host.is_up)
        server_type = await asyncio.to_thread(_control_server_type)
        server = server_type(host, self._stop.set, self._listener)
        self._cleanup.push_async_callback(server.close)
        await server.start(Path(host.record.socket))
        if self._listener is not None:
            self._screen.notice(f"The dashboard is at\n{self._listener.page}")
        # What is loaded by now stays to the end; to search it for garbage would stop the loop for 30 ms each time.
        gc.freeze()
        gc.enable()

    async def _unless_stopped(self, work: Coroutine[Any, Any, None]) -> bool:
        """Do something, unless the run is told to stop meanwhile; tells whether it was done."""
        try:
            await unless_set(self._stop, work, "session")
        except Interrupted:
            return False
        return True

    async def _is_over(self, host: Host) -> None:
        if self._until is not None:
            await host.run.bus.wait_until(partial(_has_ended, host, self._until), [self._until])
        elif self._ends_by_itself:
            await host.run.bus.wait_until(lambda: host.is_over)
        else:
            await asyncio.get_running_loop().create_future()

    async def _show_changes(self, host: Host) -> None:
        async for snapshot in host.run.bus.watch():
            self._show_new_lines()  # they were written before this
            if isinstance(snapshot, Removal):
                self._screen.remove(snapshot.id)
            else:
                self._screen.change(snapshot.to_json())

    async def _follow_definition(self, host: Host) -> None:
        """Say that files of the definition have changed: once, until they are gone by or are as they were."""
        is_told = False
        async for states in host.definition.feed.follow():
            changed = states[-1].changed
            self._quiet.update(resource.name for resource in host.run.app if resource.quiet_log)
            if changed and not is_told:
                have = "has" if len(changed) == 1 else "have"
                self._screen.notice(
                    f"{', '.join(changed)} {have} changed. `fairlead reload` applies what differs; with --check it "
                    "only shows that."
                )
            is_told = bool(changed)

    async def _keep_fresh(self) -> None:
        while True:
            self._show_new_lines()
            self._screen.refresh()
            await asyncio.sleep(_REFRESH_SECONDS)

    def _show_new_lines(self, *, last: bool = False) -> None:
        if self._sampler is not None:
            self._screen.log(self._sampler.take(time.monotonic(), last=last))

    def _on_signal(self, main: asyncio.Task[Any]) -> None:
        self._signals += 1
        if self._signals == 1:
            self._stop.set()
        elif not self._killed:
            self._killed = True
            self._screen.notice("Killing what is left.")
            main.cancel()


def _has_ended(host: Host, name: str) -> bool:
    """Whether a resource has ended, and will not be started again by itself."""
    state = host.run.bus.current(name).state
    return state.is_terminal or state is State.VALUE_MISSING


async def _result_of(task: asyncio.Task[None]) -> None:
    await asyncio.shield(task)


def _control_server_type() -> type[ControlServer]:
    from fairlead.dashboard.server import ControlServer

    return ControlServer


class _Notices(logging.Handler):
    """Shows what libraries and Fairlead's engines log, where it does not spoil the table."""

    def __init__(self, screen: Screen) -> None:
        super().__init__(logging.WARNING)
        self._screen = screen
        self._shown: deque[str] = deque(maxlen=_REMEMBERED_NOTICES)

    def emit(self, record: logging.LogRecord) -> None:
        """Show a message, once: what fails again every second, such as for want of file descriptors, is known."""
        error = record.exc_info[1] if record.exc_info else None
        cause = f" ({type(error).__name__}: {error})" if error else ""
        text = f"{record.levelname.lower()}: {record.getMessage()}{cause}"
        if text not in self._shown:
            self._shown.append(text)
            self._screen.notice(text)


def _tail(host: Host, name: str) -> list[str]:
    """The last lines that a resource itself has written; what Fairlead says of it is shown anyway."""
    lines = host.run.logs.log(name).lines(_TAIL_LOOK)
    return [line.text for line in lines if not is_own(line.stream)][-_TAIL:]
