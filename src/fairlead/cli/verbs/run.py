"""``fairlead run``: run the app, or some of its resources with what they need."""

from __future__ import annotations

import gc
import json
import os
import sys
from typing import TYPE_CHECKING, Any

import click

from fairlead.cli import terminal
from fairlead.cli.completion import PARAMETER, STARTED
from fairlead.cli.options import apphost_option, json_option
from fairlead.cli.page_options import PageOptions, page_options
from fairlead.cli.run_session import names_on_screen, run_session, writer_of
from fairlead.cli.selected_app import SelectedApp
from fairlead.cli.start_choice import StartChoice, group_option, without_option

if TYPE_CHECKING:
    from fairlead.cli.screens.lines import Screen
    from fairlead.model.app import App
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
@group_option
@without_option
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
    groups: tuple[str, ...],
    excluded: tuple[str, ...],
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
    gc.disable()  # until all is loaded, which stays to the end: to look for garbage in it takes a tenth of the start
    page = page_options(dashboard_port, without=no_dashboard)
    choice = StartChoice(resources, groups, excluded)
    if background is not None:
        return _run_in_background(
            selected_app, choice, background, page, telemetry=not no_telemetry, watch=not no_watch
        )
    from fairlead.runtime.values.parameters import parse_given

    app = selected_app.load().build("run")
    parameter_values = parse_given(app, list(parameters))
    if detach:
        from fairlead.cli.detach import detach as start_in_background

        return start_in_background(
            selected_app,
            app,
            choice,
            parameter_values,
            page,
            telemetry=not no_telemetry,
            watch=not no_watch,
            as_json=as_json,
        )
    return _run_here(
        selected_app,
        app,
        choice,
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
    choice: StartChoice,
    parameter_values: dict[str, str],
    wait_limit: float | None,
    page: PageOptions | None,
    *,
    telemetry: bool,
    watch: bool,
    as_json: bool,
) -> int:
    from fairlead.model.wait import WaitBehavior
    from fairlead.runtime.run_options import RunOptions

    attended = terminal.is_interactive() and not as_json
    if attended:
        from fairlead.cli.prompt import ask_for_missing

        parameter_values = ask_for_missing(app, choice, parameter_values)
    options = RunOptions(
        parameters=parameter_values,
        selected=choice.selected,
        groups=choice.groups,
        excluded=choice.excluded,
        behavior=WaitBehavior.KEEP_WAITING if attended else WaitBehavior.FAIL_FAST,
        telemetry=telemetry,
        watch=watch,
        color=terminal.use_color() and not as_json,
        wait_limit=(_WAIT_LIMIT if wait_limit is None else wait_limit) or None,
        warn=lambda text: terminal.say(text, err=True),
        read=selected_app.read_anew(app),
    )
    return run_session(app, options, _screen(as_json), ends_by_itself=not attended, page=page).exit_code


def _run_in_background(
    selected_app: SelectedApp,
    choice: StartChoice,
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
    from fairlead.runtime.run_options import RunOptions

    os.set_inheritable(answer, False)
    parameter_values = json.loads(sys.stdin.buffer.read())
    app = selected_app.load().build("run")
    options = RunOptions(
        parameters=parameter_values,
        selected=choice.selected,
        groups=choice.groups,
        excluded=choice.excluded,
        telemetry=telemetry,
        watch=watch,
        warn=lambda text: terminal.say(text, err=True),
        read=selected_app.read_anew(app),
    )

    def announce(record: RunRecord, dashboard: str | None) -> None:
        with os.fdopen(answer, "wb") as pipe:
            pipe.write(announcement(record, dashboard))

    # What the resources write is kept by the run and shown by `fairlead logs`; a file of it would grow without end.
    screen = PlainScreen(Writer(), names_on_screen(app), color=False, logs=False)
    result = run_session(app, options, lambda _: screen, ends_by_itself=False, announce=announce, page=page)
    return result.exit_code


def _screen(as_json: bool) -> Any:
    def make(app: App) -> Screen:
        from fairlead.cli.screens.lines import JsonScreen, PlainScreen

        if as_json:
            return JsonScreen(writer_of(1), writer_of(2))
        color = terminal.use_color()
        if terminal.can_redraw():
            from fairlead.cli.screens.view import LiveScreen

            return LiveScreen(writer_of(1), app.name, names_on_screen(app), color=color)
        return PlainScreen(writer_of(1), names_on_screen(app), color=color)

    return make
