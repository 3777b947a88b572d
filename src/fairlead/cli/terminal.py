"""What the verbs know about the terminal, and the one way in which they write to it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any, TextIO

import click

from fairlead.errors import FairleadError


def prepare_streams() -> None:
    """Let nothing that is printed fail: not for the encoding, and not because a stream was closed (``>&-``)."""
    for descriptor, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            nowhere = os.open(os.devnull, os.O_RDWR)
            # Else a file that is opened later would get the number, and what is printed with it.
            if nowhere != descriptor:
                os.dup2(nowhere, descriptor)
                os.close(nowhere)
            setattr(sys, name, open(descriptor, mode, closefd=False))  # noqa: SIM115 - for as long as we run
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def unwritable(error: OSError) -> FairleadError:
    """What to say when standard output is there and takes no more."""
    return FairleadError(f"the output can't be written: {error.strerror}")


def in_ci() -> bool:
    """Whether a build server runs this, in front of no user."""
    return os.environ.get("CI", "").lower() not in ("", "0", "false", "no")


def is_terminal(stream: TextIO) -> bool:
    """Whether a user reads or types there."""
    try:
        return stream.isatty()
    except (ValueError, AttributeError):  # closed, or none at all
        return False


def is_interactive() -> bool:
    """Whether a user reads the output and can be asked."""
    return is_terminal(sys.stdin) and is_terminal(sys.stdout) and not in_ci()


def can_redraw() -> bool:
    """Whether standard output is a terminal that can change what it shows."""
    return is_terminal(sys.stdout) and os.environ.get("TERM", "") not in ("", "dumb") and not in_ci()


def use_color(stream: TextIO | None = None) -> bool:
    """Whether to write colours (``NO_COLOR`` and ``FORCE_COLOR`` decide where they are set)."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return os.environ["FORCE_COLOR"] != "0"
    return is_terminal(stream or sys.stdout) and os.environ.get("TERM") != "dumb"


def style(text: str, **look: Any) -> str:
    """A text in a look; ``say`` takes it away again where colours are not wanted. See ``click.style``."""
    return click.style(text, **look)


def say(text: str = "", *, err: bool = False) -> None:
    """Print a line: what was asked for on standard output, all else on standard error."""
    stream = sys.stderr if err else sys.stdout
    click.echo(text, err=err, color=use_color(stream))


def display_path(path: str | Path) -> str:
    """A path as a person reads it: from the current folder, where it is inside of it."""
    try:
        return str(Path(path).relative_to(Path.cwd()))
    except (ValueError, OSError):
        return str(path)
