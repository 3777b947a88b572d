"""``fairlead run``: run the app, or some of its resources with what they need."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from fairlead.cli import terminal
from fairlead.cli.completion import PARAMETER, STARTED
from fairlead.cli.interrupts import quiet_interrupts
from fairlead.cli.options import apphost_option, json_option
from fairlead.cli.page_options import PageOptions, page_options
from fairlead.cli.selected_app import SelectedApp

if TYPE_CHECKING:
    from fairlead.cli.screens.lines import Screen
    from fairlead.cli.screens.writer import Writer
    from fairlead.cli.session import RunResult
    from fairlead.model.app import App
    from fairlead.runtime.causes.cause import Cause
    from fairlead.runtime.host import RunOptions
    from fairlead.runtime.store.instance import RunRecord

_WAIT_LIMIT = 300.0


@click.command()
@click.argument("resources", nargs=-1, metavar="[RESOURCE]...", type=STARTED)
@click.option(
    "--parameter",
    "-p",
    "parameters",
    type=PARAMETER,
    metavar="NAME=VALUE",
    multiple=True,
    help="Set a parameter for this run; a secret one as NAME=@FILE.",
)
@click.option("--detach", "-d", is_flag=True, help="Run in the background; return once the app can be controlled.")
@click.option(
    "--wait-limit",
    type=click.FloatRange(min=0),
    metavar="SECONDS",
    envvar="FAIRLEAD_WAIT_LIMIT",
    help="Without a terminal: give up after this time on a wait for what is not being started, and on a resource that "
    "does not become healthy. 0 for no limit.  [default: 300]",
)
@click.option(
    "--dashboard-port",
    type=click.IntRange(0, 65535),
    metavar="PORT",
    help="Serve the dashboard on this port of 127.0.0.1; 0 for any that is free.  [default: that of the last run]",
)
@click.option("--no-dashboard", is_flag=True, help="Serve no dashboard; the command line works all the same.")
@click.option(
    "--no-telemetry", is_flag=True, help="Don't tell resources to send their OpenTelemetry data to the dashboard."
)
@click.option("--no-watch", is_flag=True, help="Don't watch the files that the definition asks to watch.")
@click.option("--background", type=int, hidden=True)
@json_option
@apphost_option
@click.pass_obj
def run(
    selected_app: SelectedApp,
    resources: tuple[str, ...],
    parameters: tuple[str, ...],
    detach: bool,
    wait_limit: float | None,
    dashboard_port: int | None,
    no_dashboard: bool,
    no_telemetry: bool,
    no_watch: bool,
    background: int | None,
    as_json: bool,
) -> int:
    """Run the app, or some of its resources with what they need.

    In a terminal it asks for parameters that have no value, shows a table below the logs, and runs until
    Ctrl+C; a resource whose dependency failed keeps waiting, so that you can start the dependency again. Elsewhere (in
    a pipe, or with CI=true) it writes plain lines, such a resource fails at once, and the run ends by itself when
    nothing runs any more. Exits with 1 if a resource failed, or with 4 if a missing container engine was the only
    cause.
    """
    page = page_options(dashboard_port, without=no_dashboard)
    if background is not None:
        return _run_in_background(
            selected_app, resources, background, page, telemetry=not no_telemetry, watch=not no_watch
        )
    from fairlead.runtime.values.parameters import parse_given

    app = selected_app.load().build("run")
    parameter_values = parse_given(app, list(parameters))
    if detach:
        from fairlead.cli.detach import detach as start_in_background

        return start_in_background(
            selected_app,
            app,
            resources,
            parameter_values,
            page,
            telemetry=not no_telemetry,
            watch=not no_watch,
            as_json=as_json,
        )
    return _run_here(
        selected_app,
        app,
        resources,
        parameter_values,
        wait_limit,
        page,
        telemetry=not no_telemetry,
        watch=not no_watch,
        as_json=as_json,
    )


def _run_here(
    selected_app: SelectedApp,
    app: App,
    selected: tuple[str, ...],
    parameter_values: dict[str, str],
    wait_limit: float | None,
    page: PageOptions | None,
    *,
    telemetry: bool,
    watch: bool,
    as_json: bool,
) -> int:
    from fairlead.model.wait import WaitBehavior
    from fairlead.runtime.host import RunOptions

    attended = terminal.is_interactive() and not as_json
    if attended:
        from fairlead.cli.prompt import ask_for_missing

        parameter_values = ask_for_missing(app, selected, parameter_values)
    options = RunOptions(
        parameters=parameter_values,
        selected=selected,
        behavior=WaitBehavior.KEEP_WAITING if attended else WaitBehavior.FAIL_FAST,
        telemetry=telemetry,
        watch=watch,
        color=terminal.use_color() and not as_json,
        wait_limit=(_WAIT_LIMIT if wait_limit is None else wait_limit) or None,
        warn=lambda text: terminal.say(text, err=True),
        read=selected_app.read_anew(app),
    )
    return _run(app, options, _screen(as_json), ends_by_itself=not attended, page=page)


def _run_in_background(
    selected_app: SelectedApp,
    selected: tuple[str, ...],
    answer: int,
    page: PageOptions | None,
    *,
    telemetry: bool,
    watch: bool,
) -> int:
    """Be the process that ``--detach`` starts: parameters come on standard input, and news go to ``answer``."""
    from fairlead.cli.detach import announcement
    from fairlead.cli.screens.lines import PlainScreen
    from fairlead.cli.screens.writer import Writer
    from fairlead.runtime.host import RunOptions

    os.set_inheritable(answer, False)
    parameter_values = json.loads(sys.stdin.buffer.read())
    app = selected_app.load().build("run")
    options = RunOptions(
        parameters=parameter_values,
        selected=selected,
        telemetry=telemetry,
        watch=watch,
        warn=lambda text: terminal.say(text, err=True),
        read=selected_app.read_anew(app),
    )

    def announce(record: RunRecord, dashboard: str | None) -> None:
        with os.fdopen(answer, "wb") as pipe:
            pipe.write(announcement(record, dashboard))

    # What the resources write is kept by the run and shown by `fairlead logs`; a file of it would grow without end.
    screen = PlainScreen(Writer(), _names(app), color=False, logs=False)
    return _run(app, options, lambda _: screen, ends_by_itself=False, announce=announce, page=page)


def _run(app: App, options: RunOptions, make_screen: Any, **more: Any) -> int:
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
    _summarize(app, result, screen)
    screen.close()
    if failures:
        raise terminal.unwritable(failures[0])
    return result.exit_code


def _screen(as_json: bool) -> Any:
    def make(app: App) -> Screen:
        from fairlead.cli.screens.lines import JsonScreen, PlainScreen
        from fairlead.cli.screens.writer import Writer

        if as_json:
            return JsonScreen(_writer(Writer, 1), _writer(Writer, 2))
        color = terminal.use_color()
        if terminal.can_redraw():
            from fairlead.cli.screens.view import LiveScreen

            return LiveScreen(_writer(Writer, 1), app.name, _names(app), color=color)
        return PlainScreen(_writer(Writer, 1), _names(app), color=color)

    return make


def _names(app: App) -> list[str]:
    """The resources that have something to say, as a rule."""
    return [resource.name for resource in app if resource.driver is not None and not resource.passive]


def _writer(kind: type[Writer], descriptor: int) -> Writer:
    sys.stdout.flush()
    sys.stderr.flush()
    stream = sys.stdout if descriptor == 1 else sys.stderr
    return kind(descriptor, stream.encoding or "utf-8")


def _summarize(app: App, result: RunResult, screen: Screen) -> None:
    """Say how it ended: the cause of each failure with its effects, and the last lines of the log."""
    from fairlead.cli.screens.causes import cause_lines

    screen.settle()
    style = terminal.style if terminal.use_color() else _unstyled
    for cause in _causes_of_failures(result):
        log = result.logs.get(cause.name, ())
        screen.notice("\n" + "\n".join(cause_lines(asdict(cause), style, log)))
    if result.was_killed:
        screen.notice(f"{app.name} was killed")
    elif result.failures:
        count = len(result.failures)
        screen.notice(f"\n{app.name} has stopped; {count} {'resource' if count == 1 else 'resources'} had failed")
    else:
        screen.notice(f"{app.name} has stopped")


def _causes_of_failures(result: RunResult) -> list[Cause]:
    """The causes that have failed by themselves, or that others have failed because of."""
    failed = {failure.name for failure in result.failures}
    return [cause for cause in result.causes if not failed.isdisjoint((cause.name, *cause.waiting))]


def _unstyled(text: str, **look: Any) -> str:
    return text
