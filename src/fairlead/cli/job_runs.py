"""Running a one-off job on this machine: in the app that runs already, or in a run of its own with what it needs."""

from __future__ import annotations

import sys
import time
from typing import Any

from fairlead.cli import terminal
from fairlead.cli.client import Client, resource_path
from fairlead.cli.screens.appearance import is_own
from fairlead.cli.verbs.logs import gap_text
from fairlead.errors import UsageError
from fairlead.model.app import App
from fairlead.model.names import listing
from fairlead.model.observation.state import State
from fairlead.model.programs.program import Program
from fairlead.runtime.lifecycle.state_text import change_line

INTERRUPTED = 130
_PAUSE_SECONDS = 0.1
_WAIT_LIMIT = 300.0


def require_job(app: App, name: str) -> str:
    """The name of a job as the definition writes it.

    Raises:
        UsageError: The app has no such job.
    """
    jobs = [resource.name for resource in app if isinstance(resource, Program) and resource.is_job]
    found = [job for job in jobs if job.lower() == name.lower()]
    if not found:
        reason = "it is no job" if name in app else f"the app has no job {name!r}"
        raise UsageError(
            reason, resource=name if name in app else None, remedy=f"Its jobs are {listing(jobs)}; see app.add_job()."
        )
    return found[0]


def exit_code_of(snapshot: dict[str, Any]) -> int:
    """What the command ends with, by the last snapshot of a job; a signal as shells tell it."""
    if snapshot["stop_requested"]:
        return INTERRUPTED
    code = snapshot["exit_code"]
    if code is None or snapshot["state"] in (State.FAILED_TO_START, State.VALUE_MISSING):
        return 1
    return int(128 - code if code < 0 else code)


def run_in_running_app(client: Client, name: str, arguments: tuple[str, ...]) -> int:
    """Run a job in an app that runs; Ctrl+C stops the job, and not the app.

    Args:
        client: The app.
        name: The job.
        arguments: What it is given beyond its own arguments.

    Returns:
        Its exit code.

    Raises:
        UsageError: It is no job, or runs already.
    """
    cursor = client.get("/api/logs", [("name", name), ("tail", 0)])["cursor"]
    client.post(resource_path(name, "commands", "start"), {"inputs": {"arguments": list(arguments)}})
    try:
        while True:
            snapshot = client.get(resource_path(name))
            cursor = _print_lines(client, name, cursor)
            if State(snapshot["state"]).is_terminal or snapshot["state"] == State.VALUE_MISSING:
                break
            time.sleep(_PAUSE_SECONDS)
    except KeyboardInterrupt:
        client.post(resource_path(name, "commands", "stop"))
        _print_lines(client, name, cursor)
        return INTERRUPTED
    code = exit_code_of(snapshot)
    if snapshot["exit_code"] is None and code:
        terminal.say(f"{name}  {change_line(snapshot)}", err=True)
    return code


def _print_lines(client: Client, name: str, cursor: str) -> str:
    """Print what the job has written since, each stream to its own; returns where to go on."""
    answer = client.get("/api/logs", [("name", name), ("after", cursor)], seconds=None)
    for line in answer["lines"]:
        if line["kind"] == "gap":
            terminal.say(gap_text(line["lost"]), err=True)
        elif line["stream"] != "state":
            terminal.say(line["text"], err=is_own(line["stream"]) or line["stream"] == "stderr")
    sys.stdout.flush()
    return str(answer["cursor"])


def run_by_itself(app: App, name: str, arguments: tuple[str, ...], parameter_values: dict[str, str]) -> int:
    """Run a job with what it needs, and stop all of it when the job has ended.

    Args:
        app: The app.
        name: The job.
        arguments: What it is given beyond its own arguments.
        parameter_values: Values of parameters.

    Returns:
        Its exit code.
    """
    from fairlead.cli.run_session import run_session, writer_of
    from fairlead.cli.screens.job import JobScreen
    from fairlead.model.wait import WaitBehavior
    from fairlead.runtime.run_options import RunOptions

    if terminal.is_interactive():
        from fairlead.cli.prompt import ask_for_missing
        from fairlead.cli.start_choice import StartChoice

        parameter_values = ask_for_missing(app, StartChoice((name,)), parameter_values)
    options = RunOptions(
        parameters=parameter_values,
        selected=(name,),
        behavior=WaitBehavior.FAIL_FAST,
        color=terminal.use_color(),
        wait_limit=_WAIT_LIMIT,
        job_arguments={name: arguments},
        warn=lambda text: terminal.say(text, err=True),
    )
    screen = JobScreen(name, writer_of(1), writer_of(2))
    result = run_session(
        app, options, lambda _: screen, shown=(name,), ends_by_itself=True, until=name, copy=screen.copy
    )
    if result.was_killed or not screen.snapshot:
        return INTERRUPTED
    return result.exit_code if result.lacked_engine else exit_code_of(screen.snapshot)
