"""The one run of an app that this process is: its event loop, its screen, and how it is summed up."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from fairlead.cli import terminal
from fairlead.cli.interrupts import quiet_interrupts

if TYPE_CHECKING:
    from fairlead.cli.screens.lines import Screen
    from fairlead.cli.screens.writer import Writer
    from fairlead.cli.session import RunResult
    from fairlead.model.app import App
    from fairlead.runtime.causes.cause import Cause
    from fairlead.runtime.run_options import RunOptions


def run_session(
    app: App, options: RunOptions, make_screen: Callable[[App], Screen], *, shown: Collection[str] = (), **more: Any
) -> RunResult:
    """Run an app until it is over or told to stop, and sum up how it ended.

    Args:
        app: The app.
        options: How it is run.
        make_screen: Makes what it is shown on; called inside the event loop.
        shown: The resources whose failures the screen shows anyway, so that the summary leaves them out.
        **more: Further arguments of :class:`fairlead.cli.session.Session`.

    Raises:
        FairleadError: It can't be started, or its output can't be written.
    """
    with quiet_interrupts():  # a quarter of a second, in which nothing is there yet
        import asyncio

        from fairlead.cli.session import Session
        from fairlead.cli.signals import HostLoop
        from fairlead.engines.descriptors import raise_limit

    raise_limit()
    failures: list[OSError] = []

    async def session() -> tuple[RunResult, Screen]:
        screen: Screen = make_screen(app)
        session = Session(app, options, screen, **more)

        def stop(error: OSError | None) -> None:
            if error is not None:
                failures.append(error)
            session.ask_to_stop()

        screen.on_gone(stop)
        try:
            return await session.run(), screen
        except BaseException:
            screen.close()
            raise

    with asyncio.Runner(loop_factory=HostLoop) as runner:
        result, screen = runner.run(session())
    _summarize(app, result, screen, shown)
    screen.close()
    if failures:
        raise terminal.unwritable(failures[0])
    return result


def names_on_screen(app: App) -> list[str]:
    """The resources that have something to say, as a rule."""
    return [resource.name for resource in app if resource.driver is not None and not resource.passive]


def writer_of(descriptor: int) -> Writer:
    """What writes to standard output (1) or standard error (2) from a thread of its own."""
    from fairlead.cli.screens.writer import Writer

    sys.stdout.flush()
    sys.stderr.flush()
    stream = sys.stdout if descriptor == 1 else sys.stderr
    return Writer(descriptor, stream.encoding or "utf-8")


def _summarize(app: App, result: RunResult, screen: Screen, shown: Collection[str]) -> None:
    """Say how it ended: the cause of each failure with its effects, and the last lines of the log."""
    from fairlead.cli.screens.causes import cause_lines

    screen.settle()
    style = terminal.style if terminal.use_color() else _unstyled
    failed = {failure.name for failure in result.failures} - {*shown}
    for cause in _causes_of_failures(result, failed):
        log = result.logs.get(cause.name, ())
        screen.notice("\n" + "\n".join(cause_lines(asdict(cause), style, log)))
    if result.was_killed:
        screen.notice(f"{app.name} was killed")
    elif failed:
        count = len(failed)
        screen.notice(f"\n{app.name} has stopped; {count} {'resource' if count == 1 else 'resources'} had failed")
    else:
        screen.notice(f"{app.name} has stopped")


def _causes_of_failures(result: RunResult, failed: set[str]) -> list[Cause]:
    """The causes that have failed by themselves, or that others have failed because of."""
    return [cause for cause in result.causes if not failed.isdisjoint((cause.name, *cause.waiting))]


def _unstyled(text: str, **look: Any) -> str:
    return text
