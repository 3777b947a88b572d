"""``fairlead completion``: what makes a shell complete verbs, options and names."""

from __future__ import annotations

import os
from pathlib import Path

import click
from click.shell_completion import get_completion_class

from fairlead.cli.terminal import say
from fairlead.errors import UsageError

SHELLS = ("bash", "zsh", "fish")
PROGRAM = "fairlead"
VARIABLE = "_FAIRLEAD_COMPLETE"


@click.command()
@click.argument("shell", required=False, type=click.Choice(SHELLS))
def completion(shell: str | None) -> None:
    """Print the script that makes your shell complete verbs, options, and the names of resources.

    For bash (4.4 or later) put `eval "$(fairlead completion bash)"` into ~/.bashrc, for zsh the same with `zsh` into
    ~/.zshrc; for fish write the output to ~/.config/fish/completions/fairlead.fish. Without SHELL it is the one that
    the variable SHELL names.
    """
    from fairlead.cli.main import cli

    script = get_completion_class(shell or _own_shell())
    assert script is not None
    say(script(cli, {}, PROGRAM, VARIABLE).source())


def _own_shell() -> str:
    name = Path(os.environ.get("SHELL", "")).name
    if name in SHELLS:
        return name
    raise UsageError(
        f"the shell {name!r} can't be served" if name else "the variable SHELL names no shell",
        remedy=f"Name one of {', '.join(SHELLS)}.",
    )
