"""What there is to call: the table of verbs, and the text of ``fairlead --help``.

The text is written here, not by click, which takes longer to load than all else that ``--help`` does.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence

# Title → verb → (module of ``verbs``, attribute, one line of help). Shown in this order.
VERBS: dict[str, dict[str, tuple[str, str, str]]] = {
    "Your app": {
        "new": ("new", "new", "Write a small app to start from."),
        "import": ("import_", "import_", "Write the app file for a compose file."),
        "run": ("run", "run", "Run the app, or some of its resources with what they need."),
        "run-job": ("run_job", "run_job", "Run a job once, here or in a cluster."),
        "publish": ("publish", "publish", "Write the app as a Helm chart."),
        "build": ("build", "build", "Build the images of the published app."),
        "doctor": ("doctor", "doctor", "Check that this machine has what the app needs."),
        "ps": ("ps", "ps", "Show the apps that run on this machine."),
        "stop": ("lifecycle", "stop", "Stop a resource, the app, or all apps."),
        "down": ("down", "down", "Remove what the app keeps in the container engine."),
    },
    "A running app": {
        "resources": ("resources", "resources", "Show the resources and their states."),
        "describe": ("describe", "describe", "Show one resource in detail."),
        "logs": ("logs", "logs", "Print the logs of resources."),
        "traces": ("traces", "traces", "Show the traces of the app, or one of them span by span."),
        "wait": ("wait", "wait", "Wait until a resource is running, healthy or completed."),
        "start": ("lifecycle", "start", "Start a resource."),
        "restart": ("lifecycle", "restart", "Stop a resource and start it again."),
        "reload": ("reload", "reload", "Apply a changed app file to what runs."),
        "exec": ("exec", "exec_", "Run a command where a resource runs."),
        "command": ("command", "command", "Run a custom command of a resource."),
        "kubeconfig": ("kubeconfig", "kubeconfig", "Print the path of a cluster's kubeconfig, or add it to yours."),
        "parameters": ("parameters", "parameters", "Show the parameters, or set one."),
    },
    "Your shell": {
        "completion": ("completion", "completion", "Print what makes your shell complete verbs and names."),
    },
}

HELP_OPTIONS = ("-h", "--help")
SUMMARY = "One Python file describes your application; run it here, publish it to Kubernetes."
_HELP_HELP = "Show this message and exit."
VERSION_HELP = "Show the version."
APPHOST_HELP = "The app file or its folder. Default: [tool.fairlead] apphost, or apphost.py, here or above."
_EPILOG = (
    "`fairlead VERB --help` has the details. Exit codes: 0 fine, 1 failed, 2 wrong usage, 3 a mistake in the "
    "definition, 4 no engine, 5 the app does not run, 17 wait timed out, 18 the awaited resource failed."
)
WIDEST = 110
_USUAL = 80
_NARROWEST = 50


def is_asked_for(arguments: Sequence[str]) -> bool:
    """Whether a call wants the text of ``--help`` and nothing else."""
    return len(arguments) == 1 and arguments[0] in HELP_OPTIONS


def print_overview(program: str) -> bool:
    """Print the text of ``--help``; tells whether standard output took it."""
    try:
        print(overview(program), flush=True)  # noqa: T201 - in place of click
    except OSError:
        return False
    return sys.stdout is not None


def overview(program: str) -> str:
    """The text of ``--help``, as wide as the terminal.

    Args:
        program: The name that the command line was called by.
    """
    width = _width()
    options = [("--version", VERSION_HELP), ("--apphost PATH", APPHOST_HELP), (", ".join(HELP_OPTIONS), _HELP_HELP)]
    lines = [f"Usage: {program} [OPTIONS] COMMAND [ARGS]...", "", *_paragraph(SUMMARY, width)]
    lines += ["", "Options:", *_listed(options, width)]
    for title, verbs in VERBS.items():
        lines += ["", f"{title}:", *_listed([(name, text) for name, (_, _, text) in verbs.items()], width)]
    return "\n".join([*lines, "", *_paragraph(_EPILOG, width)])


def _width() -> int:
    """As many columns as click takes for the help of a verb."""
    columns = os.environ.get("COLUMNS", "")
    try:
        known = int(columns) if columns.isdecimal() else os.get_terminal_size(1).columns
    except OSError:  # no terminal
        known = _USUAL
    return max(min(known, WIDEST) - 2, _NARROWEST)


def _paragraph(text: str, width: int) -> list[str]:
    from textwrap import wrap  # for this text alone

    return wrap(text, width, initial_indent="  ", subsequent_indent="  ")


def _listed(entries: Sequence[tuple[str, str]], width: int) -> Iterator[str]:
    """Names with what is said of them, in two columns."""
    from textwrap import wrap

    column = 4 + max(len(name) for name, _ in entries)
    for name, text in entries:
        yield from wrap(text, width, initial_indent=f"  {name}".ljust(column), subsequent_indent=" " * column)
