"""``fairlead run --detach``: start the host as a process of its own, and return once it can be talked to."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

from fairlead.cli.page_options import PageOptions
from fairlead.cli.selected_app import SelectedApp
from fairlead.cli.start_choice import StartChoice
from fairlead.cli.terminal import display_path, say, style
from fairlead.engines.background import Background
from fairlead.errors import FairleadError, StateError
from fairlead.model.app import App
from fairlead.runtime.lifecycle.exit_codes import end_text
from fairlead.runtime.store.files import write_private
from fairlead.runtime.store.folders import runtime_folder, state_folder
from fairlead.runtime.store.instance import RunRecord, already_running, running_instance
from fairlead.runtime.store.project_settings import app_identity, find_settings

_TAIL = 40


class HostFailed(FairleadError):
    """The host that was started in the background ended instead of coming up."""


def announcement(record: RunRecord, dashboard: str | None) -> bytes:
    """What a host in the background says once it is up; ``dashboard`` is the address of its page, if it has one."""
    return json.dumps({**asdict(record), "dashboard": dashboard}).encode()


def detach(
    selected_app: SelectedApp,
    app: App,
    choice: StartChoice,
    parameter_values: dict[str, str],
    page: PageOptions | None,
    *,
    telemetry: bool,
    watch: bool,
    as_json: bool,
) -> int:
    """Start the app in the background.

    Args:
        selected_app: The app that the command line is about.
        app: The same, built; it is built again in the background.
        choice: Which resources to start.
        parameter_values: Values of parameters.
        page: How its page is served; None for no page.
        telemetry: Whether resources are told to send their telemetry.
        watch: Whether files are watched.
        as_json: Whether to print a document instead of words.

    Returns:
        0, or the exit code of a host that did not come up.

    Raises:
        AlreadyRunning: It runs already.
    """
    app_id = app_identity(app, find_settings(app.directory))
    if (running := running_instance(app_id)) is not None:
        raise already_running(running)
    log = _log_file(app_id)
    options = ["--no-dashboard"] if page is None else page.arguments()
    options = [*options, *([] if telemetry else ["--no-telemetry"]), *([] if watch else ["--no-watch"])]
    try:
        command = _command(selected_app, [*choice.arguments(), *options, *(["--json"] if as_json else [])])
        host = Background.start(command, json.dumps(parameter_values).encode(), log)
    except OSError as error:
        raise HostFailed(f"the host can't be started: {error.strerror or error}") from error
    try:
        answer = host.wait_for_answer()
    except BaseException:
        host.stop()
        raise
    if not answer:
        return _show_failure(host.wait(), log, as_json)
    host.detach()
    _show(json.loads(answer), log, as_json)
    return 0


def _log_file(app_id: str) -> Path:
    """Where the host's output goes: the state folder; where that can't be used, with a warning, beside its socket."""
    path = state_folder(app_id) / "host.log"
    try:
        write_private(path, b"")
    except StateError as error:
        say(f"{error} The log of this run is elsewhere.", err=True)
        return runtime_folder() / f"{app_id}.log"
    return path


def _command(selected_app: SelectedApp, arguments: list[str]) -> list[str]:
    """This program again; by way of the app file's own command line where that is what was called."""
    verb = ["run", *arguments, "--background"]
    if selected_app.own_apphost is None:
        return [sys.executable, "-m", "fairlead", "--apphost", str(selected_app.file()), *verb]
    own = sys.orig_argv[: len(sys.orig_argv) - len(sys.argv[1:])]
    return [sys.executable, *own[1:], *verb]


def _show_failure(code: int, log: Path, as_json: bool) -> int:
    """Show the end of the host's output; its last line is the error as a document where that was asked for."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    document = lines.pop() if as_json and lines and lines[-1].startswith('{"error": ') else None
    say("\n".join(lines[-_TAIL:]), err=True)
    if document is not None:
        say(document)
    elif code <= 0 or as_json:
        raise HostFailed(f"the host {end_text(code)} before it was up", remedy=f"Its output is in {log}.")
    return code


def _show(record: dict[str, object], log: Path, as_json: bool) -> None:
    if as_json:
        names = ("app_id", "pid", "apphost", "socket", "dashboard")
        document = {"app": record["name"], **{name: record[name] for name in names}, "log_file": str(log)}
        say(json.dumps(document))
        return
    say(f"{style(str(record['name']), bold=True)} runs in the background: process {record['pid']}")
    say(f"  App file   {display_path(str(record['apphost']))}")
    say(f"  Log        {log}")
    if record["dashboard"]:
        say("  Dashboard:")
        say(str(record["dashboard"]))
    say("  Look at it with `fairlead resources` and `fairlead logs -f`; `fairlead stop` ends it.")
